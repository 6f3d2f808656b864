import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { decodePlain, encodePlain, Random } from '../../core/index.ts';
import { lu, svd } from '../../linalg/index.ts';
import {
  analyseLu,
  columnOrder,
  conditionEstimate,
  type LuOptions,
  luFromPlain,
  type PlainLu,
  sparseLu,
} from '../index.ts';
import { type Cell, cellsOf, columnNorm, fromCells, matrices, poisson, shifted, solveRatio } from '../testing.ts';

const vector = (n: number, seed = 1) => {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};
const orderings = ['auto', 'columns', 'symmetric', 'natural'] as const;

test('regular systems of all patterns are solved, either way round, and their determinants are the dense ones', () => {
  let solved = 0;
  fc.assert(
    fc.property(
      matrices(16, true),
      fc.constantFrom(...orderings),
      fc.boolean(),
      fc.constantFrom('columns' as const, 'fronts' as const),
      (drawn, ordering, full, method) => {
        // Half of them with a diagonal, which makes most of them regular.
        const A = full ? shifted(drawn, 0.75) : drawn;
        const factor = sparseLu(A, { ordering, method });
        const dense = lu(A.toDense());
        if (dense.reciprocalCondition() < 1e-10) return;
        solved++;
        const b = vector(A.rows);
        expect(solveRatio(A, factor.solve(b), b)).toBeLessThan(100);
        expect(solveRatio(A, factor.solveTransposed(b), b, true)).toBeLessThan(100);
        const [one, other] = [factor.determinant(), dense.determinant()];
        expect(one.sign).toBe(other.sign);
        expect(one.log).toBeCloseTo(other.log, 7);
        const plain = decodePlain(encodePlain(factor.toPlain())) as PlainLu;
        expect(luFromPlain(plain).solve(b)).toEqual(factor.solve(b));
      },
    ),
    { numRuns: 400 },
  );
  expect(solved).toBeGreaterThan(100);
});

test('PRAQ = LU to rounding', () => {
  fc.assert(
    fc.property(matrices(14, true), fc.constantFrom(...orderings), (A, ordering) => {
      const f = sparseLu(A, { ordering, method: 'columns' }).toPlain() as Extract<
        PlainLu,
        { kind: 'sparse lu, columns' }
      >;
      const n = A.rows;
      const [L, U] = [DenseMatrix.create(n, n), DenseMatrix.create(n, n)];
      for (let s = 0; s < f.offsets.length; s++) {
        const [j0, r0, m] = [f.first[s], f.starts[s], f.starts[s + 1] - f.starts[s]];
        for (let c = 0; j0 + c < f.first[s + 1]; c++) {
          expect(f.rows[r0 + c]).toBe(j0 + c);
          for (let r = 0; r < m; r++) (r > c ? L : U).set(f.rows[r0 + r], j0 + c, f.values[f.offsets[s] + c * m + r]);
          for (let q = f.upperPointers[j0 + c]; q < f.upperPointers[j0 + c + 1]; q++) {
            U.set(f.upperRows[q], j0 + c, f.upperValues[q]);
          }
        }
      }
      for (let k = 0; k < n; k++) {
        L.set(k, k, 1);
        expect(U.get(k, k)).toBe(f.diagonal[k]);
      }
      const dense = A.toDense();
      let [worst, misplaced] = [0, 0];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = -f.scales[f.rowOrder[i]] * dense.get(f.rowOrder[i], f.columnOrder[j]);
          let size = 0;
          for (let k = 0; k < n; k++) {
            sum += L.get(i, k) * U.get(k, j);
            size += Math.abs(L.get(i, k) * U.get(k, j));
            if (i < k && L.get(i, k) !== 0) misplaced++;
            if (i > k && U.get(i, k) !== 0) misplaced++;
          }
          worst = Math.max(worst, Math.abs(sum) - (n + 2) * Number.EPSILON * size);
        }
      }
      expect(misplaced).toBe(0);
      expect(worst).toBeLessThanOrEqual(0);
    }),
    { numRuns: 200 },
  );
});

