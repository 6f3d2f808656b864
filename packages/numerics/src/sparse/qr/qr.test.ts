import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CscMatrix } from '../../arrays/index.ts';
import { decodePlain, encodePlain, Random } from '../../core/index.ts';
import { qr, svd } from '../../linalg/index.ts';
import { SparseQrFactor, sparseQr } from '../index.ts';
import {
  cellsOf,
  columnNorm,
  fromCells,
  matrices,
  norm1,
  normInf,
  poisson,
  rowNorm,
  shifted,
  times,
} from '../testing.ts';

const vector = (n: number, seed = 1) => {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};

/** Rank, and whether it is beyond doubt: without exchanges, remainders exceed singular values by up to the ratio of the lengths of columns. */
function rankOf(A: CscMatrix): { rank: number; clear: boolean } {
  const { singularValues } = svd(A.toDense());
  const most = singularValues[0] ?? 0;
  const rank = singularValues.filter((s) => s > 1e-7 * most).length;
  const squares = new Map<number, number>();
  for (const [i, j, v] of cellsOf(A)) {
    const k = A.rows < A.cols ? i : j;
    squares.set(k, (squares.get(k) ?? 0) + (v / (most || 1)) ** 2);
  }
  const shortest = Math.sqrt(Math.min(1, ...[...squares.values()].filter((v) => v > 0)));
  const least = 1e-14 * most * shortest;
  return { rank, clear: singularValues.every((s) => s > 1e-4 * most || s < least) };
}

test('residuals are orthogonal to the columns, for all shapes and ranks', () => {
  let [deficient, wide] = [0, 0];
  fc.assert(
    fc.property(matrices(16), fc.constantFrom('columns' as const, 'natural' as const), (A, ordering) => {
      const { rank, clear } = rankOf(A);
      if (!clear) return;
      const factor = sparseQr(A, { ordering });
      expect(factor.rank).toBe(rank);
      expect(factor.dependent.length).toBe(Math.min(A.rows, A.cols) - rank);
      if (A.rows >= A.cols) {
        const b = vector(A.rows);
        const x = factor.leastSquares(b);
        const r = times(A, x).map((v, i) => b[i] - v);
        const scale = columnNorm(A) * (norm1(b) + rowNorm(A) * norm1(x));
        expect(normInf(times(A, r, true))).toBeLessThanOrEqual(1e-13 * scale);
        for (const j of factor.dependent) expect(x[j]).toBe(0);
        if (rank < A.cols) deficient++;
      } else {
        wide++;
        // The shortest solution is a combination of rows.
        const y = times(A, vector(A.rows, 3), true);
        const b = times(A, y);
        const x = factor.leastSquares(b);
        for (let j = 0; j < A.cols; j++) expect(Math.abs(x[j] - y[j])).toBeLessThanOrEqual(1e-9 * (1 + normInf(y)));
      }
      const again = SparseQrFactor.fromPlain(
        decodePlain(encodePlain(factor.toPlain())) as ReturnType<typeof factor.toPlain>,
      );
      expect(again.rank).toBe(rank);
    }),
    { numRuns: 400 },
  );
  expect(Math.min(deficient, wide)).toBeGreaterThan(20);
});

/** A random matrix with `perRow` entries a row, of which the last `columns` columns repeat earlier ones. */
function scattered(rows: number, cols: number, perRow: number, repeated: number, seed: number): CscMatrix {
  const random = new Random(seed);
  const cells = new Map<string, [number, number, number]>();
  for (let i = 0; i < rows; i++) {
    for (let k = 0; k < perRow; k++) {
      const j = Math.floor(random.uniform() * (cols - repeated));
      cells.set(`${i} ${j}`, [i, j, random.normal()]);
    }
  }
  const all = [...cells.values()];
  for (const [i, j, v] of [...all]) if (j < repeated) all.push([i, cols - repeated + j, -2 * v]);
  return fromCells(rows, cols, all);
}

test.each([
  ['tall', 400, 150, 4, 0],
  ['with a large dense front', 260, 200, 9, 0],
  ['square', 220, 220, 3, 0],
  ['with repeated columns', 300, 180, 5, 40],
  ['wide', 150, 320, 5, 0],
] as const)(
  'fronts of many blocks, %s: least squares and rank as of dense factors',
  (_, rows, cols, perRow, repeated) => {
    const A = scattered(rows, cols, perRow, repeated, rows + cols);
    const factor = sparseQr(A);
    const T = fromCells(
      cols,
      rows,
      [...cellsOf(A)].map(([i, j, v]) => [j, i, v] as const),
    );
    const pivoted = qr((rows < cols ? T : A).toDense(), { pivoting: true });
    expect(factor.rank).toBe(pivoted.rank(1e-11));
    if (repeated > 0) expect(factor.dependent.length).toBeGreaterThanOrEqual(repeated);
    const b = rows < cols ? times(A, vector(cols, 5)) : vector(rows);
    const x = factor.leastSquares(b);
    const r = times(A, x).map((v, i) => b[i] - v);
    const scale = columnNorm(A) * (norm1(b) + rowNorm(A) * norm1(x));
    if (rows < cols) {
      expect(normInf(r)).toBeLessThanOrEqual(1e-14 * scale);
      // The shortest solution is a combination of rows: nothing of it is in the null space.
      const y = sparseQr(T).leastSquares(x);
      expect(normInf(times(A, y, true).map((v, j) => v - x[j]))).toBeLessThanOrEqual(1e-10 * normInf(x));
    } else {
      expect(normInf(times(A, r, true))).toBeLessThanOrEqual(1e-14 * scale);
    }
    const { R, order } = factor.R();
    expect(R.cols).toBe(factor.rank);
    if (factor.rank === cols) {
      const z = vector(cols, 9);
      const permuted = Float64Array.from(order, (j) => z[j]);
      const [one, other] = [times(R, permuted), times(A, z)].map((v) => Math.hypot(...v));
      expect(Math.abs(one - other)).toBeLessThanOrEqual(1e-13 * other);
    }
    factor.free();
  },
);

