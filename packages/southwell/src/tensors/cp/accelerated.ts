import { factorPositive } from '@southwell/numerics/linalg';
import type { CpProblem } from './cpProblem.ts';
import { dampedStep, FEW_UNKNOWNS, type Linearised } from './gaussNewton.ts';

/** Number of earlier sweeps in an Anderson combination. */
const MEMORY = 6;

/** All factors, concatenated. */
export type Flat = Float64Array;

/** State of the sweeps, as plain data. */
export interface SweepState {
  readonly best: Flat;
  readonly squares: number;
  /** Initial point of the next sweep: the best point, or a combination of the last sweeps. */
  readonly next: Flat;
  readonly plain: boolean;
  /** Initial and final points of the last sweeps. */
  readonly inputs: readonly Flat[];
  readonly outputs: readonly Flat[];
  /** Number of consecutive sweeps without improvement. */
  readonly still: number;
  readonly count: number;
  /**
   * Damping of the next Gauss–Newton step, relative to the largest curvature, and its growth factor after a failed
   * step.
   */
  readonly damping: number;
  readonly growth: number;
}

export const factorsOf = (flat: Flat, shape: readonly number[], rank: number): Float64Array[] => {
  let at = 0;
  return shape.map((n) => flat.subarray(at, (at += n * rank)));
};

export const flatLength = (shape: readonly number[], rank: number): number =>
  rank * shape.reduce((sum, n) => sum + n, 0);

/**
 * Number of sweeps before Gauss–Newton steps, unless sweeps stagnate; initial damping of these steps, and the value
 * above which they end.
 */
const SWEEPS_FIRST = 30;
const [DAMPING, NO_STEP] = [1e-3, 1e8];
/** A decrease of the squared residual below this fraction of it is a rounding error. */
const STILL = 1e-14;

/**
 * Alternating least squares with Anderson acceleration: a sweep starts from the combination of the last ones that
 * minimises the change (Anderson 1965; Walker and Ni 2011). If that increases the residual it is undone, and a plain
 * sweep from the best point follows, which cannot increase it; so the residual of the best point never increases.
 */
export class AcceleratedSweeps {
  private state: SweepState;

  constructor(
    private readonly problem: CpProblem,
    private readonly nonNegative: boolean,
    start: Flat | SweepState,
  ) {
    this.state =
      'squares' in start
        ? start
        : {
            ...{ best: start, squares: problem.squares(factorsOf(start, problem.shape, problem.rank)) },
            ...{ next: start, plain: true, inputs: [], outputs: [], still: 0 },
            ...{ count: 0, damping: DAMPING, growth: 2 },
          };
  }

  get now(): SweepState {
    return this.state;
  }

  /** One sweep, or one Gauss–Newton step; returns an estimate of the gradient norm at its initial point. */
  step(): number {
    const { problem, state } = this;
    const { shape, rank } = problem;
    const few = flatLength(shape, rank) <= FEW_UNKNOWNS;
    if (few && !this.nonNegative && problem.linearised && (state.count >= SWEEPS_FIRST || state.still >= 2)) {
      return this.together(problem.linearised(factorsOf(state.best, shape, rank)));
    }
    const end = state.next.slice();
    const { squares, slope } = problem.sweep(factorsOf(end, shape, rank));
    balance(end, shape, rank);
    const gain = state.squares - squares;
    const still = gain > STILL * state.squares ? 0 : state.still + 1;
    if (!(gain >= 0)) {
      const from = state.best;
      this.state = { ...state, next: from, plain: true, inputs: [], outputs: [], still, count: state.count + 1 };
      return slope;
    }
    const inputs = [...state.inputs, state.next].slice(-MEMORY - 1);
    const outputs = [...state.outputs, end].slice(-MEMORY - 1);
    const combined = this.combined(inputs, outputs);
    this.state = {
      ...{ best: end, squares, next: combined ?? end, plain: combined === undefined },
      ...{ inputs, outputs, still, count: state.count + 1, damping: state.damping, growth: state.growth },
    };
    return slope;
  }

