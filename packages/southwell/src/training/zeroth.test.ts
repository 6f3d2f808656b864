import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { decodeCheckpoint, encodeCheckpoint, inOnePlace, Random, run, type SplitRows } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { zoGraspScores } from '../black-box/index.ts';
import { cosineDecay, sgd } from '../optimisers/index.ts';
import { type Examples, StagedLoss, type ZoTrainState, zoTrain, zoTrainIterates } from './index.ts';
import { lossOf } from './loss.ts';

const random = new Random(5);
const [n, wide] = [40, 5];
const values = Float64Array.from({ length: n * wide }, (_, i) => (i % 3 === 0 ? 0 : random.normal()));
const classes = Int32Array.from(
  { length: n },
  (_, i) => Number(values[wide * i + 1] > 0) + Number(values[wide * i + 2] > 0),
);
const data: Examples = { count: n, inputs: { values, shape: [wide] }, targets: { values: classes, shape: [] } };
const model = nn.sequential([
  nn.linear({ in: wide, out: 7 }),
  nn.relu(),
  nn.sequential([nn.linear({ in: 7, out: 6, bias: false }), nn.tanh(), nn.linear({ in: 6, out: 6 }), nn.gelu()]),
  nn.linear({ in: 6, out: 3 }),
]);
/** Convolutions and norms, whose stages are programs. */
const images = nn.sequential([
  nn.conv2d({ in: 1, out: 2, kernel: 2 }),
  nn.batchNorm({ features: 2 }),
  nn.relu(),
  nn.flatten(),
  nn.linear({ in: 2 * 4, out: 4 }),
  nn.silu(),
  nn.linear({ in: 4, out: 3 }),
]);
const pixels = Float64Array.from({ length: n * 9 }, () => random.normal());
const pictures: Examples = { ...data, inputs: { values: pixels, shape: [3, 3, 1] } };

const flat = (p: nn.Parameters) => Float64Array.from(Object.values(p).flatMap((t) => Array.from(t.data())));
const start = (layer: nn.Layer) => nn.init(layer, ad.randomKey(2), { dtype: 'f64' });
const batch = [3, 8, 1, 30, 31, 7];
/** The mean loss of the batch as autodiff has it. */
function reference(layer: nn.Layer, given: Examples, size: readonly number[]) {
  const width = size.reduce((a, b) => a * b, 1);
  const rows = batch.flatMap((i) => Array.from(given.inputs.values.subarray(i * width, (i + 1) * width)));
  const x = ad.tensor(Float64Array.from(rows), { shape: [batch.length, ...size] });
  const y = ad.tensor(Int32Array.from(batch, (i) => classes[i]));
  const state = nn.initState(layer, { dtype: 'f64' });
  return (p: nn.Parameters) => ad.mean(lossOf('crossEntropy', nn.apply(layer, p, x, { state }), y));
}

describe.each([
  ['linear layers', model, data, [wide]],
  ['convolutions and batch norms', images, pictures, [3, 3, 1]],
] as const)('passes through %s', (_, layer, given, shape) => {
  const parameters = start(layer);
  const x = flat(parameters);
  const net = new StagedLoss(layer, given, batch.length, 'crossEntropy');

  test('give the loss of autodiff, and differences along parameters its gradient', () => {
    const loss = reference(layer, given, shape);
    expect(net.load(x, batch)).toBeCloseTo(loss(parameters).item(), 12);
    const g = flat(ad.grad(loss)(parameters));
    for (let j = 0; j < x.length; j++) {
      const h = 1e-5;
      const slope = (net.moved(j, x[j] + h, 'units') - net.moved(j, x[j] - h, 'units')) / (2 * h);
      expect(slope).toBeCloseTo(g[j], 6);
    }
  });

  test('from a stage or a unit on are whole passes, and leave nothing behind', () => {
    const before = net.load(x, batch);
    for (let j = 0; j < x.length; j++) {
      for (const by of [5e-3, -0.7]) {
        const there = x.slice();
        there[j] += by;
        const whole = net.at(there);
        for (const reuse of ['none', 'stages', 'units'] as const)
          expect(Math.abs(net.moved(j, there[j], reuse) - whole)).toBeLessThanOrEqual(1e-12);
      }
    }
    expect(net.moved(0, x[0], 'units')).toBe(before);
  });
});

const common = { loss: 'crossEntropy', steps: 30, batchSize: 8, seed: 3, rate: 0.05 } as const;

