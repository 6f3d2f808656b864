import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { minimize } from './minimize.ts';
import { NoiseMeasure, rankChange } from './noise.ts';
import { Search } from './search.ts';

const sphere = (x: Float64Array) => x.reduce((s, v) => s + v * v, 0);
const median = (v: readonly number[]) => [...v].sort((a, b) => a - b)[v.length >> 1];

describe('repeats', () => {
  test('the method sees means, and the best point is the one of the least mean', () => {
    // Values 0, 1, 2 in turn above the sphere: their mean is the sphere plus 1.
    let calls = 0;
    const options = { dim: 2, lower: -2, upper: 3, seed: 4, budget: 300 } as const;
    const noisy = minimize((x) => sphere(x) + (calls++ % 3), { ...options, repeats: 3, budget: 900 });
    const plain = minimize((x) => sphere(x) + 1, options);
    // Sums of three differ in the last bits, which decides no rank here.
    noisy.point.forEach((v, i) => void expect(v).toBeCloseTo(plain.point[i], 9));
    expect(noisy.objective).toBeCloseTo(plain.objective, 12);
    expect(noisy.evaluations).toBe(900);
  });

  test('a search asks each point so often, in a row, and its best is none before all are told', () => {
    const search = new Search({ dim: 3, lower: 0, upper: 1, repeats: 4, method: 'random-search', budget: 9 });
    const points = [0, 1, 2, 3, 4].map(() => search.ask()!);
    expect(points.slice(1, 4).every((c) => c.x.every((v, i) => v === points[0].x[i]))).toBe(true);
    expect(points[4].x).not.toEqual(points[0].x);
    for (const [k, value] of [1, 2, 3].entries()) search.tell(points[k].id, value);
    expect(search.best).toBeUndefined();
    search.tell(points[3].id, 6);
    expect(search.best).toMatchObject({ value: 3, id: 3 });
  });

  test('they are part of the settings of a checkpoint', () => {
    const of = (repeats: number) => new Search({ dim: 2, repeats });
    expect(() => of(2).resume(of(3).checkpoint())).toThrow(/other settings/);
    expect(() => of(0)).toThrow(/repeats must be a whole number of at least 1/);
  });
});

describe('the uncertainty measure', () => {
  test('of ranks that stay is below zero, of ranks that are drawn anew above', () => {
    const random = new Random(1);
    const draw = () => Array.from({ length: 20 }, () => random.normal());
    const values = draw();
    // Even then two values of a point stand side by side; the limits are what chance alone stays under.
    expect(rankChange(values, values, 20)).toBeLessThan(0);
    const measures = Array.from({ length: 200 }, () => rankChange(draw(), draw(), 20));
    expect(measures.reduce((a, b) => a + b) / 200).toBeGreaterThan(1);
  });

  test('by the formula of the paper, written out for three points', () => {
    // Ranks among all six: old 1, 3, 5; new 6, 4, 2 (the second of these stays where it was).
    const [old, anew] = [
      [10, 30, 50],
      [60, 40, 20],
    ];
    const quantile = (r: number) => {
      const d = [1, 2, 3, 4, 5].map((k) => Math.abs(k - r)).sort((a, b) => a - b);
      return d[0] + 0.4 * (d[1] - d[0]); // a tenth of four steps
    };
    // |Δ| = 4, 0, 2 without the step over the own other value; limits at the ranks without it.
    const expected =
      [2 * 4 - quantile(5) - quantile(1), 0 - quantile(3) - quantile(3), 2 * 2 - quantile(2) - quantile(4)].reduce(
        (a, b) => a + b,
      ) / 3;
    expect(rankChange(old, anew, 3)).toBeCloseTo(expected, 12);
  });

  test('evaluations of a point grow where ranks are noise, and shrink to one where they are not', () => {
    const points = Array.from({ length: 8 }, (_, k) => Float64Array.of(k));
    const generation = (measure: NoiseMeasure, f: (x: Float64Array) => number): number => {
      const batch = measure.batch(Float64Array.of(0), points);
      const means = measure.means(Float64Array.from(batch, f));
      expect(means.length).toBe(8);
      measure.adapt();
      return batch.length;
    };
    const random = new Random(2);
    const measure = new NoiseMeasure(1, 8, new Random(1));
    const sizes = Array.from({ length: 30 }, () => generation(measure, () => random.normal()));
    expect(sizes[0]).toBe(8 + 2 + 1);
    expect(Math.max(...sizes)).toBeGreaterThan(10 * sizes[0]);
    for (let k = 0; k < 60; k++) generation(measure, sphere);
    expect(generation(measure, sphere)).toBe(8 + 2 + 1);
  });
});

