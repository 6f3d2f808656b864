import { factorPositive } from '@southwell/numerics/linalg';
import type { CpProblem } from './cpProblem.ts';
import { dampedStep, FEW_UNKNOWNS, type Linearised } from './gaussNewton.ts';

/** How many sweeps a combination looks back on. */
const MEMORY = 6;

/** All factors after each other. */
export type Flat = Float64Array;

/** Where sweeps stand, as plain data. */
export interface SweepState {
  readonly best: Flat;
  readonly squares: number;
  /** Where the next sweep begins; the best point, or a combination of the last sweeps. */
  readonly next: Flat;
  readonly plain: boolean;
  /** Where the last sweeps began and ended. */
  readonly inputs: readonly Flat[];
  readonly outputs: readonly Flat[];
  /** Sweeps in a row that gained nothing. */
  readonly still: number;
  readonly count: number;
  /** Of the next step for all factors at once, as a share of the largest curvature, and what it grows by if that fails. */
  readonly damping: number;
  readonly growth: number;
}

export const factorsOf = (flat: Flat, shape: readonly number[], rank: number): Float64Array[] => {
  let at = 0;
  return shape.map((n) => flat.subarray(at, (at += n * rank)));
};

export const flatLength = (shape: readonly number[], rank: number): number =>
  rank * shape.reduce((sum, n) => sum + n, 0);

/** Sweeps before steps for all factors at once, unless they stand still; their damping starts here and ends there. */
const SWEEPS_FIRST = 30;
const [DAMPING, NO_STEP] = [1e-3, 1e8];
/** A gain of the squared residual below this share of it is rounding. */
const STILL = 1e-14;

/**
 * Alternating least squares, accelerated: a sweep begins where a combination of the last ones would have had no change (Anderson
 * 1965; Walker and Ni 2011). Where that raises the residual it is taken back and a plain sweep from the best point follows,
 * which cannot; so the residual of the best point never rises.
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

  /** One sweep, or a step for all factors at once; gives about the gradient where it began. */
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

  /** A damped step of Gauss and Newton (Levenberg 1944, Marquardt 1963; the damping as in Nielsen 1999). */
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
    // What half the squares were to lose, by their gradient and the curvature that was reckoned with, at least.
    const promised = step!.reduce((sum, v, e) => sum + v * here.gradient[e], 0);
    const ratio = promised > 0 ? gain / promised : 1;
    this.state = {
      ...{ best: end, squares, next: end, plain: true, inputs: [], outputs: [], count },
      still: gain > STILL * state.squares ? 0 : state.still + 1,
      ...{ damping: damping * Math.max(1 / 3, 1 - (2 * ratio - 1) ** 3), growth: 2 },
    };
    return here.slope;
  }

  /** Σ αⱼ outputⱼ, Σ αⱼ = 1, for the least change Σ αⱼ (outputⱼ − inputⱼ); the first factor, which a sweep forgets, has no say. */
  private combined(inputs: readonly Flat[], outputs: readonly Flat[]): Flat | undefined {
    const count = inputs.length - 1;
    if (count < 1) return undefined;
    const { shape, rank } = this.problem;
    const from = rank * shape[0];
    const length = flatLength(shape, rank);
    const gram = new Float64Array(count * count);
    const right = new Float64Array(count);
    const change = (j: number, at: number) => outputs[j][at] - inputs[j][at];
    // Differences of changes to that of the last sweep.
    const steps = Array.from({ length: count }, (_, j) => {
      const out = new Float64Array(length - from);
      for (let at = from; at < length; at++) out[at - from] = change(count, at) - change(j, at);
      return out;
    });
    for (let a = 0; a < count; a++) {
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        for (let at = 0; at < length - from; at++) sum += steps[a][at] * steps[b][at];
        gram[a * count + b] = sum;
        gram[b * count + a] = sum;
      }
      for (let at = from; at < length; at++) right[a] += steps[a][at - from] * change(count, at);
    }
    const scale = Float64Array.from({ length: count }, (_, a) => 1 / (Math.sqrt(gram[a * count + a]) || 1));
    const scaled = gram.map((v, at) => v * scale[at % count] * scale[Math.floor(at / count)]);
    for (let a = 0; a < count; a++) right[a] *= scale[a];
    factorPositive(scaled, count).solve(right);
    const out = outputs[count].slice();
    for (let j = 0; j < count; j++) {
      const weight = right[j] * scale[j];
      if (weight === 0) continue;
      for (let at = 0; at < length; at++) out[at] -= weight * (outputs[count][at] - outputs[j][at]);
    }
    if (this.nonNegative) for (let at = 0; at < length; at++) out[at] = Math.max(0, out[at]);
    return out.every(Number.isFinite) ? out : undefined;
  }
}

/** Columns of all factors of a component get one length, which changes no product. */
export function balance(flat: Flat, shape: readonly number[], rank: number): void {
  const factors = factorsOf(flat, shape, rank);
  for (let a = 0; a < rank; a++) {
    const columns = factors.map((A, k) => A.subarray(a * shape[k], (a + 1) * shape[k]));
    const lengths = columns.map((column) => Math.sqrt(column.reduce((sum, v) => sum + v * v, 0)));
    if (!lengths.every((v) => v > 0)) continue;
    const common = Math.exp(lengths.reduce((sum, v) => sum + Math.log(v), 0) / shape.length);
    columns.forEach((column, k) => {
      for (let i = 0; i < column.length; i++) column[i] *= common / lengths[k];
    });
  }
}
