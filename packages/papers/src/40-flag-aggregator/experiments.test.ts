import { Random } from '@southwell/numerics/core';
import { attacks as attackKinds } from 'southwell/distributed-methods';
import { expect, test } from 'vitest';
import { Perceptron, pooled, SIDE } from '../material/network.ts';
import { expectAbort } from '../testing.ts';
import attacks from './experiments/attacks.ts';
import cost from './experiments/cost.ts';
import { RULE_NAMES, RULES } from './rules.ts';
import { ATTACKS, classesTask, displacement, imagesTasks, lotkaVolterra } from './tasks.ts';
import { type Condition, iterationsTo, type Setting, training } from './training.ts';

const pause = async () => {};
const sizes = { dimension: 16, classes: 4, centres: 2, spread: 0.8, gain: 1.5, hidden: 8, train: 400, test: 300 };
const setting: Setting = { workers: 7, batch: 4, iterations: 30, momentum: 0.9, weightDecay: 5e-4, every: 10 };
const calm: Condition = { name: 'calm', faulty: 0, declared: 1 };
const task = classesTask(sizes, new Random(1));

test('features are 1.5 tanh of centres and unit noise, turned', () => {
  const { train, test } = classesTask({ ...sizes, dimension: 64, train: 3000 }, new Random(2));
  const squares = train.features.reduce((sum, v) => sum + Math.atanh(v / 1.5) ** 2, 0) / train.count;
  // Of 8 centres the mean squared length varies.
  expect(squares).toBeGreaterThan(64 * 1.4);
  expect(squares).toBeLessThan(64 * 1.9);
  expect([...new Set(train.labels as Int32Array)].sort()).toEqual([0, 1, 2, 3]);
  expect(test.features.length).toBe(300 * 64);
});

test('the equations keep their constant of motion, and move points as slopes say', () => {
  const kept = (x: number, y: number) => x - Math.log(x) + (4 / 3) * y - (2 / 3) * Math.log(y);
  for (const [x, y] of [
    [1.2, 0.4],
    [3, 2],
    [13, 9],
  ]) {
    const [p, q] = lotkaVolterra(x, y, 0.05);
    expect(kept(p, q)).toBeCloseTo(kept(x, y), 6);
    const h = 1e-6;
    const [a, b] = lotkaVolterra(x, y, h);
    expect((a - x) / h).toBeCloseTo((2 / 3) * x - (4 / 3) * x * y, 3);
    expect((b - y) / h).toBeCloseTo(x * y - y, 3);
  }
});

test('displaced images: not at all in no time, then more and more pixels, all from inside', () => {
  const identity = Int32Array.from({ length: SIDE * SIDE }, (_, p) => p);
  expect(displacement(0)).toEqual(identity);
  const moved = [0.005, 0.02, 0.05].map((time) => displacement(time).filter((from, p) => from !== p).length);
  expect(moved[0]).toBeGreaterThan(0);
  expect(moved[1]).toBeGreaterThan(moved[0]);
  expect(moved[2]).toBeGreaterThan(moved[1]);
  for (const from of displacement(0.05)) {
    expect(from).toBeGreaterThanOrEqual(-1);
    expect(from).toBeLessThan(SIDE * SIDE);
  }
});

test('noise of images: in no time, or of no deviation, workers see the training set', () => {
  const random = new Random(3);
  const count = 20;
  const values = Float32Array.from({ length: count * SIDE * SIDE }, () => random.uniform());
  const targets = { values: Int32Array.from({ length: count }, (_, r) => r % 10), shape: [] };
  const some = { count, inputs: { values, shape: [SIDE * SIDE] }, targets };
  const set = { name: 'noise', train: some, test: some };
  const asked = { block: 4, hidden: 4, test: 10, noisy: 5, time: 0, deviation: 0, faulty: [1, 3] };
  const { taskOf, conditions } = imagesTasks(set, { ...asked, noises: ['lotka-volterra', 'gaussian'] });
  expect(conditions.map(({ name }) => name)).toEqual([
    'Lotka–Volterra noise, 1 hostile',
    'Lotka–Volterra noise, 3 hostile',
    'normal noise, 1 hostile',
    'normal noise, 3 hostile',
  ]);
  const task = taskOf(new Random(4));
  expect([task.test.count, task.network.length]).toEqual([10, 50 * 4 + 5 * 10]);
  const whole = pooled(some);
  for (const { see } of conditions) {
    const seen = new Float64Array(49);
    see!(7, new Random(5), seen);
    seen.forEach((v, j) => {
      expect(v).toBeCloseTo(whole.features[7 * 49 + j], 12);
    });
  }
});

