import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CscMatrix } from '../arrays/index.ts';
import { maximumMatching } from './matching.ts';
import { productScales } from './productMatching.ts';

const square = fc.integer({ min: 1, max: 6 }).chain((n) =>
  fc.record({
    n: fc.constant(n),
    values: fc.array(
      fc.oneof({ weight: 2, arbitrary: fc.constant(0) }, { weight: 3, arbitrary: fc.integer({ min: -50, max: 50 }) }),
      {
        minLength: n * n,
        maxLength: n * n,
      },
    ),
    scales: fc.array(fc.integer({ min: -60, max: 60 }), { minLength: 2 * n, maxLength: 2 * n }),
  }),
);

const matrixOf = (n: number, value: (i: number, j: number) => number): CscMatrix => {
  const cells = Array.from({ length: n * n }, (_, k) => [k % n, Math.floor(k / n)] as const).filter(
    ([i, j]) => value(i, j) !== 0,
  );
  return CscMatrix.fromTriplets(
    n,
    n,
    cells.map(([i]) => i),
    cells.map(([, j]) => j),
    cells.map(([i, j]) => value(i, j)),
  );
};

/** The largest product of a full matching as a logarithm, over all permutations; undefined if there is none. */
function bestProduct(n: number, log: (i: number, j: number) => number): number {
  const best = (j: number, used: number): number => {
    if (j === n) return 0;
    let most = Number.NEGATIVE_INFINITY;
    for (let i = 0; i < n; i++) if (!(used & (1 << i))) most = Math.max(most, log(i, j) + best(j + 1, used | (1 << i)));
    return most;
  };
  return best(0, 0);
}

test('no scaled entry exceeds 1, and the scales prove the product of the matching, by brute force', () => {
  fc.assert(
    fc.property(square, ({ n, values, scales }) => {
      const log = (i: number, j: number) => Math.log2(Math.abs(values[i * n + j])) + scales[i] + scales[n + j];
      const A = matrixOf(n, (i, j) => values[i * n + j] * 2 ** (scales[i] + scales[n + j]));
      const { rows, cols } = productScales(A);
      for (const v of [...rows, ...cols]) expect(Number.isFinite(v)).toBe(true);
      for (let j = 0; j < n; j++) {
        for (let k = A.colPointers[j]; k < A.colPointers[j + 1]; k++) {
          expect(Math.log2(Math.abs(A.values[k])) + rows[A.rowIndices[k]] + cols[j]).toBeLessThan(1e-9);
        }
      }
      if (maximumMatching(A).includes(-1)) return;
      // By duality: with all matched entries at 1, the scales sum to the negative product.
      const sum = [...rows, ...cols].reduce((total, v) => total + v, 0);
      expect(sum + bestProduct(n, log)).toBeCloseTo(0, 6);
    }),
    { numRuns: 400 },
  );
});

test('large ones, singular and rectangular too', () => {
  const n = 3000;
  const chain = Array.from({ length: n }, (_, i) => i);
  const A = CscMatrix.fromTriplets(
    n,
    n,
    [...chain, ...chain.slice(1)],
    [...chain, ...chain.slice(0, -1)],
    [...chain.map((i) => 10 ** ((i % 17) - 8)), ...chain.slice(1).map((i) => 10 ** ((i % 11) - 5))],
  );
  const { rows, cols } = productScales(A);
  chain.forEach((i) => {
    expect(rows[i] + cols[i] + Math.log2(10) * ((i % 17) - 8)).toBeCloseTo(0, 6);
  });
  const zero = productScales(CscMatrix.fromTriplets(3, 2, [0], [0], [4]));
  expect(zero.rows[0] + zero.cols[0]).toBeCloseTo(-2, 12);
});
