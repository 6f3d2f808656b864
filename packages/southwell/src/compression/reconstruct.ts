import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, knownKeys } from '@southwell/numerics/core';
import { cholesky, matrixProduct } from '@southwell/numerics/linalg';
import { checkMoments, dampedMoments, type InputMoments } from './moments.ts';

/** Options of {@link reconstructWeights}. */
export interface ReconstructOptions {
  /** How strongly weights are drawn to their values: added to the diagonal of the moments, as a share of its mean. Default 1e-6. */
  readonly damping?: number;
}

/**
 * The weights at the places of a mask whose outputs are nearest to those of W on the calibration inputs: for each row w, the
 * least squares solution of H_SS·ŵ_S = (H·w)_S over the places S that stay. O(rows·columns³) at worst, with the third part
 * of the cube of those that stay.
 * @throws INVALID_PARAMETER for unknown options, or if the moments have only their diagonal; INVALID_SHAPE if the mask or the
 * moments do not fit; SINGULAR if damping is 0 and inputs depend linearly.
 */
export function reconstructWeights(
  W: DenseMatrix,
  mask: Uint8Array,
  moments: InputMoments,
  options: ReconstructOptions = {},
): DenseMatrix {
  knownKeys('reconstructWeights', options, { damping: true });
  const { damping = 1e-6 } = options;
  const { rows: m, cols: n } = W;
  checkMoments('reconstructWeights', W, moments);
  if (mask.length !== m * n)
    fail('INVALID_SHAPE', `reconstructWeights: a mask of ${mask.length} places does not fit ${m} × ${n} weights.`);
  const H = dampedMoments('reconstructWeights', moments, damping);
  const targets = targetsOf(W, H);
  const out = DenseMatrix.create(m, n);
  for (let i = 0; i < m; i++) {
    const places: number[] = [];
    for (let j = 0; j < n; j++) if (mask[j * m + i] !== 0) places.push(j);
    if (places.length === 0) continue;
    const solution = solveOn(H, targets.column(i), places);
    for (const [k, j] of places.entries()) out.set(i, j, solution[k]);
  }
  targets.free();
  H.free();
  return out;
}

/** H·Wᵀ: column i belongs to row i of W. */
export function targetsOf(W: DenseMatrix, H: DenseMatrix): DenseMatrix {
  const { rows: m, cols: n } = W;
  const { arena } = H;
  const target = DenseMatrix.create(n, m, { arena });
  const weights = DenseMatrix.create(m, n, { arena, fill: false });
  weights.data.set(W.data);
  matrixProduct(H, weights, target, { transB: true });
  weights.free();
  return target;
}

/** The solution of H_SS·x = b_S. */
function solveOn(H: DenseMatrix, b: Float64Array, places: readonly number[]): Float64Array {
  const k = places.length;
  const part = DenseMatrix.create(k, k, { arena: H.arena, fill: false });
  const { data } = part;
  for (let q = 0; q < k; q++) {
    const column = H.column(places[q]);
    for (let p = q; p < k; p++) data[q * k + p] = column[places[p]];
  }
  const factor = cholesky(part);
  const x = factor.solve(Float64Array.from(places, (j) => b[j]));
  factor.free();
  part.free();
  return x;
}

/**
 * The squared error of a layer's outputs on the calibration inputs, relative to the outputs of W: tr(D·M·Dᵀ)/tr(W·M·Wᵀ) with D
 * = W − Ŵ and M = Σ x xᵀ, or its diagonal if only that was kept. 0 if W gives no outputs. O(rows·columns²).
 * @throws INVALID_SHAPE if the matrices or the moments do not fit together.
 */
export function outputError(W: DenseMatrix, approximation: DenseMatrix, moments: InputMoments): number {
  const { rows: m, cols: n } = W;
  checkMoments('outputError', W, moments);
  if (approximation.rows !== m || approximation.cols !== n)
    fail(
      'INVALID_SHAPE',
      `outputError: weights of ${m} × ${n} are not compared with ${approximation.rows} × ${approximation.cols}.`,
    );
  const difference = W.data.map((w, i) => w - approximation.data[i]);
  const below = energy(W.data, m, n, moments);
  return below === 0 ? 0 : energy(difference, m, n, moments) / below;
}

/** tr(A·M·Aᵀ). */
function energy(values: Float64Array, m: number, n: number, { full, diagonal }: InputMoments): number {
  let sum = 0;
  if (!full) {
    for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) sum += values[j * m + i] ** 2 * diagonal[j];
    return sum;
  }
  const { arena } = full;
  const A = DenseMatrix.create(m, n, { arena, fill: false });
  A.data.set(values);
  const product = DenseMatrix.create(m, n, { arena });
  matrixProduct(A, full, product);
  const [a, b] = [A.data, product.data];
  for (let i = 0; i < a.length; i++) sum += a[i] * b[i];
  A.free();
  product.free();
  return Math.max(0, sum);
}
