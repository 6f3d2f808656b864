import { run, SouthwellError } from '@southwell/numerics/core';
import { medianInterval } from '@southwell/numerics/special';
import { describe, expect, test } from 'vitest';
import { fitPowerLaw, sampleComplexity, sampleComplexityIterates, sampleGrid } from './index.ts';

describe('power laws', () => {
  test('a law is found whole, with an interval of one point', () => {
    const x = [1, 2, 5, 9, 30];
    const { exponent, factor, ci, at } = fitPowerLaw(
      x,
      x.map((v) => 3 * v ** 1.7),
    );
    expect(exponent).toBeCloseTo(1.7, 12);
    expect(factor).toBeCloseTo(3, 12);
    expect(ci[1] - ci[0]).toBeLessThan(1e-12);
    expect(at(4)).toBeCloseTo(3 * 4 ** 1.7, 10);
  });

  test('slope, standard error and interval are those of scipy.stats.linregress on logarithms', () => {
    // linregress(np.log([4, 8, 16]), np.log([23, 128, 1448])); t.ppf(.975, 1)
    const { exponent, standardError, ci } = fitPowerLaw([4, 8, 16], [23, 128, 1448]);
    expect(exponent).toBeCloseTo(2.9881419655130963, 10);
    expect(standardError).toBeCloseTo(0.2954323968638858, 10);
    expect(ci[1] - exponent).toBeCloseTo(12.706204736174694 * 0.2954323968638858, 8);
    // linregress of log y on log x for several y at one x; t.ppf(.95, 3)
    const other = fitPowerLaw([1, 1, 2, 2, 10], [2, 3, 3, 7, 20], { level: 0.9 });
    expect(other.exponent).toBeCloseTo(0.9120989753369371, 10);
    expect(other.exponent - other.ci[0]).toBeCloseTo(2.3533634348018233 * 0.20378781643978278, 8);
  });

  test('two points have a slope and no interval', () => {
    const { exponent, ci } = fitPowerLaw([2, 4], [10, 40]);
    expect(exponent).toBeCloseTo(2, 12);
    expect(ci).toEqual([-Infinity, Infinity]);
  });

  test.each<[string, () => unknown]>([
    ['has 2 x and 1 y', () => fitPowerLaw([1, 2], [1])],
    ['y is Infinity at position 2', () => fitPowerLaw([1, 2], [1, Infinity])],
    ['x is 0 at position 1', () => fitPowerLaw([0, 2], [1, 2])],
    ['two different x', () => fitPowerLaw([2, 2], [1, 2])],
    ['two different x', () => fitPowerLaw([], [])],
    ['level must be above 0 and below 1', () => fitPowerLaw([1, 2], [1, 2], { level: 95 })],
    ["fitPowerLaw has no option 'levels'", () => fitPowerLaw([1, 2], [1, 2], { levels: 0.9 } as never)],
  ])('refuses: %s', (message, call) => {
    expect(call).toThrow(SouthwellError);
    expect(call).toThrow(message);
  });
});

