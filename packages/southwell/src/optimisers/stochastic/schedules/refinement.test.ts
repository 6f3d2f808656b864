import { decodeCheckpoint, encodeCheckpoint, Random, run } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import {
  adamW,
  descentIterates,
  fitWarmupPower,
  GradientNorms,
  inverseDecay,
  inverseRootDecay,
  lastIterateBound,
  linearDecay,
  optimalSchedule,
  refineSchedule,
  type StochasticProblem,
  type StochasticState,
  sgd,
  smoothNorms,
  stochasticIterates,
  tabulatedSchedule,
  warmupPowerDecay,
} from '../../index.ts';
import { medianFilter } from './medianFilter.ts';

const random = new Random(26);
const list = (T: number, of: (t: number) => number) => Float64Array.from({ length: T }, (_, t) => of(t));
const rough = (T: number) => list(T, () => Math.exp(random.normal()));
const near = (found: ArrayLike<number>, expected: ArrayLike<number>, tol: number) => {
  expect(found.length).toBe(expected.length);
  for (let t = 0; t < found.length; t++)
    expect(Math.abs(found[t] - expected[t]), `place ${t}`).toBeLessThanOrEqual(
      tol * Math.max(1e-3, Math.abs(expected[t])),
    );
};

describe('refined schedules', () => {
  test.each([2, 3, 10, 1001])('of %i equal norms are the line to zero, to the last bit', (T) => {
    for (const norm of ['l2', 'l1'] as const)
      for (const G of [1, 3.7, 1e-200, 1e200])
        expect(refineSchedule(new Float64Array(T).fill(G), { norm })).toEqual(list(T, (t) => (T - 1 - t) / (T - 1)));
  });

  test('are the sum of the definition, for norms that grow or fall exponentially and rough ones', () => {
    for (const norms of [list(300, (t) => 1.03 ** t), list(300, (t) => 0.97 ** t), rough(300)]) {
      for (const [norm, power] of [
        ['l2', 2],
        ['l1', 1],
      ] as const) {
        const w = norms.map((g) => g ** -power);
        const plain = w.map((v, t) => v * w.subarray(t + 1).reduce((a, b) => a + b, 0));
        const most = Math.max(...plain);
        near(
          refineSchedule(norms, { norm, smoothing: 0 }),
          plain.map((v) => v / most),
          1e-12,
        );
        expect(refineSchedule(norms, { norm: norm === 'l2' ? 'l1' : 'l2', power, smoothing: 0 })).toEqual(
          refineSchedule(norms, { norm, smoothing: 0 }),
        );
      }
    }
  });

  test('do not depend on the unit of norms, end at 0, reach 1, and have no NaN where norms are zero', () => {
    for (let trial = 0; trial < 100; trial++) {
      const norms = rough(2 + random.integer(200)).map((g) => (random.uniform() < 0.1 ? 0 : g));
      norms[0] = 1;
      const schedule = refineSchedule(norms);
      near(refineSchedule(norms.map((g) => 1e9 * g)), schedule, 1e-12);
      expect(refineSchedule(norms.map((g) => 2 * g))).toEqual(schedule);
      expect([schedule.at(-1), Math.max(...schedule)]).toEqual([0, 1]);
      for (const v of schedule) expect(v >= 0 && v <= 1).toBe(true);
    }
    // Most of the norms are zero: then it is they that weigh.
    const mostly = refineSchedule([5, 0, 0, 0, 0, 0], { smoothing: 0 });
    expect(mostly[0]).toBeLessThan(1e-20);
    near(mostly.subarray(1), [1, 0.75, 0.5, 0.25, 0], 1e-12);
  });

  test('norms that rise threefold at the end take the last tenth down faster, low ones at the start make a warm-up', () => {
    const T = 1000;
    const line = list(T, (t) => (T - 1 - t) / (T - 1));
    const rising = refineSchedule(list(T, (t) => (t < 900 ? 1 : 1 + (2 * (t - 900)) / 100)));
    for (let t = 900; t < T - 1; t++) expect(rising[t]).toBeLessThan(line[t]);
    const steep = refineSchedule(list(T, (t) => 1 + 9 * Math.exp(-t / 50)));
    expect(steep[0]).toBeLessThan(0.1);
    expect(steep.indexOf(1)).toBeGreaterThan(0.02 * T);
  });

  test('are read off at other lengths', () => {
    near(
      refineSchedule(new Float64Array(50).fill(2), { outputSteps: 7 }),
      list(7, (t) => (6 - t) / 6),
      1e-12,
    );
    near(
      refineSchedule(new Float64Array(5).fill(2), { outputSteps: 400 }),
      list(400, (t) => (399 - t) / 399),
      1e-12,
    );
    const norms = list(501, (t) => 1 + Math.cos(t / 80) / 2);
    const whole = refineSchedule(norms);
    const half = refineSchedule(norms, { outputSteps: 251 });
    near(
      half,
      list(251, (t) => whole[2 * t] / Math.max(...list(251, (k) => whole[2 * k]))),
      1e-9,
    );
    expect(refineSchedule([1, 2], { outputSteps: 2 })).toEqual(Float64Array.of(1, 0));
  });

  test.each<[ArrayLike<number>, object, string]>([
    [[], {}, 'A schedule needs the norms of at least two steps, not of 0.'],
    [[1], {}, 'A schedule needs the norms of at least two steps, not of 1.'],
    [[0, 0, 0], {}, 'All norms are zero, so that they do not determine a schedule.'],
    [[1, Number.NaN], {}, 'The norm of step 2 is NaN: leave such steps out.'],
    [[1, -1], {}, 'The norm of step 2 is -1, but norms are at least 0.'],
    [[1, 1], { smoothing: 2 }, 'smoothing must be from 0 to 1, but is 2.'],
    [[1, 1], { norm: 'max' }, 'norm must be one of l2, l1, but is max.'],
    [[1, 1], { power: 3 }, 'power must be a whole number from 1 to 2, but is 3.'],
    [[1, 1], { outputSteps: 1 }, 'outputSteps'],
    [[1, 1], { smothing: 0.1 }, "refineSchedule has no option 'smothing'; did you mean 'smoothing'?"],
  ])('%j with %j is told', (norms, options, message) => {
    expect(() => refineSchedule(norms, options)).toThrow(message);
  });
});

