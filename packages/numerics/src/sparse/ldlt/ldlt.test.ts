import fc from 'fast-check';
import { expect, test } from 'vitest';
import { CscMatrix, DenseMatrix } from '../../arrays/index.ts';
import { decodePlain, encodePlain, Random } from '../../core/index.ts';
import { eigenSymmetric, lu } from '../../linalg/index.ts';
import { analyse, SparseLdltFactor, sparseLdlt } from '../index.ts';
import {
  type Cell,
  cellsOf,
  fromCells,
  matrices,
  poisson,
  shifted,
  solveRatio,
  symmetricMatrices,
} from '../testing.ts';

const vector = (n: number, seed = 1) => {
  const random = new Random(seed);
  return Float64Array.from({ length: n }, () => random.normal());
};

/** Signs of eigenvalues, and how near zero the nearest comes relative to the farthest. */
function signs(A: CscMatrix) {
  const { values } = eigenSymmetric(A.toDense());
  const most = values.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  const least = values.reduce((m, v) => Math.min(m, Math.abs(v)), Number.POSITIVE_INFINITY);
  // Dense eigenvalues are right to some n·ε of the largest.
  const rounding = 10 * A.rows * Number.EPSILON * most;
  const zero = values.filter((v) => Math.abs(v) <= rounding).length;
  const positive = values.filter((v) => v > rounding).length;
  return { counts: { positive, negative: A.rows - zero - positive, zero }, gap: most === 0 ? 0 : least / most };
}

/** [[H, Bᵀ], [B, 0]]. */
function saddle(H: CscMatrix, B: CscMatrix): CscMatrix {
  const n = H.rows;
  const cells: Cell[] = [...cellsOf(H)];
  for (const [i, j, v] of cellsOf(B)) if (j < n) cells.push([n + i, j, v], [j, n + i, v]);
  return fromCells(n + B.rows, n + B.rows, cells);
}

const cases = fc.oneof(
  symmetricMatrices(20),
  fc.tuple(symmetricMatrices(12), matrices(12)).map(([H, B]) => saddle(H, B)),
  fc.tuple(symmetricMatrices(14), fc.constantFrom(-2, -0.5, 1e-3, 3)).map(([A, shift]) => shifted(A, shift)),
);

test('inertia and solutions are those of the dense matrix, saddle points among them', () => {
  let [solved, singular] = [0, 0];
  fc.assert(
    fc.property(cases, fc.constantFrom('amd' as const, 'natural' as const), (A, ordering) => {
      const factor = sparseLdlt(A, { ordering });
      const { certain, ...found } = factor.inertia({ certain: true });
      expect(factor.inertia()).toEqual(found);
      expect(found.positive + found.negative + found.zero).toBe(A.rows);
      const { counts, gap } = signs(A);
      if (gap > 1e-10 || A.rows === 0) expect(found).toEqual(counts);
      if (certain && counts.zero === 0) expect(found).toEqual(counts);
      if (gap > 1e-8) {
        solved++;
        if (gap > 1e-5) expect(certain).toBe(true);
        const b = vector(A.rows);
        expect(solveRatio(A, factor.solve(b), b)).toBeLessThan(100);
        const [one, other] = [factor.determinant(), lu(A.toDense()).determinant()];
        expect(one.sign).toBe(other.sign);
        expect(one.log).toBeCloseTo(other.log, 6);
        const plain = decodePlain(encodePlain(factor.toPlain())) as ReturnType<typeof factor.toPlain>;
        expect(SparseLdltFactor.fromPlain(plain).solve(b)).toEqual(factor.solve(b));
        const X = factor.solve(DenseMatrix.fromColumns([b, vector(A.rows, 2)]));
        expect(solveRatio(A, X.column(0), b)).toBeLessThan(100);
      } else if (A.rows > 0 && gap < 1e-15) {
        singular++;
        expect(certain).toBe(false);
      }
    }),
    { numRuns: 500 },
  );
  expect(solved).toBeGreaterThan(100);
  expect(singular).toBeGreaterThan(50);
});

