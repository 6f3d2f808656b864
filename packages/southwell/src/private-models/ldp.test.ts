import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { exactProducts } from './client.ts';
import { intoBall } from './grids.ts';
import {
  ballRadius,
  designOf,
  hardThreshold,
  type LdpOptions,
  ldpSparseRegression,
  PrivacyAccountant,
  privacyAccountant,
  seededSource,
  simulateLdp,
  softThreshold,
  solveFloored,
} from './index.ts';
import { deviationsOf } from './protocol.ts';
import { fitted, people } from './testing.ts';

const base = {
  d: 3,
  epsilon: 2,
  delta: 1e-5,
  mode: 'noninteractive',
  clip: { x: 2, y: 3 },
} as const satisfies LdpOptions;

describe('sensitivities, in whole numbers', () => {
  const exact = (v: Float64Array) => Array.from(v, (k) => BigInt(k));
  const squared = (v: readonly bigint[]) => v.reduce((s, k) => s + k * k, 0n);
  const apart = (a: readonly bigint[], b: readonly bigint[]) => a.map((k, j) => k - b[j]);
  const taxicab = (v: readonly bigint[]) => v.reduce((s, k) => s + (k < 0n ? -k : k), 0n);

  /** Values that rounding and clipping find hardest: at, just within and far beyond the bounds, subnormal, of all signs. */
  function hostile(d: number, bound: number, random: Random): Float64Array {
    const kind = random.integer(7);
    const x = Float64Array.from({ length: d }, () => random.normal());
    const length = Math.hypot(...x);
    if (kind === 0) return x.map((v) => (v * bound) / length);
    if (kind === 1) return x.map((v) => ((v * bound) / length) * (1 + 2e-16 * random.integer(9)));
    if (kind === 2) return x.map((v) => (v / length) * 1.7e308);
    if (kind === 3) return x.map((v, j) => (j === 0 ? bound : 5e-324 * Math.sign(v)));
    if (kind === 4) return x.map((_, j) => (j === random.integer(d) ? (random.bits() & 1 ? bound : -bound) : 0));
    if (kind === 5) return x.map((v) => (Math.sign(v) * bound) / Math.sqrt(d));
    return x.map((v) => v * 10 ** (20 * random.uniform() - 10));
  }

  test.each([
    ['noninteractive', 1e-5],
    ['public', 1e-5],
    ['noninteractive', 0],
    ['public', 0],
  ] as const)('of %s reports with δ = %d are within what their noise covers, for hostile pairs', (mode, delta) => {
    const random = new Random(8);
    for (const d of [1, 2, 5, 16]) {
      const epsilon = 0.3 + 3 * random.uniform();
      const design = designOf({ d, epsilon, delta, mode, clip: { x: 1.7, y: 0.3 } });
      const m = design.moments!;
      const share = mode === 'public' ? 1 : 2;
      let [furthestMatrix, furthestVector] = [0, 0];
      for (let trial = 0; trial < 400; trial++) {
        const one = hostile(d, 1.7, random);
        const other = trial % 3 === 0 ? one.map((v) => -v) : hostile(d, 1.7, random);
        const y = 10 ** (4 * random.uniform() - 2);
        const a = exactProducts(one, y, m);
        const b = exactProducts(other, trial % 2 === 0 ? y : -y, m);
        const [matrix, vector] = [apart(exact(a.triangle), exact(b.triangle)), apart(exact(a.vector), exact(b.vector))];
        for (const values of [a.triangle, a.vector]) expect(values.every(Number.isSafeInteger)).toBe(true);
        const { radius, most } = m;
        expect(squared(matrix) <= 2n * BigInt(radius) ** 4n).toBe(true);
        expect(squared(vector) <= 4n * BigInt(radius) ** 2n * BigInt(most) ** 2n).toBe(true);
        if (m.vector.kind === 'laplace') {
          // |Δ|₁ ≤ ε·scale, so that no odds exceed e^ε.
          expect(Number(taxicab(vector))).toBeLessThanOrEqual((epsilon / share) * m.vector.scale);
          if (m.matrix?.kind === 'laplace')
            expect(Number(taxicab(matrix))).toBeLessThanOrEqual((epsilon / share) * m.matrix.scale);
          furthestVector = Math.max(furthestVector, Number(taxicab(vector)) / ((epsilon / share) * m.vector.scale));
        } else {
          const S = 2 ** m.vector.bits;
          furthestVector = Math.max(furthestVector, Math.sqrt(Number(squared(vector))) / S);
          furthestMatrix = Math.max(furthestMatrix, Math.sqrt(Number(squared(matrix))) / S);
        }
      }
      if (m.vector.kind === 'gaussian') {
        // The ratio that (ε, δ) allows, by the density of a real normal variate.
        const allowed = allowedRatio(epsilon / share, delta / share);
        expect(furthestVector).toBeLessThanOrEqual(allowed);
        expect(furthestVector).toBeGreaterThan(0.98 * allowed);
        if (mode === 'noninteractive') expect(furthestMatrix).toBeLessThanOrEqual(allowed);
        // Two axes are as far apart as can be.
        if (mode === 'noninteractive' && d > 1) expect(furthestMatrix).toBeGreaterThan(0.98 * allowed);
      } else if (d > 1) expect(furthestVector).toBeGreaterThan(0.9);
    }
  });

  /** The largest Δ/σ with ∫(p − e^ε q)₊ ≤ δ, by halving, the integral by the trapezoidal rule. */
  function allowedRatio(epsilon: number, delta: number): number {
    const of = (mu: number) => {
      const from = epsilon / mu + mu / 2;
      let sum = 0;
      const h = 14 / 20_000;
      for (let i = 0; i <= 20_000; i++) {
        const x = from + i * h;
        const f = Math.exp(-((x - mu) ** 2) / 2) - Math.exp(epsilon - x ** 2 / 2);
        sum += i === 0 ? f / 2 : f;
      }
      return (sum * h) / Math.sqrt(2 * Math.PI);
    };
    let [low, high] = [0, 10];
    for (let k = 0; k < 50; k++) {
      const middle = (low + high) / 2;
      if (of(middle) <= delta * (1 + 1e-6)) low = middle;
      else high = middle;
    }
    return low;
  }

  test('whatever is put into the ball is within it in whole numbers, and near to where it was', () => {
    const random = new Random(3);
    for (let trial = 0; trial < 2000; trial++) {
      const d = 1 + random.integer(8);
      const x = hostile(d, 1, random);
      const { units, clipped } = intoBall(x, 1 / 4096, 4096);
      expect(squared(exact(units)) <= 4096n ** 2n).toBe(true);
      expect(units.every((k) => !Object.is(k, -0))).toBe(true);
      if (!clipped) for (let j = 0; j < d; j++) expect(Math.abs(units[j] / 4096 - x[j])).toBeLessThanOrEqual(2 / 4096);
    }
  });
});