test('running medians are those of windows that are written out, at both edges', () => {
  const direct = (values: Float64Array, half: number) => {
    // First the first one over and over, then a mirror that is as long as the values.
    const left = new Array<number>(half).fill(values[0]);
    const right = [...values.slice(0, -1)].reverse();
    const padded = [...left, ...values, ...right];
    return list(values.length, (t) => padded.slice(t, t + 2 * half + 1).sort((a, b) => a - b)[half]);
  };
  expect(medianFilter(Float64Array.of(9, 1, 2, 8, 7), 1)).toEqual(Float64Array.of(9, 2, 2, 7, 8));
  for (const T of [2, 3, 5, 16, 17, 100])
    for (let half = 0; half < T && 2 * half <= T; half++) {
      // Ties too.
      const values = list(T, () => random.integer(half % 2 ? 5 : 1e6));
      expect(medianFilter(values, half)).toEqual(direct(values, half));
    }
  const norms = rough(61);
  const half = Math.floor((0.3 * 61) / 2);
  near(
    smoothNorms(norms, 0.3),
    direct(norms, half).map((g) => g / [...norms].sort((a, b) => a - b)[30]),
    1e-12,
  );
});

describe('the bound on the last iterate', () => {
  /** As the paper writes it. */
  const written = (steps: Float64Array, norms: Float64Array, D: number) => {
    const T = steps.length;
    const tail = (k: number, of: (t: number) => number) => list(T - k, (t) => of(k + t)).reduce((a, b) => a + b, 0);
    const sum = (k: number) => tail(k, (t) => steps[t]);
    const squares = (k: number) => tail(k, (t) => (norms[t] * steps[t]) ** 2);
    let bound = (D * D + squares(0)) / (2 * sum(0));
    for (let k = 0; k < T - 1; k++) bound += ((steps[k] / sum(k + 1) / sum(k)) * squares(k)) / 2;
    return bound;
  };

  test('is the one that the paper writes, rearranged', () => {
    for (let trial = 0; trial < 50; trial++) {
      const T = 1 + random.integer(40);
      const [steps, norms] = [rough(T), rough(T)];
      const D = random.uniform() * 5;
      expect(lastIterateBound(steps, norms, D) / written(steps, norms, D)).toBeCloseTo(1, 10);
    }
    expect(lastIterateBound([1, 0], 1, 1)).toBe(Number.POSITIVE_INFINITY);
  });

  test('its least is where L-BFGS on the bound as written finds it, with a gradient that differences confirm', () => {
    for (const norms of [new Float64Array(30).fill(2), rough(30), list(40, (t) => 1 + 5 * Math.exp(-t / 4))]) {
      const T = norms.length;
      const D = 3;
      /** In logarithms, so that steps stay above 0. */
      const f = (x: Float64Array, g: Float64Array) => {
        const steps = x.map(Math.exp);
        const a = norms.map((v) => v * v);
        const sums = list(T + 1, (k) => steps.subarray(k).reduce((p, q) => p + q, 0));
        // ∂/∂λ_t of ½[D²/Λ_1 + Σ a_kλ_k²/Λ_{k+1} + a_Tλ_T].
        let before = -((D / sums[0]) ** 2);
        for (let t = 0; t < T; t++) {
          if (t > 0) before -= a[t - 1] * (steps[t - 1] / sums[t]) ** 2;
          const own = t < T - 1 ? (2 * a[t] * steps[t]) / sums[t + 1] : a[t];
          g[t] = (steps[t] * (before + own)) / 2;
        }
        return written(steps, norms, D);
      };
      const x = list(T, () => random.normal());
      const [g, scratch] = [new Float64Array(T), new Float64Array(T)];
      f(x, g);
      for (const t of [0, 1, T >> 1, T - 2, T - 1]) {
        const at = (h: number) =>
          f(
            x.map((v, k) => (k === t ? v + h : v)),
            scratch,
          );
        expect(Math.abs((at(1e-5) - at(-1e-5)) / 2e-5 - g[t])).toBeLessThan(1e-6 * (1 + Math.abs(g[t])));
      }
      const start = new Float64Array(T).fill(Math.log(D / Math.sqrt(T)));
      const found = run(descentIterates(f, start), { tol: 1e-10, maxIter: 5000 });
      const { steps, bound } = optimalSchedule(norms, D);
      expect(bound / found.objective!).toBeCloseTo(1, 9);
      expect(bound / lastIterateBound(steps, norms, D)).toBeCloseTo(1, 12);
      near(steps, found.point.map(Math.exp), 1e-3);
    }
  });

  test('equal norms: about a line, and no other schedule has a lower bound', () => {
    const T = 100;
    const { steps, bound } = optimalSchedule(new Float64Array(T).fill(1), 1);
    const line = (top: number) => list(T, (t) => (top * (T - t)) / T);
    const best = Math.min(...list(400, (k) => lastIterateBound(line((k + 1) / 1000), 1, 1)));
    expect(bound).toBeLessThanOrEqual(best);
    expect(Math.abs((bound * Math.sqrt(T)) / 2 - 1)).toBeLessThan(0.001);
    // Away from both ends: the last values weigh the point that is returned.
    for (let t = 5; t <= 80; t++)
      expect(Math.abs(steps[t] / ((steps[50] * (T + 1 - t)) / (T - 49)) - 1)).toBeLessThan(0.02);
    for (let trial = 0; trial < 200; trial++) {
      const other = steps.map((v) => v * Math.exp(0.3 * random.normal()));
      expect(lastIterateBound(other, 1, 1)).toBeGreaterThanOrEqual(bound);
    }
    const far = optimalSchedule(new Float64Array(T).fill(1e-160), 1e100);
    near(
      far.steps.map((v) => v / 1e260),
      steps,
      1e-12,
    );
  });

  test('is kept by the steps that it chooses, on functions with a corner', () => {
    for (let trial = 0; trial < 40; trial++) {
      const [n, T] = [1 + random.integer(6), 5 + random.integer(100)];
      const rows = Array.from({ length: 4 }, () => list(n, () => random.normal()));
      const dot = (a: Float64Array, b: Float64Array) => a.reduce((s, v, k) => s + v * b[k], 0);
      // Least at 0, with value 0.
      const f = (x: Float64Array) => Math.max(...rows.map((h) => Math.abs(dot(h, x))));
      const G = Math.max(...rows.map((h) => Math.hypot(...h)));
      const x = list(n, () => random.normal());
      const D = Math.hypot(...x);
      const { steps, bound } = optimalSchedule(new Float64Array(T).fill(G), D);
      for (let t = 0; t < T - 1; t++) {
        const h = rows.reduce((a, b) => (Math.abs(dot(b, x)) > Math.abs(dot(a, x)) ? b : a));
        const sign = Math.sign(dot(h, x));
        for (let k = 0; k < n; k++) x[k] -= steps[t] * sign * h[k];
      }
      expect(f(x)).toBeLessThanOrEqual(bound * (1 + 1e-12));
    }
  });

  test.each<[() => unknown, string]>([
    [() => optimalSchedule([], 1), 'A schedule needs the norm of at least one step.'],
    [
      () => optimalSchedule([1, 0], 1),
      'The norm of step 2 is 0, so that its step is unbounded: smooth the norms first.',
    ],
    [() => optimalSchedule([1], 0), 'The distance is 0: a run that starts at the solution needs no steps.'],
    [() => optimalSchedule([1], -1), 'The distance must be a number of at least 0, but is -1.'],
    [() => lastIterateBound([], 1, 1), 'A bound on the last iterate needs at least one step.'],
    [() => lastIterateBound([1, 1], [1], 1), 'There are 2 steps, but 1 norms.'],
    [() => lastIterateBound([-1], 1, 1), 'Step 1 must be a number of at least 0, but is -1.'],
  ])('%s is told', (call, message) => {
    expect(call).toThrow(message);
  });
});

