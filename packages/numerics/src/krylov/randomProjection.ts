import type { DenseMatrix } from '../arrays/index.ts';
import { inOnePlace, Random } from '../core/index.ts';
import { gramMatrix, innerProducts, matrixProduct, orthonormaliseRows, rowGram, type Svd } from '../linalg/index.ts';
import type { Operator } from '../operators/index.ts';
import { BlockBasis, fillNormal, firstRows, leadingVectors, place, scaleBy, scaleOf, splitRows } from './blockBasis.ts';
import { type Gram, splitShortGram } from './splitGram.ts';

interface Sizes {
  readonly rank: number;
  readonly block: number;
  readonly powers: number;
  readonly seed: number;
}

/** Shorter sides up to this length, or up to twice the block, are used entirely if the basis would span them. */
const WHOLE = 64;

/** The best triplets in the block Krylov space of a random block and XXᵀ; see {@link randomizedSvd}. */
export function randomProjection(A: Operator, sizes: Sizes): Svd {
  const { rank, block, powers, seed } = sizes;
  const random = new Random(seed);
  // The basis is on the shorter side, of length n.
  const flip = A.rows < A.cols;
  const n = Math.min(A.rows, A.cols);
  const [here, across] = flip ? [A.own, A.cols] : [A.cols, A.own];
  const held: DenseMatrix[] = [];
  try {
    const spans = (powers + 1) * block >= n && n <= Math.max(WHOLE, 2 * block);
    const V = spans ? A.wide(n, here) : chosen(A, sizes, random);
    held.push(V);
    if (spans) {
      V.data.fill(0);
      const first = flip ? A.split.first : 0;
      for (let i = 0; i < here; i++) V.set(first + i, i, 1);
    }
    // Squared quantities served only to select V; the triplets are computed from its image.
    const Y = A.wide(V.rows, across);
    held.push(Y);
    A.times(V, Y, !flip);
    const { P, s, R, Q } = splitRows(Y, random, flip ? inOnePlace(A.cols) : A.split);
    held.push(Q);
    return flip ? A.finish(V, P, s, Q, R, rank) : A.finish(Q, R, s, V, P, rank);
  } finally {
    for (const M of held) M.free();
  }
}

/**
 * The leading eigenvectors of XXᵀ within the block Krylov space, rank × n. Images of the basis on the longer side are
 * not stored: one product with few rows recomputes what is needed of them later.
 */
