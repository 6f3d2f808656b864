import { Arena, ThreadPool } from '@southwell/kernels';
import { decodeCheckpoint, encodeCheckpoint, Random, run } from '@southwell/numerics/core';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  adagrad,
  adamW,
  clipNorm,
  clipValues,
  constantRate,
  cosineDecay,
  equalAverage,
  exponentialAverage,
  gradientNorm,
  linearDecay,
  loadState,
  lowRankAdamW,
  muon,
  type Numbers,
  oneCycle,
  rangesOf,
  StochasticLineSearch,
  type StochasticProblem,
  type StochasticState,
  saveState,
  sgd,
  stateBytes,
  stepDecay,
  stochasticIterates,
  type TrainingOptimiser,
  trion,
} from '../index.ts';
import { sentence } from '../testing.ts';

const ranges = rangesOf([[4, 3], [3], [2, 2]]);
const N = 19;
const optimisers: Record<string, TrainingOptimiser> = {
  sgd: sgd({ rate: 0.1 }),
  momentum: sgd({ rate: 0.02, momentum: 0.9 }),
  adamW: adamW({ rate: cosineDecay({ rate: 0.1, steps: 20 }) }),
  amsgrad: adamW({ rate: 0.1, amsgrad: true }),
  adagrad: adagrad({ rate: 0.1 }),
  muon: muon({ rate: 0.02 }),
  lowRankAdamW: lowRankAdamW({ rate: 0.05, rank: 1 }),
  'lowRankAdamW with singular vectors and quantised feedback': lowRankAdamW({
    ...{ rate: 0.05, rank: 2, subspace: 'svd', updateEvery: 3, errorFeedback: 8 },
  }),
  'lowRankAdamW with random vectors and feedback': lowRankAdamW({
    ...{ rate: 0.05, rank: 1, subspace: 'fresh', errorFeedback: 'full' },
  }),
  trion: trion({ rate: 0.02, rank: 1 }),
};
const slope = (x: Numbers, g: Numbers) => {
  for (let i = 0; i < x.length; i++) g[i] = (1 + i) * x[i] + Math.sin(5 * x[i]);
};

test.each(['sgd', 'momentum', 'adamW', 'amsgrad', 'adagrad'])(
  'threads share a step of %s, with the same bits',
  async (name) => {
    const arena = new Arena();
    const n = 40_003;
    const steps = (Kind: 'f32Block' | 'f64Block'): number[] => {
      const [x, g] = [arena[Kind](n), arena[Kind](n)];
      x.view.forEach((_, i) => {
        x.view[i] = Math.sin(i);
      });
      const state = optimisers[name].init(x.view);
      for (let k = 0; k < 3; k++) {
        slope(x.view, g.view);
        optimisers[name].step(state, x.view, g.view);
      }
      const end = Array.from(x.view);
      for (const held of [x, g, state]) held.free();
      return end;
    };
    for (const kind of ['f32Block', 'f64Block'] as const) {
      const alone = steps(kind);
      const pool = await ThreadPool.create({ arena, threads: 3 });
      expect(steps(kind)).toEqual(alone);
      await pool.close();
    }
  },
);

