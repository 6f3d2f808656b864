import { fail, type Solution } from '../core/index.ts';
import type { FitOptions, LinearProblem } from './fit.ts';
import type { LinearPoint } from './solvers/workingSet.ts';

export interface PathOptions {
  /** Strengths in any order; by default nAlphas from alphaMax down to eps·alphaMax, evenly in the logarithm. */
  readonly alphas?: ArrayLike<number>;
  /** Default 100. */
  readonly nAlphas?: number;
  /** Default 1e-3, or 1e-2 where there are fewer rows than columns. */
  readonly eps?: number;
}

/** alphaMax … eps·alphaMax, or the given strengths sorted downwards. */
export function alphaGrid(alphaMax: number, n: number, p: number, options: PathOptions): Float64Array {
  if (options.alphas) {
    const out = Float64Array.from(options.alphas).sort().reverse();
    if (out.length === 0) fail('INVALID_PARAMETER', 'alphas is empty: give at least one strength.');
    for (const a of out)
      if (!(a >= 0 && a < Infinity)) fail('INVALID_PARAMETER', `alphas must be finite and at least 0, not ${a}.`);
    return out;
  }
  const count = options.nAlphas ?? 100;
  const eps = options.eps ?? (n < p ? 1e-2 : 1e-3);
  if (!Number.isInteger(count) || count < 1)
    fail('INVALID_PARAMETER', `nAlphas must be a whole number of at least 1, not ${count}.`);
  if (!(eps > 0 && eps < 1)) fail('INVALID_PARAMETER', `eps must lie between 0 and 1, but is ${eps}.`);
  if (!(alphaMax > 0)) {
    fail(
      'INVALID_PARAMETER',
      'There is no alphaMax to start a path from: the penalty has no L1 part, or no feature is related to the target. Give alphas.',
    );
  }
  return Float64Array.from({ length: count }, (_, k) => alphaMax * eps ** (count === 1 ? 0 : k / (count - 1)));
}

/** Solves along `alphas` (descending), each from the last. Stops early, keeping what is done, when the signal aborts. */
export function* solvePath(
  problem: LinearProblem,
  alphas: Float64Array,
  fit: FitOptions,
): Generator<{ alpha: number; solution: Solution<LinearPoint>; loss: number }> {
  for (const alpha of alphas) {
    const solution = problem.solve(alpha, fit);
    yield { alpha, solution, loss: problem.solver.lossValue };
    if (solution.status === 'aborted' || solution.status === 'diverged') return;
  }
}
