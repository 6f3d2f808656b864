import { expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { Random, SouthwellError } from '../core/index.ts';
import type { Svd } from '../linalg/index.ts';
import { randomizedSvd, svdResiduals, truncatedSvd, truncatedSvdAsync } from './index.ts';

/** X = U diag(s) Vᵀ with random orthonormal U and V, by products of reflections: singular values are known exactly. */
function planted(rows: number, cols: number, s: readonly number[], seed: number): DenseMatrix {
  const random = new Random(seed);
  const X = DenseMatrix.create(rows, cols);
  s.forEach((v, i) => {
    X.set(i, i, v);
  });
  for (const [side, n] of [
    ['rows', rows],
    ['cols', cols],
  ] as const) {
    for (let reflection = 0; reflection < 6; reflection++) {
      const h = Float64Array.from({ length: n }, () => random.normal());
      const square = h.reduce((sum, v) => sum + v * v, 0);
      const others = side === 'rows' ? cols : rows;
      for (let o = 0; o < others; o++) {
        let dot = 0;
        for (let t = 0; t < n; t++) dot += h[t] * (side === 'rows' ? X.get(t, o) : X.get(o, t));
        for (let t = 0; t < n; t++) {
          const [i, j] = side === 'rows' ? [t, o] : [o, t];
          X.set(i, j, X.get(i, j) - (2 * dot * h[t]) / square);
        }
      }
    }
  }
  return X;
}

function expectOrthonormal(M: DenseMatrix): void {
  for (let a = 0; a < M.cols; a++) {
    for (let b = 0; b <= a; b++) {
      const dot = M.column(a).reduce((sum, v, i) => sum + v * M.column(b)[i], 0);
      expect(Math.abs(dot - (a === b ? 1 : 0))).toBeLessThan(1e-12);
    }
  }
}

const check = (X: DenseMatrix | CscMatrix, svd: Svd, s: readonly number[], tol: number) => {
  expectOrthonormal(svd.U);
  expectOrthonormal(svd.V);
  svd.singularValues.forEach((v, i) => {
    expect(Math.abs(v - s[i])).toBeLessThanOrEqual(tol * Math.max(1, s[0]));
  });
  const { left, right } = svdResiduals(X, svd);
  for (const r of [...left, ...right]) expect(r).toBeLessThanOrEqual(10 * Math.sqrt(tol) * Math.max(s[0], 1e-300));
};

const decay = (n: number, rate: number) => Array.from({ length: n }, (_, i) => rate ** i);

test.each([
  [80, 50],
  [50, 80],
  [300, 200],
  [200, 300],
])('truncatedSvd finds planted singular values, %i × %i', (rows, cols) => {
  const s = decay(Math.min(rows, cols), 0.95);
  const X = planted(rows, cols, s, 1);
  for (const input of [X, CscMatrix.fromDense(X)]) {
    const svd = truncatedSvd(input, { rank: 12, tol: 1e-9 });
    expect(svd.solution.status).toBe('converged');
    check(input, svd, s, 1e-12);
    for (const r of svd.residuals) expect(r).toBeLessThanOrEqual(1e-9);
  }
});

test('small singular values keep their absolute accuracy', () => {
  const s = [1, 1e-3, 1e-6, 1e-9, 1e-12];
  const svd = truncatedSvd(planted(40, 30, s, 2), { rank: 5, tol: 1e-13 });
  svd.singularValues.forEach((v, i) => {
    expect(Math.abs(v - s[i])).toBeLessThan(1e-15);
  });
});

test('every copy of a multiple singular value is found', () => {
  // Twenty copies are more than one block holds.
  const s = [...new Array<number>(20).fill(3), ...decay(280, 0.99)];
  const X = planted(300, 400, s, 3);
  const svd = truncatedSvd(X, { rank: 22 });
  expect(svd.solution.status).toBe('converged');
  svd.singularValues.forEach((v, i) => {
    expect(Math.abs(v - s[i])).toBeLessThan(1e-7);
  });
  check(X, randomizedSvd(X, { rank: 20, powerIterations: 2 }), s, 1e-6);
});

// With others close behind, a Krylov space has its triplets long before it has every copy: only random directions tell.
test.each([
  [5, 5, true],
  [12, 14, true],
  [10, 12, false],
  [30, 30, true],
])('%d equal singular values of a permuted diagonal, rank %d, sparse %s', (copies, rank, sparse) => {
  const n = 400;
  const order = new Random(copies).permutation(n);
  const dense = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) dense.set(i, order[i], i < copies ? 10 : 9 / (1 + 0.02 * (i - copies)));
  const X = sparse ? CscMatrix.fromDense(dense) : dense;
  for (const seed of [0, 1, 2]) {
    const { solution, singularValues } = truncatedSvd(X, { rank, tol: 1e-8, seed });
    expect(solution.status).toBe('converged');
    for (let i = 0; i < rank; i++) {
      expect(singularValues[i]).toBeCloseTo(i < copies ? 10 : 9 / (1 + 0.02 * (i - copies)), 6);
    }
  }
});

