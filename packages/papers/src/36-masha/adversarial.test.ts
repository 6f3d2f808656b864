import { Random } from '@southwell/numerics/core';
import { randK, topK } from 'southwell/distributed-methods';
import { expect, test } from 'vitest';
import { Perceptron, type Rows } from '../material/network.ts';
import { attacked, averaged, followTraining, numbersTo, onWeights, trainingOf } from './adversarial.ts';
import { libraryRun } from './lab.ts';

const sizes = { devices: 4, hidden: 6, train: 24, test: 40, skew: 0.8, epsilon: 0.5, pace: 4, attack: 5 };

test('gradients with respect to features are those of differences of the loss', () => {
  const random = new Random(1);
  const network = new Perceptron([3, 4, 2]);
  const x = network.start(random);
  const features = Float64Array.from({ length: 6 }, () => random.normal());
  const unused = new Float64Array(network.length);
  for (const r of [0, 1]) {
    const rows = (v: Float64Array): Rows => ({ features: v, labels: [1, 0], count: 2 });
    const [twice, once] = [new Float64Array(3), new Float64Array(3)];
    network.addGradient(x, rows(features), r, unused, 2, twice);
    network.addInputGradient(x, rows(features), r, once);
    for (let j = 0; j < 3; j++) {
      const at = 3 * r + j;
      const loss = (h: number) => network.addGradient(x, rows(features.with(at, features[at] + h)), r, unused, 1);
      expect(once[j]).toBeCloseTo((loss(1e-5) - loss(-1e-5)) / 2e-5, 6);
      expect(twice[j]).toBeCloseTo(2 * once[j], 12);
    }
  }
});

test('operators are those of a saddle point: mixed derivatives of weights and perturbations have opposite signs', async () => {
  const { problem, weights } = await trainingOf(sizes, new Random(2));
  const operators = problem.operators as ReadonlyArray<(z: Float64Array) => Float64Array>;
  const random = new Random(3);
  const z = Float64Array.from(problem.z0);
  for (let i = weights; i < z.length; i++) z[i] = 0.01 * random.normal();
  const direction = (from: number, to: number) => z.map((_, i) => (i >= from && i < to ? random.normal() : 0));
  const [a, b] = [direction(0, weights), direction(weights, z.length)];
  const product = (u: Float64Array, v: Float64Array) => u.reduce((sum, value, i) => sum + value * v[i], 0);
  const along = (v: Float64Array) => {
    const [plus, minus] = [1e-6, -1e-6].map((h) => z.map((value, i) => value + h * v[i]));
    const values = [plus, minus].map((at) => operators.map((F) => F(at)));
    return z.map((_, i) => operators.reduce((sum, _F, m) => sum + values[0][m][i] - values[1][m][i], 0) / 2e-6);
  };
  const mixed = product(a, along(b));
  expect(Math.abs(mixed)).toBeGreaterThan(0.1);
  expect(product(b, along(a)) / mixed).toBeCloseTo(-1, 3);
});

test('each perturbation has one device, which alone depends on it; without a player there is none', async () => {
  // Wide enough for no row to have all units off.
  const wide = { ...sizes, hidden: 32 };
  const { problem, weights } = await trainingOf(wide, new Random(4));
  const operators = problem.operators as ReadonlyArray<(z: Float64Array) => Float64Array>;
  const z = Float64Array.from(problem.z0);
  const values = operators.map((F) => F(z));
  for (let r = 0; r < sizes.train; r++) {
    const at = weights + 64 * r;
    const own = values.flatMap((v, m) => (v.subarray(at, at + 64).some((value) => value !== 0) ? [m] : []));
    expect(own.length).toBe(1);
    const moved = z.slice();
    for (let j = 0; j < 64; j++) moved[at + j] = 0.05;
    const changed = operators.flatMap((F, m) => (F(moved).join() === values[m].join() ? [] : [m]));
    expect(changed).toEqual(own);
  }
  const { problem: plain } = await trainingOf(wide, new Random(4), false);
  const value = (plain.operators[0] as (typeof operators)[0])(z);
  expect(value.subarray(weights).every((v) => v === 0)).toBe(true);
  expect(value.subarray(0, weights)).toEqual(values[0].subarray(0, weights));
});

