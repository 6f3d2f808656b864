import { DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import { inOnePlace, largestOf, Random, type SplitRows, sumOverRows } from '@southwell/numerics/core';
import { randomizedSvd } from '@southwell/numerics/krylov';
import { drawNormals, splitSum } from '@southwell/numerics/linalg';

/**
 * Non-negative double SVD (Boutsidis and Gallopoulos 2008); for `nndsvda` its zeros are replaced by the mean of X divided by
 * the square root of the largest entry, as factors have the square root of the units of X; or half-normal random numbers
 * on the scale of X.
 */
export const startTitles = {
  nndsvda: 'from singular vectors, no zeros',
  nndsvd: 'from singular vectors',
  random: 'random',
} as const;

export type NmfStart = keyof typeof startTitles;

/**
 * Initial W (rank × rows) and H (rank × cols), in X's arena; with `split` the rows are those of this rank. O(6 · rank ·
 * values of X).
 */
export function nmfStart(
  X: Matrix,
  rank: number,
  start: NmfStart,
  seed: number,
  split: SplitRows,
): { W: DenseMatrix; H: DenseMatrix } {
  const { rows, cols, arena } = X;
  const W = DenseMatrix.create(rank, rows, { arena });
  const H = DenseMatrix.create(rank, cols, { arena });
  const values = X.kind === 'dense' ? X.data : X.values;
  let most = 0;
  for (let at = 0; at < values.length; at++) most = Math.max(most, values[at]);
  const largest = largestOf(split, most);
  const mean = splitSum(X, split) / (split.all * cols);
  if (start === 'random') {
    const random = new Random(seed);
    const size = Math.sqrt(mean / rank);
    drawNormals(W.data, random, rank, split);
    drawNormals(H.data, random, rank, inOnePlace(cols));
    for (const { data } of [W, H]) for (let at = 0; at < data.length; at++) data[at] = size * Math.abs(data[at]);
    return { W, H };
  }
  const { U, V, singularValues } = randomizedSvd(X, { rank, seed, rows: split });
  for (let a = 0; a < rank; a++) {
    const [u, v] = [U.column(a), V.column(a)];
    // The larger of the positive and negative parts of a singular pair; the leading pair has only one.
    const parts = [1, -1].map((sign) => {
      const square = (t: number) => Math.max(0, sign * t) ** 2;
      const norm = (x: Float64Array) => Math.sqrt(x.reduce((s, t) => s + square(t), 0));
      return { sign, u: Math.sqrt(sumOverRows(split, (i) => square(u[i]))), v: norm(v) };
    });
    const best = parts[0].u * parts[0].v >= parts[1].u * parts[1].v ? parts[0] : parts[1];
    if (!(best.u > 0 && best.v > 0)) continue;
    const size = Math.sqrt(singularValues[a] * best.u * best.v);
    for (const [M, x, norm] of [
      [W, u, best.u],
      [H, v, best.v],
    ] as const) {
      const { data } = M;
      for (let i = 0; i < x.length; i++) data[i * rank + a] = clean((size * Math.max(0, best.sign * x[i])) / norm);
    }
  }
  for (const M of [U, V]) M.free();
  if (start === 'nndsvda' && largest > 0) {
    const fill = mean / Math.sqrt(largest);
    for (const { data } of [W, H]) for (let at = 0; at < data.length; at++) if (data[at] === 0) data[at] = fill;
  }
  return { W, H };
}

/** Sets rounding errors to zero. */
const clean = (v: number): number => (v < 1e-300 ? 0 : v);