describe('CMA-ES with noise', () => {
  const end = (options: { readonly noisy: boolean; readonly level: number; readonly seed: number }) => {
    const random = new Random(100 + options.seed);
    const r = minimize((x) => sphere(x) + options.level * random.normal(), {
      x0: [3, 3, 3, 3, 3],
      sigma: 1,
      budget: 20_000,
      seed: options.seed,
      method: { name: 'cma-es', noisy: options.noisy },
    });
    return { ...r, truth: sphere(r.point) };
  };
  const seeds = [1, 2, 3, 4, 5, 6, 7];

  test.each([0.1, 1])('of size %d comes nearer than without', (level) => {
    const [plain, noisy] = [false, true].map((on) => seeds.map((seed) => end({ noisy: on, level, seed })));
    expect(median(noisy.map((r) => r.truth))).toBeLessThan(0.5 * median(plain.map((r) => r.truth)));
    // The luckiest value lies far below any true one; that of the mean does not.
    expect(Math.max(...plain.map((r) => r.objective - r.truth))).toBeLessThan(0);
    const off = noisy.map((r) => (r.objective - r.truth) / level);
    expect(Math.abs(off.reduce((a, b) => a + b) / off.length)).toBeLessThan(0.25);
  });

  test('costs little where there is none', () => {
    const [plain, noisy] = [false, true].map((on) => end({ noisy: on, level: 0, seed: 1 }));
    expect(noisy.truth).toBeLessThan(1e-10);
    expect(noisy.evaluations).toBeLessThan(2 * plain.evaluations);
  });

  test('a resumed search ends as one that never stopped, and any order of answers gives the same', () => {
    const f = (x: Float64Array) => sphere(x) + Math.sin(1e6 * x[0]);
    const options = {
      dim: 3,
      lower: -2,
      upper: 3,
      seed: 3,
      budget: 900,
      method: { name: 'cma-es', noisy: true },
    } as const;
    const whole = minimize(f, options);
    const first = new Search(options);
    for (let k = 0; k < 333; k++) {
      const c = first.ask()!;
      first.tell(c.id, f(c.x));
    }
    const resumed = minimize(f, { ...options, resume: first.checkpoint() });
    expect(resumed.point).toEqual(whole.point);
    expect(resumed.objective).toBe(whole.objective);
  });

  test('a restart that ends worse does not take the place of a better end', () => {
    // Two bowls; only the start lies near the deeper one, restarts are drawn from the box of the other.
    const f = ([x]: Float64Array) => Math.min(x * x, 1 + (x - 8) ** 2);
    const method = { name: 'cma-es', noisy: true, schedule: 'same' } as const;
    const options = { lower: 0, upper: 10, x0: [0.5], sigma: 0.2, budget: 4000, method };
    for (const seed of [1, 2, 3, 4]) {
      const once = minimize(f, { ...options, seed });
      const again = minimize(f, { ...options, seed, restarts: 5 });
      expect(again.evaluations).toBeGreaterThan(once.evaluations);
      expect(again.objective).toBeLessThanOrEqual(once.objective);
      expect(f(again.point)).toBe(again.objective);
    }
  });

  test('gives no point before there is a value, and none of values that are not numbers', () => {
    const r = minimize(() => Number.NaN, { dim: 2, budget: 50, method: { name: 'cma-es', noisy: true } });
    expect(r.objective).toBe(Number.POSITIVE_INFINITY);
    expect(r.point).toEqual(new Float64Array(2));
  });
});
