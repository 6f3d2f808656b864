import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix } from '../arrays/index.ts';
import { fail, knownKeys, type OptionKeys } from '../core/index.ts';
import { diagonalOf, type RowOperator, rowOperator, square } from './rows.ts';
import { relaxation } from './sor.ts';
import {
  type LinearIterate,
  type LinearSolution,
  LinearSystem,
  rowsOf,
  type SolverOptions,
  solve,
  solverKeys,
} from './system.ts';

/** Order in which unknowns are updated: all at once (Jacobi), or one after the other (Gauss–Seidel). */
export type Sweep = 'jacobi' | 'forward' | 'backward' | 'symmetric';

export interface RelaxOptions extends SolverOptions {
  /** `symmetric`: forward, then backward. Default `forward`. */
  readonly sweep?: Sweep;
  /** Relaxation parameter: scales the steps of Jacobi or Gauss–Seidel, 0 < ω < 2. Default 1. */
  readonly omega?: number;
}

const relaxKeys: OptionKeys<RelaxOptions> = { ...solverKeys, sweep: true, omega: true };
const sweeps: readonly Sweep[] = ['jacobi', 'forward', 'backward', 'symmetric'];
/** A residual this many times the initial one is not a transient but divergence. */
const GROWTH = 1e10;
/** Number of sweeps within which the residual must decrease. */
const PATIENCE = 1000;

/**
 * Relaxation methods: damped Jacobi; forward, backward or symmetric Gauss–Seidel; and with ω SOR and SSOR. Computes the
 * residual after every sweep ({@link sor} obtains it for free). O(entries) per sweep.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER; SINGULAR if the diagonal of A has a zero, naming its row.
 */
export function relax(A: CscMatrix, b: ArrayLike<number>, options: RelaxOptions = {}): LinearSolution {
  return solve(relaxIterates(A, b, options), rowsOf(A), options);
}

/**
 * Iterates of {@link relax}, one per sweep, up to its tolerance.
 * @throws as {@link relax}.
 */
export function* relaxIterates(
  A: CscMatrix,
  b: ArrayLike<number>,
  options: RelaxOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('relax', options, relaxKeys);
  const { sweep = 'forward', omega = 1 } = options;
  if (!sweeps.includes(sweep)) fail('INVALID_PARAMETER', `sweep must be one of ${sweeps.join(', ')}, but is ${sweep}.`);
  relaxation(omega);
  square(A);
  const inverse = diagonalOf(A, 'relax').map((d) => 1 / d);
  const rows = rowOperator(A);
  try {
    const system = new LinearSystem({ name: 'relax', symmetric: false }, rows, b, options);
    try {
      yield* steps(system, rows, inverse, sweep, omega);
    } finally {
      system.end();
    }
  } finally {
    rows.free();
  }
}

function* steps(
  system: LinearSystem,
  rows: RowOperator,
  inverses: Float64Array,
  sweep: Sweep,
  omega: number,
): Generator<LinearIterate, void, undefined> {
  if (system.trivial) {
    yield system.nothing();
    return;
  }
  const { space, n, x, b, tol } = system;
  const kernels = space.arena.use(systemKernels);
  const [r, e, inverse] = [space.vector(), space.vector(), space.vector()];
  inverse.view.set(inverses);
  const { colPointers: p, rowIndices: c, values: v } = rows.byRows.pointers;
  const pass = (backward: boolean) => {
    system.products++;
    kernels.relaxSweep(n, p, c, v, inverse.pointer, omega, b.pointer, x.pointer, backward);
  };
  let [best, since, start] = [Number.POSITIVE_INFINITY, 0, 0];
  for (let iteration = 0; ; iteration++) {
    if (iteration > 0) {
      if (sweep === 'jacobi') {
        kernels.scaleBy(n, r.pointer, inverse.pointer, e.pointer);
        space.axpy(omega, e, x);
      } else {
        if (sweep !== 'backward') pass(false);
        if (sweep !== 'forward') pass(true);
      }
    }
    const relative = system.relative(system.residual(r));
    if (iteration === 0) start = relative;
    if (relative <= tol) {
      yield system.at(iteration, relative, { done: 'converged' });
      return;
    }
    if (!(relative < GROWTH * start)) {
      if (!Number.isFinite(relative)) x.view.fill(0);
      const next = `Sweeps with omega = ${omega} diverge: use a smaller omega, or cg, minres or gmres.`;
      yield system.at(iteration, relative, { done: 'diverged', next });
      return;
    }
    if (relative < 0.999 * best) [best, since] = [relative, iteration];
    else if (iteration - since > PATIENCE) {
      const next =
        'The residual no longer decreases: A is singular or nearly so, or rounding limits the accuracy; use minres or lsqr.';
      yield system.at(iteration, relative, { done: 'stalled', next });
      return;
    }
    yield system.at(iteration, relative);
  }
}
