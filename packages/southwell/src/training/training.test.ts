import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import {
  decodeCheckpoint,
  encodeCheckpoint,
  inOnePlace,
  Random,
  run,
  SouthwellError,
  type SplitRows,
} from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import {
  adamW,
  cosineDecay,
  exponentialAverage,
  lowRankAdamW,
  muon,
  type Schedule,
  sgd,
  trion,
} from '../optimisers/index.ts';
import { type Examples, findRate, outputsOf, type TrainingState, trainingIterates, trainModel } from './index.ts';

const random = new Random(7);
const matrix = (n: number, d: number) => Float64Array.from({ length: n * d }, () => random.normal());

/** A · x = b by elimination: a few unknowns. */
function solve(A: number[][], b: number[]): number[] {
  const M = A.map((row, i) => [...row, b[i]]);
  for (let k = 0; k < b.length; k++) {
    for (let i = 0; i < b.length; i++) {
      if (i === k) continue;
      const f = M[i][k] / M[k][k];
      for (let j = k; j <= b.length; j++) M[i][j] -= f * M[k][j];
    }
  }
  return M.map((row, i) => row[b.length] / row[i]);
}

/** Rows of three numbers, a target that is nearly linear in them, and how much each counts. */
const n = 40;
const X = matrix(n, 3);
const y = Float64Array.from({ length: n }, (_, i) => 2 * X[3 * i] - X[3 * i + 1] + 0.5 + 0.3 * random.normal());
const weights = Float64Array.from({ length: n }, (_, i) => i % 3);
const table: Examples = { count: n, inputs: { values: X, shape: [3] }, targets: { values: y, shape: [1] }, weights };
const line = nn.linear({ in: 3, out: 1 });

test('a linear net on all rows at once is weighted least squares', () => {
  const rows = Array.from({ length: n }, (_, i) => [...X.subarray(3 * i, 3 * i + 3), 1]);
  const products = [0, 1, 2, 3].map((j) =>
    [0, 1, 2, 3].map((k) => rows.reduce((s, r, i) => s + weights[i] * r[j] * r[k], 0)),
  );
  const right = [0, 1, 2, 3].map((j) => rows.reduce((s, r, i) => s + weights[i] * r[j] * y[i], 0));
  const expected = solve(products, right);
  const { point, status, objective } = trainModel(line, table, {
    ...{ loss: 'squares', epochs: 400, batchSize: n, dtype: 'f64', rate: 0.2 },
    optimiser: (rate) => sgd({ rate }),
  });
  const found = [...point.parameters.weight.data(), ...point.parameters.bias.data()];
  expect(status).toBe('completed');
  expected.forEach((v, k) => {
    expect(found[k]).toBeCloseTo(v, 8);
  });
  const residual = rows.reduce(
    (s, r, i) => s + weights[i] * (r.reduce((t, v, j) => t + v * expected[j], 0) - y[i]) ** 2,
    0,
  );
  expect(objective).toBeCloseTo(residual / weights.reduce((a, b) => a + b), 8);
});

test('accumulated parts are the whole batch', () => {
  const options = { loss: 'squares', epochs: 3, batchSize: 20, dtype: 'f64' } as const;
  const [whole, parts] = [1, 4].map(
    (accumulate) => trainModel(line, table, { ...options, accumulate }).point.parameters,
  );
  whole.weight.data().forEach((v, k) => {
    expect(parts.weight.data()[k]).toBeCloseTo(v, 12);
  });
});

/** Two classes by the sign of a product: no line parts them. */
const points = (count: number): Examples => {
  const values = Float32Array.from({ length: 2 * count }, () => random.normal());
  const classes = Int32Array.from({ length: count }, (_, i) => Number(values[2 * i] * values[2 * i + 1] > 0));
  return { count, inputs: { values, shape: [2] }, targets: { values: classes, shape: [] } };
};
const [xor, unseen] = [points(400), points(200)];
const mlp = nn.sequential([
  nn.linear({ in: 2, out: 16 }),
  nn.tanh(),
  nn.dropout({ rate: 0.05 }),
  nn.linear({ in: 16, out: 2 }),
]);
const usual = { loss: 'crossEntropy', epochs: 40, rate: 0.02, seed: 3, validation: unseen } as const;

