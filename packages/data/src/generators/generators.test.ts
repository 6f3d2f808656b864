import { expect, test } from 'vitest';
import { expectFailure } from '../testing.ts';
import { norm, product } from './common.ts';
import {
  correlatedClassification,
  correlatedRegression,
  groupRegression,
  modularArithmetic,
  poissonData,
  simulatedRatings,
  sparseParity,
  survivalData,
  twoMoons,
} from './index.ts';

/** That a mean of n draws with the given variance is within 5 standard errors of what it should be. */
function near(found: number, expected: number, variance: number, n: number): void {
  expect(Math.abs(found - expected)).toBeLessThan(5 * Math.sqrt(variance / n));
}
const mean = (values: Float64Array) => values.reduce((s, v) => s + v, 0) / values.length;
const residual = ({ X, y, coefficients }: ReturnType<typeof correlatedRegression>) => {
  const fit = product(X, coefficients);
  return { fit, noise: y.map((v, i) => v - fit[i]) };
};

test.each([0, 0.6, 0.95])('columns are standard normal with correlation rho^|i-j| (rho = %f)', (rho) => {
  const n = 20_000;
  const { X } = correlatedRegression({ n, p: 6, rho, seed: 3 });
  for (let i = 0; i < 6; i++) {
    near(mean(X.column(i)), 0, 1, n);
    for (let j = i; j < 6; j++) {
      const r = rho ** (j - i);
      // Var(x_i x_j) = 1 + r² for standard normals of correlation r.
      near(mean(X.column(i).map((v, k) => v * X.column(j)[k])), r, 1 + r * r, n);
    }
  }
});

test('the stated signal-to-noise ratio is that of the sample, and the support has the stated size', () => {
  for (const snr of [0.5, 3, 100]) {
    const data = correlatedRegression({ n: 50, p: 200, nonZeros: 7, snr, seed: 1, coefficients: 'signs' });
    const { fit, noise } = residual(data);
    expect(norm(fit) / norm(noise)).toBeCloseTo(snr, 8);
    expect(data.coefficients.filter((w) => w !== 0)).toHaveLength(7);
    expect(data.coefficients.every((w) => w === 0 || Math.abs(w) === 1)).toBe(true);
  }
  expect(norm(residual(correlatedRegression({ n: 20, p: 5, snr: Number.POSITIVE_INFINITY })).noise)).toBe(0);
  expect(correlatedRegression({ n: 3, p: 50 }).coefficients.filter((w) => w !== 0)).toHaveLength(10);
});

test('the same seed gives the same data, another seed others', () => {
  const make = (seed: number) => correlatedRegression({ n: 10, p: 5, seed });
  expect(Array.from(make(5).y)).toEqual(Array.from(make(5).y));
  expect(Array.from(make(5).y)).not.toEqual(Array.from(make(6).y));
});

test('groups are active as wholes', () => {
  const data = groupRegression({ n: 40, p: 60, groupSize: 5, activeGroups: 3, snr: 2, seed: 2 });
  const active = new Set(Array.from(data.coefficients, (w, j) => (w === 0 ? -1 : data.groups[j])));
  active.delete(-1);
  expect(active.size).toBe(3);
  expect(data.coefficients.filter((w) => w !== 0)).toHaveLength(15);
  const { fit, noise } = residual(data);
  expect(norm(fit) / norm(noise)).toBeCloseTo(2, 8);
});

test('classes follow the logistic model: the score at the true coefficients is zero on average', () => {
  const n = 20_000;
  const { X, y, coefficients } = correlatedClassification({ n, p: 5, spread: 2, seed: 4 });
  const eta = product(X, coefficients);
  expect(norm(eta) / Math.sqrt(n)).toBeCloseTo(2, 8);
  expect(y.every((v) => v === 1 || v === -1)).toBe(true);
  const errors = y.map((v, i) => (v + 1) / 2 - 1 / (1 + Math.exp(-eta[i])));
  near(mean(errors), 0, 0.25, n);
  for (let j = 0; j < 5; j++) near(mean(errors.map((e, i) => e * X.column(j)[i])), 0, 0.25, n);
});