test('a column that a front leaves out passes its rows on', () => {
  // Columns 0 and 1 are equal, so that the front of the first has a row more for column 2 than its structure says.
  const A = fromCells(4, 3, [
    ...([0, 1] as const).flatMap((j) => [0, 1, 2].map((i) => [i, j, i + 1] as const)),
    [2, 2, 5],
    [3, 2, 1],
  ]);
  for (const ordering of ['natural', 'columns', [1, 2, 0]] as const) {
    const factor = sparseQr(A, { ordering });
    expect(factor.rank).toBe(2);
    const b = Float64Array.of(1, -2, 3, 4);
    const r = times(A, factor.leastSquares(b)).map((v, i) => b[i] - v);
    expect(normInf(times(A, r, true))).toBeLessThan(1e-14);
  }
});

test('a factor of an earlier version is told', () => {
  const plain = { ...sparseQr(fromCells(1, 1, [[0, 0, 2]])).toPlain(), valueStart: undefined };
  expect(() => SparseQrFactor.fromPlain(plain as never)).toThrow(/earlier version: factor the matrix again/);
});

test('RᵀR is AᵀA of the columns kept', () => {
  fc.assert(
    fc.property(matrices(12), (A) => {
      if (A.rows < A.cols) return;
      const { R, order } = sparseQr(A).R();
      const columns = (M: CscMatrix, j: number) => {
        const e = new Float64Array(M.cols);
        e[j] = 1;
        return times(M, e);
      };
      const dot = (x: Float64Array, y: Float64Array) => x.reduce((s, v, i) => s + v * y[i], 0);
      for (let a = 0; a < order.length; a++) {
        for (let b = 0; b < order.length; b++) {
          const [one, other] = [dot(columns(R, a), columns(R, b)), dot(columns(A, order[a]), columns(A, order[b]))];
          expect(Math.abs(one - other)).toBeLessThanOrEqual(1e-12 * columnNorm(A) ** 2);
        }
      }
      for (const [i, j] of cellsOf(R)) expect(i).toBeLessThanOrEqual(j);
    }),
    { numRuns: 60 },
  );
});

test('a grid beside the identity: a long system; and scales of 10^±150', () => {
  const P = poisson(2, 20);
  const A = fromCells(800, 400, [...cellsOf(P), ...Array.from({ length: 400 }, (_, i) => [400 + i, i, 0.1] as const)]);
  const b = vector(800);
  const x = sparseQr(A).leastSquares(b);
  const r = times(A, x).map((v, i) => b[i] - v);
  expect(normInf(times(A, r, true))).toBeLessThan(1e-12);
  for (const scale of [2 ** 500, 2 ** -500]) {
    const far = CscMatrix.fromColumns(
      800,
      400,
      A.colPointers,
      A.rowIndices,
      A.values.map((v) => v * scale),
    );
    expect(
      sparseQr(far)
        .leastSquares(b)
        .map((v) => v * scale),
    ).toEqual(x);
  }
});

test('contradictions, tolerances and what is not finite', () => {
  const twice = fromCells(2, 3, [
    [0, 0, 1],
    [1, 0, 2],
  ]);
  expect(sparseQr(twice).rank).toBe(1);
  const shortest = sparseQr(twice).leastSquares(Float64Array.of(1, 2));
  expect(shortest[0]).toBeCloseTo(1, 14);
  expect(() => sparseQr(twice).leastSquares(Float64Array.of(1, 5))).toThrow(/Row \d depends on the others/);
  const near = fromCells(2, 2, [
    [0, 0, 1],
    [1, 1, 1e-6],
  ]);
  expect([sparseQr(near).rank, sparseQr(near, { tolerance: 1e-5 }).rank]).toEqual([2, 1]);
  expect(sparseQr(shifted(fromCells(3, 3, []), 0)).rank).toBe(0);
  expect(() => sparseQr(near, { tolerance: Number.NaN })).toThrow(/tolerance/);
  expect(() => sparseQr(fromCells(1, 1, [[0, 0, Number.NaN]]))).toThrow(/NaN in row 1, column 1/);
});