test('LDLᵀ is the matrix to rounding', () => {
  fc.assert(
    fc.property(cases, (A) => {
      const f = sparseLdlt(A).toPlain();
      const { n, first, rowStart, rows, values, diagonal, below, order } = f;
      const L = DenseMatrix.create(n, n);
      let panel = 0;
      for (let s = 0; s + 1 < first.length; s++) {
        const k = first[s + 1] - first[s];
        const m = k + rowStart[s + 1] - rowStart[s];
        for (let j = 0; j < k; j++) {
          L.set(first[s] + j, first[s] + j, 1);
          for (let i = j + 1; i < m; i++) {
            const row = i < k ? first[s] + i : rows[rowStart[s] + i - k];
            expect(row).toBeGreaterThan(first[s] + j);
            L.set(row, first[s] + j, values[panel + j * m + i]);
            // Multipliers of a pivot of one or two rows.
            expect(Math.abs(values[panel + j * m + i])).toBeLessThanOrEqual(100 * (1 + 1e-9));
          }
        }
        panel += m * k;
      }
      const dense = A.toDense();
      const D = (i: number, j: number) => (i === j ? diagonal[i] : Math.abs(i - j) === 1 ? below[Math.min(i, j)] : 0);
      let worst = 0;
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          let sum = -dense.get(order[i], order[j]);
          let size = Math.abs(sum);
          for (let k = 0; k < n; k++) {
            for (let l = Math.max(0, k - 1); l < Math.min(n, k + 2); l++) {
              const term = L.get(i, k) * D(k, l) * L.get(j, l);
              sum += term;
              size += Math.abs(term);
            }
          }
          worst = Math.max(worst, size === 0 ? 0 : Math.abs(sum) / (size * (n + 4) * Number.EPSILON));
        }
      }
      expect(worst).toBeLessThan(3);
    }),
    { numRuns: 150 },
  );
});

test('large fronts: grids beyond their least eigenvalues, and pivots that have to wait', () => {
  const k = 28;
  const shift = 1.5;
  let expected = 0;
  for (let i = 1; i <= k; i++) {
    for (let j = 1; j <= k; j++) {
      const value = 4 - 2 * Math.cos((i * Math.PI) / (k + 1)) - 2 * Math.cos((j * Math.PI) / (k + 1));
      if (value < shift) expected++;
    }
  }
  const A = shifted(poisson(2, k), -shift);
  const factor = sparseLdlt(A);
  expect(factor.inertia({ certain: true })).toEqual({
    positive: k * k - expected,
    negative: expected,
    zero: 0,
    certain: true,
  });
  const b = vector(k * k);
  expect(solveRatio(A, factor.solve(b), b)).toBeLessThan(30);
  // Stokes-like: the whole lower part has a zero diagonal, and every order meets it early.
  const H = poisson(3, 9);
  const cells: Cell[] = [];
  for (let i = 0; i < 300; i++) for (let t = 0; t < 3; t++) cells.push([i, (i * 2 + t * 41) % 729, t === 0 ? 3 : 1]);
  const K = saddle(H, fromCells(300, 729, cells));
  for (const ordering of ['amd', 'natural'] as const) {
    for (const order of [ordering, [...analyse(K, { ordering }).order].reverse()]) {
      const saddleFactor = sparseLdlt(K, { ordering: order });
      expect(saddleFactor.inertia({ certain: true })).toEqual({ positive: 729, negative: 300, zero: 0, certain: true });
      const c = vector(1029);
      expect(solveRatio(K, saddleFactor.solve(c), c)).toBeLessThan(30);
    }
  }
}, 30_000);

