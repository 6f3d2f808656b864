import { describe, expect, test } from 'vitest';
import { cp, SparseTensor, Tensor } from '../index.ts';
import { Memory } from '../memory.ts';
import { drawn, lowRank, noisy, norm } from '../testing.ts';
import { factorsOf, flatLength } from './accelerated.ts';
import type { CpProblem } from './cpProblem.ts';
import { KnownCp } from './knownCp.ts';
import { MaskedCp, masksPay } from './maskedCp.ts';

const withGaps = (T: Tensor, missing: (e: number) => boolean): Tensor =>
  new Tensor(
    T.shape,
    T.data.map((v, e) => (missing(e) ? Number.NaN : v)),
  );

const scaledBy = (T: Tensor, scale: number): Tensor =>
  new Tensor(
    T.shape,
    T.data.map((v) => scale * v),
  );

/** What a sweep and the measures of a point are, for either form of a problem, with the factors afterwards. */
function course(problem: CpProblem, sweeps: number) {
  const { shape, rank } = problem;
  const flat = drawn([flatLength(shape, rank)], 3).data.map(Math.abs);
  const factors = factorsOf(flat, shape, rank);
  const told: number[] = [problem.squares(factors), problem.slope(factors)];
  for (let t = 0; t < sweeps; t++) {
    const { squares, slope } = problem.sweep(factors);
    told.push(squares, slope);
  }
  return { told: [...told, problem.squares(factors)], flat };
}

describe('masks and lists of known values', () => {
  test.each([
    [[9, 8, 7], 3],
    [[40, 3, 2], 2],
    [[2, 3, 40], 4],
    [[5, 4, 3, 6], 2],
    [[12, 9], 3],
    [[7, 1, 5], 1],
    [[300, 4, 3], 5],
  ] as const)('give the same sweeps: %j of rank %i', (shape, rank) => {
    const drawnOnes = noisy(lowRank(shape, 2), 0.3);
    const T = withGaps(scaledBy(drawnOnes, 1 / norm(drawnOnes)), (e) => e % 7 === 3 || e % 5 === 1);
    for (const nonNegative of [false, true]) {
      const memory = new Memory(1);
      try {
        const masked = course(new MaskedCp(T, rank, nonNegative, memory), 3);
        const listed = course(new KnownCp(SparseTensor.known(T), rank, nonNegative), 3);
        masked.told.forEach((v, at) => {
          expect(Math.abs(v - listed.told[at])).toBeLessThan(1e-9 * (1 + Math.abs(v)));
        });
        masked.flat.forEach((v, at) => {
          expect(Math.abs(v - listed.flat[at])).toBeLessThan(1e-7 * (1 + Math.abs(v)));
        });
      } finally {
        memory.free();
      }
    }
  });

  test('a row is the minimum-norm solution where its known values do not determine it, and zero without any', () => {
    const T = withGaps(scaledBy(lowRank([6, 5, 4], 3), 1 / 20), (e) => (e >= 20 && e < 39) || e >= 100);
    const memory = new Memory(1);
    try {
      const masked = course(new MaskedCp(T, 3, false, memory), 1);
      const listed = course(new KnownCp(SparseTensor.known(T), 3, false), 1);
      const [rows, others] = [masked, listed].map(({ flat }) => factorsOf(flat, T.shape, 3)[0]);
      for (let a = 0; a < 3; a++) {
        // Row 1 has a single known value, row 5 none.
        expect(rows[a * 6 + 1]).toBeCloseTo(others[a * 6 + 1], 9);
        expect(rows[a * 6 + 5]).toBe(0);
      }
    } finally {
      memory.free();
    }
  });

  test('which of them is used is decided by the number of known values, not by how they are given', () => {
    expect(masksPay([100, 10, 10], 8000, 3)).toBe(true);
    expect(masksPay([100, 10, 10], 80, 3)).toBe(false);
    expect(masksPay([400, 400, 400], 32e6, 40)).toBe(false);
    for (const share of [3, 30]) {
      const T = withGaps(noisy(lowRank([20, 10, 9], 2), 0.1), (e) => e % share !== 0);
      const options = { rank: 2, tol: 1e-8, maxIter: 200 };
      expect(cp(SparseTensor.known(T), options).error).toBe(cp(T, { ...options, missing: true }).error);
    }
  });

  test('gaps at any scale, in constants, and in whole slices', () => {
    const T = withGaps(lowRank([12, 6, 5], 2, 4, true), (e) => e % 4 === 1);
    const options = { rank: 2, missing: true, tol: 1e-10, maxIter: 3000 };
    const { error } = cp(T, options);
    expect(error).toBeLessThan(1e-5);
    for (const scale of [1e150, 1e-150]) {
      const model = cp(scaledBy(T, scale), options);
      expect(model.error).toBeLessThan(1e-5);
      expect(model.at([1, 2, 3]) / scale).toBeCloseTo(T.at([1, 2, 3]), 3);
    }
    const flat = withGaps(
      Tensor.fromFunction([6, 5, 4], () => 3),
      (e) => e % 3 === 0,
    );
    expect(cp(flat, { ...options, rank: 1 }).at([0, 0, 0])).toBeCloseTo(3, 9);
    const zero = withGaps(Tensor.zeros([4, 3, 2]), (e) => e === 5);
    expect(cp(zero, options)).toMatchObject({ error: 0 });
    const slice = withGaps(lowRank([12, 6, 5], 2, 4, true), (e) => Math.floor(e / 30) === 7 || e % 5 === 2);
    const model = cp(slice, options);
    expect(model.unknown).toEqual([[7], [], [2]]);
    expect(model.error).toBeLessThan(1e-4);
    expect(model.at([7, 1, 1])).toBe(0);
  });
});
