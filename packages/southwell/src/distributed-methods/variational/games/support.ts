import { DenseMatrix } from '@southwell/numerics/arrays';
import { SouthwellError } from '@southwell/numerics/core';
import { type CholeskyFactor, cholesky, gramMatrix, multiply, multiplyTransposed } from '@southwell/numerics/linalg';

/** Share of the mean diagonal that is added to Gram matrices: dependent strategies make them singular. */
const RIDGE = 1e-13;
/** Corrections of one solution. */
const CORRECTIONS = 12;

/**
 * The strategy of a player on a guessed support at which all of the opponent's strategies of the support are equally
 * good: the solution of B p = v·1, Σp = 1 nearest to a positive p, in the norm in which each change is divided by the
 * entry of p. It exists for every face of optimal strategies, and also where the support has dependent strategies, or
 * not as many as the opponent's. Iterated Tikhonov regularisation on the Gram matrix of the smaller side, so that
 * directions that do not matter are left alone. O(k·l·min(k, l)) for B with k rows and l columns.
 * @throws what is no error of a factorisation.
 * @returns l entries, perhaps negative where the guess is wrong; undefined if the matrix cannot be factorised.
 */
export function equalise(B: DenseMatrix, p: Float64Array, value: number): Float64Array | undefined {
  const [k, l] = [B.rows, B.cols];
  const K = DenseMatrix.create(k + 1, l + 1, { fill: false });
  const { arena } = K;
  for (let j = 0; j < l; j++) {
    const [from, to] = [B.column(j), K.column(j)];
    for (let i = 0; i < k; i++) to[i] = from[i] * p[j];
    to[k] = p[j];
  }
  K.column(l).fill(-1, 0, k);
  K.set(k, l, 0);
  const wide = k <= l;
  const order = 1 + Math.min(k, l);
  const gram = DenseMatrix.create(order, order, { fill: false, arena });
  let factor: CholeskyFactor | undefined;
  try {
    gramMatrix(K, gram, { transpose: wide });
    let trace = 0;
    for (let i = 0; i < order; i++) trace += gram.get(i, i);
    for (let i = 0; i < order; i++) gram.set(i, i, gram.get(i, i) + (RIDGE * trace) / order);
    factor = cholesky(gram);
    return corrected(K, factor, p, value);
  } catch (error) {
    if (error instanceof SouthwellError) return undefined;
    throw error;
  } finally {
    factor?.free();
    gram.free();
    K.free();
  }
}

function corrected(K: DenseMatrix, factor: CholeskyFactor, p: Float64Array, value: number): Float64Array {
  const [k, l] = [K.rows - 1, K.cols - 1];
  const wide = k <= l;
  // Relative to p, with the value of the game last.
  const relative = new Float64Array(l + 1).fill(1);
  relative[l] = value;
  const residual = new Float64Array(k + 1);
  const change = new Float64Array(l + 1);
  let last = Number.POSITIVE_INFINITY;
  let kept = relative.slice();
  for (let round = 0; round <= CORRECTIONS; round++) {
    multiply(K, relative, residual);
    let size = 0;
    for (let i = 0; i <= k; i++) {
      residual[i] = (i === k ? 1 : 0) - residual[i];
      size = Math.max(size, Math.abs(residual[i]));
    }
    if (!(size < last)) break;
    last = size;
    kept = relative.slice();
    if (size === 0) break;
    if (wide) multiplyTransposed(K, factor.solve(residual), change);
    else {
      multiplyTransposed(K, residual, change);
      change.set(factor.solve(change));
    }
    for (let j = 0; j <= l; j++) relative[j] += change[j];
  }
  return Float64Array.from(p, (v, j) => v * kept[j]);
}
