import type { MatrixLike } from '../../arrays/index.ts';
import { knownKeys } from '../../core/index.ts';
import { choleskyInPlace, choleskySolveInPlace } from '../../linalg/index.ts';
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

/**
 * Block conjugate gradients for several right-hand sides (O'Leary 1980): each solution is sought in the joint Krylov
 * space, which takes fewer steps. Residuals are represented as an orthonormal basis (in the inner product of the
 * preconditioner) times coefficients (Dubrulle 2001), and dependent columns are removed from the basis, duplicates from
 * the start. O(k · entries + k² · n) per step for k columns; memory for 8k vectors.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER if A is a matrix that is not symmetric.
 */
export function blockCg(A: MatrixLike | LinearOperator, B: MatrixLike, options: BlockOptions = {}): BlockSolution {
  return solveBlock(blockCgIterates(A, B, options), rowsOf(A), options);
}

/** Iterates of {@link blockCg}. */
export function* blockCgIterates(
  A: MatrixLike | LinearOperator,
  B: MatrixLike,
  options: BlockOptions = {},
): Generator<BlockIterate, void, undefined> {
  knownKeys('blockCg', options, blockKeys);
  const system = new BlockSystem({ name: 'blockCg', symmetric: true, positive: true }, A, B, options);
  yield* fromFirstResidual(system, (R, norm) => steps(system, R, norm));
}

/**
 * If less than this fraction of a column remains after orthogonalisation against the others, the remainder is rounding
 * error.
 */
const DEPENDENT = 1e-10;

/**
 * The first `count` columns of Q ← an M⁻¹-orthonormal basis of their span, and Z ← M⁻¹Q. Returns the coefficients of
 * the old columns in this basis, column by column with `count` rows, of which `rank` are used. Remainders with a norm
 * below `floor` are dropped. Undefined if M is not positive definite.
 */
function orthonormalise(system: BlockSystem, Q: Columns, Z: Columns, count: number, floor = 0) {
  const C = new Float64Array(count * count);
  let rank = 0;
  for (let j = 0; j < count; j++) {
    if (rank < j) Q.view(rank).set(Q.view(j));
    system.precondition(Q, rank, Z, rank);
    const square = Q.dot(rank, Z, rank);
    const share = Math.max(DEPENDENT, floor / Math.sqrt(Q.dot(rank, Q, rank)));
    if (!(square >= 0)) return undefined;
    // Two passes of Gram–Schmidt are enough.
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < rank; i++) {
        const c = Z.dot(i, Q, rank);
        C[j * count + i] += c;
        Q.add(rank, -c, Q, i);
        Z.add(rank, -c, Z, i);
      }
    }
    const left = Q.dot(rank, Z, rank);
    if (!(left > share ** 2 * square)) continue;
    const size = Math.sqrt(left);
    C[j * count + rank] = size;
    for (const view of [Q.view(rank), Z.view(rank)]) for (let i = 0; i < view.length; i++) view[i] /= size;
    rank++;
  }
  return { C, rank };
}

function* steps(system: BlockSystem, Q: Columns, first: number): Generator<BlockIterate, void, undefined> {
  const { space, X, tol } = system;
  const k = system.active.length;
  const [Z, W] = [0, 1].map(() => new Columns(space, k));
  let [P, next] = [new Columns(space, k), new Columns(space, k)];
  const audit = new Audit(tol);
  let iteration = 0;
  let truth = first;
  const stop = (residual: number, next: string) => system.at(iteration, residual, { done: 'stalled', next });
  for (;;) {
    const basis = orthonormalise(system, Q, Z, k, 0.01 * tol);
    if (!basis) {
      yield stop(truth, indefinite);
      return;
    }
    let { rank } = basis;
    // R = QΦ: Φ has `rank` rows and k columns, stored with a stride of k.
    let Phi = basis.C;
    const start = truth;
    const scale = worst(Phi, k, rank);
    for (let j = 0; j < rank; j++) P.view(j).set(Z.view(j));
    for (;;) {
      const G = new Float64Array(rank * rank);
      for (let j = 0; j < rank; j++) system.product(P, j, W, j);
      for (let j = 0; j < rank; j++) for (let i = 0; i <= j; i++) G[i * rank + j] = G[j * rank + i] = P.dot(i, W, j);
      if (!choleskyInPlace(G, rank)) {
        yield stop(truth, notPositive(iteration + 1));
        return;
      }
      iteration++;
      // X ← X + P G⁻¹Φ and Q ← Q − W G⁻¹.
      const step = new Float64Array(rank * k);
      for (let j = 0; j < k; j++) {
        const column = Phi.slice(j * k, j * k + rank);
        choleskySolveInPlace(G, rank, column);
        step.set(column, j * rank);
      }
      X.addProduct(P, step, rank, k);
      const back = new Float64Array(rank * rank);
      for (let j = 0; j < rank; j++) {
        const unit = new Float64Array(rank);
        unit[j] = -1;
        choleskySolveInPlace(G, rank, unit);
        back.set(unit, j * rank);
      }
      Q.addProduct(W, back, rank, rank);
      const found = orthonormalise(system, Q, Z, rank);
      if (!found) {
        yield stop(truth, indefinite);
        return;
      }
      const Psi = found.C;
      const product = new Float64Array(k * k);
      for (let j = 0; j < k; j++) {
        for (let l = 0; l < rank; l++) {
          for (let i = 0; i < found.rank; i++) product[j * k + i] += Psi[l * rank + i] * Phi[j * k + l];
        }
      }
      Phi = product;
      // P ← Z + PΨᵀ.
      for (let i = 0; i < found.rank; i++) {
        next.view(i).set(Z.view(i));
        for (let l = 0; l < rank; l++) next.add(i, Psi[l * rank + i], P, l);
      }
      [P, next] = [next, P];
      rank = found.rank;
      const believed = (start * worst(Phi, k, rank)) / scale;
      if (audit.due(believed) || rank === 0) {
        truth = system.residual(Q);
        if (truth <= tol) {
          yield system.at(iteration, truth, { done: 'converged', active: rank });
          return;
        }
        if (!audit.worthwhile(truth, believed)) {
          yield stop(truth, atRounding('blockCg', tol));
          return;
        }
        yield system.at(iteration, truth, { active: rank });
        break;
      }
      yield system.at(iteration, believed, { active: rank });
    }
  }
}

/** The largest column norm. */
function worst(Phi: Float64Array, k: number, rank: number): number {
  let most = 0;
  for (let j = 0; j < k; j++) most = Math.max(most, Math.hypot(...Phi.subarray(j * k, j * k + rank)));
  return most;
}

const indefinite =
  'The preconditioner is not positive definite: rᵀM⁻¹r is negative. blockGmres accepts such preconditioners.';
const notPositive = (iteration: number): string =>
  `A is not positive definite: PᵀAP of step ${iteration} is not. blockGmres takes any square matrix, minres any symmetric one.`;