test('perturbations are projected onto balls, weights are not', async () => {
  const { problem, weights } = await trainingOf(sizes, new Random(5));
  const z = Float64Array.from(problem.z0).fill(1e3, weights);
  const projected = problem.prox!(z, 1);
  expect(projected.subarray(0, weights)).toEqual(z.subarray(0, weights));
  const scale = Math.sqrt(sizes.train * sizes.pace);
  for (let at = weights; at < z.length; at += 64)
    expect(scale * Math.hypot(...projected.subarray(at, at + 64))).toBeCloseTo(sizes.epsilon, 12);
});

test('an attack on a linear classifier succeeds beyond its margin alone', () => {
  // Units that are always on: scores are linear.
  const network = new Perceptron([64, 2, 2]);
  const x = new Float64Array(network.length);
  const random = new Random(6);
  const w = Float64Array.from({ length: 64 }, () => random.normal());
  x.set(w);
  x[128] = 100;
  x[130] = 1;
  x[134] = -100;
  // The margin of class 0 is w·a.
  const norm = Math.hypot(...w);
  const features = new Float64Array(3 * 64);
  for (const [r, distance] of [0.2, 0.4, -0.1].entries())
    for (let j = 0; j < 64; j++) features[64 * r + j] = (distance * w[j]) / norm;
  const rows: Rows = { features, labels: [0, 0, 0], count: 3 };
  const accuracies = [0, 0.19, 0.21, 0.39, 0.41].map((epsilon) => attacked(network, x, rows, { epsilon, attack: 10 }));
  expect(accuracies.map((v) => 3 * v)).toEqual([2, 2, 1, 1, 0]);
  expect(3 * network.accuracy(x, rows)).toBe(2);
});

test('weights are compressed, what stays on the device is not', () => {
  const random = new Random(7);
  const v = Float64Array.from({ length: 30 }, (_, i) => (i >= 10 && (i < 14 || i > 20) ? 0 : random.normal()));
  for (const inner of [randK(3, { values: 'f64' }), topK(3, { values: 'f64' })]) {
    const both = onWeights(inner, 10);
    const out = new Float64Array(30).fill(9);
    both.restore(both.compress(v, new Random(8)), out);
    const alone = new Float64Array(10);
    inner.restore(inner.compress(v.subarray(0, 10), new Random(8)), alone);
    expect(out.subarray(0, 10)).toEqual(alone);
    expect(out.subarray(10)).toEqual(v.subarray(10));
    expect([both.secondMoment(30), both.delta(30)]).toEqual([inner.secondMoment(10), inner.delta(10)]);
  }
});

test('an accuracy is reached by the mean of three', () => {
  const course = { numbers: [0, 1, 2, 3, 4], accuracies: [0, 0.9, 0.3, 0.6, 0.9] };
  expect(averaged(course).map((v) => Number(v.toFixed(6)))).toEqual([0.4, 0.6, 0.6]);
  expect(numbersTo(course, 0.599)).toBe(3);
  expect(numbersTo(course, 0.61)).toBe(Number.POSITIVE_INFINITY);
});

test('training learns, and ends when an accuracy is reached', async () => {
  const training = await trainingOf({ ...sizes, train: 60, epsilon: 0.1 }, new Random(9));
  const settings = { method: 'eg', gamma: 0.4 } as const;
  const follow = (until?: number) =>
    followTraining(
      libraryRun,
      training,
      settings,
      { steps: 120, every: 20, until },
      (t) => t,
      async () => {},
    );
  const whole = await follow();
  expect(whole.numbers).toEqual([0, 20, 40, 60, 80, 100, 120]);
  expect(averaged(whole).at(-1)).toBeGreaterThan(0.4);
  const short = await follow(0.2);
  expect(short.accuracies).toEqual(whole.accuracies.slice(0, short.accuracies.length));
  expect(short.numbers.at(-1)).toBe(numbersTo(whole, 0.2));
});
