import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';

/** Helpers of the tests of this folder: plain arrays and textbook formulas, without code shared with what is tested. */

export type Rows = number[][];

export function randomRows(
  n: number,
  p: number,
  seed: number,
  options: { density?: number; spread?: number } = {},
): Rows {
  const random = new Random(seed);
  const { density = 1, spread = 0 } = options;
  const scale = Array.from({ length: p }, () => 10 ** (spread * (random.uniform() - 0.5)));
  return Array.from({ length: n }, () =>
    Array.from({ length: p }, (_, j) => (random.uniform() < density ? (random.normal() + 0.3) * scale[j] : 0)),
  );
}

export const toDense = (rows: Rows): DenseMatrix => DenseMatrix.fromRows(rows);

export const times = (A: Rows, x: ArrayLike<number>): number[] =>
  A.map((row) => row.reduce((s, v, j) => s + v * x[j], 0));

export const transposed = (A: Rows): Rows => A[0].map((_, j) => A.map((row) => row[j]));

export const gram = (A: Rows, weights?: number[]): Rows => {
  const T = transposed(A);
  return T.map((a) => T.map((b) => a.reduce((s, v, r) => s + v * b[r] * (weights ? weights[r] : 1), 0)));
};

export const submatrix = (H: Rows, block: ArrayLike<number>): Rows =>
  Array.from(block, (i) => Array.from(block, (j) => H[i][j]));

/** Gaussian elimination with partial pivoting. */
export function solve(A: Rows, b: number[]): number[] {
  const n = b.length;
  const M = A.map((row, i) => [...row, b[i]]);
  for (let c = 0; c < n; c++) {
    let pivot = c;
    for (let r = c + 1; r < n; r++) if (Math.abs(M[r][c]) > Math.abs(M[pivot][c])) pivot = r;
    [M[c], M[pivot]] = [M[pivot], M[c]];
    for (let r = c + 1; r < n; r++) {
      const f = M[r][c] / M[c][c];
      for (let k = c; k <= n; k++) M[r][k] -= f * M[c][k];
    }
  }
  const x = new Array<number>(n).fill(0);
  for (let r = n - 1; r >= 0; r--) {
    let s = M[r][n];
    for (let k = r + 1; k < n; k++) s -= M[r][k] * x[k];
    x[r] = s / M[r][r];
  }
  return x;
}

/** All eigenvalues by Jacobi rotations. */
export function eigenvalues(A: Rows): number[] {
  const n = A.length;
  const M = A.map((row) => [...row]);
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        if (M[p][q] === 0) continue;
        off += M[p][q] ** 2;
        const theta = (M[q][q] - M[p][p]) / (2 * M[p][q]);
        const t = (theta >= 0 ? 1 : -1) / (Math.abs(theta) + Math.hypot(theta, 1));
        const c = 1 / Math.hypot(t, 1);
        const s = t * c;
        for (let k = 0; k < n; k++) {
          const [a, b] = [M[k][p], M[k][q]];
          M[k][p] = c * a - s * b;
          M[k][q] = s * a + c * b;
        }
        for (let k = 0; k < n; k++) {
          const [a, b] = [M[p][k], M[q][k]];
          M[p][k] = c * a - s * b;
          M[q][k] = s * a + c * b;
        }
      }
    }
    if (off < 1e-300) break;
  }
  return M.map((row, i) => row[i]).sort((a, b) => a - b);
}

export function subsets(n: number, k: number): number[][] {
  const out: number[][] = [];
  const grow = (from: number, chosen: number[]) => {
    if (chosen.length === k) out.push(chosen);
    else for (let i = from; i < n; i++) grow(i + 1, [...chosen, i]);
  };
  grow(0, []);
  return out;
}

/** Indices of the k largest scores, ties to the lowest index, ascending. */
export const topK = (scores: number[], k: number): number[] =>
  scores
    .map((s, i) => [s, i])
    .sort((a, b) => b[0] - a[0] || a[1] - b[1])
    .slice(0, k)
    .map((t) => t[1])
    .sort((a, b) => a - b);