test('supernodes, and a rest that is factored as a dense matrix', () => {
  const random = new Random(4);
  for (const [n, perColumn, size] of [
    [120, 3, 1],
    [300, 4, 1],
    [240, 1, 6],
  ]) {
    // Random entries, and blocks of columns with the same rows.
    const cells = new Map<number, Cell>();
    const add = (i: number, j: number) => cells.set(i * n + j, [i, j, random.normal()]);
    for (let j = 0; j < n; j++) {
      for (let k = 0; k < perColumn; k++) add(Math.floor(random.uniform() * n), j);
      for (let i = j - (j % size); i < j - (j % size) + size; i++) add((7 * i + 3) % n, j);
    }
    const A = fromCells(n, n, [...cells.values()]);
    for (const threshold of [1, 0.1]) {
      const factor = sparseLu(A, { ordering: 'columns', threshold });
      const plain = factor.toPlain() as Extract<PlainLu, { kind: 'sparse lu, columns' }>;
      expect(plain.offsets.length).toBeLessThan(n);
      if (perColumn > 1)
        expect(plain.first[plain.offsets.length] - plain.first[plain.offsets.length - 1]).toBeGreaterThan(31);
      const b = vector(n);
      expect(solveRatio(A, factor.solve(b), b)).toBeLessThan(100);
      expect(solveRatio(A, factor.solveTransposed(b), b, true)).toBeLessThan(100);
      const [one, other] = [factor.determinant(), lu(A.toDense()).determinant()];
      expect(one.sign).toBe(other.sign);
      expect(one.log).toBeCloseTo(other.log, 7);
    }
  }
});

test('full rows are pivots last: they do not fill the factors', () => {
  const random = new Random(8);
  const [n, full] = [2500, 20];
  const cells: Cell[] = [];
  for (let j = 0; j < n - full; j++) {
    for (const [i, v] of [
      [j - 1, -1.2],
      [j, 2.5],
      [j + 1, 1],
    ]) {
      if (i >= 0 && i < n - full) cells.push([(i + 7) % n, j, v]);
    }
    for (let i = n - full; i < n; i++) {
      if (random.uniform() < 0.25) cells.push([(i + 7) % n, j, random.uniform()]);
    }
  }
  for (let i = 0; i < n; i++) {
    for (let j = n - full; j < n; j++) if (random.uniform() < 0.25) cells.push([(i + 7) % n, j, random.normal()]);
  }
  const A = fromCells(n, n, cells);
  const factor = sparseLu(A);
  expect(factor.factorEntries).toBeLessThan(4 * A.nnz);
  const b = vector(n);
  expect(solveRatio(A, factor.solve(b), b)).toBeLessThan(1000);
});

test('a factor of an earlier version is told', () => {
  const plain = { ...sparseLu(fromCells(1, 1, [[0, 0, 2]]), { method: 'columns' }).toPlain(), offsets: undefined };
  expect(() => luFromPlain(plain as never)).toThrow(/earlier version: factor the matrix again/);
});

test('singular matrices say so, and which column is to blame', () => {
  const empty = fromCells(3, 3, [
    [0, 0, 1],
    [2, 2, 1],
  ]);
  expect(sparseLu(empty).determinant()).toEqual({ sign: 0, log: Number.NEGATIVE_INFINITY, value: 0 });
  expect(sparseLu(empty).reciprocalCondition()).toBe(0);
  expect(conditionEstimate(sparseLu(empty))).toBe(Number.POSITIVE_INFINITY);
  expect(() => sparseLu(empty).solve(new Float64Array(3))).toThrow(
    /structurally singular.* at most 2 of 3. Column 2 is/,
  );
  const twins = CscMatrix.fromDense(
    DenseMatrix.fromRows([
      [1, 2, 0],
      [2, 4, 1],
      [3, 6, 5],
    ]),
  );
  expect(() => sparseLu(twins, { ordering: 'natural' }).solve(new Float64Array(3))).toThrow(/column 2 depends/);
  expect(sparseLu(twins, { ordering: 'natural' }).zeroPivot).toBe(1);
  fc.assert(
    fc.property(matrices(10, true), (A) => {
      const rank = svd(A.toDense()).singularValues.filter((s) => s > 1e-9).length;
      // Entries of a small integer matrix cancel exactly or by no little.
      if (rank === A.rows || [...cellsOf(A)].some(([, , v]) => !Number.isInteger(v))) return;
      expect(sparseLu(A).reciprocalCondition()).toBeLessThan(1e-14);
    }),
  );
});

test('after a column of which nothing is left the others are still found', () => {
  const twins = fromCells(3, 3, [
    [0, 0, 1],
    [1, 0, 1],
    [2, 0, 1],
    [0, 1, 1],
    [1, 1, 1],
    [2, 1, 1],
    [0, 2, 1],
  ]);
  const { diagonal } = sparseLu(twins, { ordering: 'natural', method: 'columns' }).toPlain();
  expect(Array.from(diagonal, Math.sign)).toEqual([1, 0, -1]);
});

