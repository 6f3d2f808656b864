import { CscMatrix } from '@southwell/numerics/arrays';
import { sparseLdlt } from '@southwell/numerics/sparse';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { equilibrate } from './equilibrate.ts';

const entry = fc.tuple(fc.integer({ min: -3, max: 3 }), fc.integer({ min: -40, max: 40 }));

/** Arguments of the lower triangle of a matrix with a whole diagonal and entries of very different sizes. */
const triangles = fc.integer({ min: 1, max: 8 }).chain((n) =>
  fc.array(entry, { minLength: (n * (n + 1)) / 2, maxLength: (n * (n + 1)) / 2 }).map((entries) => {
    const [rows, columns]: [number[], number[]] = [[], []];
    for (let j = 0; j < n; j++) {
      for (let i = j; i < n; i++) {
        rows.push(i);
        columns.push(j);
      }
    }
    const values = entries.map(([digit, exponent]) => digit * 2 ** exponent);
    return [n, n, rows, columns, values] as const;
  }),
);

test('entries are SKS exactly, at most of moderate size', () => {
  fc.assert(
    fc.property(triangles, (triplets) => {
      const K = CscMatrix.fromTriplets(...triplets);
      const before = K.values.slice();
      const scale = new Float64Array(K.cols);
      equilibrate(K, scale);
      for (let j = 0; j < K.cols; j++) {
        expect(Number.isInteger(Math.log2(scale[j]))).toBe(true);
        for (let k = K.colPointers[j]; k < K.colPointers[j + 1]; k++) {
          expect(K.values[k] - before[k] * (scale[j] * scale[K.rowIndices[k]])).toBe(0);
          expect(Math.abs(K.values[k])).toBeLessThan(1e4);
        }
      }
    }),
  );
});

test('rows in units of their own need no pivots that wait', () => {
  // A chain of saddle points whose units differ by up to 2⁴⁰.
  const n = 400;
  const unit = (k: number) => 2 ** (((k * 37) % 41) - 20);
  const [rows, columns, values]: [number[], number[], number[]] = [[], [], []];
  const put = (i: number, j: number, v: number) => {
    rows.push(i);
    columns.push(j);
    values.push(v * unit(i) * unit(j));
  };
  for (let j = 0; j < n; j++) {
    put(j, j, 1);
    put(n + j, n + j, 0);
    put(n + j, j, 2);
    if (j > 0) put(n + j, j - 1, -1);
  }
  const matrix = () => CscMatrix.fromTriplets(2 * n, 2 * n, rows, columns, values);
  const [plain, scaled] = [matrix(), matrix()];
  equilibrate(scaled, new Float64Array(2 * n));
  const symmetric = ({ colPointers, rowIndices, values: v }: CscMatrix) => {
    const [r, c, x]: [number[], number[], number[]] = [[], [], []];
    for (let j = 0; j < 2 * n; j++) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const i = rowIndices[k];
        r.push(i);
        c.push(j);
        x.push(v[k]);
        if (i === j) continue;
        r.push(j);
        c.push(i);
        x.push(v[k]);
      }
    }
    return sparseLdlt(CscMatrix.fromTriplets(2 * n, 2 * n, r, c, x));
  };
  const [worse, better] = [symmetric(plain), symmetric(scaled)];
  expect(better.inertia()).toEqual({ positive: n, negative: n, zero: 0 });
  expect(better.entries).toBeLessThan(worse.entries);
});
