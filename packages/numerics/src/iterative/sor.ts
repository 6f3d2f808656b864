import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '../arrays/index.ts';
import { fail, knownKeys, type OptionKeys, run, type Solution } from '../core/index.ts';
import { extremeEigenvalues } from './krylov/lanczosBounds.ts';
import { diagonalOf, type RowOperator, rowOperator, square } from './rows.ts';
import { type LinearIterate, LinearSystem, rowsOf, type SolverOptions, settings, solverKeys } from './system.ts';

export interface SorOptions extends SolverOptions {
  /** Relaxation parameter, 0 < ω < 2. Default 1: Gauss–Seidel. */
  readonly omega?: number;
  /** Stops when ‖b − Ax‖ is at most this fraction of ‖b − Ax₀‖. Default 1e-8. */
  readonly tol?: number;
  /** Maximum number of sweeps. Default 10 000. */
  readonly maxIter?: number;
}

const sorKeys: OptionKeys<SorOptions> = { ...solverKeys, omega: true };

/** The result of {@link sor}. */
export interface SorSolution extends Solution<Float64Array, undefined> {
  /**
   * Number of sweeps to reach the tolerance, at least 1; `maxIter` if it was not reached or the sweeps diverged. The
   * cost to minimise when learning ω.
   */
  readonly count: number;
}

/** A residual this many times the initial one is not a transient but divergence. */
const GROWTH = 1e10;
/** Number of sweeps between computations of the true residual. */
const LOOK = 500;

/**
 * Successive over-relaxation: x ← x + (D/ω + L)⁻¹(b − Ax), one sweep per step, with the residual as a by-product, so
 * that a step costs as much as one product (Young 1954). Converges for symmetric positive definite A and every 0 < ω <
 * 2. The residual is relative to the initial one. O(entries) per step.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE, SINGULAR if the diagonal has a zero.
 */
export function sor(A: CscMatrix, b: ArrayLike<number>, options: SorOptions = {}): SorSolution {
  const maxIter = options.maxIter ?? 10_000;
  const solution = run(sorIterates(A, b, options), settings(rowsOf(A), { ...options, maxIter }));
  const ended = solution.status === 'converged';
  return { ...solution, count: ended ? Math.max(1, solution.iterations) : maxIter };
}

/** Iterates of {@link sor}, one per sweep, up to its tolerance. */
export function* sorIterates(
  A: CscMatrix,
  b: ArrayLike<number>,
  options: SorOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('sor', options, sorKeys);
  const { omega = 1 } = options;
  relaxation(omega);
  square(A);
  diagonalOf(A, 'sor');
  const rows = rowOperator(A);
  try {
    const system = new LinearSystem({ name: 'sor', symmetric: false }, rows, b, options);
    try {
      yield* sweeps(system, rows, omega);
    } finally {
      system.end();
    }
  } finally {
    rows.free();
  }
}

function* sweeps(system: LinearSystem, rows: RowOperator, omega: number): Generator<LinearIterate, void, undefined> {
  const { space, n, tol, x } = system;
  if (system.trivial) {
    yield system.nothing();
    return;
  }
  const scratch = space.arena.scratch();
  try {
    const places = scratch.i32(n);
    const { colPointers, rowIndices, pointers } = rows.byRows;
    const at = places.view;
    for (let i = 0; i < n; i++)
      at[i] = colPointers[i] + rowIndices.subarray(colPointers[i], colPointers[i + 1]).indexOf(i);
    const [r, e] = [space.vector(), space.vector()];
    const first = system.residual(r);
    // The initial residual replaces b as the reference of relative residuals.
    system.reference = first;
    system.residual(r);
    let relative = first > 0 ? 1 : 0;
    yield system.at(0, relative, first === 0 || tol >= 1 ? { done: 'converged' } : {});
    let best = 1;
    for (let iteration = 1; ; iteration++) {
      const squared = space.arena
        .use(systemKernels)
        .sorStep(
          n,
          pointers.colPointers,
          places.pointer,
          pointers.rowIndices,
          pointers.values,
          omega,
          x.pointer,
          r.pointer,
          e.pointer,
        );
      relative = Math.sqrt(squared) / first;
      if (!(relative < GROWTH)) {
        if (!Number.isFinite(relative)) x.view.fill(0);
        yield system.at(iteration, relative, {
          done: 'diverged',
          next: `Sweeps with omega = ${omega} diverge: A is not positive definite; use gmres or minres.`,
        });
        return;
      }
      if (relative > tol && iteration % LOOK !== 0) {
        yield system.at(iteration, relative);
        continue;
      }
      relative = system.relative(system.residual(r));
      const stalled = relative > tol && relative > 0.999 * best;
      best = Math.min(best, relative);
      if (relative <= tol) yield system.at(iteration, relative, { done: 'converged' });
      else if (stalled) yield system.at(iteration, relative, { done: 'stalled', next: slow(omega) });
      else yield system.at(iteration, relative);
    }
  } finally {
    scratch.release();
  }
}

const slow = (omega: number): string =>
  `Sweeps with omega = ${omega} make no further progress: A is singular or nearly so, or rounding limits the accuracy. Use cg, minres or lsqr.`;

/** @throws INVALID_PARAMETER unless 0 < ω < 2. */
export function relaxation(omega: number): void {
  if (!(omega > 0 && omega < 2)) {
    fail('INVALID_PARAMETER', `omega must be above 0 and below 2, but is ${omega}: sweeps diverge otherwise.`);
  }
}

/**
 * Young's ω* = 1 + (β/(1 + √(1 − β²)))², where β is the spectral radius of Jacobi's I − D⁻¹A: optimal for consistently
 * ordered symmetric positive definite matrices, such as those of five-point stencils, for which the convergence factor
 * of SOR is then ω* − 1. β is computed by Lanczos's method: O(entries) per step, at most some hundreds of steps.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER if A is not symmetric or has a diagonal entry that is not
 * positive; NUMERICAL if Jacobi's method does not converge, so that there is no such ω.
 */
export function optimalSorOmega(A: CscMatrix): number {
  const { smallest, largest } = extremeEigenvalues(A, { scaled: true, relative: 1e-10 });
  const beta = Math.max(1 - smallest, largest - 1, 0);
  if (!(beta < 1)) {
    fail(
      'NUMERICAL',
      `The spectral radius of I − D⁻¹A is ${beta}, not below 1, so that no optimal omega is known: use 1, or compare several values.`,
    );
  }
  return 1 + (beta / (1 + Math.sqrt((1 - beta) * (1 + beta)))) ** 2;
}