test('randomizedSvd is near on decaying spectra, exact on low rank, and the same for the same seed', () => {
  const s = decay(60, 0.7);
  const X = planted(200, 150, s, 4);
  const svd = randomizedSvd(X, { rank: 8, seed: 5 });
  check(X, svd, s, 1e-10);
  expect([...randomizedSvd(X, { rank: 8, seed: 5 }).U.data]).toEqual([...svd.U.data]);
  const low = planted(100, 120, [5, 4, 1], 5);
  check(low, randomizedSvd(low, { rank: 6, powerIterations: 1 }), [5, 4, 1, 0, 0, 0], 1e-13);
});

test('more power iterations lower the error of a flat spectrum', () => {
  const X = planted(150, 150, decay(150, 0.98), 6);
  const errors = [0, 1, 2].map((powerIterations) => {
    const { left, right } = svdResiduals(X, randomizedSvd(X, { rank: 10, oversample: 2, powerIterations }));
    return Math.max(...left, ...right);
  });
  expect(errors[1]).toBeLessThan(0.7 * errors[0]);
  expect(errors[2]).toBeLessThan(0.7 * errors[1]);
});

test('a basis that fills a space with constant zero columns stays orthonormal', () => {
  // 61 columns of falling size and three of zeros: the last block, narrower than the others, depends on itself.
  const random = new Random(2);
  const X = DenseMatrix.create(300, 64);
  for (let j = 3; j < 64; j++) for (let i = 0; i < 300; i++) X.set(i, j, random.normal() * 0.8 ** j);
  const found = randomizedSvd(X, { rank: 10, powerIterations: 6, seed: 1 });
  const exact = truncatedSvd(X, { rank: 10 });
  expectOrthonormal(found.V);
  found.singularValues.forEach((s, a) => {
    expect(Math.abs(s - exact.singularValues[a])).toBeLessThan(1e-12 * exact.singularValues[0]);
  });
  expect(Math.max(...svdResiduals(X, found).left)).toBeLessThan(1e-12 * found.singularValues[0]);
});

test('centring takes the column means off without forming the difference', async () => {
  const X = planted(120, 90, decay(90, 0.8), 7);
  for (let j = 0; j < 90; j++) for (let i = 0; i < 120; i++) X.set(i, j, X.get(i, j) + j);
  const centred = DenseMatrix.create(120, 90);
  for (let j = 0; j < 90; j++) {
    const mean = X.column(j).reduce((a, b) => a + b, 0) / 120;
    for (let i = 0; i < 120; i++) centred.set(i, j, X.get(i, j) - mean);
  }
  const truth = truncatedSvd(centred, { rank: 5 });
  for (const input of [X, CscMatrix.fromDense(X)]) {
    const svd = await truncatedSvdAsync(input, { rank: 5, centre: true });
    svd.singularValues.forEach((v, i) => {
      expect(Math.abs(v - truth.singularValues[i])).toBeLessThan(1e-9);
    });
    svd.V.data.forEach((v, i) => {
      expect(Math.abs(v - truth.V.data[i])).toBeLessThan(1e-7);
    });
    expect(svd.mean?.length).toBe(90);
  }
});

