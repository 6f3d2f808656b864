import { Arena, type Engine } from '@southwell/kernels';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../arrays/index.ts';
import { Random, SouthwellError } from '../core/index.ts';
import { leftProduct, orthonormaliseRows } from './wide.ts';

const engines: Engine[] = ['wasm', 'typescript'];
const refusal = (code: string, message: string) =>
  expect.objectContaining({ constructor: SouthwellError, code, message });

function dense(rows: number[][], cols: number, arena = new Arena()): DenseMatrix {
  const A = DenseMatrix.create(rows.length, cols, { arena });
  rows.forEach((row, i) => {
    row.forEach((v, j) => {
      A.set(i, j, v);
    });
  });
  return A;
}
const rowsOf = (A: DenseMatrix): number[][] =>
  Array.from({ length: A.rows }, (_, i) => Array.from({ length: A.cols }, (_v, j) => A.get(i, j)));
const inner = (u: number[], v: number[]) => u.reduce((sum, x, i) => sum + x * v[i], 0);
const normals = (rows: number, cols: number, seed: number): number[][] => {
  const random = new Random(seed);
  return Array.from({ length: rows }, () => Array.from({ length: cols }, () => random.normal()));
};

describe('products from the left', () => {
  const integers = fc.array(fc.integer({ min: -9, max: 9 }), { minLength: 49, maxLength: 49 });
  const sizes = fc.tuple(...[0, 1, 2].map(() => fc.integer({ min: 1, max: 7 })));

  test.each(engines.flatMap((engine) => (['dense', 'csc'] as const).map((kind) => [engine, kind] as const)))(
    'are exact on integers and cover what out held (%s, %s)',
    (engine, kind) => {
      fc.assert(
        fc.property(sizes, integers, integers, fc.boolean(), ([k, rows, cols], b, x, transpose) => {
          const arena = new Arena({ engine });
          // About half of the entries are zero.
          const plain = dense(
            Array.from({ length: rows }, (_, i) =>
              Array.from({ length: cols }, (_v, j) => Math.max(0, x[7 * i + j]) - (x[7 * i + j] === -9 ? 2 : 0)),
            ),
            cols,
            arena,
          );
          const X = kind === 'dense' ? plain : CscMatrix.fromDense(plain, { arena });
          const [inside, n] = transpose ? [cols, rows] : [rows, cols];
          const B = dense(
            Array.from({ length: k }, (_, i) => b.slice(7 * i, 7 * i + inside)),
            inside,
            arena,
          );
          const out = dense(
            Array.from({ length: k }, () => new Array(n).fill(5)),
            n,
            arena,
          );
          const before = arena.allocatedBytes;
          if (transpose) leftProduct(B, X, out, { transpose });
          else leftProduct(B, X, out);
          expect(arena.allocatedBytes).toBe(before);
          for (let a = 0; a < k; a++) {
            for (let j = 0; j < n; j++) {
              let sum = 0;
              for (let t = 0; t < inside; t++) sum += B.get(a, t) * (transpose ? plain.get(j, t) : plain.get(t, j));
              expect(out.get(a, j) + 0).toBe(sum + 0);
            }
          }
        }),
        { numRuns: 60 },
      );
    },
  );

  test('refuse sizes that do not fit, whichever of the three is wrong', () => {
    const arena = new Arena();
    const X = CscMatrix.fromDense(dense(normals(3, 4, 1), 4, arena), { arena });
    const of = (rows: number, cols: number) => DenseMatrix.create(rows, cols, { arena });
    for (const [B, out, transpose, message] of [
      [of(2, 4), of(2, 4), false, 'A product of 2 × 4 and 3 × 4 does not fit 2 × 4.'],
      [of(2, 3), of(1, 4), false, 'A product of 2 × 3 and 3 × 4 does not fit 1 × 4.'],
      [of(2, 3), of(2, 3), false, 'A product of 2 × 3 and 3 × 4 does not fit 2 × 3.'],
      [of(2, 3), of(2, 4), true, 'A product of 2 × 3 and 4 × 3 does not fit 2 × 4.'],
    ] as const) {
      expect(() => leftProduct(B, X, out, { transpose })).toThrow(refusal('INVALID_SHAPE', message));
    }
    expect(() => leftProduct(of(2, 4), dense(normals(3, 4, 1), 4, arena), of(2, 4))).toThrow(/not fit/);
  });

  test('refuse matrices of several arenas', () => {
    const [arena, other] = [new Arena(), new Arena()];
    const X = CscMatrix.fromDense(dense(normals(3, 4, 1), 4, arena), { arena });
    const message = 'The matrices of a product must lie in one arena; create them with the same `arena`.';
    for (const [one, two] of [
      [arena, other],
      [other, arena],
    ]) {
      const B = DenseMatrix.create(2, 3, { arena: one });
      const out = DenseMatrix.create(2, 4, { arena: two });
      expect(() => leftProduct(B, X, out)).toThrow(refusal('INVALID_SHAPE', message));
    }
  });
});

