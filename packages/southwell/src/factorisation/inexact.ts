import { Random } from '@southwell/numerics/core';
import { EXACT, type Sweep } from './alternating.ts';
import { type CompletionStart, orthonormalise, residuals, rotate, startOf, sumOfSquares } from './factors.ts';
import type { Lines, Observed } from './observed.ts';
import { type PlacedEntries, withPlaced } from './placed.ts';
import type { RegressionWork } from './regressions.ts';

export interface InexactOptions {
  readonly rank: number;
  /** ½λ(‖U‖² + ‖V‖²) is added. Default 0. */
  readonly lambda?: number;
  /** Steps of conjugate gradients, or passes of coordinate descent, a regression. Default 1 with λ, else 2. */
  readonly innerSteps?: number;
  /** Keeps both factors at or above zero, by coordinate descent. Default false. */
  readonly nonNegative?: boolean;
  /** Default 'spectral'. */
  readonly init?: CompletionStart;
  /** Default 0. */
  readonly seed?: number;
  /** As in alternating minimisation. Default 1e-6. */
  readonly tol?: number;
}

/** Sweeps after which residuals are computed anew: until then they are updated, and rounding gathers. */
const REFRESH = 8;
/** Steps at least where a factor begins at zero. */
const FIRST = 3;

/**
 * Alternating minimisation whose regressions take a few steps from where they stand. Then only the steps are paid for:
 * the residuals of the entries are carried from one half-step to the next, two passes over entries and factor a step.
 * Without λ the factor that is regressed on is made orthonormal and the other one turned against it, which keeps the
 * product. O(entries · rank · steps) a sweep, and O((rows + cols) rank²) without λ.
 */
export const inexactAlternating = (observed: Observed, options: InexactOptions): Generator<Sweep, void, undefined> =>
  withPlaced(observed, options.rank, (placed) => sweeps(observed, placed, options));

function* sweeps(
  observed: Observed,
  placed: PlacedEntries,
  options: InexactOptions,
): Generator<Sweep, void, undefined> {
  const { rank: k, lambda = 0, nonNegative = false, init = 'spectral', seed = 0, tol = 1e-6 } = options;
  const balanced = lambda === 0 && !nonNegative;
  const steps = options.innerSteps ?? (balanced ? 2 : 1);
  const { byCol, byRow } = observed;
  const random = new Random(seed);
  const { U, sizes } = startOf(init, observed, placed, k, random);
  if (!balanced) for (let at = 0; at < U.length; at++) U[at] *= Math.sqrt(sizes[at % k]);
  if (nonNegative) for (let at = 0; at < U.length; at++) U[at] = Math.abs(U[at]);
  const V = new Float64Array(observed.cols * k);
  const r = byCol.values.slice();
  const turned = new Float64Array(r.length);
  const work: RegressionWork = { multiplyAdds: 0, innerIterations: 0 };
  const size = weightedSquares(r, byCol.weights);
  const state = (iteration: number, squares: number, done?: Sweep['done']): Sweep => ({
    iteration,
    objective: 0.5 * squares + (lambda > 0 ? 0.5 * lambda * (sumOfSquares(U) + sumOfSquares(V)) : 0),
    relativeResidual: size > 0 ? Math.sqrt(squares / size) : 0,
    work: { epochs: iteration },
    factors: { left: U, right: V },
    counted: work,
    done,
    snapshot: () => ({ left: U.slice(), right: V.slice() }),
  });
  if (size === 0) {
    U.fill(0);
    yield state(0, 0, 'converged');
    return;
  }
  // With λ, the start is no point of comparison: V is zero.
  let last = state(0, size);
  yield last;
  const half = (
    lines: 'byCol' | 'byRow',
    f: Float64Array,
    out: Float64Array,
    residual: Float64Array,
    count: number,
  ) => {
    const done = nonNegative
      ? coordinateDescent(observed[lines], f, out, residual, lambda, count)
      : placed[lines].conjugateSteps(f, out, residual, lambda, count);
    work.innerIterations += done.innerIterations;
    work.multiplyAdds += done.multiplyAdds;
  };
  for (let sweep = 1; ; sweep++) {
    const first = sweep === 1;
    const count = first ? Math.max(steps, FIRST) : steps;
    if (balanced && !first) balance(U, V, k, random);
    half('byCol', U, V, r, count);
    if (balanced) balance(V, U, k, random);
    if (balanced && first) {
      // U was but a direction.
      U.fill(0);
      turned.set(byRow.values);
    } else for (let e = 0; e < r.length; e++) turned[e] = r[byRow.order[e]];
    half('byRow', V, U, turned, count);
    if (sweep % REFRESH === 0) residuals(observed, U, V, k, r);
    else for (let e = 0; e < r.length; e++) r[byRow.order[e]] = turned[e];
    const next = state(sweep, weightedSquares(r, byCol.weights));
    const fall = last.objective - next.objective;
    const over = !Number.isFinite(next.objective)
      ? 'diverged'
      : next.relativeResidual <= EXACT || (!first && Math.abs(fall) <= tol * last.objective)
        ? 'converged'
        : undefined;
    last = next;
    yield over ? { ...next, done: over } : next;
    if (over) return;
  }
}

/** own ← Q of own = QR, other ← other Rᵀ. */
function balance(own: Float64Array, other: Float64Array, k: number, random: Random): void {
  const before = own.slice();
  orthonormalise(own, k, random);
  const turn = new Float64Array(k * k);
  for (let at = 0; at < own.length; at += k) {
    for (let b = 0; b < k; b++) for (let a = 0; a < k; a++) turn[b * k + a] += before[at + b] * own[at + a];
  }
  rotate(other, k, turn);
}

/** One coordinate after the other, exactly, kept at or above zero (Cichocki and Phan 2009). */
function coordinateDescent(
  lines: Lines,
  f: Float64Array,
  out: Float64Array,
  r: Float64Array,
  lambda: number,
  steps: number,
): Readonly<RegressionWork> {
  const work = { multiplyAdds: 0, innerIterations: 0 };
  const k = out.length / lines.count;
  const { pointers, indices, weights, count } = lines;
  for (let j = 0; j < count; j++) {
    const [begin, end] = [pointers[j], pointers[j + 1]];
    for (let step = 0; step < steps && begin < end; step++) {
      for (let a = 0; a < k; a++) {
        const x = out[j * k + a];
        let [slope, curvature] = [-lambda * x, lambda];
        for (let e = begin; e < end; e++) {
          const v = f[indices[e] * k + a];
          const w = weights ? weights[e] * v : v;
          slope += w * r[e];
          curvature += w * v;
        }
        if (!(curvature > 0)) continue;
        const next = Math.max(0, x + slope / curvature);
        out[j * k + a] = next;
        if (next !== x) for (let e = begin; e < end; e++) r[e] -= (next - x) * f[indices[e] * k + a];
      }
      work.multiplyAdds += 3 * (end - begin) * k;
      work.innerIterations++;
    }
  }
  return work;
}

function weightedSquares(r: Float64Array, weights?: Float64Array): number {
  let sum = 0;
  for (let e = 0; e < r.length; e++) sum += (weights ? weights[e] : 1) * r[e] * r[e];
  return sum;
}
