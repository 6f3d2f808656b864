import { DenseMatrix } from '@southwell/numerics/arrays';
import { cholesky, matrixProduct } from '@southwell/numerics/linalg';
import { type CompressedWeights, compressedToDense } from './compressed.ts';
import { dampedMoments, type InputMoments } from './moments.ts';
import { type CodedWeights, fromCodes } from './quantise.ts';
import { reconstructWeights, targetsOf } from './reconstruct.ts';

/** Added to the diagonal of the moments, as a share of its mean, as in sweeps. */
const DAMPING = 0.01;

/**
 * Compressed weights with the numbers that they still have chosen anew, so that the outputs on the calibration inputs are nearest
 * to those of W in least squares: weights that stay, the scale of each row, or codewords. Places and codes remain. Of factored
 * weights the scales of the rows are chosen. O(rows·columns²), and O(rows·columns³) at worst for pruned ones.
 * @throws INVALID_PARAMETER if the moments have only their diagonal.
 */
export function refit(W: DenseMatrix, weights: CompressedWeights, moments: InputMoments): CompressedWeights {
  switch (weights.kind) {
    case 'pruned': {
      const found = reconstructWeights(W, weights.mask, moments, { damping: DAMPING });
      const values = found.data.slice();
      found.free();
      return { ...weights, values };
    }
    case 'scaled': {
      const { scaled } = weights;
      const factors = rowFactors(W, compressedToDense(weights), moments);
      return { kind: 'scaled', scaled: { ...scaled, scales: scaled.scales.map((s, i) => s * factors[i]) } };
    }
    case 'coded': {
      const { codes } = weights;
      if (!codes.scales) return { kind: 'coded', codes: { ...codes, codebooks: codewords(W, codes, moments) } };
      const factors = rowFactors(W, fromCodes(codes), moments);
      return { kind: 'coded', codes: { ...codes, scales: codes.scales.map((s, i) => s * factors[i]) } };
    }
    case 'factored': {
      const { factors } = weights;
      const by = rowFactors(W, compressedToDense(weights), moments);
      const { blockSize: b } = factors;
      // Row p of block i of A belongs to row i·b + p.
      const A = factors.A.map((a, at) => a * (by[Math.floor(at / (b * b)) * b + (at % b)] ?? 1));
      return { kind: 'factored', factors: { ...factors, A } };
    }
  }
}

/** For each row the factor f for which f·ŵ is nearest to w: (ŵ·H·w)/(ŵ·H·ŵ), 1 where ŵ has no outputs. */
function rowFactors(W: DenseMatrix, approximation: DenseMatrix, moments: InputMoments): Float64Array {
  const H = dampedMoments('refit', moments, DAMPING);
  const { rows, cols } = W;
  const A = DenseMatrix.create(rows, cols, { arena: H.arena, fill: false });
  A.data.set(approximation.data);
  const product = DenseMatrix.create(rows, cols, { arena: H.arena });
  matrixProduct(A, H, product);
  const target = targetsOf(W, H);
  const [above, below] = [new Float64Array(rows), new Float64Array(rows)];
  const [p, a, t] = [product.data, A.data, target.data];
  for (let j = 0, at = 0; j < cols; j++)
    for (let i = 0; i < rows; i++, at++) {
      above[i] += a[at] * t[i * cols + j];
      below[i] += a[at] * p[at];
    }
  for (const used of [target, product, A, H]) used.free();
  return above.map((v, i) => (below[i] > 0 ? v / below[i] : 1));
}

/** The codewords of least squared error of the outputs, for codes that remain. */
function codewords(W: DenseMatrix, codes: CodedWeights, moments: InputMoments): Float32Array {
  const { rows, columns, bits, boundaries, codebooks, indices } = codes;
  const k = 2 ** bits;
  const H = dampedMoments('refit', moments, DAMPING);
  const target = targetsOf(W, H);
  const out = codebooks.slice();
  boundaries.forEach((from, g) => {
    const to = boundaries[g + 1] ?? rows;
    const normal = new Float64Array(k * k);
    const right = new Float64Array(k);
    for (let r = from; r < to; r++) {
      const own = indices.subarray(r * columns, (r + 1) * columns);
      const wanted = target.column(r);
      for (let i = 0; i < columns; i++) {
        const column = H.column(i);
        const at = own[i] * k;
        right[own[i]] += wanted[i];
        for (let j = 0; j < columns; j++) normal[at + own[j]] += column[j];
      }
    }
    // Codewords that no weight has keep their values.
    const used = Array.from({ length: k }, (_, q) => q).filter((q) => normal[q * k + q] > 0);
    const N = DenseMatrix.create(used.length, used.length, { arena: H.arena });
    for (const [a, q] of used.entries())
      for (const [b, p] of used.entries()) N.set(a, b, normal[q * k + p] * (a === b ? 1 + 1e-10 : 1));
    const factor = cholesky(N);
    const solution = factor.solve(Float64Array.from(used, (q) => right[q]));
    used.forEach((q, a) => {
      out[g * k + q] = solution[a];
    });
    factor.free();
    N.free();
  });
  for (const used of [target, H]) used.free();
  return out;
}