test('conversion: the last of averaged iterates is bounded by the regret, on 1000 random quadratics', () => {
  for (let trial = 0; trial < 1000; trial++) {
    const [n, T] = [1 + random.integer(4), 2 + random.integer(20)];
    const curvature = list(n, () => 3 * random.uniform());
    const u = list(n, () => random.normal());
    const value = (x: Float64Array) => x.reduce((s, v, k) => s + (curvature[k] * (v - k) ** 2) / 2, 0);
    const w = list(T, () => 0.01 + random.uniform());
    const after = list(T + 1, (t) => w.subarray(t).reduce((a, b) => a + b, 0));
    let x = list(n, () => 2 * random.normal());
    const z = x.slice();
    let regret = 0;
    for (let t = 0; ; t++) {
      const gradient = x.map((v, k) => curvature[k] * (v - k));
      regret += w[t] * gradient.reduce((s, g, k) => s + g * (z[k] - u[k]), 0);
      if (t === T - 1) break;
      const move = list(n, () => random.normal());
      for (let k = 0; k < n; k++) z[k] += move[k];
      x = x.map((v, k) => v + (after[t + 1] / after[0]) * move[k]);
    }
    expect(value(x) - value(u)).toBeLessThanOrEqual(regret / after[0] + 1e-9);
  }
});

