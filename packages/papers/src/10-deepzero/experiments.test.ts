import { Random } from 'southwell';
import { zoGradient } from 'southwell/black-box';
import { StagedLoss } from 'southwell/training';
import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import backpropagation from './experiments/backprop.ts';
import estimator from './experiments/estimator.ts';
import reuse from './experiments/reuse.ts';
import sparse from './experiments/sparse.ts';
import { accuracyOf, BATCH, backprop, flatten, grasp, loadSmallDigits, perceptron, startOf } from './lab.ts';

test('digits are averages of pixels, and the loss is that of autodiff', async () => {
  const { train, test: rest } = await loadSmallDigits();
  expect([train.count, rest.count]).toEqual([8000, 2000]);
  expect(Math.max(...train.inputs.values.slice(0, 49_000))).toBeLessThanOrEqual(1);
  const model = perceptron([16, 16]);
  const x = flatten(startOf(model, new Random(1)));
  expect(x.length).toBe(1242);
  const net = new StagedLoss(model, train, BATCH, 'crossEntropy');
  const batch = new Random(2).sample(train.count, BATCH);
  const oracle = backprop(model, train);
  expect(net.load(x, batch)).toBeCloseTo(oracle.gradient(x, batch, new Float64Array(1242)), 12);
  const tested = new StagedLoss(model, rest, rest.count, 'crossEntropy');
  const untrained = accuracyOf(tested, rest, x);
  expect(untrained).toBeGreaterThan(0);
  expect(untrained).toBeLessThan(0.4);
  // 1200 weights, a tenth of which are kept, 42 biases.
  const { mask, drawn, layers } = grasp(model, train, x, 0.9, 3);
  expect([mask.length, drawn.length]).toEqual([162, 162]);
  expect(layers.reduce((sum, { active }) => sum + active, 0)).toBe(120);
  oracle.free();
});

test('random directions in the place of coordinates are not accurate, and reuse of stale features is not exact', async () => {
  const random = estimator.withMethod((f, x) => zoGradient(f, x, { estimator: 'rge', directions: 200 }));
  expect(await outcomesOf([random], 11)).toEqual({ estimator: 'partly' });
  const stale = reuse.withMethod((net, coord, to, way) => net.moved(coord, way === 'units' ? to + 1e-3 : to, way));
  expect(await outcomesOf([stale], 11)).toEqual({ 'feature-reuse': 'partly' });
});

// Training of sparse updates is in the verdicts that are released, and its control among the ablations: a run takes half a minute.
test('a few steps by values are those by gradients; by random directions they are not', async () => {
  expect(await outcomesOf([backpropagation], 11, { parameters: { steps: 24 } })).toEqual({
    'equals-backprop': 'holds',
  });
  const random = backpropagation.withMethod({ estimator: 'rge', directions: 12 });
  expect(await outcomesOf([random], 11, { parameters: { steps: 60 } })).not.toEqual({ 'equals-backprop': 'holds' });
});

test('an abort ends a run by its reason, soon', () => expectAbort(sparse));