describe('estimates', () => {
  const theta = [0.8, 0, -0.6, 0];
  const { X, y } = people(1500, theta, 0.3, 1);

  test('with hardly any privacy are the thresholded least squares of clipped data', () => {
    const clip = { x: 1.8, y: 1 };
    const clippedX = X.map((x) => x.map((v) => v * Math.min(1, 1.8 / Math.hypot(...x))));
    const clippedY = y.map((v) => Math.max(-1, Math.min(1, v)));
    // By elimination.
    const rows = theta.map((_, i) => [
      ...theta.map((__, j) => clippedX.reduce((s, x) => s + x[i] * x[j], 0)),
      clippedX.reduce((s, x, k) => s + x[i] * clippedY[k], 0),
    ]);
    for (let i = 0; i < 4; i++)
      for (let k = 0; k < 4; k++)
        if (k !== i) {
          const f = rows[k][i] / rows[i][i];
          for (let j = i; j < 5; j++) rows[k][j] -= f * rows[i][j];
        }
    const least = rows.map((row, i) => row[4] / row[i]);
    const expected = least.map((v) => Math.sign(v) * Math.max(0, Math.abs(v) - 0.05));
    const common = { d: 4, epsilon: 5e4, lambda: 0.05, eigenFloor: 1e-3, clip } as const;
    for (const delta of [0.1, 0]) {
      const fit = fitted({ ...common, delta, mode: 'noninteractive' }, X, y, seededSource(2));
      for (let j = 0; j < 4; j++) expect(Math.abs(fit.theta[j] - expected[j])).toBeLessThan(3e-3);
      const withPublic = fitted({ ...common, delta, mode: 'public' }, X, y, seededSource(2), X);
      for (let j = 0; j < 4; j++) expect(Math.abs(withPublic.theta[j] - expected[j])).toBeLessThan(3e-3);
    }
  });

  test('of rounds with hardly any privacy are iterative hard thresholding, and find the support without noise', () => {
    const plain = people(1200, theta, 0, 5);
    const options = {
      d: 4,
      epsilon: 5e8,
      delta: 0.1,
      mode: 'sequential',
      clip: { x: 9, y: 9 },
      sparsity: 2,
      rounds: 6,
    } as const;
    const fit = fitted(options, plain.X, plain.y, seededSource(3));
    let by = [0, 0, 0, 0];
    for (let t = 0; t < 6; t++) {
      const g = [0, 0, 0, 0];
      for (let i = t * 200; i < (t + 1) * 200; i++) {
        const r = plain.X[i].reduce((s, v, j) => s + v * by[j], 0) - plain.y[i];
        for (let j = 0; j < 4; j++) g[j] += (plain.X[i][j] * r) / 200;
      }
      by = by.map((v, j) => v - g[j]);
      const cut = by.map(Math.abs).sort((a, b) => b - a)[1];
      by = by.map((v) => (Math.abs(v) >= cut ? v : 0));
      const length = Math.hypot(...by);
      if (length > 1) by = by.map((v) => v / length);
    }
    for (let j = 0; j < 4; j++) expect(Math.abs(fit.theta[j] - by[j])).toBeLessThan(0.02);
    expect(fit.support).toEqual([0, 2]);
    for (let j = 0; j < 4; j++) expect(Math.abs(fit.theta[j] - theta[j])).toBeLessThan(0.05);
  });

  test('of simulations have the noise that reports have', () => {
    const options = { ...base, d: 2, epsilon: 4 } as const;
    const design = designOf(options);
    const { matrix, vector } = deviationsOf(design.moments!);
    const protocol = ldpSparseRegression(options);
    const client = protocol.client({ source: seededSource(6) });
    const n = 4000;
    const squares = [0, 0];
    const exactOnes = exactProducts([0.5, -1], 0.7, design.moments!);
    for (let i = 0; i < n; i++) {
      const m = client.encode([0.5, -1], 0.7);
      squares[0] += (m.matrix![1] - exactOnes.triangle[1]) ** 2 / n;
      squares[1] += (m.vector[0] - exactOnes.vector[0]) ** 2 / n;
    }
    const { step } = design.moments!;
    expect(Math.sqrt(squares[0]) * step.x ** 2).toBeCloseTo(matrix, -Math.floor(Math.log10(matrix * 0.1)));
    expect(Math.abs((Math.sqrt(squares[0]) * step.x ** 2) / matrix - 1)).toBeLessThan(0.06);
    expect(Math.abs((Math.sqrt(squares[1]) * step.x * step.y) / vector - 1)).toBeLessThan(0.06);
    // And so their estimates scatter alike.
    const draw = (i: number, x: Float64Array) => {
      x.set([Math.sin(i), Math.cos(3 * i)]);
      return x[0];
    };
    const first = simulateLdp({ ...options, eigenFloor: 0.2 }, draw, { people: 5000, seed: 3 });
    expect(simulateLdp({ ...options, eigenFloor: 0.2 }, draw, { people: 5000, seed: 3 })).toEqual(first);
    expect(first.noiseStd.vector).toBeCloseTo(vector / Math.sqrt(5000), 12);
    const spread = { epsilon: 3, clip: { x: 1, y: 1 }, d: 2, mode: 'sequential', sparsity: 2, rounds: 1 } as const;
    const ends = Array.from({ length: 60 }, (_, seed) => simulateLdp(spread, draw, { people: 400, seed }).theta[1]);
    const real = Array.from({ length: 60 }, (_, seed) => {
      const x = new Float64Array(2);
      const rows = Array.from({ length: 400 }, (__, i) => ({ y: draw(i, x), x: [...x] }));
      return fitted(
        spread,
        rows.map((r) => r.x),
        rows.map((r) => r.y),
        seededSource(seed),
      ).theta[1];
    });
    const deviation = (v: readonly number[]) => Math.sqrt(v.reduce((s, a) => s + a * a, 0) / v.length);
    expect(deviation(ends) / deviation(real)).toBeGreaterThan(0.7);
    expect(deviation(ends) / deviation(real)).toBeLessThan(1.4);
    expect(deviation(real)).toBeGreaterThan(0.5 * (ballRadius(2, { epsilon: 3, bound: 2 }) / Math.sqrt(2 * 400)));
  });

  test('of floored matrices, soft and hard thresholds are as by definition', () => {
    expect([...softThreshold(Float64Array.of(3, -0.5, -2, 0), 1)]).toEqual([2, -0, -1, 0]);
    const random = new Random(1);
    for (let trial = 0; trial < 200; trial++) {
      const v = Float64Array.from({ length: 1 + random.integer(6) }, () => random.integer(5) - 2);
      const k = 1 + random.integer(v.length);
      const found = hardThreshold(v, k);
      // No other k entries are larger in sum.
      const sizes = [...v].map(Math.abs).sort((a, b) => b - a);
      expect(found.reduce((s, a) => s + Math.abs(a), 0)).toBe(sizes.slice(0, k).reduce((s, a) => s + a, 0));
      expect(found.every((a, j) => a === 0 || a === v[j])).toBe(true);
    }
    // An indefinite matrix of known eigenvectors (1, 1), (1, −1): 3 and −1, which becomes ½.
    const { theta: solved, eigenvalues } = solveFloored(Float64Array.of(1, 2, 2, 1), Float64Array.of(1, 0), 0.5);
    expect([...eigenvalues].map((v) => Number(v.toFixed(12)))).toEqual([-1, 3]);
    expect(solved[0]).toBeCloseTo(0.5 / 3 + 0.5 / 0.5, 12);
    expect(solved[1]).toBeCloseTo(0.5 / 3 - 0.5 / 0.5, 12);
  });
});

