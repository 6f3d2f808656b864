import { run } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import { describe, expect, test } from 'vitest';
import { hosvd, multiModeProduct, Tensor, TuckerModel, tuckerAls, tuckerAlsIterates, unfold } from '../index.ts';
import { distance, drawn, drawnMatrix, lowRank, noisy, norm } from '../testing.ts';

const exact = (shape: readonly number[], ranks: readonly number[], positive = false): Tensor => {
  const core = positive ? new Tensor(ranks, drawn(ranks, 7).data.map(Math.abs)) : drawn(ranks, 7);
  return multiModeProduct(
    core,
    shape.map((n, k) => drawnMatrix(n, ranks[k], k + 40, positive)),
  );
};

/** Half of the squared residual over what is known, as a share. */
const lossOf = (T: Tensor, model: TuckerModel): number => 0.5 * model.relativeError(T) ** 2;

/** Differences of the loss along random changes of core and factors, over the size of the changes. */
function slopes(T: Tensor, model: TuckerModel, admissible: (value: number) => boolean = () => true): number[] {
  return Array.from({ length: 12 }, (_, seed) => {
    const at = (h: number) => {
      const data = model.toJSON();
      const moved = (values: readonly number[], k: number) => {
        const noise = drawn([values.length], 100 * seed + k).data;
        const size = Math.hypot(...values) / Math.hypot(...noise);
        return values.map((v, e) => (admissible(v) ? v + h * size * noise[e] : v));
      };
      return lossOf(T, TuckerModel.fromJSON({ ...data, core: moved(data.core, 9), factors: data.factors.map(moved) }));
    };
    return (at(1e-5) - at(-1e-5)) / 2e-5;
  });
}