describe.each(Object.entries(optimisers))('%s', (name, optimiser) => {
  test.each([Float64Array, Float32Array])('a state that was saved and loaded goes on with the same bits', (Kind) => {
    const [x, g] = [new Kind(N).fill(0.5), new Kind(N)];
    const state = optimiser.init(x, ranges);
    const go = (s: ReturnType<typeof optimiser.init>, p: Numbers, steps: number) => {
      for (let k = 0; k < steps; k++) {
        slope(p, g);
        optimiser.step(s, p, g);
      }
    };
    go(state, x, 7);
    const text = encodeCheckpoint({ method: name, problem: '', iteration: 7, state: saveState(state) });
    const y = x.slice();
    go(state, x, 6);
    const saved = decodeCheckpoint<ReturnType<typeof saveState>>(text).state;
    const again = loadState(optimiser, saved, y, ranges);
    expect(again.steps).toBe(7);
    go(again, y, 6);
    expect(y).toEqual(x);
    expect(saveState(again)).toEqual(saveState(state));
    const slots = Object.values(saved.slots).reduce((n, { byteLength }) => n + byteLength, 0);
    expect(stateBytes(state)).toBe(slots + 8 * saved.scalars.length);
    state.free();
    expect(sentence(() => optimiser.step(state, x, g))).toMatch(/NOT_SUPPORTED: .*freed/);
  });

  test('what is not finite is named, and changes nothing', () => {
    for (const bad of [Number.NaN, Number.POSITIVE_INFINITY]) {
      const [x, g] = [new Float64Array(N).fill(0.5), new Float64Array(N).fill(1)];
      const state = optimiser.init(x, [{ name: 'w', from: 2, to: 9 }]);
      optimiser.step(state, x, g);
      const [before, kept] = [saveState(state), x.slice()];
      g[5] = bad;
      expect(sentence(() => optimiser.step(state, x, g))).toMatch(
        `NON_FINITE: The gradient holds ${bad} in entry 6, entry 4 of 'w'.`,
      );
      expect([saveState(state), x]).toEqual([before, kept]);
    }
    // Values whose squares are not doubles are finite.
    const x = new Float64Array(N);
    optimiser.step(optimiser.init(x), x, new Float64Array(N).fill(1e200), 0);
  });

  test('frozen parameters stay, whatever their gradient', () => {
    const [x, g] = [new Float64Array(N).fill(0.5), new Float64Array(N).fill(1)];
    const state = optimiser.init(x, [{ from: 3, to: 8, frozen: true }]);
    g.fill(Number.NaN, 3, 8);
    optimiser.step(state, x, g);
    expect(Array.from(x, (v) => v === 0.5)).toEqual(Array.from(x, (_, i) => i >= 3 && i < 8));
  });

  test('what does not fit is a sentence', () => {
    const x = new Float64Array(N);
    const state = optimiser.init(x, ranges);
    expect(sentence(() => optimiser.step(state, x, new Float64Array(3)))).toMatch(/INVALID_SHAPE: .*gradient has 3/);
    expect(sentence(() => optimiser.step(state, new Float32Array(N), x))).toMatch(/must be a Float64Array/);
    expect(sentence(() => optimiser.step(state, x, x, -1))).toMatch(/rate of a step must be finite and at least 0/);
    expect(sentence(() => optimiser.step(state, x, x, Number.NaN))).toMatch(/but is NaN/);
    expect(sentence(() => optimiser.init([1, 2] as never))).toMatch(/must be a Float32Array or Float64Array/);
    const other = name === 'adagrad' ? sgd({ rate: 1 }) : adagrad({ rate: 1 });
    expect(sentence(() => other.step(state, x, x))).toMatch(
      new RegExp(`belongs to ${optimiser.name}, not to ${other.name}`),
    );
    expect(sentence(() => loadState(other, saveState(state), x))).toMatch(/not of/);
    expect(sentence(() => loadState(optimiser, saveState(state), new Float64Array(3)))).toMatch(/saved for 19/);
    if (stateBytes(state) > 16) {
      expect(sentence(() => loadState(optimiser, saveState(state), new Float32Array(N), ranges))).toMatch(/precision/);
    }
  });
});

test('bytes: two numbers a parameter for Adam, one for a matrix of Muon, none of plain descent or what is frozen', () => {
  const x = new Float32Array(N);
  expect(stateBytes(optimisers.sgd.init(x))).toBe(0);
  expect(stateBytes(optimisers.adamW.init(x))).toBe(8 * N + 16);
  expect(stateBytes(optimisers.amsgrad.init(x))).toBe(12 * N + 16);
  expect(stateBytes(optimisers.muon.init(x, ranges))).toBe(4 * 16 + 8 * 3 + 16);
  const partly = ranges.map((range, k) => (k === 0 ? { ...range, frozen: true } : range));
  expect(stateBytes(optimisers.adamW.init(x, partly))).toBe(8 * 7 + 16);
});

test('ranges that are none are sentences', () => {
  const x = new Float64Array(10);
  const init = (...list: Parameters<TrainingOptimiser['init']>[1] & unknown[]) =>
    sentence(() => optimisers.sgd.init(x, list));
  expect(init({ from: 0, to: 5 }, { from: 4, to: 8, name: 'b' })).toMatch(/overlap: 'b' begins at 4/);
  expect(init({ from: 0, to: 11 })).toMatch(/end of 'range 1' must be a whole number from 0 to 10/);
  expect(init({ from: 0, to: 4, shape: [3, 2] })).toMatch(/do not match the shape \[3,2\]/);
  expect(init({ from: 0, to: 4, rateFactor: -1 })).toMatch(/rateFactor of 'range 1'/);
  expect(init({ from: 0, to: 4, rate: 1 } as never)).toMatch(/has no option 'rate'/);
  expect(sentence(() => rangesOf([[2, 1.5, 1]]))).toMatch(/must be whole numbers/);
});