test.each([
  ['adamW', (rate: (step: number) => number) => adamW({ rate, weightDecay: 0.01 }), 0.02],
  ['muon', (rate: (step: number) => number) => muon({ rate }), 0.5],
  ['AdamW of low rank', (rate: (step: number) => number) => lowRankAdamW({ rate, rank: 1 }), 0.03],
  ['Trion', (rate: (step: number) => number) => trion({ rate, rank: 1 }), 0.5],
  ['sgd', (rate: (step: number) => number) => sgd({ rate, momentum: 0.9 }), 0.1],
])('a net by %s learns what no line can, and gives the point of its best epoch', (_, optimiser, rate) => {
  const { point } = trainModel(mlp, xor, { ...usual, optimiser, rate, schedule: cosineDecay });
  const { validation, accuracy } = point.history;
  expect(validation).toHaveLength(40);
  const best = Math.min(...validation!);
  expect(validation![point.epoch - 1]).toBe(best);
  expect(accuracy![point.epoch - 1]).toBeGreaterThan(0.94);
  // The parameters are those that were judged.
  const { values, shape } = outputsOf(mlp, point.parameters, unseen.inputs, unseen.count);
  const logits = ad.tensor(values, { shape: [unseen.count, ...shape], dtype: 'f32' });
  const labels = ad.tensor(unseen.targets.values, { shape: [unseen.count], dtype: 'i32' });
  expect(ad.mean(ad.crossEntropy(logits, labels)).item()).toBeCloseTo(best, 5);
});

test('patience ends a run, and its point is of the epoch before it began', () => {
  const noise = { ...unseen, targets: { values: unseen.targets.values.map((k) => 1 - k), shape: [] } };
  const { point, status } = trainModel(mlp, xor, { ...usual, validation: noise, patience: 2 });
  expect(status).toBe('completed');
  expect(point.history.loss).toHaveLength(point.epoch + 2);
});

/** Convolutions with batch norms, whose counts are a state beside the parameters. */
const images: Examples = {
  count: 48,
  inputs: { values: Float32Array.from({ length: 48 * 36 }, () => random.normal()), shape: [6, 6, 1] },
  targets: { values: Int32Array.from({ length: 48 }, (_, i) => i % 3), shape: [] },
};
const cnn = nn.sequential([
  nn.conv2d({ in: 1, out: 4, kernel: 3 }),
  nn.batchNorm({ features: 4 }),
  nn.relu(),
  nn.globalAvgPool(),
  nn.linear({ in: 4, out: 3 }),
]);
const flip = (x: ArrayLike<number>, r: Random) => {
  if (r.uniform() < 0.5) (x as Float32Array).reverse();
};

test.each([
  ['dropout, clipping and an average', mlp, xor, { ...usual, epochs: 3, clip: 0.5, patience: 2 }, 17],
  [
    'batch norms, accumulation and flips',
    cnn,
    images,
    { loss: 'crossEntropy', epochs: 4, batchSize: 8, accumulate: 2, alter: flip } as const,
    13,
  ],
  [
    'batch norms and a validation, cut between epochs',
    cnn,
    images,
    { loss: 'crossEntropy', epochs: 4, batchSize: 16, validation: images } as const,
    6,
  ],
])('cut and resumed, the bits are those of a run that was not: %s', (_, model, data, options, cut) => {
  const of = () => ({ ...options, average: exponentialAverage({ decay: 0.9 }), schedule: cosineDecay });
  const whole = trainModel(model, data, of());
  let text = '';
  const save = (state: unknown, iteration: number) => {
    text = encodeCheckpoint({ method: 'training', problem: 'x', iteration, state });
  };
  run(trainingIterates(model, data, of()), { maxIter: cut, checkpoint: { every: 1e6, save } });
  const { state: resume } = decodeCheckpoint<TrainingState>(text, { method: 'training' });
  const rest = trainModel(model, data, { ...of(), resume });
  expect(rest.point.history).toEqual(whole.point.history);
  for (const part of ['parameters', 'state'] as const)
    for (const [name, t] of Object.entries(whole.point[part]))
      expect(rest.point[part][name].data(), name).toEqual(t.data());
});

