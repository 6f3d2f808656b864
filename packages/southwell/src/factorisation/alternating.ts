import { type Iterate, Random } from '@southwell/numerics/core';
import { type CompletionStart, orthonormalise, residuals, startOf, sumOfSquares } from './factors.ts';
import type { Lines, Observed } from './observed.ts';
import { PlacedEntries } from './placed.ts';
import { type RegressionOptions, type RegressionWork, solveRegressions } from './regressions.ts';

/** Û = left, V̂ = right, both by rows: entry (i, j) is the dot product of their rows i and j. */
export interface Factors {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** A half-step: the regressions of `lines` on `factor`, into `out`, which holds the factor's last value. */
export interface HalfStep {
  readonly lines: Lines;
  readonly factor: Float64Array;
  readonly rank: number;
  readonly out: Float64Array;
  /** Of the entries, over the size of the values. */
  readonly relativeResidual: number;
  /** How many half-steps came before. */
  readonly count: number;
  readonly work: RegressionWork;
}

export interface AlternatingOptions {
  readonly rank: number;
  /** ½λ(‖U‖² + ‖V‖²) is added. Default 0. */
  readonly lambda?: number;
  /** How to solve a half-step. */
  readonly regress: (step: HalfStep) => void;
  /** Default 'spectral'. */
  readonly init?: CompletionStart;
  /** Default 0. */
  readonly seed?: number;
  /** Converged when a sweep lowers the objective by less than this share of it. Default 1e-6. */
  readonly tol?: number;
}

/** What observers of a sweep may also look at. */
export interface Sweep extends Iterate<Factors> {
  readonly factors: Factors;
  readonly relativeResidual: number;
  readonly counted: Readonly<RegressionWork>;
}

/** Residuals of this size are rounding. */
export const EXACT = 1e-14;

/**
 * Alternating minimisation: regress one factor on the other, in turn; an iterate a sweep. Without
 * λ the factor that is regressed on is made orthonormal first (Jain, Netrapalli and Sanghavi 2013; Gu, Song, Yin and
 * Zhang 2024), which keeps regressions well conditioned and changes nothing else; with λ its scale matters and stays.
 */
export function* alternating(observed: Observed, options: AlternatingOptions): Generator<Sweep, void, undefined> {
  const { rank: k, lambda = 0, regress, init = 'spectral', seed = 0, tol = 1e-6 } = options;
  const random = new Random(seed);
  const placed = new PlacedEntries(observed, k);
  const { U, sizes } = startOf(init, observed, placed, k, random);
  placed.free();
  if (lambda > 0) {
    for (let i = 0; i < observed.rows; i++) for (let a = 0; a < k; a++) U[i * k + a] *= Math.sqrt(sizes[a]);
  }
  const V = new Float64Array(observed.cols * k);
  const work: RegressionWork = { multiplyAdds: 0, innerIterations: 0 };
  const r: Float64Array = new Float64Array(observed.byCol.values.length);
  const size = residuals(observed, U, V, k, r).squares;
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
  let last = state(0, size, size === 0 ? 'converged' : undefined);
  // With λ, the start is no point of comparison: V is zero.
  yield size === 0 ? { ...last, snapshot: () => ({ left: new Float64Array(U.length), right: V.slice() }) } : last;
  if (size === 0) return;
  const half = (lines: Lines, factor: Float64Array, out: Float64Array, count: number) =>
    regress({ lines, factor, rank: k, out, relativeResidual: last.relativeResidual, count, work });
  for (let sweep = 1; ; sweep++) {
    if (lambda === 0 && sweep > 1) orthonormalise(U, k, random);
    half(observed.byCol, U, V, 2 * sweep - 2);
    if (lambda === 0) orthonormalise(V, k, random);
    half(observed.byRow, V, U, 2 * sweep - 1);
    const { squares } = residuals(observed, U, V, k, r);
    const next = state(sweep, squares);
    const fall = last.objective - next.objective;
    const over = !Number.isFinite(next.objective)
      ? 'diverged'
      : next.relativeResidual <= EXACT || (sweep > 1 && Math.abs(fall) <= tol * last.objective)
        ? 'converged'
        : undefined;
    last = next;
    yield over ? { ...next, done: over } : next;
    if (over) return;
  }
}

/** Half-steps by the library's solvers; `tol` may depend on the residual of the entries. */
export function libraryRegress(
  options: Omit<RegressionOptions, 'tol'> & { readonly tol?: number | ((relativeResidual: number) => number) },
): (step: HalfStep) => void {
  const { tol = 1e-12, seed = 0 } = options;
  return ({ lines, factor, rank, out, relativeResidual, count, work }) => {
    const now = typeof tol === 'number' ? tol : tol(relativeResidual);
    solveRegressions(lines, factor, rank, { ...options, tol: now, seed: seed + count }, out, work);
  };
}

/** Tolerance of inner solves that follows the residual: a tenth of it. */
export const tiedTolerance = (relativeResidual: number): number => Math.max(1e-14, 0.1 * Math.min(1, relativeResidual));