describe('sample complexity', () => {
  /** A coin's bias is told from fair once a mean of signs is above 0.5: nothing of nets. */
  const coins = (throughout = false, seed = 1) =>
    sampleComplexity({
      generator: (random) => 20 + random.integer(30),
      learner: (needs, n) => needs / n,
      ...{ target: 1, grid: sampleGrid(1, 128, 1), repetitions: 9, throughout, seed },
    });

  test('each problem has the first number of the grid that does, and the median of these is told with its interval', () => {
    const { n50, ci, needed, curve } = coins();
    expect(needed.every((n) => n === 32 || n === 64)).toBe(true);
    expect(new Set(needed).size).toBe(2);
    const sorted = [...needed].sort((a, b) => a - b);
    expect(n50).toBe(sorted[4]);
    // Of nine, the second lowest and highest: P(fewer than 2 of 9 coins) = 10/512 < 0.025.
    expect(ci).toEqual([sorted[1], sorted[7]]);
    expect(curve.map(({ n }) => n)).toEqual([1, 2, 4, 8, 16, 32, 64]);
    expect(curve[5].reached).toBeCloseTo(needed.filter((n) => n === 32).length / 9, 14);
    expect(curve[6].errors).toHaveLength(needed.filter((n) => n === 64).length);
    expect(curve[6].reached).toBe(1);
  });

  test('the same seed draws the same problems, throughout or not', () => {
    expect(coins(true).needed).toEqual(coins().needed);
    expect(coins(true).curve.every(({ errors }) => errors.length === 9)).toBe(true);
    expect(coins(true).curve).toHaveLength(8);
    expect(coins(false, 2).curve).not.toEqual(coins().curve);
  });

  test('what a learner draws depends on the seed, the repetition and the number alone', () => {
    const drawn = (grid: number[], throughout: boolean) => {
      const seen = new Map<string, number>();
      sampleComplexity({
        generator: (random) => random.integer(1000),
        learner: (problem, n, random) => {
          const value = random.uniform();
          seen.set(`${problem} ${n}`, value);
          return value;
        },
        ...{ target: 0.3, grid, repetitions: 3, throughout },
      });
      return seen;
    };
    const [some, all] = [drawn([1, 2, 4], false), drawn([1, 2, 4], true)];
    for (const [key, value] of some) expect(all.get(key)).toBe(value);
    const values = [...all.values()];
    expect(new Set(values).size).toBe(values.length);
  });

  test('what never gets there needs infinitely many, and few repetitions have no interval', () => {
    const { n50, ci, curve } = sampleComplexity({
      generator: () => 0,
      learner: () => 1,
      target: 0.5,
      grid: [1, 2],
      repetitions: 3,
    });
    expect([n50, ...ci]).toEqual([Infinity, 0, Infinity]);
    expect(curve).toEqual([
      { n: 1, reached: 0, errors: [1, 1, 1] },
      { n: 2, reached: 0, errors: [1, 1, 1] },
    ]);
  });

  test('can be followed step by step', () => {
    const solution = run(
      sampleComplexityIterates({
        generator: () => 3,
        learner: (m, n) => (n >= m ? 0 : 1),
        target: 0,
        grid: [1, 3, 9],
        repetitions: 2,
      }),
    );
    expect(solution.status).toBe('completed');
    expect(solution.point.needed).toEqual([3, 3]);
  });

  test('grids go up by factors', () => {
    expect(sampleGrid(1, 100)).toEqual([1, 2, 3, 4, 6, 8, 11, 16, 23, 32, 45, 64, 91]);
    expect(sampleGrid(8, 64, 1)).toEqual([8, 16, 32, 64]);
    expect(sampleGrid(5, 5)).toEqual([5]);
  });

  const well = { generator: () => 0, learner: () => 0, target: 0 };
  test.each<[string, () => unknown]>([
    ["sampleComplexity has no option 'targets'", () => sampleComplexity({ ...well, targets: 1 } as never)],
    [
      'The learner returned NaN for 1 examples in repetition 1',
      () => sampleComplexity({ ...well, learner: () => Number.NaN }),
    ],
    ['target must be a finite number', () => sampleComplexity({ ...well, target: Number.NaN })],
    ['grid is empty', () => sampleComplexity({ ...well, grid: [] })],
    ['grid must be ascending, but has 2 after 2 at position 2', () => sampleComplexity({ ...well, grid: [2, 2] })],
    ['repetitions must be a whole number of at least 1', () => sampleComplexity({ ...well, repetitions: 0 })],
    ['level must be above 0 and below 1', () => sampleComplexity({ ...well, level: 1 })],
    ['to must be a whole number of at least 8', () => sampleGrid(8, 4)],
  ])('refuses: %s', (message, call) => {
    expect(call).toThrow(SouthwellError);
    expect(call).toThrow(message);
  });
});

test('intervals of a median hold it as often as they say, and bounds are infinite where values are few', () => {
  expect(medianInterval([3, 1, 2], 0.95)).toEqual({ value: 2, low: -Infinity, high: Infinity });
  expect(medianInterval([6, 1, 2, 5, 3, 4], 0.95)).toEqual({ value: 3.5, low: 1, high: 6 });
  expect(medianInterval([1, Infinity], 0.95).value).toBe(Infinity);
  expect(medianInterval([], 0.95).value).toBeNaN();
  // By count: of 2^10 patterns of who is below, those in which the interval misses are at most 5 %, and one step further in it would be more.
  const missed = (k: number) => {
    let count = 0;
    for (let pattern = 0; pattern < 1024; pattern++) {
      const below = [...pattern.toString(2)].filter((c) => c === '1').length;
      if (below < k || 10 - below < k) count++;
    }
    return count / 1024;
  };
  const { low, high } = medianInterval([1, 2, 3, 4, 5, 6, 7, 8, 9, 10], 0.95);
  expect(low + high).toBe(11);
  expect(missed(low)).toBeLessThan(0.05);
  expect(missed(low + 1)).toBeGreaterThan(0.05);
});