function chosen(A: Operator, { rank, block, powers }: Sizes, random: Random): DenseMatrix {
  const flip = A.rows < A.cols;
  const n = Math.min(A.rows, A.cols);
  const across = flip ? A.cols : A.own;
  const most = Math.min(n, (powers + 1) * block);
  const gram = n <= GRAM * most ? (A.split.spread ? splitShortGram(A, A.split) : shortGram(A)) : undefined;
  // If the Gram matrix is on all ranks, the whole basis is too.
  const split = flip && !gram ? A.split : inOnePlace(n);
  const here = split.own;
  const splitAcross = flip ? inOnePlace(A.cols) : A.split;
  const basis = new BlockBasis(A, random, split);
  try {
    // Multiplied by X first, or by XXᵀ a few times if that is cheap, which reduces directions with small singular
    // values.
    let V = A.wide(block, here);
    const start = A.wide(block, gram ? n : across);
    fillNormal(start, random, gram ? inOnePlace(n) : splitAcross);
    for (let product = 0; product < (gram ? GRAM_STARTS : 1); product++) {
      if (product > 0) start.data.set(V.data);
      if (gram) matrixProduct(start, gram.G, V);
      else A.times(start, V, flip);
      orthonormaliseRows(V, random, split);
    }
    start.free();
    // The projection of XXᵀ onto the basis, divided by `unit`, from the products used for orthogonalisation.
    const T = new Float64Array(most * most);
    let unit = gram?.unit ?? 0;
    for (let total = 0; ; ) {
      basis.adopt(V);
      const from = total;
      total += V.rows;
      const grow = Math.min(V.rows, most - total);
      const Z = A.wide(V.rows, grow > 0 || gram ? here : V.rows);
      if (gram) matrixProduct(V, gram.G, Z);
      else {
        const Y = A.wide(V.rows, across);
        A.times(V, Y, !flip);
        unit ||= scaleOf(Y, splitAcross);
        scaleBy(Y, 1 / unit);
        // For the last block only VXXᵀVᵀ is needed.
        if (grow > 0) A.times(Y, Z, flip);
        else if (splitAcross.spread) {
          rowGram(Y, Z, splitAcross);
          scaleBy(Z, unit);
        } else matrixProduct(Y, Y, Z, { transB: true, alpha: unit });
        Y.free();
      }
      if (grow > 0) {
        basis.projectInto(T, most, from, Z);
        const next = firstRows(A, Z, grow);
        basis.makeOrthonormal(next);
        const R = A.wide(V.rows, grow);
        innerProducts(Z, next, R, split);
        place(T, most, R, from, total);
        R.free();
        V = next;
      } else if (gram) {
        const own = A.wide(V.rows, V.rows);
        innerProducts(Z, V, own, split);
        place(T, most, own, from, from);
        own.free();
      } else place(T, most, Z, from, from);
      Z.free();
      if (grow === 0) break;
    }
    const best = basis.combine(leadingVectors(T, most, most, rank).E, rank);
    if (!(flip && gram && A.own < n)) return best;
    // The local rows.
    const own = A.wide(rank, A.own);
    own.data.set(best.data.subarray(rank * A.split.first, rank * (A.split.first + A.own)));
    best.free();
    return own;
  } finally {
    basis.free();
    gram?.G.free();
  }
}

/**
 * XXᵀ is formed if the shorter side is at most this many times the size of the basis: it costs at most half more than
 * the products that it saves, and the first block becomes more accurate.
 */
const GRAM = 8;
/** Number of products of the first block with XXᵀ, if that was formed. */
const GRAM_STARTS = 4;
/** Number of values of X per piece in {@link shortGram}. */
const PIECE = 1 << 20;

/**
 * G = XXᵀ/unit for the shorter side of dense data, optionally centred; undefined for sparse data. For centred or scaled
 * data it is summed over pieces of the longer side, which avoids a second copy of X. O(n² · across), at the speed of
 * syrk.
 */
function shortGram(A: Operator): Gram | undefined {
  const { matrix: X, mean } = A;
  if (X.kind !== 'dense') return undefined;
  const flip = A.rows < A.cols;
  const [n, across] = flip ? [A.rows, A.cols] : [A.cols, A.rows];
  const unit = scaleOf(X, inOnePlace(X.cols));
  const G = A.wide(n, n);
  if (unit === 1 && !mean) {
    gramMatrix(X, G, { transpose: flip });
    return { G, unit };
  }
  G.data.fill(0);
  const term = A.wide(n, n);
  const length = Math.min(across, Math.max(n, Math.ceil(PIECE / n)));
  for (let from = 0; from < across; from += length) {
    const count = Math.min(length, across - from);
    const piece = flip ? A.wide(n, count) : A.wide(count, n);
    for (let j = 0; j < piece.cols; j++) {
      const column = piece.column(j);
      column.set(flip ? X.column(from + j) : X.column(j).subarray(from, from + count));
      if (mean) for (let i = 0; i < column.length; i++) column[i] -= mean[flip ? from + j : j];
    }
    scaleBy(piece, 1 / unit);
    gramMatrix(piece, term, { transpose: flip });
    const [sum, more] = [G.data, term.data];
    for (let at = 0; at < sum.length; at++) sum[at] += more[at];
    piece.free();
  }
  term.free();
  scaleBy(G, unit);
  return { G, unit };
}
