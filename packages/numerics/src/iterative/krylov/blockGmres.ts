import type { MatrixLike } from '../../arrays/index.ts';
import { knownKeys, type OptionKeys, wholeNumber } from '../../core/index.ts';
import type { LinearOperator } from '../../operators/index.ts';
import { Audit, atRounding, fromFirstResidual, rowsOf } from '../system.ts';
import {
  type BlockIterate,
  type BlockOptions,
  type BlockSolution,
  BlockSystem,
  blockKeys,
  Columns,
  solveBlock,
} from './blockSystem.ts';
import { Hessenberg } from './hessenberg.ts';

export interface BlockGmresOptions extends BlockOptions {
  /**
   * Restart length: the number of products, over all columns, and of stored vectors per cycle. Default 30 per column,
   * at most 120.
   */
  readonly restart?: number;
}

const keys: OptionKeys<BlockGmresOptions> = { ...blockKeys, restart: true };

/**
 * GMRES for several right-hand sides in the joint Krylov space of their residuals, extended by one vector at a time
 * (Ruhe 1979), so that dependent vectors are simply left out. Each step takes one product. O(entries + restart · n) per
 * step; memory for `restart` vectors.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function blockGmres(
  A: MatrixLike | LinearOperator,
  B: MatrixLike,
  options: BlockGmresOptions = {},
): BlockSolution {
  return solveBlock(blockGmresIterates(A, B, options), rowsOf(A), options);
}

/** Iterates of {@link blockGmres}. */
export function* blockGmresIterates(
  A: MatrixLike | LinearOperator,
  B: MatrixLike,
  options: BlockGmresOptions = {},
): Generator<BlockIterate, void, undefined> {
  knownKeys('blockGmres', options, keys);
  const { restart } = options;
  if (restart !== undefined) wholeNumber('restart', restart, 1);
  const system = new BlockSystem({ name: 'blockGmres', symmetric: false }, A, B, options);
  const m = Math.max(1, Math.min(restart ?? usual(system.active.length), system.n));
  yield* fromFirstResidual(system, (R, norm) => cycles(system, R, norm, m));
}

/** The default is limited to 120 because of memory, but allows at least four steps per column. */
const usual = (k: number): number => Math.min(30 * k, Math.max(120, 4 * k));

/** If less than this fraction of a vector remains after orthogonalisation, the remainder is rounding error. */
const DEPENDENT = 1e-12;
const LITTLE = 1 - 1e-6;
/** Residuals above this fraction of B are not due to rounding. */
const SINGULAR = 1e-6;

function* cycles(system: BlockSystem, R: Columns, first: number, m: number): Generator<BlockIterate, void, undefined> {
  const { space, n, tol, X, M } = system;
  const { kernels } = space.arena;
  const k = system.active.length;
  const V = new Columns(space, m + k);
  const [candidate, z] = [new Columns(space, k), new Columns(space, 2)];
  const coefficients = space.vector(m + k);
  const audit = new Audit(tol);
  let truth = first;
  let iteration = 0;
  /**
   * Orthogonalises column j of V against the preceding ones; returns the coefficients, followed by the norm of the
   * remainder, or 0 if that is negligible.
   */
  const orthogonalise = (j: number, floor = 0): Float64Array => {
    const h = new Float64Array(j + 1);
    const before = Math.sqrt(V.dot(j, V, j));
    for (let pass = 0; pass < 2 && j > 0; pass++) {
      kernels.gemvT(n, j, V.block.pointer, n, V.pointer(j), coefficients.pointer);
      kernels.gemv(n, j, -1, V.block.pointer, n, coefficients.pointer, 1, V.pointer(j));
      for (let i = 0; i < j; i++) h[i] += coefficients.view[i];
    }
    const left = Math.sqrt(V.dot(j, V, j));
    if (left > Math.max(floor, DEPENDENT * before)) {
      h[j] = left;
      const view = V.view(j);
      for (let i = 0; i < n; i++) view[i] /= left;
    }
    return h;
  };
  for (;;) {
    const start = truth;
    const H = new Hessenberg(m, k, [], k);
    let count = 0;
    for (let j = 0; j < k; j++) {
      V.view(count).set(R.view(j));
      // A remainder far below the tolerance may be dropped.
      const h = orthogonalise(count, 0.01 * tol);
      H.sides[j].set(h);
      if (h[count] > 0) count++;
    }
    const point = () => {
      H.solve().forEach((y, a) => {
        coefficients.view.set(y);
        kernels.gemv(n, y.length, 1, V.block.pointer, n, coefficients.pointer, 0, z.pointer(0));
        system.precondition(z, 0, candidate, a);
        candidate.add(a, 1, X, a);
      });
      return candidate;
    };
    let believed = truth;
    while (H.columns < m && H.columns < count) {
      iteration++;
      if (M) system.precondition(V, H.columns, z, 0);
      system.product(M ? z : V, M ? 0 : H.columns, V, count);
      const h = orthogonalise(count);
      const fresh = h[count] > 0;
      const left = H.push(fresh ? h : h.subarray(0, count));
      if (fresh) count++;
      believed = Math.max(...left);
      if (audit.due(believed)) break;
      if (H.columns < m && H.columns < count)
        yield system.at(iteration, believed, { active: count - H.columns, point });
    }
    truth = system.residual(R, point());
    // The last step for a singular system may make the solution worse.
    if (truth <= start) X.block.view.set(candidate.block.view);
    else truth = system.residual(R);
    if (truth <= tol) {
      yield system.at(iteration, truth, { done: 'converged' });
      return;
    }
    const singular =
      'The residuals no longer decrease: A is singular, or the preconditioner is. lsqr finds a least-squares solution.';
    if (audit.due(believed) && !audit.worthwhile(truth, truth)) {
      // An invariant Krylov space contains the solutions, unless A is singular.
      const next = H.columns === count && truth > SINGULAR ? singular : atRounding('blockGmres', tol);
      yield system.at(iteration, truth, { done: 'stalled', next });
      return;
    }
    if (truth > LITTLE * start) {
      const longer = `A whole cycle of ${m} steps made no progress: use a longer restart, or a preconditioner such as incompleteLu.`;
      yield system.at(iteration, truth, { done: 'stalled', next: H.columns >= m && m < n ? longer : singular });
      return;
    }
    yield system.at(iteration, truth);
  }
}
