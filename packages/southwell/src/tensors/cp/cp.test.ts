import { DenseMatrix } from '@southwell/numerics/arrays';
import { run } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import { CpModel, type CpOptions, coreConsistency, cp, cpIterates, SparseTensor, Tensor, unfold } from '../index.ts';
import { distance, drawn, lowRank, noisy, norm, sumOfRankOnes } from '../testing.ts';

/** Differences of half the squared relative residual along random changes, over their size. */
function slopes(T: Tensor, model: CpModel, free: (value: number) => boolean = () => true): number[] {
  return Array.from({ length: 10 }, (_, seed) => {
    const at = (h: number) => {
      const data = model.toJSON();
      const factors = data.factors.map((values, k) => {
        const noise = drawn([values.length], 100 * seed + k).data;
        return values.map((v, e) => (free(v) ? v + (h * noise[e]) / Math.sqrt(values.length) : v));
      });
      return 0.5 * CpModel.fromJSON({ ...data, factors }).relativeError(T) ** 2;
    };
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });
}

const falling = (T: Tensor | SparseTensor, options: CpOptions) => {
  const objectives: number[] = [];
  const model = cp(T, { ...options, onIterate: ({ objective }) => objectives.push(objective) });
  for (let t = 1; t < objectives.length; t++) expect(objectives[t]).toBeLessThanOrEqual(objectives[t - 1] + 1e-15);
  return model;
};

const entriesOf = (T: Tensor, keep: (e: number) => boolean, missing: boolean): SparseTensor => {
  const places = Int32Array.from(T.data.keys()).filter(keep);
  const indices = T.shape.map((n, k) => places.map((e) => Math.floor(e / T.strides[k]) % n));
  return new SparseTensor(
    T.shape,
    indices,
    Float64Array.from(places, (e) => T.data[e]),
    missing,
  );
};