  /** A damped Gauss–Newton step (Levenberg 1944, Marquardt 1963; damping as in Nielsen 1999). */
  private together(here: Linearised & { readonly slope: number }): number {
    const { problem, state } = this;
    const { shape, rank } = problem;
    const { best, damping, growth } = state;
    const step = dampedStep(here, damping);
    const end = best.slice();
    if (step) for (let e = 0; e < end.length; e++) end[e] -= step[e];
    const squares = step ? problem.squares(factorsOf(end, shape, rank)) : Number.POSITIVE_INFINITY;
    const gain = state.squares - squares;
    const count = state.count + 1;
    if (!(gain > 0)) {
      const still = damping > NO_STEP ? state.still + 1 : 0;
      this.state = { ...state, still, count, damping: damping * growth, growth: 2 * growth };
      return here.slope;
    }
    balance(end, shape, rank);
    // The predicted decrease of half the squared residual.
    const promised = step!.reduce((sum, v, e) => sum + v * here.gradient[e], 0);
    const ratio = promised > 0 ? gain / promised : 1;
    this.state = {
      ...{ best: end, squares, next: end, plain: true, inputs: [], outputs: [], count },
      still: gain > STILL * state.squares ? 0 : state.still + 1,
      ...{ damping: damping * Math.max(1 / 3, 1 - (2 * ratio - 1) ** 3), growth: 2 },
    };
    return here.slope;
  }

  /**
   * Σ αⱼ outputⱼ, Σ αⱼ = 1, with minimal change Σ αⱼ (outputⱼ − inputⱼ); without the first factor, which a sweep
   * overwrites.
   */
  private combined(inputs: readonly Flat[], outputs: readonly Flat[]): Flat | undefined {
    const count = inputs.length - 1;
    if (count < 1) return undefined;
    const { shape, rank } = this.problem;
    const from = rank * shape[0];
    const length = flatLength(shape, rank);
    const gram = new Float64Array(count * count);
    const right = new Float64Array(count);
    // Changes of all sweeps, and differences of those of the earlier ones from that of the last.
    const changes = outputs.map((output, j) => {
      const [out, input] = [new Float64Array(length - from), inputs[j]];
      for (let at = from; at < length; at++) out[at - from] = output[at] - input[at];
      return out;
    });
    const last = changes[count];
    const steps = changes.slice(0, count);
    for (const own of steps) for (let at = 0; at < own.length; at++) own[at] = last[at] - own[at];
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) {
        const sum = innerOf(steps[a], steps[b]);
        gram[a * count + b] = sum;
        gram[b * count + a] = sum;
      }
      right[a] = innerOf(steps[a], last);
    }
    const scale = Float64Array.from({ length: count }, (_, a) => 1 / (Math.sqrt(gram[a * count + a]) || 1));
    const scaled = gram.map((v, at) => v * scale[at % count] * scale[Math.floor(at / count)]);
    for (let a = 0; a < count; a++) right[a] *= scale[a];
    factorPositive(scaled, count).solve(right);
    const out = outputs[count].slice();
    for (let j = 0; j < count; j++) {
      const weight = right[j] * scale[j];
      if (weight === 0) continue;
      const [x, y] = [outputs[count], outputs[j]];
      for (let at = 0; at < length; at++) out[at] -= weight * (x[at] - y[at]);
    }
    if (this.nonNegative) for (let at = 0; at < length; at++) out[at] = Math.max(0, out[at]);
    return out.every(Number.isFinite) ? out : undefined;
  }
}

function innerOf(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let e = 0; e < x.length; e++) sum += x[e] * y[e];
  return sum;
}

/** Scales the columns of all factors of a component to equal norms, which does not change products. */
export function balance(flat: Flat, shape: readonly number[], rank: number): void {
  const factors = factorsOf(flat, shape, rank);
  for (let a = 0; a < rank; a++) {
    const columns = factors.map((A, k) => A.subarray(a * shape[k], (a + 1) * shape[k]));
    const lengths = columns.map((column) => {
      let sum = 0;
      for (let i = 0; i < column.length; i++) sum += column[i] * column[i];
      return Math.sqrt(sum);
    });
    if (!lengths.every((v) => v > 0)) continue;
    const common = Math.exp(lengths.reduce((sum, v) => sum + Math.log(v), 0) / shape.length);
    columns.forEach((column, k) => {
      const scale = common / lengths[k];
      for (let i = 0; i < column.length; i++) column[i] *= scale;
    });
  }
}