describe('Tucker forms by sweeps', () => {
  test('of a matrix: the best there is, from any start', () => {
    const T = drawn([12, 9], 4);
    const { singularValues } = svd(unfold(T, 0));
    const least = Math.sqrt(singularValues.slice(2).reduce((s, v) => s + v * v, 0)) / norm(T);
    for (const init of ['hosvd', 'random'] as const) {
      const { error, solution } = tuckerAls(T, { ranks: [2, 2], init, tol: 1e-9, maxIter: 1000 });
      expect([error, solution.status]).toEqual([expect.closeTo(least, 9), 'converged']);
    }
  });

  test('the residual never rises, is that of the loops, and is stationary at the end', () => {
    for (const shape of [
      [8, 9, 10],
      [70, 6, 5, 4],
      [80, 75, 3],
    ]) {
      const T = noisy(lowRank(shape, 3), 0.5);
      const ranks = shape.map(() => 2);
      const objectives: number[] = [];
      const model = tuckerAls(T, { ranks, tol: 1e-8, onIterate: ({ objective }) => objectives.push(objective) });
      expect(model.solution.status).toBe('converged');
      expect(model.solution.certificate?.relative).toBeLessThan(1e-8);
      for (let t = 1; t < objectives.length; t++) expect(objectives[t]).toBeLessThanOrEqual(objectives[t - 1] + 1e-15);
      expect(model.error).toBeCloseTo(distance(model.reconstruct(), T) / norm(T), 12);
      expect(model.error).toBeLessThanOrEqual(hosvd(T, { ranks, sequential: true }).error + 1e-12);
      for (const slope of slopes(T, model)) expect(Math.abs(slope)).toBeLessThan(1e-7);
    }
  });

  test('an exact form is found, at any scale; zero is zero', () => {
    const T = exact([9, 8, 40], [2, 3, 4]);
    for (const scale of [1, 1e150, 1e-150]) {
      const scaled = new Tensor(
        T.shape,
        T.data.map((v) => scale * v),
      );
      const { error, solution } = tuckerAls(scaled, { ranks: [2, 3, 4] });
      expect(error).toBeLessThan(1e-13);
      expect(solution.status).toBe('converged');
    }
    expect(tuckerAls(Tensor.zeros([3, 4, 2]), { ranks: [1, 2, 2] })).toMatchObject({ error: 0 });
  });

  test('without negative entries: falling, stationary, and exact where it can be', () => {
    const T = exact([7, 6, 5], [2, 2, 2], true);
    const objectives: number[] = [];
    const options = { ranks: [2, 2, 2], nonNegative: true, tol: 1e-5, maxIter: 1000 };
    const model = tuckerAls(noisy(T, 0.2), { ...options, onIterate: ({ objective }) => objectives.push(objective) });
    for (let t = 1; t < objectives.length; t++) expect(objectives[t]).toBeLessThanOrEqual(objectives[t - 1] + 1e-15);
    expect(model.solution.status).toBe('converged');
    for (const part of [model.core, ...model.factors]) expect(Math.min(...part.data)).toBeGreaterThanOrEqual(0);
    for (const slope of slopes(noisy(T, 0.2), model, (v) => v > 1e-9)) expect(Math.abs(slope)).toBeLessThan(1e-4);
    expect(model.error).toBeCloseTo(model.relativeError(noisy(T, 0.2)), 10);
    expect(tuckerAls(T, options).error).toBeLessThan(1e-2);
    // Of a tensor below zero nothing can be kept.
    const below = new Tensor(
      T.shape,
      T.data.map((v) => -v),
    );
    expect(tuckerAls(below, options).error).toBeCloseTo(1, 6);
  });

  test('missing values are found where the rest determines them, and have no say', () => {
    const T = exact([9, 8, 7], [2, 2, 2]);
    const gaps = T.data.map((v, e) => (e % 5 === 2 ? Number.NaN : v));
    const objectives: number[] = [];
    const options = { ranks: [2, 2, 2], missing: true, maxIter: 2000, tol: 1e-9 };
    const model = tuckerAls(new Tensor(T.shape, gaps), {
      ...options,
      onIterate: ({ objective }) => objectives.push(objective),
    });
    for (let t = 1; t < objectives.length; t++) expect(objectives[t]).toBeLessThanOrEqual(objectives[t - 1] + 1e-15);
    expect(distance(model.reconstruct(), T) / norm(T)).toBeLessThan(1e-6);
    expect(model.solution.status).toBe('converged');
    const slice = new Tensor(
      T.shape,
      T.data.map((v, e) => (Math.floor(e / 56) === 3 ? Number.NaN : v)),
    );
    expect(tuckerAls(slice, options).unknown).toEqual([[3], [], []]);
    expect(() => tuckerAls(slice, { ranks: [1, 1, 1] })).toThrow('a missing value');
    expect(() =>
      tuckerAls(new Tensor([2, 2], new Float64Array(4).fill(Number.NaN)), { ...options, ranks: [1, 1] }),
    ).toThrow('All values of the tensor are missing');
  });

  test('limits, aborts and checkpoints', () => {
    for (const [shape, more] of [
      [[6, 7, 8], {}],
      [[6, 7, 8], { nonNegative: true }],
      [[60, 4, 5], {}],
      [[4, 60, 5], {}],
    ] as const) {
      const T = noisy(lowRank(shape, 3), 0.5);
      const options = { ranks: [2, 3, 2], ...more };
      expect(tuckerAls(T, { ...options, maxIter: 1, tol: 1e-12 }).solution.status).toBe('iteration-limit');
      expect(tuckerAls(T, { ...options, signal: AbortSignal.abort() }).solution.status).toBe('aborted');
      const whole = run(tuckerAlsIterates(T, options), { maxIter: 9 });
      let state: unknown;
      run(tuckerAlsIterates(T, options), { maxIter: 4, checkpoint: { save: (s) => (state = structuredClone(s)) } });
      const rest = run(tuckerAlsIterates(T, { ...options, resume: state as never }), { maxIter: 9 });
      expect(rest.objective).toBe(whole.objective);
      expect(rest.point.core.data).toEqual(whole.point.core.data);
    }
  });

  test('a mode longer than all others together changes nothing but the time', () => {
    for (const mode of [0, 1, 2]) {
      const shape = [4, 4, 4].map((n, k) => (k === mode ? 100 : n + k));
      const T = noisy(lowRank(shape, 3), 0.4);
      const options = { ranks: [2, 3, 2], tol: 1e-10, maxIter: 2000 };
      const model = tuckerAls(T, options);
      expect(model.solution.status).toBe('converged');
      // Factors of the whole tensor, and the core that belongs to them.
      const core = multiModeProduct(T, model.factors, { transpose: true });
      expect(distance(core, model.core)).toBeLessThan(1e-12 * norm(T));
      expect(model.error).toBeCloseTo(model.relativeError(T), 12);
      for (const slope of slopes(T, model)) expect(Math.abs(slope)).toBeLessThan(1e-7);
      for (const U of model.factors) {
        const gram = multiModeProduct(new Tensor([U.cols, U.rows], U.data.slice()), [undefined, U], {
          transpose: true,
        });
        for (const [e, v] of gram.data.entries()) expect(v).toBeCloseTo(e % (U.cols + 1) === 0 ? 1 : 0, 13);
      }
      // A checkpoint with the factor of the long mode itself, as written before modes were shortened.
      const { factors } = hosvd(T, { ranks: options.ranks });
      const from = {
        ...{ iteration: 3, objective: 1, still: 0, least: 1, factors: factors.map(({ data }) => data.slice()) },
        core: multiModeProduct(T, factors, { transpose: true }).data.map((v) => v / norm(T)),
      };
      expect(tuckerAls(T, { ...options, resume: from }).error).toBeCloseTo(model.error, 9);
      for (const scale of [1e150, 1e-150]) {
        const scaled = new Tensor(
          T.shape,
          T.data.map((v) => scale * v),
        );
        expect(tuckerAls(scaled, options).error).toBeCloseTo(model.error, 9);
      }
      const flat = Tensor.fromFunction(shape, () => 2);
      expect(tuckerAls(flat, { ranks: [1, 1, 1] }).error).toBeLessThan(1e-13);
    }
  });
});