test.each([
  [90, 700],
  [700, 90],
])(
  'by the Gram matrix of the shorter side, of dense data, or by products, of sparse: the same, %i × %i',
  (rows, cols) => {
    const X = planted(rows, cols, decay(90, 0.8), 10);
    for (let j = 0; j < cols; j++) for (let i = 0; i < rows; i++) X.set(i, j, X.get(i, j) + (j % 5) / 10);
    const options = { rank: 6, powerIterations: 3, centre: true };
    const [dense, sparse] = [X, CscMatrix.fromDense(X)].map((input) => randomizedSvd(input, options));
    const { left, right } = svdResiduals(X, dense);
    for (const r of [...left, ...right]) expect(r).toBeLessThan(1e-12);
    dense.singularValues.forEach((v, i) => {
      expect(Math.abs(v - sparse.singularValues[i])).toBeLessThan(1e-13);
    });
    dense.V.data.forEach((v, i) => {
      expect(Math.abs(v - sparse.V.data[i])).toBeLessThan(1e-9);
    });
  },
);

test('zero matrices, single entries, single rows and extreme scales have their SVD', () => {
  const zero = truncatedSvd(DenseMatrix.create(5, 4), { rank: 3 });
  expect([...zero.singularValues]).toEqual([0, 0, 0]);
  expectOrthonormal(zero.U);
  expect([...truncatedSvd([[-3]], { rank: 1 }).U.data]).toEqual([-1]);
  expect(randomizedSvd([[3, 4]], { rank: 1 }).singularValues[0]).toBeCloseTo(5, 12);
  const sparse = CscMatrix.fromTriplets(100, 200, [7], [9], [2]);
  const one = truncatedSvd(sparse, { rank: 2 });
  expect([...one.singularValues].map((v) => Math.round(v * 1e12) / 1e12)).toEqual([2, 0]);
  expectOrthonormal(one.V);
  for (const scale of [1e-200, 1e200]) {
    const X = planted(90, 70, decay(70, 0.7), 8);
    for (let at = 0; at < X.data.length; at++) X.data[at] *= scale;
    for (const svd of [truncatedSvd(X, { rank: 3 }), randomizedSvd(X, { rank: 3, powerIterations: 4 })]) {
      svd.singularValues.forEach((v, i) => {
        expect(v / scale).toBeCloseTo(0.7 ** i, 9);
      });
    }
  }
});

test('mistakes are told', () => {
  for (const f of [truncatedSvd, randomizedSvd]) {
    expect(() => f([], { rank: 1 })).toThrow(SouthwellError);
    expect(() => f([[1, Number.NaN]], { rank: 1 })).toThrow('row 1, column 2');
    expect(() => f([[1, 2]], { rank: 2 })).toThrow('from 1 to 1');
    expect(() => f([[1, 2]], { rank: 0.5 })).toThrow('rank');
  }
  expect(() => randomizedSvd([[1]], { rank: 1, oversample: -1 })).toThrow('oversample');
});

test('nothing is left behind in kernel memory, and an abort ends a run', () => {
  const X = planted(120, 100, decay(100, 0.999), 9);
  truncatedSvd(X, { rank: 5 });
  const before = X.arena.allocatedBytes;
  const { U, V } = truncatedSvd(X, { rank: 5 });
  const { U: U2, V: V2 } = randomizedSvd(X, { rank: 5 });
  for (const M of [U, V, U2, V2]) M.free();
  expect(X.arena.allocatedBytes).toBe(before);
  const controller = new AbortController();
  controller.abort();
  expect(truncatedSvd(X, { rank: 5, signal: controller.signal, tol: 0 }).solution.status).toBe('aborted');
});