test('counts are Poisson: mean and variance given x both exp(eta)', () => {
  const n = 20_000;
  const { X, y, coefficients } = poissonData({ n, p: 4, intercept: 1.5, spread: 0.5, seed: 5 });
  const rates = product(X, coefficients).map((v) => Math.exp(1.5 + v));
  const z = y.map((v, i) => (v - rates[i]) / Math.sqrt(rates[i]));
  near(mean(z), 0, 1, n);
  // The fourth moment of a standardised Poisson is 3 + 1/λ.
  near(mean(z.map((v) => v * v)), 1, 2 + mean(rates.map((r) => 1 / r)), n);
});

test('survival times: cumulated hazards of uncensored data are exponential, and the stated share is censored', () => {
  const n = 20_000;
  const all = survivalData({ n, p: 4, censored: 0, seed: 6 });
  expect(all.event.every((v) => v === 1)).toBe(true);
  const eta = product(all.X, all.coefficients);
  const hazard = all.time.map((t, i) => t * Math.exp(eta[i]));
  near(mean(hazard), 1, 1, n);
  near(mean(hazard.map((v) => v * v)), 2, 20, n); // E[T⁴] − E[T²]² = 24 − 4
  const some = survivalData({ n, p: 4, censored: 0.4, seed: 6 });
  near(1 - mean(some.event), 0.4, 0.24, n);
});

test('two moons lie on their half circles, half of the points on each', () => {
  const { X, y } = twoMoons({ n: 201, noise: 0, seed: 7 });
  expect(y.filter((v) => v === 0)).toHaveLength(100);
  for (let i = 0; i < 201; i++) {
    const [u, v] = y[i] === 0 ? [X.get(i, 0), X.get(i, 1)] : [1 - X.get(i, 0), 0.5 - X.get(i, 1)];
    expect(Math.hypot(u, v)).toBeCloseTo(1, 12);
    expect(v).toBeGreaterThan(-1e-12);
  }
  const n = 10_000;
  const noisy = twoMoons({ n, noise: 0.1, seed: 8 });
  const off = Float64Array.from({ length: n }, (_, i) =>
    noisy.y[i] === 0
      ? Math.hypot(noisy.X.get(i, 0), noisy.X.get(i, 1)) - 1
      : Math.hypot(1 - noisy.X.get(i, 0), 0.5 - noisy.X.get(i, 1)) - 1,
  );
  expect(Math.sqrt(mean(off.map((v) => v * v)))).toBeGreaterThan(0.09);
  expect(Math.sqrt(mean(off.map((v) => v * v)))).toBeLessThan(0.11);
});

test('bad parameters are named', async () => {
  const fails = (make: () => unknown, sentence: RegExp) =>
    expectFailure(async () => make(), sentence, 'INVALID_PARAMETER');
  await fails(() => correlatedRegression({ n: 0, p: 5 }), /n must be/);
  await fails(() => correlatedRegression({ n: 5, p: 1.5 }), /p must be/);
  await fails(() => correlatedRegression({ n: 5, p: 5, rho: 1 }), /rho must lie/);
  await fails(() => correlatedRegression({ n: 5, p: 5, nonZeros: 6 }), /nonZeros must be .* from 1 to 5/);
  await fails(() => correlatedRegression({ n: 5, p: 5, snr: 0 }), /snr must be positive/);
  await fails(() => correlatedRegression({ n: 5, p: 5, seed: -1 }), /seed must/);
  await fails(() => groupRegression({ n: 5, p: 5, groupSize: 2, activeGroups: 1 }), /groupSize must divide/);
  await fails(() => survivalData({ n: 5, p: 5, censored: 1 }), /censored must/);
  await fails(() => twoMoons({ n: 1 }), /n must be/);
});

