import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { decodePlain, encodePlain, Random } from '../core/index.ts';
import { cholesky, lu } from '../linalg/index.ts';
import { amd, analyse, CholeskyFactor, conditionEstimate, sparseCholesky, sparseLdlt, sparseLu } from './index.ts';
import { inverted, lowerGraph } from './pattern.ts';
import { type Cell, cellsOf, fromCells, poisson, rowNorm, shifted, solveRatio, symmetricMatrices } from './testing.ts';
import { columnCounts, eliminationTree, postorder } from './tree.ts';

const vector = (n: number, seed = 1) => {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};
const definite = (most: number) => symmetricMatrices(most).map((A) => shifted(A, 1 + rowNorm(A)));

test('solves as the dense factor does, whatever the pattern and the order', () => {
  fc.assert(
    fc.property(definite(24), fc.constantFrom('amd', 'natural'), (A, ordering) => {
      const dense = cholesky(A.toDense());
      const factor = sparseCholesky(A, { ordering: ordering as 'amd' });
      const b = vector(A.rows);
      const x = factor.solve(b);
      expect(solveRatio(A, x, b)).toBeLessThan(30);
      const other = dense.solve(b);
      for (let i = 0; i < b.length; i++) expect(x[i]).toBeCloseTo(other[i], 9);
      expect(factor.logDeterminant()).toBeCloseTo(dense.logDeterminant(), 8);
      const plain = decodePlain(encodePlain(factor.toPlain())) as ReturnType<typeof factor.toPlain>;
      expect(CholeskyFactor.fromPlain(plain).solve(b)).toEqual(x);
    }),
    { numRuns: 150 },
  );
});

test('amd names each row once and the counts are those of the factor', () => {
  fc.assert(
    fc.property(symmetricMatrices(30), (A) => {
      const n = A.rows;
      const first = amd(A);
      expect(Array.from(first).sort((a, b) => a - b)).toEqual(Array.from({ length: n }, (_, i) => i));
      const graph = lowerGraph(A);
      const post = postorder(eliminationTree(graph, first, inverted(first)));
      const order = post.map((k) => first[k]);
      const inverse = inverted(order);
      const parent = eliminationTree(graph, order, inverse);
      // Elimination by sets.
      const below = Array.from({ length: n }, () => new Set<number>());
      for (const [i, j] of cellsOf(A)) {
        const [a, b] = [inverse[i], inverse[j]];
        if (a > b) below[b].add(a);
      }
      for (let j = 0; j < n; j++) {
        const up = below[j].size === 0 ? -1 : Math.min(...below[j]);
        expect(parent[j]).toBe(up);
        for (const i of below[j]) if (i > up) below[up].add(i);
      }
      expect(Array.from(columnCounts(graph, order, inverse, parent))).toEqual(below.map((set) => set.size + 1));
      expect(analyse(A, { ordering: order }).factorEntries).toBe(below.reduce((sum, set) => sum + set.size + 1, 0));
    }),
    { numRuns: 200 },
  );
});

test('grids keep little fill, arrows none, and dense rows come last', () => {
  expect(analyse(poisson(2, 40)).factorEntries).toBeLessThan(31 * 1600);
  for (const tip of [0, 299]) {
    const cells: Cell[] = [];
    for (let i = 0; i < 300; i++) cells.push([i, i, 400], [Math.max(i, tip), Math.min(i, tip), 1]);
    const arrow = analyse(fromCells(300, 300, cells));
    expect(arrow.factorEntries).toBe(599);
    // Where the tip is dense enough it is not even looked at.
    expect(arrow.order[299]).toBe(tip);
  }
});

test('large fronts go through the kernels: grids in two and three dimensions, many right-hand sides', () => {
  for (const A of [poisson(2, 60), poisson(3, 12)]) {
    const factor = sparseCholesky(A);
    const B = DenseMatrix.fromColumns([1, 2, 3, 4, 5].map((seed) => vector(A.rows, seed)));
    const X = factor.solve(B);
    for (let c = 0; c < 5; c++) {
      expect(solveRatio(A, X.column(c), B.column(c))).toBeLessThan(1);
      const alone = factor.solve(B.column(c).slice());
      expect(solveRatio(A, alone, B.column(c))).toBeLessThan(1);
    }
    expect(factor.solve(DenseMatrix.create(A.rows, 0)).cols).toBe(0);
  }
});

test('an analysis serves other values of the same pattern, and no other pattern', () => {
  const A = poisson(2, 9);
  const analysis = analyse(A);
  const twice = CscMatrix.fromColumns(
    81,
    81,
    A.colPointers,
    A.rowIndices,
    A.values.map((v) => 4 * v),
  );
  const b = vector(81);
  const [x, y] = [analysis.cholesky(A).solve(b), analysis.cholesky(twice).solve(b)];
  for (let i = 0; i < 81; i++) expect(y[i]).toBe(x[i] / 4);
  expect(() => analysis.cholesky(poisson(2, 8))).toThrow(/analyse it again/);
  expect(() => analysis.cholesky(shifted(fromCells(81, 81, [[80, 0, 1]]), 1))).toThrow(/analyse it again/);
});

