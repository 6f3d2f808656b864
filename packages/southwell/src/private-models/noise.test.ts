import { normalCdf } from '@southwell/numerics/special';
import { describe, expect, test } from 'vitest';
import { bernoulliExp, LIMIT, uniformBelow, withNoise } from './exactNoise.ts';
import { gaussianUnits, laplaceScale } from './grids.ts';
import {
  analyticGaussianSigma,
  ballRadius,
  discreteLaplace,
  gaussianDelta,
  gaussianMechanism,
  l2BallMechanism,
  laplaceMechanism,
  type NoiseSource,
  roundedNormal,
  secureSource,
  seededSource,
} from './index.ts';
import { gaussianGrid, lieOf } from './mechanisms.ts';

/** Pearson's statistic of counts against probabilities, over its degrees of freedom, cells of fewer than 10 put together. */
function chiSquare(counts: ReadonlyMap<number, number>, n: number, chance: (k: number) => number): number {
  let [sum, cells, rest, restExpected] = [0, 0, n, n];
  for (let k = -400; k <= 400; k++) {
    const expected = n * chance(k);
    if (expected < 10) continue;
    const found = counts.get(k) ?? 0;
    sum += (found - expected) ** 2 / expected;
    rest -= found;
    restExpected -= expected;
    cells++;
  }
  sum += (rest - restExpected) ** 2 / Math.max(restExpected, 10);
  return (sum - cells) / Math.sqrt(2 * cells);
}
function counted(n: number, draw: () => number): Map<number, number> {
  const counts = new Map<number, number>();
  for (let i = 0; i < n; i++) {
    const k = draw();
    counts.set(k, (counts.get(k) ?? 0) + 1);
  }
  return counts;
}

describe('the analytic Gaussian mechanism', () => {
  /** The supremum over sets is ∫ (p − e^ε q)₊, by Simpson's rule. */
  function byIntegration(mu: number, epsilon: number): number {
    const [from, to, n] = [epsilon / mu + mu / 2, Math.max(epsilon / mu + mu / 2, mu) + 14, 400_000];
    const h = (to - from) / n;
    let sum = 0;
    for (let i = 0; i <= n; i++) {
      const x = from + i * h;
      const f = Math.exp(-((x - mu) ** 2) / 2) - Math.exp(epsilon - x ** 2 / 2);
      sum += f * (i === 0 || i === n ? 1 : i % 2 === 1 ? 4 : 2);
    }
    return (sum * h) / 3 / Math.sqrt(2 * Math.PI);
  }

  test.each([
    [0.3, 0.1],
    [1, 0.5],
    [0.25, 1],
    [2, 3],
    [1.5, 8],
    [5, 0.2],
    [9, 40],
    [3, 0],
    [1e-3, 0],
    [0.02, 0.1],
    [15, 0.5],
    [16, 0.1],
    [17, 0.1],
    [90, 1],
  ])('at Δ/σ = %d and ε = %d has the δ of the two densities', (mu, epsilon) => {
    const found = gaussianDelta(mu, epsilon);
    expect(Math.abs(found / byIntegration(mu, epsilon) - 1)).toBeLessThan(1e-9);
  });

  test.each([
    [1e-3, 1e-6],
    [0.1, 1e-5],
    [1, 1e-5],
    [1, 1e-10],
    [2, 1e-5],
    [8, 1e-5],
    [8, 0.3],
    [20, 1e-9],
  ])('σ for ε = %d and δ = %d meets its inequality to 1e-10 of δ, and a smaller one does not', (epsilon, delta) => {
    const sigma = analyticGaussianSigma(epsilon, delta);
    // As Balle and Wang write it.
    const of = (s: number) => normalCdf(0.5 / s - epsilon * s) - Math.exp(epsilon) * normalCdf(-0.5 / s - epsilon * s);
    expect(Math.abs(of(sigma) / delta - 1)).toBeLessThan(1e-10);
    expect(gaussianDelta(1 / sigma, epsilon)).toBeLessThanOrEqual(delta);
    expect(gaussianDelta((1 + 1e-9) / sigma, epsilon)).toBeGreaterThan(delta);
    expect(analyticGaussianSigma(epsilon, delta, 7)).toBeCloseTo(7 * sigma, 9);
  });

  test('the classical deviation is too small for large ε, and too large for small ones', () => {
    const classical = (epsilon: number, delta: number) => Math.sqrt(2 * Math.log(1.25 / delta)) / epsilon;
    expect(gaussianDelta(1 / classical(20, 1e-9), 20)).toBeGreaterThan(1e-8);
    expect(analyticGaussianSigma(1, 1e-5)).toBeLessThan(0.8 * classical(1, 1e-5));
  });

  test('whole numbers with rounded noise are within δ by summing over all reports', () => {
    for (const [epsilon, delta] of [
      [0.5, 1e-3],
      [2, 1e-5],
      [6, 1e-6],
    ]) {
      const { bits, apart } = gaussianUnits({ epsilon, delta }, 8);
      const shift = Math.floor(apart);
      const S = 2 ** bits;
      const chance = (k: number) =>
        k > 0
          ? normalCdf((-k + 0.5) / S) - normalCdf((-k - 0.5) / S)
          : normalCdf((k + 0.5) / S) - normalCdf((k - 0.5) / S);
      let sum = 0;
      for (let j = -40 * S; j <= 40 * S; j++) sum += Math.max(0, chance(j - shift) - Math.exp(epsilon) * chance(j));
      expect(sum).toBeLessThanOrEqual(delta);
      // Not by wasting: a tenth further apart breaks it.
      let further = 0;
      const next = Math.ceil(1.15 * apart);
      for (let j = -40 * S; j <= 40 * S; j++) further += Math.max(0, chance(j - next) - Math.exp(epsilon) * chance(j));
      expect(further).toBeGreaterThan(delta);
    }
  });
});