describe('budgets', () => {
  test('add up in decimals, and a report beyond them is refused before noise is drawn', () => {
    const accountant = privacyAccountant({ epsilon: 0.3, delta: 3e-6 });
    const protocol = ldpSparseRegression({ ...base, epsilon: 0.1, delta: 1e-6 });
    let drawn = 0;
    const inner = seededSource(1);
    const client = protocol.client({
      accountant,
      source: {
        kind: 'seeded',
        bits: () => {
          drawn++;
          return inner.bits();
        },
      },
    });
    for (let k = 0; k < 3; k++) client.encode([1, 2, 3], 1, { person: 'ann' });
    expect(accountant.spent('ann')).toEqual({ epsilon: 0.3, delta: 3e-6, reports: 3 });
    const before = drawn;
    expect(() => client.encode([1, 2, 3], 1, { person: 'ann' })).toThrow(
      "The budget of person 'ann' does not allow this report: (epsilon, delta) = (0.3, 0.000003) of (0.3, 0.000003) are spent by 3 reports, and it takes (0.1, 0.000001). No report was made.",
    );
    expect([drawn, accountant.spent('ann').reports, client.counts.reports]).toEqual([before, 3, 3]);
    client.encode([1, 2, 3], 1, { person: '__proto__' });
    expect(accountant.spent('__proto__').reports).toBe(1);
    expect(() => client.encode([1, 2, 3], 1)).toThrow('every report needs person');
    expect(() => protocol.client().encode([1, 2, 3], 1, { person: 'ann' })).toThrow('no accountant');
    // δ alone, and a hair too much.
    expect(privacyAccountant({ epsilon: 1, delta: 0 }).allows('a', { epsilon: 1e-9, delta: 1e-300 })).toBe(false);
    expect(privacyAccountant({ epsilon: 0.3, delta: 0 }).allows('a', { epsilon: 0.30000000000000004, delta: 0 })).toBe(
      false,
    );
    // A budget is spent though the noise fails.
    const failing = protocol.client({
      accountant,
      source: {
        kind: 'seeded',
        bits: () => {
          throw new Error('no more');
        },
      },
    });
    expect(() => failing.encode([1, 2, 3], 1, { person: 'bob' })).toThrow('no more');
    expect(accountant.spent('bob').reports).toBe(1);
    // What is refused for its data spends nothing.
    expect(() => client.encode([1, Number.NaN, 3], 1, { person: 'cy' })).toThrow('Feature 2 is NaN');
    expect(accountant.spent('cy').reports).toBe(0);
  });

  test('in no order of reports spend more than there is', () => {
    const random = new Random(4);
    for (let trial = 0; trial < 100; trial++) {
      const accountant = new PrivacyAccountant({ epsilon: 1, delta: 1e-5 });
      let [epsilon, delta] = [0, 0];
      for (let k = 0; k < 50; k++) {
        const report = { epsilon: (1 + random.integer(400)) / 1000, delta: random.integer(3) * 1e-6 };
        try {
          accountant.charge('p', report);
          epsilon += Math.round(report.epsilon * 1000);
          delta += Math.round(report.delta * 1e6);
        } catch {
          const [over, overDelta] = [
            epsilon + Math.round(report.epsilon * 1000),
            delta + Math.round(report.delta * 1e6),
          ];
          expect(over > 1000 || overDelta > 10).toBe(true);
        }
      }
      expect(epsilon <= 1000 && delta <= 10).toBe(true);
    }
  });

  test('go on from a ledger, and what is none is refused whole', () => {
    const first = privacyAccountant({ epsilon: 1, delta: 1e-5 });
    first.charge('ann', { epsilon: 0.7, delta: 1e-300 });
    const ledger = JSON.parse(JSON.stringify(first.toPlain()));
    const next = privacyAccountant({ epsilon: 1, delta: 1e-5, ledger });
    expect(next.spent('ann')).toEqual({ epsilon: 0.7, delta: 1e-300, reports: 1 });
    expect(next.allows('ann', { epsilon: 0.3, delta: 0 })).toBe(true);
    expect(next.allows('ann', { epsilon: 0.4, delta: 0 })).toBe(false);
    expect(next.toPlain()).toEqual(ledger);
    const [entry] = ledger.people;
    for (const [wrong, why] of [
      [{ ...ledger, format: 'x' }, 'its format is not'],
      [{ ...ledger, version: 2 }, 'its version is 2, but must be 1'],
      [{ ...ledger, people: 3 }, 'no list of people'],
      [{ ...ledger, people: [entry, entry] }, 'the person of entry 2 is missing or a duplicate'],
      [{ ...ledger, people: [{ ...entry, epsilon: '-1' }] }, 'not a decimal number'],
      [{ ...ledger, people: [{ ...entry, reports: 0.5 }] }, 'the number of reports of entry 1 is invalid'],
      [null, 'its format is not'],
    ] as const) {
      const accountant = privacyAccountant({ epsilon: 1, delta: 1e-5 });
      expect(() => accountant.restore(wrong)).toThrow(why);
      expect(accountant.toPlain().people).toEqual([]);
    }
  });
});