describe('training', () => {
  test('by central differences is training by gradients', () => {
    const parameters = start(model);
    const optimiser = sgd({ rate: 0.05, momentum: 0.9 });
    const taken: number[] = [];
    const run1 = zoTrainIterates(model, data, {
      ...{ ...common, batchSize: n, estimator: 'cge-central', mu: 1e-5, from: { parameters } },
      optimiser: () => sgd({ rate: 0.05, momentum: 0.9 }),
    });
    for (const { objective } of run1) taken.push(objective);
    const x = ad.tensor(values, { shape: [n, wide] });
    const y = ad.tensor(classes);
    const loss = (p: nn.Parameters) => ad.mean(lossOf('crossEntropy', nn.apply(model, p, x), y));
    const both = ad.valueAndGrad(loss);
    const theta = flat(parameters);
    const state = optimiser.init(theta);
    const trees = () => {
      let at = 0;
      return Object.fromEntries(
        Object.entries(parameters).map(([name, t]) => [
          name,
          ad.tensor(theta.slice(at, (at += t.size)), { shape: [...t.shape] }),
        ]),
      );
    };
    for (const value of taken) {
      const [found, g] = both(trees()) as [ad.Tensor, nn.Parameters];
      expect(found.item()).toBeCloseTo(value, 6);
      optimiser.step(state, theta, flat(g));
    }
    state.free();
    expect(taken[30]).toBeLessThan(taken[0] - 0.1);
  });

  test('values are counted: |S| + 1 a step, and those of the scores', () => {
    const { point, metrics, status } = zoTrain(model, data, { ...common, sparsity: 0.5 });
    const weights = 35 + 42 + 36 + 18;
    const active = Math.round(0.5 * weights) + 7 + 6 + 3;
    expect([status, metrics!.active]).toEqual(['completed', active]);
    expect(point.queries).toBe(2 * 193 + 30 * (active + 1) + 1);
    const kept = [35, 42, 36, 18].map((size, l) => size * (1 - Object.values(point.ratios)[l]));
    expect(kept.reduce((a, b) => a + b)).toBeCloseTo(Math.round(0.5 * weights), 9);
    const alike = zoTrain(model, data, { ...common, steps: 1, sparsity: 0.5, ratios: 'uniform' });
    for (const ratio of Object.values(alike.point.ratios)) expect(Math.abs(ratio - 0.5)).toBeLessThan(0.02);
    const budget = zoTrain(model, data, { ...common, queryBudget: 1000 });
    expect(budget.point.queries).toBeLessThanOrEqual(1000);
    expect(budget.status).toBe('completed');
  });

  test('scores of a network by exact gradients are −θ∘(Hg) of autodiff', () => {
    const smooth = nn.sequential([nn.linear({ in: wide, out: 4 }), nn.tanh(), nn.linear({ in: 4, out: 3 })]);
    const parameters = start(smooth);
    const loss = reference(smooth, data, [wide]);
    const theta = flat(parameters);
    const trees = (x: Float64Array) => {
      let at = 0;
      return Object.fromEntries(
        Object.entries(parameters).map(([name, t]) => [
          name,
          ad.tensor(x.slice(at, (at += t.size)), { shape: [...t.shape] }),
        ]),
      );
    };
    const gradient = (x: Float64Array, g: Float64Array) => g.set(flat(ad.grad(loss)(trees(x))));
    const { scores } = zoGraspScores(() => 0, theta, { gradient, mu: 1e-5 });
    const g = ad.grad(loss)(parameters) as nn.Parameters;
    const [, Hg] = ad.jvp((p: nn.Parameters) => ad.grad(loss)(p), [parameters], [g]) as unknown as [
      unknown,
      nn.Parameters,
    ];
    flat(Hg).forEach((v, j) => {
      expect(scores[j]).toBeCloseTo(-theta[j] * v, 5);
    });
  });

  test('the same bits by any number of ranks, and from a checkpoint', () => {
    const options = { ...common, steps: 3, sparsity: 0.8, maskInterval: 2, schedule: cosineDecay };
    for (const estimator of ['cge', 'rge'] as const) {
      const own = { ...options, estimator, ...(estimator === 'rge' && { directions: 9 }) };
      const alone = zoTrain(model, data, own);
      expect(
        flat(onRanks(estimator === 'cge' ? 2 : 3, (spread) => zoTrainIterates(model, data, { ...own, spread }))),
      ).toEqual(flat(alone.point.parameters));
      let kept: unknown;
      for (const iterate of zoTrainIterates(model, data, own)) {
        kept = iterate.checkpoint!();
        if (iterate.iteration === 2) break;
      }
      const state = { method: 'zo', problem: '', iteration: 2, state: kept };
      const resume = decodeCheckpoint(encodeCheckpoint(state)).state as ZoTrainState;
      const again = run(zoTrainIterates(model, data, { ...own, resume }));
      expect(flat(again.point.parameters)).toEqual(flat(alone.point.parameters));
      expect(again.point.queries).toBe(alone.point.queries);
    }
  });

  test('a loss without a derivative, and one of numbers', () => {
    const mistakes = (outputs: Float64Array, own: ArrayLike<number>) =>
      outputs.indexOf(Math.max(...outputs)) === own[0] ? 0 : 1;
    const trained = zoTrain(model, data, {
      ...{ loss: mistakes, steps: 60, batchSize: n, estimator: 'rge', directions: 40, mu: 0.2, rate: 0.02 },
    });
    const first = zoTrainIterates(model, data, { loss: mistakes, steps: 0, batchSize: n }).next().value!;
    expect(trained.objective).toBeLessThan(first.objective - 0.1);
    const line = nn.linear({ in: wide, out: 1 });
    const y = Float64Array.from({ length: n }, (_, i) => 2 * values[wide * i] - values[wide * i + 3] + 1);
    const table: Examples = { ...data, targets: { values: y, shape: [1] } };
    const fitted = zoTrain(line, table, {
      ...{ loss: 'squares', steps: 600, batchSize: n, estimator: 'cge-central', rate: 0.05 },
      optimiser: (rate) => sgd({ rate, momentum: 0.9 }),
    });
    [2, 0, 0, -1, 0, 1].forEach((v, j) => {
      expect(flat(fitted.point.parameters)[j]).toBeCloseTo(v, 6);
    });
  });

  test('what cannot be trained is refused', () => {
    const refusesUnknown = (name: string, call: (more: object) => unknown) =>
      expect(() => call({ sed: 1 })).toThrow(`${name} has no option 'sed'; did you mean 'seed'?`);
    refusesUnknown('zoTrain', (more) => zoTrain(model, data, { ...common, ...more }));
    refusesUnknown('zoTrainIterates', (more) => zoTrainIterates(model, data, { ...common, ...more }).next());
    const tries = (more: object) => () => zoTrain(model, data, { ...common, ...more });
    expect(tries({ sparsity: 1 })).toThrow('at least 0 and below 1');
    expect(tries({ batchSize: 100 })).toThrow('batchSize');
    expect(tries({ reuse: 'all' })).toThrow('but is all');
    expect(tries({ ratios: [0.5] })).toThrow('1 ratios for 4 layers');
    expect(tries({ ratios: 'grasp' })).toThrow("not 'grasp'");
    expect(tries({ loss: 'hinge' })).toThrow("not 'hinge'");
    expect(tries({ sparsity: 0.5, queryBudget: 100 })).toThrow('above 386, the number of evaluations for the scores');
    expect(() =>
      zoTrain(model, { ...data, targets: { values: new Int32Array(n).fill(9), shape: [] } }, common),
    ).toThrow('classes 0 to 2');
    expect(() => zoTrain(nn.linear({ in: 2, out: 3 }), data, common)).toThrow('needs rows of 2 numbers, not 5');
  });
});