test('a zero diagonal, saddle points, and large unsymmetric systems', () => {
  const cycle: Cell[] = Array.from({ length: 50 }, (_, i) => [i, (i + 1) % 50, i + 1]);
  const b = vector(50);
  const x = sparseLu(fromCells(50, 50, cycle)).solve(b);
  cycle.forEach(([i, j, v]) => {
    expect(x[j]).toBeCloseTo(b[i] / v, 14);
  });
  const random = new Random(5);
  const n = 800;
  const cells: Cell[] = [];
  for (let i = 0; i < n; i++) {
    cells.push([i, (7 * i + 3) % n, 1 + random.uniform()]);
    for (let t = 0; t < 2; t++)
      cells.push([i, Math.min(n - 1, Math.floor(random.uniform() * 40) + Math.floor(i / 40) * 40), random.normal()]);
  }
  const A = fromCells(n, n, cells);
  const c = vector(n);
  for (const [ordering, method] of [
    ['columns', 'columns'],
    ['symmetric', 'columns'],
    ['columns', 'fronts'],
    ['symmetric', 'fronts'],
  ] as const) {
    const factor = sparseLu(A, { ordering, method });
    expect(solveRatio(A, factor.solve(c), c)).toBeLessThan(30);
    expect(solveRatio(A, factor.solveTransposed(c), c, true)).toBeLessThan(30);
  }
});

test('on grids pivots stay on the diagonal, and the order keeps fill low', () => {
  const A = poisson(2, 40);
  const factor = sparseLu(A, { method: 'columns' });
  expect(factor.factorEntries).toBeLessThan(62 * 1600);
  const { rowOrder, columnOrder: columns } = factor.toPlain();
  expect(rowOrder).toEqual(columns);
  const b = vector(1600);
  expect(solveRatio(A, factor.solve(b), b)).toBeLessThan(1);
  expect(sparseLu(A, { ordering: 'columns' }).factorEntries).toBeLessThan(150 * 1600);
});

test('orders of columns are permutations, dense rows and empty ones among them', () => {
  fc.assert(
    fc.property(matrices(25), (A) => {
      expect(Array.from(columnOrder(A)).sort((a, b) => a - b)).toEqual(Array.from({ length: A.cols }, (_, j) => j));
    }),
  );
  const row: Cell[] = Array.from({ length: 1000 }, (_, j) => [0, j, 1]);
  expect(columnOrder(fromCells(5, 1000, row)).length).toBe(1000);
});

test('scales of rows are no matter, and what is not finite is refused', () => {
  const A = poisson(2, 6);
  const b = vector(36);
  const x = sparseLu(A).solve(b);
  const cells = [...cellsOf(A)].map(([i, j, v]): Cell => [i, j, v * 2 ** (i % 2 ? 498 : -498)]);
  const far = sparseLu(fromCells(36, 36, cells)).solve(b.map((v, i) => v * 2 ** (i % 2 ? 498 : -498)));
  expect(far).toEqual(x);
  expect(columnNorm(A)).toBe(8);
  expect(() => sparseLu(fromCells(1, 1, [[0, 0, Number.POSITIVE_INFINITY]]))).toThrow(/Infinity in row 1, column 1/);
  expect(() => sparseLu(A, { threshold: 0 })).toThrow(/must be above 0/);
  expect(() => sparseLu(A, { orderings: 'x' } as LuOptions)).toThrow(/orderings/);
});

test('an analysis serves other values of the same pattern, by columns and by fronts, and no other pattern', () => {
  const A = poisson(2, 12);
  const values = A.values.map((v, k) => v + (k % 7) / 10);
  const other = CscMatrix.fromColumns(144, 144, A.colPointers, A.rowIndices, values);
  const b = vector(144);
  for (const method of ['columns', 'fronts'] as const) {
    const analysis = analyseLu(A, { method });
    for (const M of [A, other]) {
      expect(solveRatio(M, analysis.factor(M).solve(b), b)).toBeLessThan(30);
      expect(analysis.factor(M).solve(b)).toEqual(sparseLu(M, { method }).solve(b));
    }
    expect(() => analysis.factor(shifted(fromCells(144, 144, [[143, 0, 1]]), 1))).toThrow(/analyse it again/);
  }
});