describe('what is refused', () => {
  const option = (more: object) => () => ldpSparseRegression({ ...base, ...more } as LdpOptions);
  test.each<[object, string]>([
    [{ epsilon: 0 }, 'a report contains no information'],
    [{ epsilon: Number.POSITIVE_INFINITY }, 'an infinite value gives no privacy'],
    [{ epsilon: Number.NaN }, 'epsilon must be a finite number above 0, but is NaN'],
    [{ delta: 1 }, 'delta must be at least 0 and below 1'],
    [{ delta: Number.NaN }, 'delta must be'],
    [{ epsilon: 1e-12, delta: 1e-12 }, 'too small'],
    [{ epsilon: 1e-12, delta: 0 }, 'too small'],
    [{ epsilon: 1e-17, delta: 0, mode: 'sequential', sparsity: 1, rounds: 1 }, 'too small'],
    [{ d: 0 }, 'd must be a whole number'],
    [{ mode: 'central' }, 'mode must be one of noninteractive, public, sequential, but is central.'],
    [{ clip: { x: 0, y: 1 } }, 'clip.x must be'],
    [{ clip: { x: 1, y: Number.POSITIVE_INFINITY } }, 'clip.y must be'],
    [{ clip: undefined }, 'clip.x must be'],
    [{ standardize: true }, 'Means and standard deviations of private data reveal'],
    [{ rounds: 3 }, "rounds is not available in mode 'noninteractive'."],
    [{ mode: 'sequential', sparsity: 1 }, 'needs rounds'],
    [{ mode: 'sequential', rounds: 1 }, 'needs sparsity'],
    [{ mode: 'sequential', rounds: 1, sparsity: 1, lambda: 1 }, "lambda is not available in mode 'sequential'."],
    [{ sparsity: 4 }, 'sparsity must be a whole number from 1 to 3'],
    [{ lambda: -1 }, 'lambda must be'],
    [{ epsilom: 1 }, "has no option 'epsilom'; did you mean 'epsilon'?"],
  ])('%j', (more, sentence) => {
    expect(option(more)).toThrow(sentence);
  });

  test('people whose data are none, and reports that do not belong', () => {
    const protocol = ldpSparseRegression(base);
    const [client, server] = [protocol.client(), protocol.server()];
    expect(() => client.encode([1, 2], 3)).toThrow('for 3 features, but x has 2');
    expect(() => client.encode([1, 2, Number.POSITIVE_INFINITY], 3)).toThrow(
      'Feature 3 is Infinity: nothing was sent.',
    );
    expect(() => client.encode([1, 2, 3], Number.NaN)).toThrow('Target 1 is NaN');
    expect(() => client.encode([1, 2, 3], 1, { round: 1 })).toThrow("for mode 'sequential'");
    const message = client.encode([10, 0, 0], -70);
    expect(client.counts).toEqual({ reports: 1, clippedX: 1, clippedY: 1 });
    expect(Object.keys(message).sort()).toEqual(['matrix', 'noise', 'protocol', 'vector']);
    const other = ldpSparseRegression({ ...base, epsilon: 1 })
      .client()
      .encode([1, 2, 3], 1);
    for (const [wrong, why] of [
      [other, 'with another protocol'],
      [{ ...message, vector: Float64Array.of(1, 2) }, 'it has 2 values instead of 3'],
      [{ ...message, matrix: undefined }, 'it has no values instead of 6'],
      [{ ...message, vector: Float64Array.of(1, 2, 0.5) }, 'it contains 0.5'],
      [{ ...message, vector: Float64Array.of(1, 2, Number.NaN) }, 'it contains NaN'],
      [{ ...message, vector: Float64Array.of(1, 2, 2 ** 53) }, 'it contains 9007199254740992'],
    ] as const) {
      expect(() => server.aggregate(wrong)).toThrow(why);
    }
    server.aggregate(message);
    expect(() => server.finish()).toThrow('1 reports do not determine 3 coefficients');
  });

  test('too little to estimate from is told, not thresholded to zero', () => {
    const { X, y } = people(30, [1, 0, 0], 0.1, 3);
    const strict = { ...base, epsilon: 0.01 } as const;
    const drowned = Array.from({ length: 12 }, (_, seed) => {
      try {
        return fitted(strict, X, y, seededSource(seed)).warnings.join(' ');
      } catch (error) {
        return (error as Error).message;
      }
    });
    expect(drowned.some((t) => t.startsWith('The noise exceeds the covariance'))).toBe(true);
    expect(drowned.every((t) => t.length > 0)).toBe(true);
    const server = () => ldpSparseRegression({ ...base, mode: 'public' }).server();
    expect(() =>
      server().publicCovariates([
        [1, 2, 3],
        [4, 5, 6],
      ]),
    ).toThrow('2 public covariates do not determine');
    expect(() => server().publicCovariates(DenseMatrix.create(0, 3))).toThrow('no public covariates');
    expect(() =>
      server().publicCovariates([
        [1, 0, 3],
        [1, 0, 2],
        [3, 0, 1],
      ]),
    ).toThrow('Column 2 of the public covariates is 0 everywhere');
    expect(() =>
      ldpSparseRegression(base)
        .server()
        .publicCovariates([[1]]),
    ).toThrow("for mode 'public'");
    const without = server();
    const client = ldpSparseRegression({ ...base, mode: 'public' }).client({ source: seededSource(1) });
    for (const [i, x] of X.entries()) without.aggregate(client.encode(x, y[i]));
    expect(() => without.finish()).toThrow("Mode 'public' needs public covariates");
    expect(() => simulateLdp({ ...base, delta: 0 }, () => 0, { people: 10 })).toThrow(
      'Laplace noise cannot be simulated',
    );
    expect(() => simulateLdp(base, () => Number.NaN, { people: 10 })).toThrow('Person 1');
  });

  test('rounds are kept apart', () => {
    const options = { d: 2, epsilon: 1, mode: 'sequential', clip: { x: 1, y: 1 }, sparsity: 1, rounds: 2 } as const;
    const protocol = ldpSparseRegression(options);
    const [client, server] = [protocol.client(), protocol.server()];
    expect(() => client.encode([1, 1], 1)).toThrow('needs round and theta');
    expect(() => client.encode([1, 1], 1, { round: 3, theta: [0, 0] })).toThrow(
      'round must be a whole number from 1 to 2',
    );
    expect(() => client.encode([1, 1], 1, { round: 1, theta: [1, 1] })).toThrow(
      'The norm of theta exceeds the bound 1',
    );
    expect(() => client.encode([1, 1], 1, { round: 1, theta: [1] })).toThrow('1 values for 2 features');
    expect(() => server.endRound()).toThrow('Round 1 has no reports.');
    const message = client.encode([1, 1], 1, { round: 1, theta: server.theta });
    expect(() => server.aggregate({ ...message, round: 2 })).toThrow('it is for round 2, but the current round is 1');
    expect(() => server.aggregate({ ...message, vector: message.vector.map((v) => 2 * v) })).toThrow('on the sphere');
    server.aggregate(message);
    server.endRound();
    expect(() => server.finish()).toThrow('Round 2 of 2 has not ended');
    expect(() => server.aggregate(message)).toThrow('it is for round 1, but the current round is 2');
    server.aggregate(client.encode([1, 1], 1, { round: 2, theta: server.theta }));
    server.endRound();
    expect(() => server.endRound()).toThrow('All 2 rounds have ended.');
    const fit = server.finish();
    expect([fit.people, fit.support.length]).toEqual([2, 1]);
    expect(fit.warnings[0]).toContain('tighter bounds, fewer rounds, or more people');
  });
});