describe('sums of products', () => {
  test('of a matrix: the best there is (Eckart and Young)', () => {
    const T = drawn([11, 8], 4);
    const { singularValues } = svd(unfold(T, 0));
    const least = Math.sqrt(singularValues.slice(2).reduce((s, v) => s + v * v, 0)) / norm(T);
    for (const init of ['hosvd', 'random'] as const) {
      const { error, solution } = cp(T, { rank: 2, init, tol: 1e-8, maxIter: 3000 });
      expect([error, solution.status]).toEqual([expect.closeTo(least, 8), 'converged']);
    }
  });

  test('rank one in closed form; orthogonal components are singular vectors', () => {
    const one = Tensor.from([2, 2, 2], [1, 2, 2, 4, 3, 6, 6, 12]);
    const { weights, factors, error } = cp(one, { rank: 1 });
    expect(error).toBeLessThan(1e-14);
    expect(weights[0]).toBeCloseTo(norm(one), 12);
    expect([...factors[0].data].map((v) => v * Math.sqrt(10))).toEqual([expect.closeTo(1, 12), expect.closeTo(3, 12)]);
    const unit = (n: number) =>
      DenseMatrix.fromRows(Array.from({ length: n }, (_, i) => [0, 1, 2].map((a) => +(i === a))));
    const model = cp(sumOfRankOnes([unit(4), unit(5), unit(3)], [2, 7, 4]), { rank: 3 });
    expect([...model.weights].map((w) => Number(w.toFixed(9)))).toEqual([7, 4, 2]);
    expect(model.congruence).toBeCloseTo(0, 9);
  });

  test.each([
    ['three modes', [9, 8, 7], 3, {}],
    ['seen through leading vectors', [40, 30, 35], 3, {}],
    ['four modes', [6, 5, 4, 7], 4, {}],
    ['rank above the sizes', [4, 4, 4], 5, { starts: 5, maxIter: 6000 }],
    ['without negative entries', [9, 8, 7], 3, { nonNegative: true, maxIter: 2000, tol: 1e-8 }],
  ] as const)('a known rank is found: %s', (_, shape, rank, options) => {
    const T = lowRank(shape, rank, 3, 'nonNegative' in options);
    const model = falling(T, { rank, ...options });
    expect(model.solution.status).toBe('converged');
    expect(distance(model.reconstruct(), T) / norm(T)).toBeLessThan(1e-4);
    model.factors.forEach((factor, k) => {
      for (let a = 0; a < rank; a++) expect(norm(new Tensor([shape[k]], factor.column(a)))).toBeCloseTo(1, 12);
      if ('nonNegative' in options) expect(Math.min(...factor.data)).toBeGreaterThanOrEqual(0);
    });
    if (rank === 3) expect(coreConsistency(T, model)).toBeGreaterThan(99.9);
    if (shape[0] !== 9 || 'nonNegative' in options) return;
    expect(coreConsistency(noisy(T, 0.05), cp(noisy(T, 0.05), { rank: 5, maxIter: 60 }))).toBeLessThan(60);
  });

  test('errors are those of the loops, and the end is stationary', () => {
    const T = noisy(lowRank([8, 7, 6], 2, 5, true), 0.3);
    for (const options of [{}, { nonNegative: true }] as const) {
      const model = falling(T, { rank: 2, tol: 1e-7, maxIter: 2000, ...options });
      expect(model.solution.status).toBe('converged');
      const loops = sumOfRankOnes(model.factors, model.weights);
      expect(distance(model.reconstruct(), loops)).toBeLessThan(1e-12 * norm(T));
      expect(model.error).toBeCloseTo(distance(loops, T) / norm(T), 12);
      expect(model.at([3, 2, 1])).toBeCloseTo(loops.at([3, 2, 1]), 12);
      for (const slope of slopes(T, model, (v) => !('nonNegative' in options) || v > 1e-8)) {
        expect(Math.abs(slope)).toBeLessThan(1e-6);
      }
      const saved = CpModel.fromJSON(JSON.parse(JSON.stringify(model)));
      expect(saved.reconstruct().data).toEqual(model.reconstruct().data);
    }
  });

  test('sparse entries with zeros between are the dense tensor', () => {
    const T = lowRank([7, 6, 8], 3, 2, true);
    const keep = (e: number) => e % 4 === 1;
    const dense = new Tensor(
      T.shape,
      T.data.map((v, e) => (keep(e) ? v : 0)),
    );
    for (const nonNegative of [false, true]) {
      const options = { rank: 2, nonNegative, init: 'random', tol: 1e-7, maxIter: 2000 } as const;
      const [a, b] = [falling(entriesOf(T, keep, false), options), falling(dense, options)];
      expect(a.error).toBeCloseTo(b.error, 6);
      expect(a.error).toBeCloseTo(a.relativeError(dense), 9);
    }
  });

  test('missing values: found where the rest determines them; slices of which nothing is known are told', () => {
    const T = lowRank([9, 8, 7], 2, 6, true);
    for (const nonNegative of [false, true]) {
      const gaps = new Tensor(
        T.shape,
        T.data.map((v, e) => (e % 5 < 2 ? Number.NaN : v)),
      );
      const options = { rank: 2, nonNegative, missing: true, tol: 1e-10, maxIter: 5000 };
      const model = falling(gaps, options);
      expect(distance(model.reconstruct(), T) / norm(T)).toBeLessThan(1e-4);
      expect(model.unknown).toEqual([[], [], []]);
      const listed = falling(
        entriesOf(T, (e) => e % 5 >= 2, true),
        { ...options, missing: undefined },
      );
      expect(listed.error).toBe(model.error);
    }
    const noise = noisy(T, 0.4);
    const some = new Tensor(
      T.shape,
      noise.data.map((v, e) => (e % 3 === 0 || Math.floor(e / 56) === 4 || e % 56 === 3 ? Number.NaN : v)),
    );
    const model = falling(some, { rank: 2, missing: true, tol: 1e-7, maxIter: 2000 });
    expect(model.unknown).toEqual([[4], [], []]);
    expect(model.error).toBeCloseTo(model.relativeError(some), 11);
    for (const slope of slopes(some, model)) expect(Math.abs(slope)).toBeLessThan(1e-6);
    expect(Number.isFinite(coreConsistency(some, model))).toBe(true);
    expect(() => cp(some, { rank: 2 })).toThrow('a missing value, which needs a method with the option missing');
  });

  test('zero, constants, a mode of one, extreme scales, and what cannot be', () => {
    expect(cp(Tensor.zeros([3, 2, 4]), { rank: 2 })).toMatchObject({ error: 0, solution: { status: 'converged' } });
    const flat = Tensor.fromFunction([5, 1, 4], () => 3);
    for (const rank of [1, 2, 7]) expect(cp(flat, { rank }).error).toBeLessThan(1e-7);
    expect(cp(flat, { rank: 2, nonNegative: true }).error).toBeLessThan(1e-4);
    for (const scale of [1e150, 1e-150]) {
      const T = lowRank([5, 6, 4], 2);
      const scaled = new Tensor(
        T.shape,
        T.data.map((v) => scale * v),
      );
      expect(cp(scaled, { rank: 2 }).error).toBeLessThan(1e-4);
    }
    expect(() => cp(flat, { rank: 0 })).toThrow('rank must be a whole number of at least 1, but is 0.');
    expect(() => cp(new Tensor([3], new Float64Array(3)), { rank: 1 })).toThrow('at least two modes');
    expect(() => cp(new Tensor([2, 1], Float64Array.of(Number.NaN, Number.NaN)), { rank: 1, missing: true })).toThrow(
      'All values of the tensor are missing',
    );
    expect(() =>
      cp(new SparseTensor([2, 2], [new Int32Array(0), new Int32Array(0)], new Float64Array(0)), { rank: 1 }),
    ).toThrow('The tensor has no entries.');
  });

  test('limits, aborts and checkpoints, among several starts too', () => {
    const T = noisy(lowRank([6, 7, 8], 3), 0.5);
    for (const more of [{}, { nonNegative: true }, { starts: 3, init: 'random' }] as const) {
      const options = { rank: 3, ...more };
      expect(cp(T, { ...options, maxIter: 1, tol: 0 }).solution.status).toBe('iteration-limit');
      expect(cp(T, { ...options, signal: AbortSignal.abort() }).solution.status).toBe('aborted');
      const whole = run(cpIterates(T, options), { maxIter: 70 });
      for (const cut of [7, 33, 66]) {
        let state: unknown;
        run(cpIterates(T, options), { maxIter: cut, checkpoint: { save: (s) => (state = structuredClone(s)) } });
        const rest = run(cpIterates(T, { ...options, resume: state as never }), { maxIter: 70 });
        expect(rest.objective).toBe(whole.objective);
        expect(rest.point.weights).toEqual(whole.point.weights);
      }
    }
  });
});