test('options that are none are sentences', () => {
  expect(sentence(() => sgd({ rate: -1 }))).toMatch(/rate must be a schedule, or finite and at least 0, but is -1/);
  expect(sentence(() => sgd({ rate: 1, nesterov: true }))).toMatch(/momentum above 0/);
  expect(sentence(() => sgd({} as never))).toMatch(/rate must be .* but is undefined/);
  expect(sentence(() => sgd({ rate: 1, momentum: 1 }))).toMatch(/momentum must be at least 0 and below 1/);
  expect(sentence(() => adamW({ rate: 1, epsilon: 0 }))).toMatch(/epsilon/);
  expect(sentence(() => adamW({ rate: 1, beta2: 1.5 }))).toMatch(/beta2/);
  expect(sentence(() => adamW({ rate: 1, weightDecay: Number.NaN }))).toMatch(
    /weightDecay must be finite and at least 0, but is NaN/,
  );
  expect(sentence(() => muon({ rate: 1, iterations: 0 }))).toMatch(/iterations/);
  expect(sentence(() => cosineDecay({ rate: 1, steps: 5, warmup: 5 }))).toMatch(/warmup/);
  expect(sentence(() => linearDecay({ rate: 1, steps: 5, least: 2 }))).toMatch(/least/);
  expect(sentence(() => stepDecay({ rate: 1, every: 0 }))).toMatch(/every/);
  expect(sentence(() => oneCycle({ rate: 1, steps: 9, shape: 'x' as never }))).toMatch(/shape/);
  expect(sentence(() => constantRate(-1))).toMatch(/rate/);
  expect(sentence(() => new StochasticLineSearch({ stepsPerEpoch: 0 }))).toMatch(/stepsPerEpoch/);
});

test('Muon’s steps are nearly orthogonal: singular values between 0.65 and 1.25', () => {
  const random = new Random(3);
  for (const [rows, cols] of [
    [6, 6],
    [20, 3],
    [3, 20],
  ]) {
    const g = Float64Array.from({ length: rows * cols }, () => random.normal());
    const x = new Float64Array(rows * cols);
    const rule = muon({ rate: 1 });
    rule.step(rule.init(x, rangesOf([[rows, cols]])), x, g);
    const small = Math.min(rows, cols);
    const scale = Math.max(1, cols / rows);
    // Of XXᵀ over the smaller side: eigenvalues by the power method, largest of it and of what it lacks to the largest.
    const gram = Array.from({ length: small }, (_, a) =>
      Array.from({ length: small }, (_, b) => {
        let sum = 0;
        for (let t = 0; t < Math.max(rows, cols); t++) {
          sum += rows < cols ? x[a * cols + t] * x[b * cols + t] : x[t * cols + a] * x[t * cols + b];
        }
        return sum / scale;
      }),
    );
    const largest = (M: number[][]): number => {
      let v = M.map((_, i) => 1 + 0.1 * i);
      let value = 0;
      for (let k = 0; k < 2000; k++) {
        const w = M.map((row) => row.reduce((s, m, j) => s + m * v[j], 0));
        value = Math.hypot(...w);
        v = w.map((u) => u / (value || 1));
      }
      return value;
    };
    const top = largest(gram);
    const bottom = top - largest(gram.map((row, i) => row.map((m, j) => (i === j ? top - m : -m))));
    expect(Math.sqrt(top)).toBeLessThan(1.25);
    expect(Math.sqrt(bottom)).toBeGreaterThan(0.65);
  }
});

describe('clipping', () => {
  test('norms have the same bits wherever the gradient lies, and never leave the range of doubles', () => {
    const g = Float64Array.from({ length: 9001 }, (_, i) => Math.sin(i));
    const exact = Math.sqrt(g.reduce((s, v) => s + v * v, 0));
    expect(gradientNorm(g)).toBeCloseTo(exact, 10);
    expect(gradientNorm(g.map((v) => v * 1e200))).toBeCloseTo(exact * 1e200, -190);
    expect(gradientNorm(g.map((v) => v * 1e-200)) / (exact * 1e-200)).toBeCloseTo(1, 12);
    expect(gradientNorm(new Float32Array(5))).toBe(0);
    expect(sentence(() => gradientNorm(Float32Array.of(1, Number.NaN)))).toMatch(/NON_FINITE: .*NaN in entry 2/);
  });
  test('by norm and by value', () => {
    const g = Float64Array.of(3, 4);
    expect(clipNorm(g, 10)).toBe(5);
    expect([...g]).toEqual([3, 4]);
    expect(clipNorm(g, 1)).toBe(5);
    expect(Math.hypot(...g)).toBeCloseTo(1, 15);
    const h = Float32Array.of(-7, 0.5, Number.POSITIVE_INFINITY);
    expect(clipValues(h, 2)).toBe(2);
    expect([...h]).toEqual([-2, 0.5, 2]);
    expect(sentence(() => clipValues(Float32Array.of(Number.NaN), 1))).toMatch(/NON_FINITE/);
    expect(sentence(() => clipNorm(g, 0))).toMatch(/above 0/);
  });
});