describe('exact noise', () => {
  const sources: ReadonlyArray<readonly [string, () => NoiseSource]> = [
    ['secure', secureSource],
    ['seeded', () => seededSource(5)],
  ];
  // At 7 deviations, chance alone fails one run of 10¹¹.
  test.each(sources)('of the %s source has its distribution', (_, make) => {
    const source = make();
    const n = 60_000;
    for (const t of [1, 3, 10]) {
      const q = Math.exp(-1 / t);
      const laplace = counted(n, () => discreteLaplace(source, t));
      expect(chiSquare(laplace, n, (k) => ((1 - q) / (1 + q)) * q ** Math.abs(k))).toBeLessThan(7);
    }
    for (const bits of [0, 1, 3]) {
      const S = 2 ** bits;
      const chance = (k: number) => normalCdf((k + 0.5) / S) - normalCdf((k - 0.5) / S);
      expect(
        chiSquare(
          counted(n, () => roundedNormal(source, bits)),
          n,
          chance,
        ),
      ).toBeLessThan(7);
    }
    // Fine bits are uniform too: the last ones of a wide draw.
    const last = counted(n, () => ((roundedNormal(source, 45) % 16) + 16) % 16);
    expect(chiSquare(last, n, (k) => (k >= 0 && k < 16 ? 1 / 16 : 0))).toBeLessThan(7);
  });

  test('coins and uniform numbers are exact: counted over all words of a short source', () => {
    // e^(−a/b) by its series, from 10⁵ coins.
    const source = seededSource(1);
    for (const [a, b] of [
      [1, 2],
      [1, 1],
      [3, 7],
      [0, 5],
    ]) {
      let hits = 0;
      for (let i = 0; i < 40_000; i++) if (bernoulliExp(source, a, b)) hits++;
      const p = Math.exp(-a / b);
      expect(Math.abs(hits / 40_000 - p)).toBeLessThanOrEqual(6 * Math.sqrt((p * (1 - p)) / 40_000));
    }
    // What does not divide evenly is drawn again.
    const words = [2 ** 32 - 1, 7];
    expect(uniformBelow({ kind: 'seeded', bits: () => words.shift()! }, 3)).toBe(1);
    expect(words).toEqual([]);
    const wide = [2 ** 32 - 1, 2 ** 32 - 1, 0, 5];
    expect(uniformBelow({ kind: 'seeded', bits: () => wide.shift()! }, 2 ** 33 + 1)).toBe(5);
    expect([uniformBelow(seededSource(1), 1), withNoise(5, 2 ** 60), withNoise(-5, -(2 ** 60))]).toEqual([
      0,
      LIMIT,
      -LIMIT,
    ]);
    expect(() => uniformBelow(source, 0)).toThrow('a whole number from 1 to 2^53');
    expect(() => discreteLaplace(source, 0.5)).toThrow('whole number from 1 to 2^45');
    expect(() => roundedNormal(source, 48)).toThrow('from 0 to 47');
  });

  test('the secure source is what is taken unless told otherwise, and nothing weaker takes its place', () => {
    const said = [
      gaussianMechanism([1], { epsilon: 1, delta: 1e-6, bound: 1 }),
      laplaceMechanism([1], { epsilon: 1, bound: 1 }),
      l2BallMechanism([1], { epsilon: 1, bound: 1 }),
    ];
    expect(said.map((r) => r.noise)).toEqual(['secure', 'secure', 'secure']);
    const seeded = () => laplaceMechanism([1], { epsilon: 1, bound: 1, source: seededSource(3) });
    expect(seeded()).toEqual(seeded());
    expect(seeded().noise).toBe('seeded');
    const { crypto } = globalThis;
    Object.defineProperty(globalThis, 'crypto', { value: undefined, configurable: true });
    try {
      expect(() => secureSource()).toThrow('no cryptographic source');
    } finally {
      Object.defineProperty(globalThis, 'crypto', { value: crypto, configurable: true });
    }
  });
});