describe('orthonormal rows', () => {
  const expectOrthonormal = (Q: number[][], tolerance = 4e-15) => {
    for (const [a, u] of Q.entries())
      for (const [b, v] of Q.entries()) expect(Math.abs(inner(u, v) - (a === b ? 1 : 0))).toBeLessThan(tolerance);
  };
  /** A = LQ with L lower triangular and positive on the diagonal, which makes Q unique. */
  const expectFactor = (A: number[][], Q: number[][], tolerance: number) => {
    for (const [i, row] of A.entries()) {
      const size = Math.sqrt(inner(row, row));
      const L = Q.map((q) => inner(row, q) / size);
      for (let j = i + 1; j < Q.length; j++) expect(Math.abs(L[j])).toBeLessThan(tolerance);
      expect(L[i]).toBeGreaterThan(0);
      for (let t = 0; t < row.length; t++) {
        const back = Q.reduce((sum, q, j) => sum + L[j] * q[t], 0);
        expect(Math.abs(back - row[t] / size)).toBeLessThan(tolerance);
      }
    }
  };
  const run = (A: number[][], seed = 1, engine: Engine = 'wasm') => {
    const arena = new Arena({ engine });
    const B = dense(A, A[0].length, arena);
    const before = arena.allocatedBytes;
    const sound = orthonormaliseRows(B, new Random(seed));
    expect(arena.allocatedBytes).toBe(before);
    return { sound, Q: rowsOf(B) };
  };

  test.each([
    [1, 1],
    [1, 6],
    [2, 2],
    [5, 40],
    [17, 33],
    [8, 8],
  ])('%i × %i: keep the spans of the first 1, 2, … rows', (k, n) => {
    const A = normals(k, n, 10 * k + n);
    for (const engine of engines) {
      const { sound, Q } = run(A, 1, engine);
      expect(sound).toBe(true);
      expectOrthonormal(Q);
      expectFactor(A, Q, 1e-13);
      // Again: nothing is left to do.
      const again = run(Q, 2, engine);
      expect(again.sound).toBe(true);
      for (let i = 0; i < k; i++)
        for (let j = 0; j < n; j++) expect(Math.abs(again.Q[i][j] - Q[i][j])).toBeLessThan(1e-14);
    }
  });

  test('no rows are orthonormal, and more rows than columns cannot be', () => {
    expect(orthonormaliseRows(DenseMatrix.create(0, 3), new Random(1))).toBe(true);
    expect(() => orthonormaliseRows(DenseMatrix.create(4, 3), new Random(1))).toThrow(
      refusal('INVALID_SHAPE', '4 rows of 3 values cannot be orthonormal.'),
    );
  });

  test.each([1e-100, 1e-3, 1e100])('the sizes of rows do not matter: %d times the row before', (ratio) => {
    const A = normals(2, 9, 4).map((row, i) => row.map((v) => v * ratio ** i));
    const { sound, Q } = run(A);
    expect(sound).toBe(true);
    expectOrthonormal(Q);
    expectFactor(A, Q, 1e-13);
  });

  test.each([1e-170, 1e-310, 1e170, 1e300])('rows whose squares are no numbers: size %d', (size) => {
    const A = normals(3, 9, 5);
    const { sound, Q } = run(A.map((row, i) => (i === 1 ? row.map((v) => v * size) : row)));
    expect(sound).toBe(false);
    expectOrthonormal(Q);
    // Below 2.2e-308 digits are lost.
    expectFactor(A, Q, size < 1e-300 ? 1e-10 : 1e-13);
  });

  test('rows that are nearly dependent are as orthonormal as others, and keep their spans', () => {
    for (const gap of [1e-2, 1e-4, 1e-6, 1e-9]) {
      const A = normals(4, 20, 6);
      const far = normals(1, 20, 7)[0];
      A[2] = A[0].map((v, t) => v - 2 * A[1][t] + gap * far[t]);
      const { sound, Q } = run(A);
      // Cholesky's factor loses what is below the root of rounding.
      expect(sound).toBe(gap > 1e-5);
      expectOrthonormal(Q);
      // An inverse of L costs the rounding of its condition, Gram–Schmidt nothing.
      expectFactor(A, Q, sound ? 4e-15 / gap : 1e-13);
      // The third row is what the first two leave of `far`: only rounding over the gap may differ.
      const left = far.map((v, t) => v - inner(far, Q[0]) * Q[0][t] - inner(far, Q[1]) * Q[1][t]);
      expect(inner(left, Q[2]) / Math.sqrt(inner(left, left))).toBeGreaterThan(1 - 1e-10);
      expect(Math.abs(inner(Q[2], Q[0])) + Math.abs(inner(Q[2], Q[1]))).toBeLessThan(4e-15);
    }
  });

  test('a row that depends on those before it becomes a random one', () => {
    const A = normals(5, 12, 8);
    A[1] = A[0].map((v) => -3 * v);
    A[3] = A[0].map((v, t) => v / 3 + 0.7 * A[2][t]);
    const [one, two] = [run(A, 1), run(A, 2)];
    for (const { sound, Q } of [one, two]) {
      expect(sound).toBe(false);
      expectOrthonormal(Q);
      for (const row of [0, 1, 2, 3]) {
        const span = Q.slice(0, row + 1).map((q) => inner(A[row], q));
        expect(inner(span, span) / inner(A[row], A[row])).toBeCloseTo(1, 13);
      }
    }
    const differ = (row: number) => Math.max(...one.Q[row].map((v, t) => Math.abs(v - two.Q[row][t])));
    expect(differ(0)).toBe(0);
    expect(differ(1)).toBeGreaterThan(0.01);
    expect(differ(3)).toBeGreaterThan(0.01);
    expect(run(A, 1).Q).toEqual(one.Q);
  });

  test('zeros become random rows, and a full set of them a basis', () => {
    for (const k of [1, 3, 6]) {
      const { sound, Q } = run(
        Array.from({ length: k }, () => new Array(6).fill(0)),
        k,
      );
      expect(sound).toBe(false);
      expectOrthonormal(Q);
    }
    const { Q } = run([
      [0, 0, 0],
      [0, -2, 0],
    ]);
    expectOrthonormal(Q);
    // The second row keeps what the random first one leaves of it.
    expect(Q[1][1]).toBeLessThan(0);
  });

  test('random numbers are drawn only where rows need them', () => {
    const spent = (A: number[][]) => {
      const random = new Random(3);
      orthonormaliseRows(dense(A, A[0].length), random);
      return random.normal() !== new Random(3).normal();
    };
    const A = normals(3, 7, 9);
    expect(spent(A)).toBe(false);
    expect(spent([A[0], A[1], A[2].map((v) => v * 1e-200)])).toBe(false);
    expect(spent([A[0], A[1].map((_, t) => A[0][t] + 1e-8 * A[1][t])])).toBe(false);
    expect(spent([A[0], A[0]])).toBe(true);
  });
});