test('what is not positive definite is refused with column and pivot', () => {
  fc.assert(
    fc.property(symmetricMatrices(12), (A) => {
      let dense: unknown;
      try {
        cholesky(A.toDense());
      } catch (error) {
        dense = error;
      }
      // The margin is that of rounding: an eigenvalue of zero may come out either way.
      const strict = shifted(A, -1e-9 * (1 + rowNorm(A)));
      if (dense !== undefined) expect(() => sparseCholesky(strict)).toThrow(/column \d+ has the pivot/);
    }),
  );
  const A = fromCells(3, 3, [
    [0, 0, 1],
    [1, 1, -2],
    [2, 2, 3],
  ]);
  expect(() => sparseCholesky(A)).toThrow(/column 2 has the pivot -2/);
  expect(() => sparseCholesky(shifted(poisson(2, 30), -3.1))).toThrow(
    /not positive definite: column \d+ has the pivot -/,
  );
});

test('values that are not finite, shapes and triangles', () => {
  const bad = fromCells(3, 3, [
    [0, 0, 1],
    [2, 1, Number.NaN],
  ]);
  expect(() => sparseCholesky(bad)).toThrow(/holds NaN in row 3, column 2/);
  const A = poisson(2, 3);
  expect(() => sparseCholesky(A).solve(new Float64Array(8))).toThrow(/8 rows, but must have 9/);
  expect(() => sparseCholesky(A).solve(new Float64Array(9).fill(Number.POSITIVE_INFINITY))).toThrow(
    /Infinity in row 1/,
  );
  expect(() => sparseCholesky(fromCells(2, 3, []))).toThrow(/2 × 3/);
  expect(() => sparseCholesky(A.toDense() as unknown as CscMatrix)).toThrow(/CscMatrix.fromDense/);
  const upper = fromCells(
    9,
    9,
    [...cellsOf(A)].filter(([i, j]) => i <= j),
  );
  expect(() => sparseCholesky(upper)).toThrow(/fromTriangle/);
  const lower = fromCells(
    9,
    9,
    [...cellsOf(A)].filter(([i, j]) => i >= j),
  );
  const b = vector(9);
  expect(sparseCholesky(lower).solve(b)).toEqual(sparseCholesky(A).solve(b));
  expect(() => sparseCholesky(A, { ordering: [0, 1, 1] })).toThrow(/entry 3 is 1/);
  expect(sparseCholesky(fromCells(0, 0, [])).solve(new Float64Array(0))).toEqual(new Float64Array(0));
});

test('scales of 10^±150 are no matter', () => {
  const A = poisson(2, 8);
  const b = vector(64);
  const x = sparseCholesky(A).solve(b);
  for (const scale of [2 ** 500, 2 ** -500]) {
    const far = CscMatrix.fromColumns(
      64,
      64,
      A.colPointers,
      A.rowIndices,
      A.values.map((v) => v * scale),
    );
    expect(
      sparseCholesky(far)
        .solve(b)
        .map((v) => v * scale),
    ).toEqual(x);
  }
});

test('the condition is near that of the dense inverse', () => {
  fc.assert(
    fc.property(definite(15), (A) => {
      if (A.rows === 0) return;
      const inverse = lu(A.toDense()).inverse();
      const norm = Math.max(
        ...Array.from({ length: A.rows }, (_, j) => inverse.column(j).reduce((s, v) => s + Math.abs(v), 0)),
      );
      const true1 = rowNorm(A) * norm;
      const estimate = conditionEstimate(sparseCholesky(A));
      expect(estimate).toBeLessThan(true1 * (1 + 1e-9));
      expect(estimate).toBeGreaterThan(true1 / 5);
    }),
    // The same matrices at every run: where pairs of rows cancel in all vectors that are tried, the estimate is that of the other rows.
    { seed: 1, numRuns: 200 },
  );
});

test('a factor that no memory holds is refused before work begins', () => {
  const n = 30_000;
  const cells: Cell[] = [];
  for (let i = 0; i < n; i++) cells.push([i, i, n], [i, 0, 1], [0, i, 1]);
  const A = fromCells(n, n, cells);
  const sentence = /take \d+\.\d\d GiB, but a memory is limited to 4 GiB/;
  expect(() => sparseCholesky(A, { ordering: 'natural' })).toThrow(sentence);
  expect(() => sparseLdlt(A, { ordering: 'natural' })).toThrow(sentence);
  expect(() => sparseLu(A, { ordering: 'natural', method: 'fronts' })).toThrow(sentence);
  const b = vector(n);
  expect(solveRatio(A, sparseCholesky(A).solve(b), b)).toBeLessThan(1);
});