describe('schedules in closed form', () => {
  test('inverses, a warm-up with a power, a table', () => {
    const first = (schedule: (step: number) => number) => [0, 1, 3].map(schedule);
    expect(first(inverseDecay({ rate: 2 }))).toEqual([2, 1, 0.5]);
    expect(first(inverseRootDecay({ rate: 2 }))).toEqual([2, 2 * Math.sqrt(0.5), 1]);
    expect(inverseDecay({ rate: 1, after: 10 })(10)).toBe(0.5);
    near(
      [0, 4, 9, 99, 120].map(warmupPowerDecay({ rate: 3, steps: 100, warmup: 0.1, power: 2 })),
      [0.3, 1.5, 3, 0, 0],
      1e-12,
    );
    near(
      list(100, warmupPowerDecay({ rate: 1, steps: 100 })),
      list(100, (t) => (99 - t) / 100),
      1e-12,
    );
    expect([0, 1, 2, 9].map(tabulatedSchedule({ rate: 2, values: [1, 0.5, 0] }))).toEqual([2, 1, 0, 0]);
  });

  test.each([
    [0.2, 0.9],
    [0.28, 1],
    [0.45, 0.8],
    [0, 1.5],
    [0.01, 3],
  ])('a warm-up of %f and a power of %f are found again', (warmup, power) => {
    for (const T of [150, 5000]) {
      const shape = list(T, warmupPowerDecay({ rate: 7, steps: T, warmup, power }));
      const found = fitWarmupPower(shape);
      expect(found.error).toBeLessThan(0.01);
      expect(Math.abs(found.warmup - warmup)).toBeLessThan(0.015);
      expect(Math.abs(found.power / power - 1)).toBeLessThan(0.03);
    }
  });

  test.each<[() => unknown, string]>([
    [() => inverseDecay({ rate: 1, after: 0 }), 'after must be finite and above 0, but is 0.'],
    [() => warmupPowerDecay({ rate: 1, steps: 5, power: 0 }), 'power must be finite and above 0, but is 0.'],
    [() => warmupPowerDecay({ rate: 1, steps: 5, warmup: 1 }), 'warmup must be at least 0 and below 1, but is 1.'],
    [() => tabulatedSchedule({ rate: 1, values: [] }), 'A schedule needs at least one value.'],
    [
      () => tabulatedSchedule({ rate: 1, values: [1, -1] }),
      'Value 2 of the schedule must be finite and at least 0, but is -1.',
    ],
    [() => fitWarmupPower([1]), 'Fitting a shape needs at least two values, not 1.'],
    [() => fitWarmupPower([0, 0]), 'All values of the schedule are zero: there is no shape to fit.'],
    [() => fitWarmupPower([1, Number.NaN]), 'Value 2 of the schedule must be at least 0, but is NaN.'],
  ])('%s is told', (call, message) => {
    expect(call).toThrow(message);
  });
});