test('one worker and the mean are SGD with momentum and weight decay', async () => {
  const [random, again] = [new Random(6), new Random(6)];
  const one = { ...setting, workers: 1, iterations: 12, every: 12 };
  const { accuracy } = await training(task, calm, { rule: 'mean' }, one, 0.1, random, pause);
  const { network, train, test } = task;
  const x = network.start(again.split(0));
  const draws = again.split(2);
  const v = new Float64Array(x.length);
  for (let t = 0; t < 12; t++) {
    const g = new Float64Array(x.length);
    for (let k = 0; k < 4; k++) network.addGradient(x, train, draws.integer(train.count), g, 1 / 4);
    for (let k = 0; k < x.length; k++) {
      v[k] = 0.9 * v[k] + g[k] + 5e-4 * x[k];
      x[k] -= 0.1 * v[k];
    }
  }
  expect(accuracy).toBe(network.accuracy(x, test));
});

test('with all dimensions the flag aggregator trains as the mean of unit gradients does, and with fewer it does not', async () => {
  const lie: Condition = { ...ATTACKS.lie, faulty: 2, declared: 2 };
  const of = async (options: Parameters<typeof training>[2]) =>
    (await training(task, lie, options, setting, 0.3, new Random(7), pause)).course;
  const unit = await of({ rule: 'normalized-mean' });
  expect(await of({ rule: 'flag', m: 7 })).toEqual(unit);
  expect(await of({ rule: 'flag' })).not.toEqual(unit);
  expect(unit.map(([t]) => t)).toEqual([0, 10, 20, 30]);
});

test('all rules train without attack; reversed gradients turn the mean away, and diverging ends by itself', async () => {
  const accuracy = async (rule: (typeof RULE_NAMES)[number], condition: Condition, rate = 0.1) =>
    (await training(task, condition, RULES[rule].options(condition.declared), setting, rate, new Random(8), pause))
      .accuracy;
  for (const rule of RULE_NAMES) expect(await accuracy(rule, calm), rule).toBeGreaterThan(0.5);
  const reverse: Condition = { name: 'reverse', attack: attackKinds.reverse(), faulty: 1, declared: 1 };
  expect(await accuracy('mean', reverse)).toBeLessThan(0.4);
  expect(await accuracy('flag', reverse)).toBeGreaterThan(0.5);
  expect(await accuracy('mean', reverse, 30)).toBeLessThan(0.4);
});

test('iterations to an accuracy, or none', () => {
  const course = [
    [0, 0.1],
    [5, 0.4],
    [10, 0.3],
  ] as const;
  expect(iterationsTo({ accuracy: 0.3, course }, 0.35)).toBe(5);
  expect(iterationsTo({ accuracy: 0.3, course }, 0.5)).toBe(Number.POSITIVE_INFINITY);
});

test('scores of the network are sums in the order of their terms, whatever the number of units', () => {
  const random = new Random(9);
  for (const widths of [
    [3, 5, 2],
    [4, 8, 7],
    [2, 3, 1],
  ] as const) {
    const [p, h, c] = widths;
    const network = new Perceptron(widths);
    const x = network.start(random);
    const features = Float64Array.from({ length: p }, () => random.normal());
    const hidden = Array.from({ length: h }, (_, k) => {
      let sum = x[p * h + k];
      for (let j = 0; j < p; j++) sum += x[k * p + j] * features[j];
      return Math.max(0, sum);
    });
    const scores = Array.from({ length: c }, (_, l) => {
      let sum = x[(p + 1) * h + h * c + l];
      for (let k = 0; k < h; k++) sum += x[(p + 1) * h + l * h + k] * hidden[k];
      return sum;
    });
    const most = Math.max(...scores);
    const loss = most + Math.log(scores.reduce((sum, s) => sum + Math.exp(s - most), 0)) - scores[0];
    const rows = { features, labels: [0], count: 1 };
    expect(network.addGradient(x, rows, 0, new Float64Array(x.length), 1)).toBe(loss);
  }
});

test('the cost of an aggregation is measured beside that of Multi-Krum', async () => {
  for await (const event of cost.run({ size: 'quick', seed: 41 })) {
    if (event.kind !== 'table') continue;
    expect(event.rows.length).toBeGreaterThan(1);
    for (const [, own, rival, ratio] of event.rows as number[][]) {
      expect([own > 0, rival > 0]).toEqual([true, true]);
      expect(ratio).toBe(own / rival);
    }
  }
});

test('an abort ends a run by its reason', () => expectAbort(attacks));