/** Several ranks in turn, each of which waits for the others where numbers are gathered. */
function onRanks(ranks: number, program: (spread: (count: number) => SplitRows) => ReturnType<typeof zoTrainIterates>) {
  // A rank's values are what the others would have computed: each pass first asks all, one after the other.
  const [answers, places]: [Float64Array[], number[]] = [[], Array.from({ length: ranks }, () => 0)];
  const of =
    (rank: number, told: Float64Array[][]) =>
    (count: number): SplitRows => {
      const first = Math.floor((rank * count) / ranks);
      const own = Math.floor(((rank + 1) * count) / ranks) - first;
      return {
        ...inOnePlace(count, 1),
        ...{ rank, first, own, all: count },
        gather: (mine: Float64Array) => {
          const at = places[rank]++;
          told[at] ??= [];
          told[at][rank] = mine;
          if (answers[at]) return answers[at];
          throw new Waiting();
        },
      };
    };
  class Waiting extends Error {}
  for (;;) {
    const told: Float64Array[][] = [];
    let point: nn.Parameters | undefined;
    for (let rank = 0; rank < ranks; rank++) {
      places[rank] = 0;
      try {
        for (const iterate of program(of(rank, told))) point = iterate.snapshot().parameters;
      } catch (error) {
        if (!(error instanceof Waiting)) throw error;
        point = undefined;
      }
    }
    if (point) return point;
    const parts = told[answers.length];
    answers.push(Float64Array.from(parts.flatMap((part) => Array.from(part))));
  }
}