describe('norms of a run', () => {
  const N = 6;
  const seen: Float64Array[] = [];
  const problem = (): StochasticProblem => {
    const [parameters, gradient] = [new Float64Array(N).fill(1), new Float64Array(N)];
    return {
      ...{ examples: 20, parameters, gradient },
      evaluate(batch) {
        for (let k = 0; k < N; k++) gradient[k] = (k + 1) * parameters[k] + 0.1 * batch[0];
        seen.push(gradient.slice());
        return parameters.reduce((s, v) => s + v * v, 0);
      },
    };
  };
  const options = { batchSize: 5, epochs: 3, clip: 0.5, seed: 4 } as const;

  test('are of batches, of every step, before clipping and decay, without what is frozen', () => {
    for (const [kind, of] of [
      ['l2', (g: Float64Array) => Math.hypot(...g)],
      ['l1', (g: Float64Array) => g.reduce((s, v) => s + Math.abs(v), 0)],
    ] as const) {
      seen.length = 0;
      const norms = new GradientNorms(kind);
      run(stochasticIterates(problem(), sgd({ rate: 0.1, weightDecay: 0.3 }), { ...options, norms }));
      // The value after the last step is of no step.
      expect(seen.length).toBe(13);
      near(norms.values, seen.slice(0, 12).map(of), 1e-12);
      seen.length = 0;
      const some = new GradientNorms(kind);
      const ranges = [{ from: 1, to: 3, frozen: true }];
      run(stochasticIterates(problem(), sgd({ rate: 0.1 }), { ...options, ranges, norms: some }));
      near(
        some.values,
        seen.slice(0, 12).map((g) => of(g.map((v, k) => (k === 1 || k === 2 ? 0 : v)))),
        1e-12,
      );
    }
  });

  test('go on from a checkpoint', () => {
    const whole = new GradientNorms('l1');
    run(stochasticIterates(problem(), adamW({ rate: 0.1 }), { ...options, norms: whole }));
    let text = '';
    const save = (state: unknown, iteration: number) => {
      text = encodeCheckpoint({ method: 'adamW', problem: 'p', iteration, state });
    };
    const cut = { ...options, norms: new GradientNorms('l1') };
    run(stochasticIterates(problem(), adamW({ rate: 0.1 }), cut), { maxIter: 7, checkpoint: { every: 1, save } });
    const { state: resume } = decodeCheckpoint<StochasticState>(text, { method: 'adamW' });
    const rest = new GradientNorms('l1');
    run(stochasticIterates(problem(), adamW({ rate: 0.1 }), { ...options, norms: rest, resume }));
    expect(rest.values).toEqual(whole.values);
    expect(() => new GradientNorms('l2').restore(rest.state())).toThrow('The norms are l1, not l2.');
    expect(() => new GradientNorms('l3' as 'l2')).toThrow("norm must be 'l2' or 'l1', not 'l3'.");
    expect(() => rest.take(Float64Array.of(1, Number.NaN))).toThrow('The gradient holds NaN in entry 2');
  });
});

test('the line to zero is the schedule of the bound, whose last step is none', () => {
  // η(1 − t/T), t = 1 … T − 1, is the library's line of T − 1 steps from η(1 − 1/T).
  const T = 50;
  near(
    list(T - 1, linearDecay({ rate: (T - 1) / T, steps: T - 1 })),
    list(T - 1, (t) => 1 - (t + 1) / T),
    1e-12,
  );
});