test('ratings: the sizes of MovieLens 100K and its known figures, no pair twice, a user has twenty', () => {
  const { users, items, user, item, value, expected } = simulatedRatings({ seed: 1 });
  expect([users, items, value.length]).toEqual([943, 1682, 100_000]);
  expect(new Set(user.map((u, e) => u * items + item[e])).size).toBe(100_000);
  const counts = new Int32Array(users);
  for (const u of user) counts[u]++;
  expect(Math.min(...counts)).toBeGreaterThanOrEqual(20);
  expect(new Set(value)).toEqual(new Set([1, 2, 3, 4, 5]));
  const average = mean(value);
  const spread = Math.sqrt(mean(value.map((v) => (v - average) ** 2)));
  expect(Math.abs(average - 3.53)).toBeLessThan(0.15);
  expect(Math.abs(spread - 1.126)).toBeLessThan(0.1);
  const least = Math.sqrt(mean(value.map((v, e) => (v - expected[e]) ** 2)));
  expect(least).toBeGreaterThan(0.75);
  expect(least).toBeLessThan(0.87);
  expect(simulatedRatings({ users: 5, items: 4, ratings: 10, seed: 2 }).user.length).toBe(10);
  expect(() => simulatedRatings({ users: 2, items: 2, ratings: 3 })).toThrow('more than half');
});

test('tables of modular arithmetic have every pair once, with its class, in two parts', () => {
  const value = {
    add: (a: number, b: number) => a + b,
    subtract: (a: number, b: number) => a - b,
    multiply: (a: number, b: number) => a * b,
  };
  for (const operation of ['add', 'subtract', 'multiply'] as const) {
    const { classes, train, test: rest } = modularArithmetic({ p: 7, operation, trainShare: 0.4, seed: 2 });
    expect([classes, train.count, rest.count]).toEqual([7, 19, 30]);
    const seen = new Set<string>();
    for (const { count, inputs, targets } of [train, rest]) {
      expect(inputs.shape).toEqual([14]);
      for (let i = 0; i < count; i++) {
        const row = [...inputs.values.subarray(14 * i, 14 * (i + 1))];
        expect(row.filter((v) => v === 1).length).toBe(2);
        expect(row.filter((v) => v === 0).length).toBe(12);
        const [a, b] = [row.indexOf(1), row.lastIndexOf(1) - 7];
        expect((value[operation](a, b) - targets.values[i] + 49) % 7).toBe(0);
        expect(targets.values[i]).toBeGreaterThanOrEqual(0);
        seen.add(`${a},${b}`);
      }
    }
    expect(seen.size).toBe(49);
  }
  const of = (seed: number) => modularArithmetic({ p: 7, seed }).train.inputs.values;
  expect(of(1)).toEqual(of(1));
  expect(of(1)).not.toEqual(of(2));
});

test('sparse parity: different strings, whose class is the parity of the first bits', () => {
  const { classes, train, test: rest } = sparseParity({ relevant: 3, bits: 12, n: 400, seed: 4 });
  expect([classes, train.count, rest.count]).toEqual([2, 200, 200]);
  const seen = new Set<string>();
  let ones = 0;
  for (const { count, inputs, targets } of [train, rest]) {
    for (let i = 0; i < count; i++) {
      const row = [...inputs.values.subarray(12 * i, 12 * (i + 1))];
      expect(targets.values[i]).toBe((row[0] + row[1] + row[2]) % 2);
      ones += row.reduce((a, b) => a + b, 0);
      seen.add(row.join(''));
    }
  }
  expect(seen.size).toBe(400);
  near(ones / 4800, 0.5, 0.25, 4800);
});

test('algorithmic sets refuse what is none', async () => {
  const refused: ReadonlyArray<[() => unknown, RegExp]> = [
    [() => modularArithmetic({ p: 1 }), /p must be a whole number from 2/],
    [() => modularArithmetic({ p: 5, operation: 'divide' as 'add' }), /add, subtract, multiply, not divide/],
    [() => modularArithmetic({ p: 5, trainShare: 1 }), /trainShare/],
    [() => modularArithmetic({ p: 5, trainShare: Number.NaN }), /trainShare/],
    [() => sparseParity({ relevant: 5, bits: 4 }), /relevant must be a whole number from 1 to 4/],
    [() => sparseParity({ bits: 4, n: 9 }), /from 2 to 8/],
  ];
  for (const [f, words] of refused) await expectFailure(async () => f(), words, 'INVALID_PARAMETER');
});