test('what diverges says so, and gives the last good point', () => {
  const wild = trainModel(line, table, {
    ...{ loss: 'squares', epochs: 50, batchSize: 10, rate: 30, dtype: 'f64' },
    optimiser: (rate) => sgd({ rate }),
  });
  expect(wild.status).toBe('diverged');
  const loss = trainModel(mlp, xor, { ...usual, rate: 1e30, optimiser: (rate) => sgd({ rate }) });
  expect(loss.status).toBe('diverged');
  for (const { point } of [wild, loss])
    for (const t of Object.values(point.parameters)) expect(t.data().every(Number.isFinite)).toBe(true);
});

test('what diverges within its first epoch gives what it began with, later its last good epoch, and the whole history', () => {
  const options = { loss: 'squares', epochs: 50, batchSize: 4, dtype: 'f64' } as const;
  // Steps that grow from one to the next: finite for a while, and no better for it.
  const lost = trainModel(line, table, { ...options, rate: 1e9, optimiser: (rate) => sgd({ rate }) });
  expect([lost.status, lost.point.epoch]).toEqual(['diverged', 0]);
  expect(lost.iterations).toBeGreaterThan(1);
  const before = nn.init(line, ad.randomKey(0), { dtype: 'f64' });
  for (const [name, t] of Object.entries(before)) expect(lost.point.parameters[name].data()).toEqual(t.data());
  expect(lost.objective).toBe(lost.trace[0].objective);
  // Good for three epochs, then not.
  const sudden = {
    ...options,
    rate: 0.01,
    optimiser: (rate: Schedule) => sgd({ rate: (step) => (step < 35 ? rate(step) : 1e9) }),
  };
  const late = trainModel(line, table, sudden);
  const good = trainModel(line, table, { ...sudden, epochs: 3 });
  expect([late.status, late.point.epoch, good.status]).toEqual(['diverged', 3, 'completed']);
  expect(late.point.history.loss.slice(0, 3)).toEqual(good.point.history.loss);
  expect(late.point.history.loss.length).toBe(4);
  for (const [name, t] of Object.entries(good.point.parameters))
    expect(late.point.parameters[name].data()).toEqual(t.data());
});

test('a rate that is found trains, and frozen parts stay', () => {
  const { rate, rates, losses } = findRate(mlp, xor, usual);
  expect(rates.length).toBe(losses.length);
  expect(rate).toBeGreaterThan(1e-4);
  expect(rate).toBeLessThan(0.5);
  const before = nn.init(mlp, ad.randomKey(5));
  const ranges = (name: string) => ({ frozen: name.startsWith('0.') });
  const { point } = trainModel(mlp, xor, { ...usual, rate, from: { parameters: before }, ranges });
  expect(point.parameters['0.weight'].data()).toEqual(before['0.weight'].data());
  expect(point.parameters['3.weight'].data()).not.toEqual(before['3.weight'].data());
});

test.each([
  [{ batchSize: 41 }, 'batchSize must be at most 40, the number of examples, but is 41.'],
  [{ batchSize: 10, accumulate: 3 }, 'batchSize must be a multiple of accumulate, but 10 is not a multiple of 3.'],
  [{ patience: 2 }, 'patience needs validation examples.'],
  [
    { from: { parameters: { weight: ad.full([1, 2], 0), bias: ad.full([1], 0) } } },
    'weight is [1,2], but the model needs [1,3]',
  ],
  [{ epoch: 2 }, "has no option 'epoch'; did you mean 'epochs'?"],
  [{ clip: 0 }, 'clip must be above 0, but is 0.'],
  [{ dtype: 'f16' as 'f32' }, 'dtype must be one of f32, f64, but is f16.'],
  [{ loss: 'hinge' as 'squares' }, `loss must be 'squares', 'crossEntropy', 'stableMax' or a function, not "hinge".`],
])('what is asked wrongly: %o', (more, sentence) => {
  expect(() => trainModel(line, table, { loss: 'squares', epochs: 1, ...more })).toThrow(sentence);
});