test('averages keep their state, and refuse what is another’s', () => {
  const a = exponentialAverage({ decay: 0.5 });
  expect(sentence(() => a.values)).toMatch(/EMPTY/);
  a.take(Float32Array.of(1, 2));
  const b = exponentialAverage({ decay: 0.5 });
  b.restore(a.state());
  for (const average of [a, b]) average.take(Float32Array.of(3, 0));
  expect([...b.values]).toEqual([2, 1]);
  expect(b.state()).toEqual(a.state());
  expect(sentence(() => equalAverage().restore(a.state()))).toMatch(/not equal/);
  expect(sentence(() => a.take(Float64Array.of(1, 2)))).toMatch(/INVALID_SHAPE/);
});

/** Least squares (or logistic regression) that some point fits exactly, as a problem of batches. */
function interpolating(logistic: boolean, n = 60, d = 90): StochasticProblem & { full(): number; evaluations: number } {
  const random = new Random(5);
  const X = Float64Array.from({ length: n * d }, () => random.normal());
  const w = Float64Array.from({ length: d }, () => random.normal());
  const dot = (i: number, p: Numbers) => {
    let s = 0;
    for (let j = 0; j < d; j++) s += X[i * d + j] * p[j];
    return s;
  };
  const y = Float64Array.from({ length: n }, (_, i) => (logistic ? Math.sign(dot(i, w)) : dot(i, w)));
  const parameters = new Float64Array(d);
  const gradient = new Float64Array(d);
  const loss = (i: number): [number, number] => {
    const s = dot(i, parameters);
    if (!logistic) return [(s - y[i]) ** 2 / 2, s - y[i]];
    const t = Math.exp(-y[i] * s);
    return [Math.log1p(t), (-y[i] * t) / (1 + t)];
  };
  return {
    ...{ examples: n, parameters, gradient, evaluations: 0 },
    evaluate(batch) {
      this.evaluations++;
      gradient.fill(0);
      let value = 0;
      for (const i of batch) {
        const [v, slope] = loss(i);
        value += v / batch.length;
        for (let j = 0; j < d; j++) gradient[j] += (slope * X[i * d + j]) / batch.length;
      }
      return value;
    },
    full() {
      let value = 0;
      for (let i = 0; i < n; i++) value += loss(i)[0] / n;
      return value;
    },
  };
}

