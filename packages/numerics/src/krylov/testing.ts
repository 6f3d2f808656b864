// Shared by the quick and the long tests of eigenproblems. Not exported from the package.
import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { Random } from '../core/index.ts';
import { algebraicMultigrid } from '../iterative/index.ts';
import { eigenSymmetric, multiply } from '../linalg/index.ts';
import { type EigenPairs, lobpcg, thickRestartLanczos } from './index.ts';

/**
 * The five-point Laplacian of a rectangle with Dirichlet boundary conditions, and its eigenvalues in ascending order.
 */
export function rectangle(m: number, w: number) {
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  const add = (i: number, j: number, v: number) => {
    rows.push(i);
    cols.push(j);
    values.push(v);
  };
  for (let i = 0; i < m * w; i++) {
    add(i, i, 4);
    for (const [j, there] of [
      [i - 1, i % w > 0],
      [i + 1, i % w < w - 1],
      [i - w, i >= w],
      [i + w, i < (m - 1) * w],
    ] as const) {
      if (there) add(i, j, -1);
    }
  }
  const side = (t: number, n: number) => 2 - 2 * Math.cos((t * Math.PI) / (n + 1));
  const exact = Array.from({ length: m * w }, (_, t) => side(1 + (t % w), w) + side(1 + Math.floor(t / w), m));
  return { A: CscMatrix.fromTriplets(m * w, m * w, rows, cols, values), exact: exact.sort((a, b) => a - b) };
}

/** The Laplacian of a path or a cycle, and its eigenvalues in ascending order. */
export function line(n: number, closed: boolean) {
  const [rows, cols, values]: [number[], number[], number[]] = [[], [], []];
  for (let i = 0; i < (closed ? n : n - 1); i++) {
    const j = (i + 1) % n;
    rows.push(i, j, i, j);
    cols.push(i, j, j, i);
    values.push(1, 1, -1, -1);
  }
  const exact = Array.from({ length: n }, (_, t) => 2 - 2 * Math.cos(((closed ? 2 : 1) * t * Math.PI) / n));
  return { A: CscMatrix.fromTriplets(n, n, rows, cols, values), exact: exact.sort((a, b) => a - b) };
}

/** Checks eigenvalues, orthonormality of the vectors, residuals by products, and the status. */
export function holds(A: CscMatrix, found: EigenPairs, exact: readonly number[], B?: CscMatrix): void {
  const { values, vectors, residuals, solution } = found;
  const n = A.rows;
  expect(solution.status).toBe('converged');
  const size = Math.max(...exact.map(Math.abs), 1e-300);
  values.forEach((v, c) => {
    expect(Math.abs(v - exact[c])).toBeLessThan(1e-9 * size);
  });
  const [image, other] = [new Float64Array(n), new Float64Array(n)];
  for (let c = 0; c < values.length; c++) {
    const x = vectors.column(c).slice();
    multiply(A, x, image);
    if (B) multiply(B, x, other);
    else other.set(x);
    const residual = Math.hypot(...image.map((v, i) => v - values[c] * other[i])) / Math.hypot(...x);
    expect(residual).toBeLessThan(1e-8 * size);
    expect(residuals[c]).toBeLessThanOrEqual(1e-10);
    for (let d = 0; d <= c; d++) {
      const inner = vectors.column(d).reduce((sum, v, i) => sum + v * other[i], 0);
      expect(inner).toBeCloseTo(c === d ? 1 : 0, 10);
    }
  }
}

export const descending = (values: readonly number[]) => [...values].reverse();

/** Tests a number of eigenpairs of a square of the given side, and leading ones of paths and cycles. */
export function knownSpectra({
  pairs,
  side,
  leading,
}: {
  readonly pairs: readonly number[];
  readonly side: number;
  readonly leading: readonly number[];
}): void {
  describe('known spectra', () => {
    test.each(pairs)('a square, whose eigenvalues come in pairs: %i of them', (k) => {
      const { A, exact } = rectangle(side, side);
      const M = algebraicMultigrid(A);
      holds(A, lobpcg(A, k), exact);
      holds(A, lobpcg(A, k, { preconditioner: M }), exact);
      holds(A, lobpcg(A, k, { which: 'largest' }), descending(exact));
      holds(A, thickRestartLanczos(A, k), descending(exact));
      holds(A, thickRestartLanczos(A, k, { which: 'smallest' }), exact);
    });

    test.each([
      ['a path', line(150, false)],
      ['a cycle, in which all but one or two come twice', line(150, true)],
      ['a small cycle', line(7, true)],
    ])('%s', (_, { A, exact }) => {
      for (const k of leading) {
        holds(A, thickRestartLanczos(A, k), descending(exact));
        holds(A, thickRestartLanczos(A, k, { which: 'smallest' }), exact);
        holds(A, lobpcg(A, k), exact);
      }
    });
  });
}

/** Compares results for random matrices of the given sizes with the dense method. */
export function besideDense(rows: readonly number[]): void {
  const random = new Random(3);
  describe('random matrices beside the dense method', () => {
    test.each(rows)('%i rows', (n) => {
      const dense = DenseMatrix.create(n, n);
      for (let i = 0; i < n; i++) for (let j = 0; j <= i; j++) dense.set(i, j, random.normal());
      for (let i = 0; i < n; i++) for (let j = 0; j < i; j++) dense.set(j, i, dense.get(i, j));
      const A = CscMatrix.fromDense(dense);
      const exact = Array.from(eigenSymmetric(dense).values);
      for (const k of new Set([1, Math.min(n, 3), Math.min(n, 8)])) {
        holds(A, thickRestartLanczos(A, k), descending(exact));
        holds(A, thickRestartLanczos(A, k, { which: 'smallest' }), exact);
        holds(A, lobpcg(A, k), exact);
        holds(A, lobpcg(A, k, { which: 'largest' }), descending(exact));
      }
      if (n <= 10) holds(A, thickRestartLanczos(A, n), descending(exact));
      if (n <= 40) holds(A, lobpcg(A, n), exact);
    });
  });
}
