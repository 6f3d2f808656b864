import { Random } from 'southwell';
import { StagedLoss } from 'southwell/training';
import { expect, test } from 'vitest';
import { expectAbort } from '../testing.ts';
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

test('an abort ends a run by its reason, soon', () => expectAbort(sparse));
