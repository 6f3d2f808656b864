import { decodeCheckpoint, encodeCheckpoint, Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { describe, expect, test } from 'vitest';
import type { Categories, MixedPoint } from './categories.ts';
import { CategoricalDistribution } from './methods/categoricalDistribution.ts';
import { cmaEsParameters } from './methods/cmaEs.ts';
import { asynchronousMethodNames, categoricalMethodNames, type MethodSpec, methodNames } from './methods.ts';
import { minimize, minimizeAsync } from './minimize.ts';
import { Search, type SearchState } from './search.ts';
import { Space } from './space.ts';
import { sum } from './testing.ts';

const { log, power } = elementary;
const log10 = (v: number) => log(v) / log(10);

const kernels = ['linear', 'rbf', 'poly'];
const five = ['a', 'b', 'c', 'd', 'e'];
/** n numbers after n categories of five words. */
const mixed = (n: number) => ({
  categories: Object.fromEntries(Array.from({ length: n }, (_, i) => [i, five])),
  lower: [...new Array<number>(n).fill(Number.NEGATIVE_INFINITY), ...new Array<number>(n).fill(-4)],
  upper: [...new Array<number>(n).fill(Number.POSITIVE_INFINITY), ...new Array<number>(n).fill(8)],
});
const parts = (x: MixedPoint) => {
  const n = x.length / 2;
  return { words: x.slice(0, n) as string[], numbers: Float64Array.from(x.slice(n) as number[]) };
};
const leadingOnes = (words: readonly string[]) => [...words, ''].findIndex((w) => w !== 'a');

/** The functions of CatCMA's experiments (arXiv 2405.09962, section 5); all are least, 0, at the words 'a'. */
const functions: Readonly<Record<string, (x: MixedPoint) => number>> = {
  SphereCOM: (x) => sum(parts(x).numbers, (v) => v * v) + parts(x).words.filter((w) => w !== 'a').length,
  EllipsoidCLO: (x) => {
    const { words, numbers } = parts(x);
    return sum(numbers, (v, i) => power(1e6, i / (numbers.length - 1)) * v * v) + words.length - leadingOnes(words);
  },
  RosenbrockCLO: (x) => {
    const { words, numbers } = parts(x);
    const valley = sum(numbers.subarray(1), (v, i) => 100 * (v - numbers[i] ** 2) ** 2 + (1 - numbers[i]) ** 2);
    return valley + words.length - leadingOnes(words);
  },
};

describe('the distribution', () => {
  /** Words that the reference was given, too: whatever they are. */
  const samples = (g: number, sizes: readonly number[], fixed: boolean) =>
    [0, 1, 2].map((k) =>
      sizes.map((K, i) => (fixed && (i === 0 || k === 0) ? 1 : (7 * g + 3 * k * k + 5 * i + g * k * i) % K)),
    );

  test.each([
    [
      false,
      12,
      [
        [0.33643829694582605, 0.34587795830363527, 0.3176837447505387],
        [0.6551561831704636, 0.34484381682953635],
        [0.25310199439288794, 0.2405233602035763, 0.2355928987850667, 0.2707817466184691],
      ],
    ],
    [
      true,
      5,
      [
        [0.049794332695, 0.900411334609, 0.049794332695],
        [0.285810958778, 0.714189041222],
        [0.033196221797, 0.858880498271, 0.074727058135, 0.033196221797],
      ],
    ],
    [
      true,
      40,
      [
        [0.049794332695, 0.900411334609, 0.049794332695],
        [0.334772042796, 0.665227957204],
        [0.133421114447, 0.690357510535, 0.080206103512, 0.096015271506],
      ],
    ],
  ])(
    'moves as that of the reference implementation (cmaes 0.13.1, CatCMA): fixed %s, %i updates',
    (fixed, updates, q) => {
      const sizes = [3, 2, 4];
      const distribution = new CategoricalDistribution(sizes);
      const { mu, weights } = cmaEsParameters(2, 6);
      for (let g = 0; g < updates; g++) distribution.update(samples(g, sizes, fixed), weights.subarray(0, mu));
      q.forEach((row, i) => {
        row.forEach((v, k) => {
          expect(distribution.q[i][k]).toBeCloseTo(v, 11);
        });
      });
    },
  );

  test('sums to one above its margin, whatever it is told, and draws what it says', () => {
    const random = new Random(1);
    const sizes = [2, 3, 40];
    const distribution = new CategoricalDistribution(sizes);
    const { mu, weights } = cmaEsParameters(3, 10);
    for (let g = 0; g < 400; g++) {
      const told = Array.from({ length: mu }, () =>
        g < 200 ? sizes.map((size) => random.integer(size)) : sizes.map(() => (g < 300 ? 0 : 1)),
      );
      distribution.update(told, weights.subarray(0, mu));
      distribution.q.forEach((q, i) => {
        expect(q.reduce((s, v) => s + v)).toBeCloseTo(1, 12);
        expect(Math.min(...q)).toBeGreaterThanOrEqual(distribution.margins[i] - 1e-15);
      });
    }
    // All three at the most that the margins leave: 0.73 of the samples have no other word.
    expect([...distribution.mode()]).toEqual([1, 1, 1]);
    expect(distribution.q.reduce((s, q) => s * q[1], 1)).toBeCloseTo(0.73, 12);
    const draws = Array.from({ length: 20_000 }, () => distribution.sample(random));
    sizes.forEach((_, i) => {
      const share = draws.filter((words) => words[i] === 1).length / draws.length;
      expect(Math.abs(share - distribution.q[i][1])).toBeLessThan(0.015);
    });
  });
});

test.each(Object.keys(functions))('CMA-ES finds the words and the numbers of %s', (name) => {
  const f = functions[name];
  for (const n of [2, 5]) {
    const runs = [1, 2, 3, 4, 5].map((seed) =>
      minimize(f, { ...mixed(n), sigma: 1, seed, target: 1e-10, restarts: Number.POSITIVE_INFINITY, budget: 30_000 }),
    );
    for (const r of runs) {
      expect(r.status).toBe('converged');
      expect(r.inWords.slice(0, n)).toEqual(new Array(n).fill('a'));
      expect(f(r.inWords)).toBe(r.objective);
    }
  }
});

test('differential evolution and annealing do not lose the words that count late', () => {
  const f = functions.EllipsoidCLO;
  for (const seed of [1, 2]) {
    const r = minimize(f, { ...mixed(2), method: 'differential-evolution', seed, budget: 8000 });
    expect([r.status, r.objective < 1e-8]).toEqual(['converged', true]);
    const annealed = minimize(functions.SphereCOM, { ...mixed(2), method: 'simulated-annealing', seed, budget: 8000 });
    expect(annealed.objective).toBeLessThan(1e-6);
    // Words are refused most of the time at the end, which must not shorten the steps of the one number.
    const one = { dim: 5, categories: { 0: five, 1: five, 2: five, 3: five }, lower: -4, upper: 8 };
    const count = (x: MixedPoint) => x.slice(0, 4).filter((w) => w !== 'e').length + ((x[4] as number) - 5) ** 2;
    const far = minimize(count, { ...one, method: 'simulated-annealing', seed, budget: 8000 });
    expect(far.objective).toBeLessThan(1e-6);
  }
});

test('CMA-ES ends by itself when numbers and words have settled, whatever the population', () => {
  // The best value is 1, so that values are equal by rounding long before all words have been tried.
  const f = (x: MixedPoint) => 1 + functions.SphereCOM(x);
  const best = { linear: [0.4, -2], rbf: [0.1, -3], poly: [0.3, -5] };
  const loss = ([kernel, rate, depth]: MixedPoint) => {
    const [least, order] = best[kernel as 'rbf'];
    return least + (log10(rate as number) - order) ** 2 + 0.01 * ((depth as number) - 7) ** 2;
  };
  const lower = [Number.NEGATIVE_INFINITY, 1e-6, 1];
  const space = { categories: { 0: kernels }, lower, upper: [Number.POSITIVE_INFINITY, 1, 12], log: [1], integer: [2] };
  for (let seed = 1; seed <= 20; seed++) expect(minimize(loss, { ...space, seed }).status).toBe('converged');
  for (const population of [8, 60]) {
    for (const seed of [1, 2]) {
      const r = minimize(f, { ...mixed(3), method: { name: 'cma-es', population }, seed });
      expect(r.status).toBe('converged');
      expect(r.objective).toBeCloseTo(1, 12);
    }
  }
});

/** Least at numbers of its own for each pair of words. */
const solvers = ['adam', 'sgd'];
const offset = (i: number, j: number) => ((5 * (2 * i + j) + 4) % 6) / 2;
const pairs = ([kernel, u, solver, v]: MixedPoint) => {
  const [i, j] = [kernels.indexOf(kernel as string), solvers.indexOf(solver as string)];
  if (i < 0 || j < 0) throw new Error(`There is no ${kernel} with ${solver}.`);
  return offset(i, j) + ((u as number) - i) ** 2 + 10 * ((v as number) + j) ** 2;
};
const pairSpace = {
  categories: { 0: kernels, 2: solvers },
  lower: [Number.NEGATIVE_INFINITY, -5, Number.NEGATIVE_INFINITY, -5],
  upper: [Number.POSITIVE_INFINITY, 5, Number.POSITIVE_INFINITY, 5],
};

test.each(categoricalMethodNames)('%s: the least of all pairs of words, each with its own numbers', (method) => {
  const end = { 'simulated-annealing': 9, 'random-search': 0 }[method as string] ?? Number.POSITIVE_INFINITY;
  // One run of CMA-ES ends there for 56 of 100 seeds, one of differential evolution, some 10,000 values, for 77.
  const budget = method === 'random-search' ? 12_000 : 60_000;
  const reached = [1, 2, 3].map((seed) => {
    const r = minimize(pairs, { ...pairSpace, method, seed, budget, target: 1e-6, restarts: end });
    expect(kernels).toContain(r.inWords[0]);
    expect(solvers).toContain(r.inWords[2]);
    expect(pairs(r.inWords)).toBe(r.objective);
    return r.objective;
  });
  // Brute force: of the six offsets the least is 0, at poly and adam.
  const excess = method === 'random-search' ? 0.2 : 1e-3;
  for (const value of reached) expect(value).toBeLessThan(excess);
});

test.each(methodNames.filter((name) => !categoricalMethodNames.includes(name)))('%s needs an order', (method) => {
  expect(() => minimize(pairs, { ...pairSpace, method })).toThrow(
    `${method} needs an order among the values of a coordinate, which categories do not have; cma-es, differential-evolution,`,
  );
});

test('words alone, with whole numbers, and evaluated once', () => {
  for (const method of categoricalMethodNames) {
    const seen = new Set<string>();
    const f = (x: MixedPoint) => {
      expect(seen.has(x.join())).toBe(false);
      seen.add(x.join());
      return x.filter((w) => w !== 'c').length;
    };
    const r = minimize(f, { dim: 3, categories: { 0: five, 1: five, 2: five }, method, budget: 3000, seed: 2 });
    expect(r.inWords).toEqual(['c', 'c', 'c']);
    expect(r.repeated).toBe(r.evaluations - seen.size);
  }
  const depth = ([kernel, layers]: MixedPoint) => (kernel === 'rbf' ? 0 : 1) + Math.abs((layers as number) - 7);
  const bounds = { lower: [Number.NEGATIVE_INFINITY, 1], upper: [Number.POSITIVE_INFINITY, 12] };
  const r = minimize(depth, { ...bounds, categories: { 0: kernels }, integer: true, seed: 1 });
  expect([r.inWords, r.objective, r.status]).toEqual([['rbf', 7], 0, 'converged']);
});

test('whole coordinates do not hold up the numbers, nor the words', () => {
  // SphereInt and SphereIntCOM of CatCMA with margin (arXiv 2504.07884): half of the numbers are whole.
  for (const words of [0, 5]) {
    for (const seed of [1, 2, 3, 4, 5]) {
      const categories = Object.fromEntries(Array.from({ length: words }, (_, i) => [10 + i, five]));
      const f = (x: MixedPoint) =>
        sum(Float64Array.from(x.slice(0, 10) as number[]), (v) => v * v) + x.slice(10).filter((w) => w !== 'a').length;
      const space = { dim: 10 + words, lower: -4, upper: 10, integer: [5, 6, 7, 8, 9], categories };
      const r = minimize(f, { ...space, seed, target: 1e-10, budget: 5000 });
      expect(r.status).toBe('converged');
    }
  }
});

test('the rest of a search goes with words: logarithms, noise, constraints, other orders of coming back', async () => {
  const rate = ([solver, v]: MixedPoint) => (solver === 'sgd' ? 0 : 1) + (log10(v as number) + 4) ** 2;
  const r = minimize(rate, { lower: 1e-8, upper: 1, dim: 2, categories: { 0: solvers }, log: true, seed: 1 });
  expect(r.inWords[0]).toBe('sgd');
  expect(r.inWords[1]).toBeCloseTo(1e-4, 8);
  const random = new Random(5);
  const noisy = (x: MixedPoint) => rate(x) + 0.01 * random.normal();
  const method: MethodSpec = { name: 'cma-es', noisy: true };
  const mean = minimize(noisy, {
    lower: 1e-8,
    upper: 1,
    dim: 2,
    categories: { 0: solvers },
    log: true,
    method,
    budget: 4000,
  });
  expect(mean.inWords[0]).toBe('sgd');
  expect(Math.abs(log10(mean.inWords[1] as number) + 4)).toBeLessThan(0.1);
  // Of each word its own bound: the least of x² + offset where x is at least 2, 1 and 3.
  const least = { linear: 2, rbf: 1, poly: 3 };
  const bound = ([kernel, u]: MixedPoint) => {
    const x = u as number;
    return [x * x + (kernel === 'rbf' ? 2 : 0), least[kernel as 'rbf'] - x];
  };
  const c = minimize(bound, { lower: -5, upper: 5, dim: 2, categories: { 0: kernels }, constraints: 1, seed: 1 });
  expect([c.inWords[0], c.status]).toEqual(['rbf', 'converged']);
  expect(c.objective).toBeCloseTo(3, 4);
  for (const name of asynchronousMethodNames.filter((m) => categoricalMethodNames.includes(m))) {
    const asked = { ...pairSpace, method: name, asynchronous: true, jobs: 4, budget: 3000, seed: 1 };
    const late = await minimizeAsync(async (x) => pairs(x), asked);
    expect(pairs(late.inWords)).toBe(late.objective);
  }
});

test('goes on to the same bits, from the same words alone', () => {
  for (const method of categoricalMethodNames) {
    const options = { ...pairSpace, method, seed: 3, budget: 400 };
    const whole = minimize(pairs, options);
    const part = minimize(pairs, { ...options, maxIter: 2 });
    const text = encodeCheckpoint({ method: 'm', problem: '', iteration: 1, state: part.checkpoint });
    const resume = decodeCheckpoint<SearchState>(text).state;
    const rest = minimize(pairs, { ...options, resume });
    expect([rest.inWords, rest.point, rest.evaluations]).toEqual([whole.inWords, whole.point, whole.evaluations]);
    const other = { 0: ['linear', 'rbf', 'cubic'], 2: solvers };
    expect(() => minimize(pairs, { ...options, categories: other, resume })).toThrow(/other settings/);
  }
  const search = new Search({ ...pairSpace, seed: 3 });
  expect(search.space.inWords(search.ask()!.x)[0]).toMatch(/linear|rbf|poly/);
});

test('a start is where half of the words begin', () => {
  const start = { x0: ['d', 0.5], categories: { 0: five }, method: { name: 'cma-es', population: 400 } } as const;
  const search = new Search({ ...start, seed: 1 });
  const first = Array.from({ length: 400 }, () => search.space.inWords(search.ask()!.x)[0]);
  expect(Math.abs(first.filter((word) => word === 'd').length / 400 - 0.6)).toBeLessThan(0.1);
  const distribution = new CategoricalDistribution([5], [3]);
  expect([...distribution.q[0]]).toEqual([0.1, 0.1, 0.1, 0.6, 0.1]);
  const space = new Space({ x0: ['16', 2], categories: { 0: ['8', '16'] } });
  expect(space.inWords(space.start)).toEqual(['16', 2]);
});

test.each<[string, () => number]>([
  ['NaN', () => Number.NaN],
  ['infinite', () => Number.POSITIVE_INFINITY],
])('values that are all %s: the reason comes first', (_, f) => {
  const r = minimize(f, { dim: 2, lower: -1, upper: 1, categories: { 0: kernels }, budget: 4000 });
  expect([r.status, r.inWords.length]).toEqual(['stalled', 2]);
  expect(r.message).toMatch(/^The objective (gave NaN|was infinite)/);
  const auto = minimize(f, { dim: 2, lower: -1, upper: 1, method: 'auto' });
  expect(auto.message).toMatch(/^The objective (gave NaN|was infinite)/);
  expect(auto.why).toBe('No value was a finite number: BOBYQA.');
});

test('equal values, and a category that changes nothing, do not keep it from its end', () => {
  const space = { dim: 2, lower: -1, upper: 1, categories: { 0: kernels }, budget: 4000 };
  expect(minimize(() => 1, space).status).toBe('converged');
  const r = minimize((x) => 1 + (x[1] as number) ** 2, space);
  expect([r.status, r.objective]).toEqual(['converged', 1]);
});

test('five hundred words: one of the best hundredth', () => {
  const many = Array.from({ length: 500 }, (_, k) => `${(k * 101) % 500}`);
  const space = { dim: 2, lower: -1, upper: 1, categories: { 0: many }, target: 0.01, budget: 20_000, seed: 1 };
  expect(minimize((x) => Number(x[0]) / 500 + (x[1] as number) ** 2, space).status).toBe('converged');
});

test.each<[object, RegExp]>([
  [{ categories: { 0: ['a'] } }, /x1 \(counted from 1\) has one category: give two or more/],
  [{ categories: { 0: [] } }, /x1 .* has no category/],
  [{ categories: { 0: ['a', 'b', 'a'] } }, /x1 .* has the category 'a' twice/],
  [{ categories: { 0: ['a', ''] } }, /must have a list of non-empty strings as its categories/],
  [{ categories: { 0: [1, 2] } }, /must have a list of non-empty strings/],
  [{ categories: { 2: five } }, /names coordinate 2, which does not exist/],
  [
    { categories: { 0: five }, log: [0], lower: 1, upper: 2 },
    /x1 .* has categories, which have no order: it cannot be logarithmic/,
  ],
  [{ categories: { 0: five }, integer: [1, 0] }, /it cannot be integer/],
  [{ categories: { 0: five }, lower: [0, 0] }, /x1 .* has categories and no bounds: in lists of bounds/],
  [{ categories: { 1: five }, upper: [9, 4] }, /x2 .* has categories and no bounds/],
  [{ categories: { 0: five }, x0: ['f', 1] }, /x1 .* starts at 'f', which is not one of its categories: a, b, c, d, e/],
  [{ categories: { 0: five }, x0: [0, 1] }, /starts at '0', which is not one of its categories/],
  [{ categories: { 0: five }, x0: ['a', 'b'] }, /x2 .* is a number and cannot start at 'b'/],
])('what does not fit is told: %j', (options, sentence) => {
  expect(() => new Space({ dim: 2, ...(options as { categories: Categories }) })).toThrow(sentence);
});
