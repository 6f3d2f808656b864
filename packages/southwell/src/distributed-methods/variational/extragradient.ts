import {
  checkOptions,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import {
  checkStart,
  distance,
  isFinitePoint,
  naturalResidual,
  type Operator,
  type Prox,
  plus,
  valueAt,
} from './operators.ts';

/** A point, and the mean of the half steps weighted by step sizes. */
export interface VariationalPoint {
  readonly z: Float64Array;
  /** Equal to z before the first step. */
  readonly zAverage: Float64Array;
}

/** State between steps, as plain data. */
export interface ExtragradientState {
  readonly iteration: number;
  readonly z: Float64Array;
  readonly sum: Float64Array;
  readonly weight: number;
  readonly gamma: number;
  readonly first: number;
  readonly calls: number;
}

const records = {
  /** A constant step size, below 1/L to converge for monotone operators with Lipschitz constant L. Default: adaptive. */
  step: numberOption({ min: 0, open: true, finite: true }),
  /** First step size to try, if it is adaptive. Default 1. */
  initialStep: numberOption({ min: 0, open: true, finite: true }),
  /** Projection onto a convex set, or the proximal operator of a regulariser. Default: none. */
  prox: otherOption<Prox>('a function', (value) => typeof value === 'function'),
  /**
   * A gap to be certified instead of the natural residual, such as `gapFunction` of a bilinear game: the smaller one of
   * those of z and zAverage.
   */
  gap: otherOption<(z: Float64Array) => number>('a function', (value) => typeof value === 'function'),
  /** State from a checkpoint of a run with the same operator and options. */
  resume: otherOption<ExtragradientState>('the state of a checkpoint'),
};

type Settings = OptionsOf<typeof records>;
export interface ExtragradientOptions extends Settings, RunOptions<VariationalPoint, undefined> {}
const keys: OptionKeys<ExtragradientOptions> = { ...keysOf(records), ...runKeys };

/** Adaptive steps satisfy step·‖F(a) − F(b)‖ ≤ NU·‖a − b‖, and grow where this holds with the smaller factor. */
const NU = 0.9;
const EASY = 0.45;
const GROWTH = 1.5;
/** Trials of one step; the last one is shorter than rounding. */
const TRIALS = 200;

/**
 * Extragradient steps for the variational inequality ⟨F(z*), z − z*⟩ ≥ 0 for all z of a convex set:
 *
 *   z½ = prox(z − γF(z)),  z⁺ = prox(z − γF(z½)).
 *
 * Converges for monotone Lipschitz operators, also where descent and ascent in turn would circle, as on bilinear games.
 * Without `step`, γ shrinks until γ‖F(z½) − F(z)‖ ≤ 0.9‖z½ − z‖, under which ‖z − z*‖ never grows (Khobotov 1987; Marcotte
 * 1991), and grows again where that is easy. The certificate is the natural residual ‖z − prox(z − F(z))‖, which is ‖F(z)‖
 * without a constraint, or `gap`, divided by its value at z0. Two calls of F a step, and one for each
 * trial of an adaptive step. Ends `diverged` where values are not finite.
 *
 * Korpelevich 1976, The extragradient method for finding saddle points and other problems.
 *
 * @param F n values to n values.
 * @param z0 n values.
 * @throws EMPTY, NON_FINITE for z0, INVALID_SHAPE for values of other lengths, INVALID_PARAMETER.
 */
export function* extragradientIterates(
  F: Operator,
  z0: ArrayLike<number>,
  options: Settings = {},
): Generator<Iterate<VariationalPoint, undefined>> {
  checkOptions('extragradientIterates', records, options);
  const { step, initialStep = 1, prox, gap, resume } = options;
  let z = resume ? resume.z.slice() : checkStart(z0);
  const sum = resume ? resume.sum.slice() : new Float64Array(z.length);
  let [iteration, weight, calls] = resume ? [resume.iteration, resume.weight, resume.calls] : [0, 0, 0];
  let gamma = step ?? resume?.gamma ?? initialStep;
  let first = resume?.first;
  const average = () => (weight > 0 ? sum.map((v) => v / weight) : z.slice());
  const call = (at: Float64Array) => {
    calls++;
    return valueAt(F, at);
  };
  const view = (more: Partial<Iterate<VariationalPoint, undefined>>): Iterate<VariationalPoint, undefined> => ({
    ...{ iteration, objective: undefined, work: { oracleCalls: calls } },
    snapshot: () => ({ z: z.slice(), zAverage: average() }),
    ...more,
  });
  const diverged = () =>
    view({
      done: 'diverged',
      next:
        step === undefined
          ? 'The operator is not finite here: start elsewhere.'
          : 'Use a smaller step, or none to adapt it.',
    });
  let value = call(z);
  if (!isFinitePoint(value)) {
    if (iteration === 0) fail('NON_FINITE', 'The operator has values that are not finite at the starting point.');
    yield diverged();
    return;
  }
  // The values at a resumed point were known before.
  if (resume) calls--;
  for (;;) {
    const size = gap ? Math.min(gap(z), gap(average())) : naturalResidual(z, value, prox, 1);
    first ??= size;
    const scale = first;
    if (!resume || iteration > resume.iteration)
      yield view({
        certificate: { kind: gap ? 'dualityGap' : 'residual', value: size, relative: size === 0 ? 0 : size / scale },
        ...(size === 0 && { done: 'converged' }),
        metrics: { step: gamma },
        checkpoint: (): ExtragradientState => ({
          ...{ iteration, z: z.slice(), sum: sum.slice(), weight, gamma, first: scale, calls },
        }),
      });
    if (size === 0) return;
    const half = halfStep(call, z, value, gamma, prox, step === undefined);
    if (!half) {
      yield diverged();
      return;
    }
    const next = project(prox, plus(z, -half.gamma, half.value), half.gamma);
    const nextValue = isFinitePoint(next) ? call(next) : next;
    if (!isFinitePoint(nextValue)) {
      yield diverged();
      return;
    }
    if (distance(half.point, z) === 0 && distance(next, z) === 0) {
      yield view({ done: 'stalled', next: 'Steps are shorter than rounding here: use a looser tolerance.' });
      return;
    }
    for (let i = 0; i < sum.length; i++) sum[i] += half.gamma * half.point[i];
    weight += half.gamma;
    gamma = step ?? (half.easy ? GROWTH * half.gamma : half.gamma);
    [z, value] = [next, nextValue];
    iteration++;
  }
}

/** prox(z), if there is one; never z itself, which is not finite where steps were too long. */
function project(prox: Prox | undefined, z: Float64Array, gamma: number): Float64Array {
  return prox && isFinitePoint(z) ? Float64Array.from(prox(z, gamma)) : z;
}

/** The half step and its value; undefined where they are not finite. */
function halfStep(
  call: Operator,
  z: Float64Array,
  value: Float64Array,
  from: number,
  prox: Prox | undefined,
  adaptive: boolean,
):
  | { readonly point: Float64Array; readonly value: Float64Array; readonly gamma: number; readonly easy: boolean }
  | undefined {
  let gamma = from;
  for (let trial = 0; trial < TRIALS; trial++) {
    const point = project(prox, plus(z, -gamma, value), gamma);
    const found = isFinitePoint(point) ? call(point) : point;
    const finite = isFinitePoint(found);
    if (!adaptive) return finite ? { point, value: found, gamma, easy: false } : undefined;
    const moved = distance(point, z);
    const slope = gamma * distance(found, value);
    if (finite && slope <= NU * moved) return { point, value: found, gamma, easy: slope <= EASY * moved };
    // Where F is Lipschitz, the length that its values suggest is short enough within a few trials.
    const suggested = finite && slope > 0 ? (NU * gamma * moved) / slope : 0;
    gamma = Math.min(0.9 * gamma, Math.max(0.1 * gamma, suggested));
  }
  return undefined;
}

/**
 * Solves a variational inequality by extragradient steps ({@link extragradientIterates}).
 *
 * @param options `tol` is on the residual or gap relative to that of z0. Default 1e-8, within `maxIter` = 100 000 steps.
 * @example
 * // min over x, max over y of x·y
 * const { point } = extragradient(saddle({ gradX: (x, y) => y, gradY: (x) => x, dx: 1, dy: 1 }), [1, 1]);
 * @throws EMPTY, NON_FINITE, INVALID_SHAPE, INVALID_PARAMETER.
 */
export function extragradient(
  F: Operator,
  z0: ArrayLike<number>,
  options: ExtragradientOptions = {},
): Solution<VariationalPoint, undefined> {
  knownKeys('extragradient', options, keys);
  const { step, initialStep, prox, gap, resume, tol = 1e-8, maxIter = 100_000, ...watched } = options;
  const settings = only({ step, initialStep, prox, gap, resume }, keysOf(records));
  return run(extragradientIterates(F, z0, settings), { ...watched, tol, maxIter });
}