test('examples that are wrong', () => {
  const nan = X.slice();
  nan[7] = Number.NaN;
  const go = (change: Partial<Examples>) => () =>
    trainModel(line, { ...table, ...change }, { loss: 'squares', epochs: 1 });
  expect(go({ inputs: { values: nan, shape: [3] } })).toThrow('inputs of data has NaN in example 3');
  const list = [...X] as unknown as Float64Array;
  expect(go({ inputs: { values: list, shape: [3] } })).toThrow(
    'The values of inputs of data must be a Float32Array, Float64Array or',
  );
  const parameters = nn.init(line, ad.randomKey(0));
  const outputs = (count: number) => () => outputsOf(line, parameters, table.inputs, count);
  expect(outputs(n + 1)).toThrow(
    `The inputs have ${3 * n} numbers, but ${n + 1} examples of shape [3] need ${3 * n + 3}.`,
  );
  expect(outputs(-1)).toThrow('count must be a whole number of at least 0');
  expect(go({ count: 0 })).toThrow('data is empty: training needs examples');
  expect(go({ count: 41 })).toThrow('has 120 numbers, but 41 examples of shape [3] need 123');
  expect(go({ weights: new Float64Array(n) })).toThrow('All weights of data are 0');
  const far = { ...xor, targets: { values: Int32Array.from({ length: 400 }, () => 2), shape: [] } };
  expect(() => trainModel(mlp, far, { loss: 'crossEntropy', epochs: 1 })).toThrow('classes 0 to 1');
});

test('options that there are not', () => {
  const refusesUnknown = (name: string, call: (more: object) => unknown) =>
    expect(() => call({ los: 1 })).toThrow(`${name} has no option 'los'`);
  refusesUnknown('trainingIterates', (more) =>
    trainingIterates(line, table, { loss: 'squares', epochs: 1, ...more }).next(),
  );
  refusesUnknown('trainModel', (more) => trainModel(line, table, { loss: 'squares', epochs: 1, ...more }));
  refusesUnknown('findRate', (more) => findRate(line, table, { loss: 'squares', epochs: 1 }, more));
});

test("'stableMax' is its loss by the formula, and counts what is right", () => {
  const s = (z: number) => (z >= 0 ? z + 1 : 1 / (1 - z));
  const net = nn.linear({ in: 3, out: 4 });
  const classes = Int32Array.from({ length: n }, (_, i) => i % 4);
  const examples: Examples = { count: n, inputs: table.inputs, targets: { values: classes, shape: [] } };
  const first = nn.init(net, ad.randomKey(2), { dtype: 'f64' });
  const { point } = trainModel(net, examples, {
    ...{
      loss: 'stableMax',
      epochs: 1,
      batchSize: n,
      dtype: 'f64',
      rate: 0,
      from: { parameters: first },
      validation: examples,
    },
    optimiser: (rate) => sgd({ rate }),
  });
  const { values } = outputsOf(net, first, examples.inputs, n);
  let [loss, right] = [0, 0];
  for (let i = 0; i < n; i++) {
    const z = [...values.subarray(4 * i, 4 * i + 4)];
    loss -= Math.log(s(z[classes[i]]) / z.reduce((sum, v) => sum + s(v), 0)) / n;
    right += Number(z.every((v) => v <= z[classes[i]])) / n;
  }
  expect(point.history.validation![0]).toBeCloseTo(loss, 12);
  expect(point.history.accuracy![0]).toBeCloseTo(right, 12);
});

test('a rank that is lost is an error, not the end of a training', () => {
  let sums = 0;
  const spread = (pieces: number): SplitRows => {
    const whole = inOnePlace(pieces, 1);
    return {
      ...whole,
      sum: (into, add) => {
        if (++sums === 7) throw new SouthwellError('NUMERICAL', 'Rank 0 has not responded.');
        whole.sum(into, add);
      },
    };
  };
  const options = { loss: 'squares', epochs: 9, batchSize: 20, accumulate: 2, spread } as const;
  expect(() => run(trainingIterates(line, table, options), {})).toThrow('Rank 0 has not responded.');
});
