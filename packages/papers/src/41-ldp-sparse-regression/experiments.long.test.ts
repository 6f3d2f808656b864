import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import oneReport from './experiments/one-report.ts';
import people from './experiments/people.ts';
import { errorsOf, roundsError, slope, sumsAt } from './lab.ts';
import { population } from './population.ts';
import { deltaFound, guessedRight, mechanisms, mostGuessed, ratiosOf } from './reports.ts';

const shape = { nonzeros: 3, noise: 0.5 };

test('people are drawn as they are said to be, and sums are theirs', async () => {
  const random = new Random(4);
  const people = population(5, shape, random);
  expect(Array.from(people.truth, (v) => Math.abs(v)).sort()).toEqual([0, 0, 1, 1, 1].map((v) => v / Math.sqrt(3)));
  const x = new Float64Array(5);
  let [square, explained] = [0, 0];
  for (let i = 0; i < 40_000; i++) {
    const y = people.person(random, x);
    square += y * y;
    explained += (y - x.reduce((s, v, j) => s + v * people.truth[j], 0)) ** 2;
  }
  expect(square / 40_000).toBeCloseTo(1.25, 1);
  expect(explained / 40_000).toBeCloseTo(0.25, 2);
  const own = new Random(7);
  const seen: Float64Array[] = [];
  const watched = {
    ...people,
    person(r: Random, into: Float64Array) {
      into.forEach((_, j) => {
        into[j] = 0.1 * r.normal();
      });
      seen.push(into.slice());
      return 0.5;
    },
  };
  for await (const sums of sumsAt(watched, [3, 8], own, async () => {})) {
    const of = (i: number, j: number) => seen.slice(0, sums.people).reduce((s, v) => s + v[i] * v[j], 0) / sums.people;
    const { covariance, moment } = sums.means(new Random(1));
    expect(covariance[1 * 5 + 3]).toBeCloseTo(of(1, 3), 14);
    expect(moment[2]).toBeCloseTo((0.5 * seen.slice(0, sums.people).reduce((s, v) => s + v[2], 0)) / sums.people, 14);
  }
  expect(slope([1, 10, 100], [5, 0.5, 0.05])).toBeCloseTo(-1, 12);
});

test('without noise all estimates are near to the truth, and rounds too with many people', async () => {
  const random = new Random(2);
  const people = population(6, shape, random.split(1));
  for await (const sums of sumsAt(people, [50_000], random.split(3), async () => {})) {
    const errors = errorsOf(
      people,
      sums,
      { epsilon: 500, delta: 1e-5, publicPeople: 5000, repeats: 4 },
      random.split(4),
    );
    expect(Math.max(...Object.values(errors))).toBeLessThan(0.12);
  }
  expect(roundsError(people, 50_000, { epsilon: 500, delta: 1e-5, bound: 1, kept: 3 }, random)).toBeLessThan(0.2);
});

test('no guess is right more often than ε and δ allow, and the best are nearly so often', () => {
  // Randomised response: error rates of 1/(1 + e^ε) both.
  expect(mostGuessed(1, 0)).toBeCloseTo(Math.E / (1 + Math.E), 15);
  expect(mostGuessed(0, 0)).toBe(0.5);
  const found = ratiosOf(mechanisms['public covariates, Laplace'], { epsilon: 3, delta: 0 }, 20_000, 5);
  expect(guessedRight(found)).toBeLessThan(mostGuessed(3, 0));
  // Two coordinates, each with Laplace noise of scale 2·distance/ε: the signs of both decide, or the sum of both.
  expect(guessedRight(found)).toBeGreaterThan(1 - Math.exp(-0.75) / 2);
  // Ratios of pure mechanisms never exceed e^ε.
  for (const name of ['one round, Laplace', 'public covariates, Laplace', 'rounds, sphere']) {
    const { near, far } = ratiosOf(mechanisms[name], { epsilon: 1, delta: 0 }, 3000, 6);
    expect(Math.max(...near.map(Math.abs), ...far.map(Math.abs))).toBeLessThan(1.001);
  }
});

test('the least δ is that of the Gaussian mechanism, and that of randomised response', () => {
  const { near, far } = ratiosOf(mechanisms['public covariates, Gaussian'], { epsilon: 1, delta: 0.05 }, 60_000, 7);
  expect(Math.abs(deltaFound({ near, far }, 1, 0) - 0.05)).toBeLessThan(0.01);
  // Right with probability ¾: ratios of 3 and 1/3, ln 3 of ε.
  const told = Math.log(3);
  const pair = { near: [told, told, told, -told], far: [-told, -told, -told, told] };
  expect(deltaFound(pair, 1, 0)).toBeCloseTo(0.75 - Math.E / 4, 12);
  expect(deltaFound(pair, 1.1, 0)).toBeLessThanOrEqual(0);
});

test('reports of twice ε tell more than is claimed', async () => {
  const told: typeof ratiosOf = (mechanism, { epsilon, delta }, n, seed) =>
    ratiosOf(mechanism, { epsilon: 2 * epsilon, delta }, Math.min(n, 5000), seed);
  expect(await outcomesOf([oneReport.withMethod(told)], 11)).toEqual({ 'one-report': 'does not hold' });
});

test('stops on request', async () => {
  await expectAbort(people);
});