test('singular matrices have a factor, and a sentence', () => {
  const empty = fromCells(2, 2, [[0, 0, -3]]);
  expect(sparseLdlt(empty).inertia({ certain: true })).toEqual({ positive: 0, negative: 1, zero: 1, certain: false });
  expect(() => sparseLdlt(empty).solve(new Float64Array(2))).toThrow(/singular: column 2 depends/);
  expect(sparseLdlt(empty).determinant().value + 0).toBe(0);
  const none = sparseLdlt(fromCells(0, 0, []));
  expect(none.inertia({ certain: true })).toEqual({ positive: 0, negative: 0, zero: 0, certain: true });
  const swapped = sparseLdlt(
    fromCells(2, 2, [
      [1, 0, 5],
      [0, 1, 5],
    ]),
  );
  expect(swapped.inertia({ certain: true })).toEqual({ positive: 1, negative: 1, zero: 0, certain: true });
  expect(swapped.solve(Float64Array.of(5, 10))).toEqual(Float64Array.of(2, 1));
});

test('scales of 10^±150', () => {
  const A = shifted(poisson(2, 8), -2.1);
  const b = vector(64);
  const x = sparseLdlt(A).solve(b);
  for (const scale of [2 ** 500, 2 ** -500]) {
    const far = CscMatrix.fromColumns(
      64,
      64,
      A.colPointers,
      A.rowIndices,
      A.values.map((v) => v * scale),
    );
    expect(
      sparseLdlt(far)
        .solve(b)
        .map((v) => v * scale),
    ).toEqual(x);
    expect(sparseLdlt(far).inertia({ certain: true })).toEqual(sparseLdlt(A).inertia({ certain: true }));
  }
});

test('factored in place: the bits of a new factor, in the memory of the old one', () => {
  const withValues = (A: CscMatrix, values: Float64Array) =>
    CscMatrix.fromColumns(A.rows, A.cols, A.colPointers, A.rowIndices, values);
  fc.assert(
    fc.property(cases, fc.array(fc.constantFrom(-3, 0, 1e-9, 0.5, 2), { minLength: 3, maxLength: 3 }), (A, factors) => {
      const analysis = analyse(A);
      const kept = analysis.ldlt(A);
      for (const [turn, factor] of factors.entries()) {
        // Other signs on the diagonal, so that other pivots have to wait.
        const other = withValues(
          A,
          Float64Array.from([...cellsOf(A)], ([i, j, v]) => (i === j ? factor * v : v * (1 + turn))),
        );
        expect(analysis.ldlt(other, { reuse: kept })).toBe(kept);
        const fresh = analysis.ldlt(other);
        expect(kept.toPlain()).toEqual(fresh.toPlain());
        expect(kept.inertia({ certain: true })).toEqual(fresh.inertia({ certain: true }));
        const b = vector(A.rows);
        const solution = (f: SparseLdltFactor) => {
          try {
            return f.solve(b);
          } catch (error) {
            return String(error);
          }
        };
        expect(solution(kept)).toEqual(solution(fresh));
      }
    }),
    { numRuns: 200 },
  );
  const A = shifted(poisson(2, 40), -0.5);
  const analysis = analyse(A);
  const kept = analysis.ldlt(A);
  const { arena } = DenseMatrix.create(1, 1);
  const shifts = [1, 2, 3, 4, 5].map((k) => shifted(A, k / 100));
  const all = () => shifts.map((B) => analysis.ldlt(B, { reuse: kept }));
  // Once, since other pivots may have to wait.
  all();
  const [before, at] = [arena.allocatedBytes, arena.f64.length];
  all();
  expect([arena.allocatedBytes, arena.f64.length]).toEqual([before, at]);
  const huge = withValues(
    A,
    A.values.map((v) => (v < 0 ? 1e308 : 1)),
  );
  expect(() => analysis.ldlt(huge, { reuse: kept })).toThrow(/left the range of doubles/);
  expect(() => kept.solve(vector(1600))).toThrow(/could not be factorised in place/);
  expect(analysis.ldlt(A, { reuse: kept }).solve(vector(1600))).toEqual(sparseLdlt(A).solve(vector(1600)));
  const others = [analyse(A).ldlt(A), SparseLdltFactor.fromPlain(kept.toPlain())];
  for (const reuse of others) expect(() => analysis.ldlt(A, { reuse })).toThrow(/made by the same analysis/);
});
