// Shared by the tests of factorisations. Not exported from this folder.
import { DenseMatrix } from '../../arrays/index.ts';
import { Random } from '../../core/index.ts';

export type Entry = (i: number, j: number) => number;

/** The m × n matrix with the given entries, indexed from 0. */
export function from(m: number, n: number, entry: Entry): DenseMatrix {
  const A = DenseMatrix.create(m, n);
  for (let j = 0; j < n; j++) for (let i = 0; i < m; i++) A.set(i, j, entry(i, j));
  return A;
}

export function normals(m: number, n: number, seed: number): DenseMatrix {
  const random = new Random(seed);
  return from(m, n, () => random.normal());
}

export function symmetricNormals(n: number, seed: number): DenseMatrix {
  const A = normals(n, n, seed);
  return from(n, n, (i, j) => A.get(i, j) + A.get(j, i));
}

/** Plain product, with optional transposition of either factor. */
export function times(A: DenseMatrix, B: DenseMatrix, transA = false, transB = false): DenseMatrix {
  const [m, k] = transA ? [A.cols, A.rows] : [A.rows, A.cols];
  const n = transB ? B.rows : B.cols;
  return from(m, n, (i, j) => {
    let sum = 0;
    for (let p = 0; p < k; p++) sum += (transA ? A.get(p, i) : A.get(i, p)) * (transB ? B.get(j, p) : B.get(p, j));
    return sum;
  });
}

/** max |A − B|. */
export function distance(A: DenseMatrix, B: DenseMatrix): number {
  if (A.rows !== B.rows || A.cols !== B.cols) return Number.POSITIVE_INFINITY;
  let most = 0;
  for (let k = 0; k < A.data.length; k++) {
    const d = Math.abs(A.data[k] - B.data[k]);
    if (!(d <= most)) most = d;
  }
  return most;
}

export function largest(A: DenseMatrix): number {
  return A.data.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
}

/** max |QᵀQ − I|. */
export function nonOrthogonality(Q: DenseMatrix): number {
  return distance(
    times(Q, Q, true),
    from(Q.cols, Q.cols, (i, j) => (i === j ? 1 : 0)),
  );
}

/** The matrix times a vector. */
export function apply(A: DenseMatrix, x: ArrayLike<number>): Float64Array {
  return Float64Array.from({ length: A.rows }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < A.cols; j++) sum += A.get(i, j) * x[j];
    return sum;
  });
}

/** Sizes around the block sizes. */
export const SIZES = [0, 1, 2, 3, 7, 8, 9, 31, 47, 48, 49, 50, 97, 130];
export const EPS = Number.EPSILON;
