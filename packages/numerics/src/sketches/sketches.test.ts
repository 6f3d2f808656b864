import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { qr, svd } from '../linalg/index.ts';
import { createSketch, leverageScores, type Sketch, type SketchKind } from './index.ts';
import { draw, identity, kinds, normals, subspaces, unbiased } from './testing.ts';

/** S itself, column by column. */
const matrixOf = (sketch: Sketch): DenseMatrix => sketch.apply(identity(sketch.n));

unbiased({ draws: 600 });
subspaces({ trials: 40 });

describe.each(kinds)('%s', (kind) => {
  test('is the product with one matrix, drawn by the seed, of dense and sparse data, with scales too', () => {
    const [n, m, d] = [20, 16, 3];
    const S = matrixOf(draw(kind, n, m, 5));
    expect(matrixOf(draw(kind, n, m, 5)).data).toEqual(S.data);
    expect(matrixOf(draw(kind, n, m, 6)).data).not.toEqual(S.data);
    const A = normals(n, d, 1);
    for (let k = 0; k < A.data.length; k += 3) A.data[k] = 0;
    const scales = Float64Array.from({ length: n }, (_, i) => 1 + i);
    for (const by of [undefined, scales]) {
      for (const data of [A, CscMatrix.fromDense(A)]) {
        const SA = draw(kind, n, m, 5).apply(data, by);
        for (let r = 0; r < m; r++) {
          for (let j = 0; j < d; j++) {
            let v = 0;
            for (let i = 0; i < n; i++) v += S.get(r, i) * (by ? by[i] : 1) * A.get(i, j);
            expect(SA.get(r, j)).toBeCloseTo(v, 11);
          }
        }
      }
      const [v, first] = [draw(kind, n, m, 5).applyVector(A.column(1), by), draw(kind, n, m, 5).apply(A, by).column(1)];
      for (let r = 0; r < m; r++) expect(v[r]).toBeCloseTo(first[r], 11);
    }
  });
});

test('sampled rows miss what stands in one row alone, and leverage finds it', () => {
  const [n, m] = [4096, 64];
  const A = normals(n, 2, 4);
  for (let i = 0; i < n; i++) A.set(i, 1, i === 77 ? 1e6 : 0);
  const least = (sketch: Sketch) => svd(sketch.apply(A), { vectors: false }).singularValues[1];
  const missed = Array.from({ length: 20 }, (_, k) => least(createSketch('uniform-rows', n, m, k)));
  expect(missed.filter((s) => s === 0).length).toBeGreaterThan(15);
  const scores = leverageScores(A);
  const truth = Math.sqrt(A.column(0).reduce((sum, v) => sum + v * v, 0));
  for (let k = 0; k < 20; k++) {
    for (const sketch of [createSketch('leverage-rows', n, m, k, { scores }), createSketch('srht', n, m, k)]) {
      expect(least(sketch) / truth).toBeGreaterThan(0.5);
      expect(least(sketch) / truth).toBeLessThan(1.6);
    }
  }
});

test('all rows of an SRHT, and of a cosine transform, are an orthogonal matrix', () => {
  for (const [kind, n, m] of [
    ['srht', 12, 16],
    ['dct', 12, 12],
  ] as const) {
    const S = matrixOf(createSketch(kind, n, m, 1));
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < n; j++) {
        let v = 0;
        for (let r = 0; r < m; r++) v += S.get(r, i) * S.get(r, j);
        expect(v).toBeCloseTo(i === j ? 1 : 0, 12);
      }
    }
  }
});

test('sparse sketches have the entries that they say, one in each block', () => {
  const S = matrixOf(createSketch('osnap', 50, 12, 3, { entries: 3 }));
  for (let i = 0; i < 50; i++) {
    for (let t = 0; t < 3; t++) {
      const block = S.column(i).subarray(4 * t, 4 * (t + 1));
      expect([...block].filter((v) => v !== 0).map(Math.abs)).toEqual([1 / Math.sqrt(3)]);
    }
  }
  const counts = matrixOf(createSketch('count-sketch', 50, 12, 3));
  for (let i = 0; i < 50; i++) expect([...counts.column(i)].map(Math.abs).sort().slice(-2)).toEqual([0, 1]);
});