describe('stochastic line search', () => {
  test('least squares that can be fitted: as fast as a straight line of logarithms, without a rate', () => {
    const problem = interpolating(false);
    const search = new StochasticLineSearch({ stepsPerEpoch: 10 });
    const start = problem.full();
    const losses: number[] = [];
    run(stochasticIterates(problem, search, { batchSize: 6, epochs: 120 }), {
      onIterate: ({ iteration }) => {
        if (iteration % 300 === 0) losses.push(problem.full() / start);
      },
    });
    // Each thirty epochs gain at least a factor of 30, down to rounding.
    expect(losses).toHaveLength(5);
    for (let k = 1; k < 5; k++) expect(losses[k]).toBeLessThan(Math.max(losses[k - 1] / 30, 1e-25));
    expect(losses[4]).toBeLessThan(1e-6);
    expect(search.failures).toBe(0);
  });
  test('separable logistic regression', () => {
    const problem = interpolating(true);
    const search = new StochasticLineSearch({ stepsPerEpoch: 10, longest: 100 });
    const start = problem.full();
    run(stochasticIterates(problem, search, { batchSize: 6, epochs: 40 }));
    expect(problem.full()).toBeLessThan(1e-3 * start);
  });
  test('every length that is taken satisfies the condition, and the one before it, if tried, did not', () => {
    fc.assert(
      fc.property(
        fc.array(fc.double({ min: -3, max: 3, noNaN: true }), { minLength: 2, maxLength: 5 }),
        fc.double({ min: 0.01, max: 0.5, noNaN: true }),
        fc.double({ min: 0.3, max: 0.9, noNaN: true }),
        fc.double({ min: 0.1, max: 100, noNaN: true }),
        (start, sufficient, shrink, longest) => {
          const f = (x: Float64Array) => x.reduce((s, v, i) => s + (1 + i) * v ** 2 + Math.sin(3 * v), 0);
          const x = Float64Array.from(start);
          const g = x.map((v, i) => 2 * (1 + i) * v + 3 * Math.cos(3 * v));
          const search = new StochasticLineSearch({ stepsPerEpoch: 1, sufficient, shrink, longest });
          const [before, value] = [x.slice(), f(x)];
          const found = search.step(x, g, value, () => f(x));
          const square = g.reduce((s, v) => s + v * v, 0);
          if (!found) {
            expect(x).toEqual(before);
            return;
          }
          const slack = 1e-12 * (1 + Math.abs(value) + square);
          expect(f(x)).toBeLessThanOrEqual(value - sufficient * search.length * square + slack);
          if (search.length === longest) return;
          const longer = search.length / shrink;
          expect(f(before.map((v, i) => v - longer * g[i]))).toBeGreaterThan(
            value - sufficient * longer * square - slack,
          );
        },
      ),
      { numRuns: 200, seed: 4 },
    );
  });
  test('where nothing is short enough the point stays; what is not finite is named', () => {
    const x = Float64Array.of(1);
    const search = new StochasticLineSearch({ stepsPerEpoch: 1 });
    expect(search.step(x, Float64Array.of(1), 0, () => 1)).toBe(false);
    expect([x[0], search.failures]).toEqual([1, 1]);
    expect(sentence(() => search.step(x, x, Number.NaN, () => 0))).toMatch(/NON_FINITE/);
    expect(sentence(() => search.step(x, Float64Array.of(Number.NaN), 0, () => 0))).toMatch(/NON_FINITE/);
  });
});

describe('stochastic iterates', () => {
  test.each(['adamW', 'search'])('cut anywhere and resumed, %s goes on with the same bits', (kind) => {
    const make = () =>
      kind === 'search' ? new StochasticLineSearch({ stepsPerEpoch: 7 }) : adamW({ rate: 0.01, weightDecay: 0 });
    const options = () => ({ batchSize: 8, epochs: 4, seed: 3, clip: 5, average: exponentialAverage({ decay: 0.9 }) });
    const whole = options();
    const expected = run(stochasticIterates(interpolating(false), make(), whole));
    expect([expected.status, expected.iterations]).toEqual(['completed', 28]);
    for (const cut of [0, 1, 7, 13]) {
      let kept: StochasticState | undefined;
      const first = run(stochasticIterates(interpolating(false), make(), options()), {
        maxIter: cut,
        checkpoint: { save: (state) => (kept = state as StochasticState) },
      });
      expect(first.status).toBe('iteration-limit');
      const own = options();
      const last = run(stochasticIterates(interpolating(false), make(), { ...own, resume: kept }));
      expect(last.point).toEqual(expected.point);
      expect(last.objective).toBe(expected.objective);
      expect(own.average.state()).toEqual(whole.average.state());
    }
  });
  test('the seed decides the order', () => {
    const end = (seed: number) =>
      run(stochasticIterates(interpolating(false), sgd({ rate: 0.01 }), { epochs: 1, batchSize: 4, seed })).point;
    expect(end(1)).toEqual(end(1));
    expect(end(1)).not.toEqual(end(2));
  });
  test('a run that leaves the numbers says so', () => {
    const s = run(stochasticIterates(interpolating(false), sgd({ rate: 10 }), { epochs: 400, batchSize: 60 }));
    expect(['diverged', 'failed']).toContain(s.status);
    expect(s.point.every(Number.isFinite)).toBe(true);
  });
  test('options that are none are sentences', () => {
    const go = (options: object) =>
      sentence(() => run(stochasticIterates(interpolating(false), sgd({ rate: 1 }), options as never)));
    expect(go({ epochs: 1, batchSize: 61 })).toMatch(/batchSize must be a whole number from 1 to 60/);
    expect(go({ epochs: -1 })).toMatch(/epochs/);
    expect(go({ epochs: 1, batchsize: 3 })).toMatch(/did you mean 'batchSize'/);
  });
});