describe('reports of vectors', () => {
  test('low bits tell nothing: reports of all people lie on one grid, which naive noise does not', () => {
    const source = seededSource(2);
    const inputs = [0, 0.1, 1 / 3, 1];
    for (const v of inputs) {
      for (let i = 0; i < 50; i++) {
        expect(laplaceMechanism([v], { epsilon: 0.5, bound: 1, source }).values[0] * 2 ** 22).toSatisfy(
          Number.isInteger,
        );
        const { values } = gaussianMechanism([v], { epsilon: 0.5, delta: 1e-6, bound: 1, source });
        const { step } = gaussianGrid({ epsilon: 0.5, delta: 1e-6, bound: 1 });
        expect(step * Math.round(values[0] / step)).toBe(values[0]);
      }
    }
    // Mironov's attack: 1/3 + Laplace noise in doubles lies where 0 + noise of as many bits cannot.
    const naive = Array.from({ length: 200 }, (_, i) => 1 / 3 + 2 * Math.log(1 - (i + 0.5) / 200));
    expect(naive.every((v) => Number.isInteger(v * 2 ** 22))).toBe(false);
  });

  test('the ball mechanism has odds of at most e^ε, counted over all words of its coins', () => {
    const worst: number[] = [];
    for (const epsilon of [0.01, 0.5, 2, 8, 30]) {
      for (const d of [1, 2]) {
        for (let seed = 1; seed <= 4; seed++) {
          const inputs = [0, 1, -1, 0.3, 1e-300, 5].map((v) => (d === 1 ? [v] : [v, 0.7 * v - 0.2 * (seed - 2)]));
          const chances = inputs.map((v) => chanceOfReport(v, epsilon, seed));
          const [least, most] = [Math.min(...chances.map(Number)), Math.max(...chances.map(Number))];
          worst.push(Math.log(most / least) / epsilon);
          for (const [a, b] of chances.flatMap((x) => chances.map((y) => [x, y] as const))) {
            // Both the report and its opposite, in whole multiples of 2⁻¹⁰⁶.
            const bits = 52 - Math.floor(Math.log2(Math.exp(epsilon)));
            const [one, odds] = [2n ** BigInt(bits), BigInt(Math.exp(epsilon) * 2 ** bits)];
            expect(a * one <= b * odds).toBe(true);
            expect((2n ** 106n - a) * one <= (2n ** 106n - b) * odds).toBe(true);
          }
        }
      }
    }
    // And no more noise than that takes.
    expect(Math.max(...worst)).toBeGreaterThan(0.999);
  });

  /** In how many of 2¹⁰⁶ pairs of coins the report is the direction of the seed, and not its opposite. */
  function chanceOfReport(v: readonly number[], epsilon: number, seed: number): bigint {
    let words = 0;
    const counting = seededSource(seed);
    const run = (source: NoiseSource) => l2BallMechanism(v, { epsilon, bound: 1, source }).values[0] > 0;
    run({
      kind: 'seeded',
      bits: () => {
        words++;
        return counting.bits();
      },
    });
    const outcome = (forward: number, lie: number): boolean => {
      const inner = seededSource(seed);
      let at = 0;
      const scripted = (value: number, low: boolean) => (low ? value % 2 ** 32 : Math.floor(value / 2 ** 32) * 2 ** 11);
      return run({
        kind: 'seeded',
        bits: () => {
          const own = inner.bits();
          const k = at++;
          if (k < 2) return scripted(forward, k === 1);
          if (k >= words - 3 && k < words - 1) return scripted(lie, k === words - 2);
          return own;
        },
      });
    };
    /** How many of the first values have the outcome of the very first. */
    const threshold = (of: (value: number) => boolean): number => {
      const first = of(0);
      if (of(2 ** 53 - 1) === first) return 2 ** 53;
      let [low, high] = [0, 2 ** 53 - 1];
      while (high - low > 1) {
        const middle = low + Math.floor((high - low) / 2);
        if (of(middle) === first) low = middle;
        else high = middle;
      }
      return low + 1;
    };
    const F = BigInt(threshold((f) => outcome(f, 2 ** 53 - 1)));
    const L = BigInt(threshold((l) => outcome(0, l)));
    const all = 2n ** 53n;
    const top = 2 ** 53 - 1;
    let sum = 0n;
    if (outcome(0, 0)) sum += F * L;
    if (outcome(0, top)) sum += F * (all - L);
    if (F < all && outcome(top, 0)) sum += (all - F) * L;
    if (F < all && outcome(top, top)) sum += (all - F) * (all - L);
    return sum;
  }

  test('reports on the ball are unbiased and all of one length, and lies are rounded up', () => {
    const source = seededSource(11);
    for (const [v, epsilon] of [
      [[0.6], 1],
      [[0.5, -0.3], 2],
      [[0.1, 0.2, -0.3, 0.4], 4],
    ] as const) {
      const d = v.length;
      const n = 60_000;
      const radius = ballRadius(d, { epsilon, bound: 1 });
      const sum = new Float64Array(d);
      for (let i = 0; i < n; i++) {
        const { values } = l2BallMechanism(v, { epsilon, bound: 1, source });
        for (let j = 0; j < d; j++) sum[j] += values[j];
        if (i < 100) expect(Math.hypot(...values) / radius).toBeCloseTo(1, 12);
      }
      for (let j = 0; j < d; j++) expect(Math.abs(sum[j] / n - v[j])).toBeLessThan(5 * (radius / Math.sqrt(d * n)));
    }
    expect(ballRadius(1, { epsilon: 1, bound: 3 })).toBeCloseTo((3 * (Math.E + 1)) / (Math.E - 1), 10);
    // In the plane the mean of |cos| is 2/π.
    expect(ballRadius(2, { epsilon: 1, bound: 3 })).toBeCloseTo(
      ((3 * (Math.E + 1)) / (Math.E - 1)) * (Math.PI / 2),
      10,
    );
    for (const epsilon of [1e-6, 0.1, 1, 10, 30, 36, 50, 700]) {
      const lie = lieOf(epsilon) / 2 ** 53;
      expect((1 - lie) / lie).toBeLessThanOrEqual(Math.exp(epsilon));
      expect(lie).toBeLessThanOrEqual(0.5);
    }
  });

  test('vector reports have the mean and the deviation that they say', () => {
    const source = seededSource(4);
    const v = [0.5, -0.25, 0];
    for (const report of [
      () => gaussianMechanism(v, { epsilon: 3, delta: 1e-5, bound: 1, source }),
      () => laplaceMechanism(v, { epsilon: 3, bound: 1, source }),
    ]) {
      const n = 20_000;
      const [sum, squares] = [new Float64Array(3), new Float64Array(3)];
      const { deviation } = report();
      for (let i = 0; i < n; i++) {
        report().values.forEach((value, j) => {
          sum[j] += value - v[j];
          squares[j] += (value - v[j]) ** 2;
        });
      }
      for (let j = 0; j < 3; j++) {
        expect(Math.abs(sum[j] / n)).toBeLessThan((5 * deviation) / Math.sqrt(n));
        expect(Math.abs(squares[j] / n / deviation ** 2 - 1)).toBeLessThan(0.08);
      }
    }
    expect(gaussianMechanism(v, { epsilon: 3, delta: 1e-5, bound: 1 }).deviation).toBeCloseTo(
      analyticGaussianSigma(3, 1e-5, 2),
      6,
    );
  });

  test.each([0, -1, Number.NaN, Number.POSITIVE_INFINITY])('epsilon %d is refused', (epsilon) => {
    const sentence = 'epsilon must be a finite number above 0';
    expect(() => gaussianMechanism([1], { epsilon, delta: 1e-6, bound: 1 })).toThrow(sentence);
    expect(() => laplaceMechanism([1], { epsilon, bound: 1 })).toThrow(sentence);
    expect(() => l2BallMechanism([1], { epsilon, bound: 1 })).toThrow(sentence);
    expect(() => analyticGaussianSigma(epsilon, 1e-6)).toThrow(sentence);
  });

  test('values that are none, bounds and δ that are none, and an ε too small to count with', () => {
    for (const v of [Number.NaN, Number.POSITIVE_INFINITY]) {
      expect(() => laplaceMechanism([1, v], { epsilon: 1, bound: 1 })).toThrow(`Value 2 is ${v}: nothing was sent.`);
    }
    expect(() => laplaceMechanism([1], { epsilon: 1, bound: 0 })).toThrow('bound must be from 1e-250 to 1e+250');
    expect(() => gaussianMechanism([1], { epsilon: 1, delta: 0, bound: 1 })).toThrow(
      'use Laplace noise for pure privacy',
    );
    expect(() => gaussianMechanism([1], { epsilon: 1, delta: 1, bound: 1 })).toThrow('below 1');
    expect(() => laplaceMechanism([1], { epsilon: 1e-9, bound: 1 })).toThrow('too small');
    expect(() => l2BallMechanism([], { epsilon: 1, bound: 1 })).toThrow('nothing to report');
    expect(laplaceScale(7, 7)).toBeGreaterThan(1);
    expect(() => laplaceMechanism([1], { epsilon: 1, bound: 1e-310 })).toThrow('from 1e-250 to 1e+250');
    // What is far beyond its bound, or all but nothing, is a report like others.
    const source = seededSource(1);
    for (const size of [1.7e308, 1e-310, 5e-324]) {
      for (const bound of [1, 1e-250, 1e250]) {
        const reports = [
          gaussianMechanism([size, -size], { epsilon: 1e4, delta: 1e-6, bound, source }),
          laplaceMechanism([size, -size], { epsilon: 1e4, bound, source }),
          l2BallMechanism([size, -size], { epsilon: 1e4, bound, source }),
        ];
        for (const { values } of reports) expect(values.every(Number.isFinite)).toBe(true);
        if (size > 1 && bound < 1e200) {
          expect(reports[0].values[0] / bound).toBeCloseTo(Math.SQRT1_2, 1);
          expect(reports[1].values[1] / bound).toBeCloseTo(-0.5, 1);
        }
      }
    }
  });
});