test('a Kronecker product is sketched without being formed', () => {
  for (const [n1, n2, d1, d2] of [
    [8, 8, 3, 2],
    [5, 6, 2, 3],
  ]) {
    const [A, B] = [normals(n1, d1, 1), normals(n2, d2, 2)];
    const product = DenseMatrix.create(n1 * n2, d1 * d2);
    for (let i = 0; i < n1 * n2; i++) {
      for (let j = 0; j < d1 * d2; j++) {
        product.set(i, j, A.get(Math.floor(i / n2), Math.floor(j / d2)) * B.get(i % n2, j % d2));
      }
    }
    const sketch = createSketch('tensor-srht', n1 * n2, 20, 9, { factors: [n1, n2] });
    const [formed, product_] = [sketch.apply(product), sketch.applyKronecker(A, B)];
    for (let k = 0; k < formed.data.length; k++) expect(product_.data[k]).toBeCloseTo(formed.data[k], 12);
  }
});

test('leverage scores are those of an orthonormal basis, exactly or within a factor', () => {
  const [n, d] = [3000, 5];
  const A = normals(n, d, 8);
  for (let j = 0; j < d; j++) A.set(17, j, 300 * (j + 1));
  const Q = qr(A).thinQ();
  const truth = Float64Array.from({ length: n }, (_, i) => {
    let sum = 0;
    for (let j = 0; j < d; j++) sum += Q.get(i, j) ** 2;
    return sum;
  });
  const exact = leverageScores(A, { exact: true });
  for (let i = 0; i < n; i++) expect(exact[i]).toBeCloseTo(truth[i], 11);
  const near = leverageScores(CscMatrix.fromDense(A), { directions: 200 });
  for (let i = 0; i < n; i++) expect(Math.abs(Math.log(near[i] / truth[i]))).toBeLessThan(Math.log(2));
  // A column that depends on others adds nothing, whatever its unit.
  const twice = DenseMatrix.create(n, d + 1);
  twice.data.set(A.data);
  for (let i = 0; i < n; i++) twice.set(i, d, 1e-9 * (A.get(i, 0) - A.get(i, 1)));
  for (const scores of [leverageScores(twice, { exact: true }), leverageScores(twice)]) {
    expect(scores.reduce((a, b) => a + b)).toBeGreaterThan(0.6 * d);
    expect(scores.reduce((a, b) => a + b)).toBeLessThan(1.6 * d);
  }
});

test('what cannot be drawn or applied is said', () => {
  const words: Array<[() => unknown, RegExp]> = [
    [() => createSketch('hadamard' as SketchKind, 8, 4, 0), /one of gaussian, srht/],
    [() => createSketch('srht', 8, 9, 0), /distinct/],
    [() => createSketch('dct', 12, 13, 0), /distinct/],
    [() => createSketch('gaussian-pooled', 12, 6, 0), /take 8/],
    [() => createSketch('osnap', 12, 2, 0, { entries: 3 }), /3 entries per column/],
    [() => createSketch('srht', 12, 2, 0, { entries: 3 }), /entries is for sketches of kind osnap/],
    [() => createSketch('srht', 12, 2, 0, { entry: 3 } as never), /no option 'entry'/],
    [() => createSketch('srht', 0, 2, 0), /whole number/],
    [() => createSketch('leverage-rows', 12, 2, 0), /leverageScores/],
    [() => createSketch('leverage-rows', 2, 2, 0, { scores: [1, -1] }), /row 2 is -1/],
    [() => createSketch('leverage-rows', 2, 2, 0, { scores: [0, 0] }), /at least one must be positive/],
    [() => createSketch('tensor-srht', 12, 2, 0, { factors: [3, 5] }), /make 15, not 12/],
    [() => createSketch('srht', 12, 2, 0).apply([[1]]), /takes 12 rows, but the matrix has 1/],
    [() => createSketch('srht', 2, 2, 0).apply([[1], [2]], [1]), /Give one scale for each/],
    [() => leverageScores([]), /no leverage/],
    [() => leverageScores([[Number.NaN]]), /NaN in row 1, column 1/],
  ];
  for (const [call, word] of words) expect(call).toThrow(word);
});
