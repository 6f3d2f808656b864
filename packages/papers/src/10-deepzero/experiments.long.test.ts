import { zoGradient } from 'southwell/black-box';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import backpropagation from './experiments/backprop.ts';
import estimator from './experiments/estimator.ts';
import reuse from './experiments/reuse.ts';

test('a few steps by values are those by gradients; by random directions they are not', async () => {
  const few = await outcomesOf([backpropagation], 11, { parameters: { steps: 24 } });
  // After so few steps accuracies of three draws may differ too much to be settled.
  expect(['holds', 'undecided']).toContain(few['equals-backprop']);
  const random = backpropagation.withMethod({ estimator: 'rge', directions: 12 });
  expect(await outcomesOf([random], 11, { parameters: { steps: 60 } })).not.toEqual({ 'equals-backprop': 'holds' });
});

test('random directions in the place of coordinates are not accurate, and reuse of stale features is not exact', async () => {
  const random = estimator.withMethod((f, x) => zoGradient(f, x, { estimator: 'rge', directions: 200 }).gradient);
  expect(await outcomesOf([random], 11)).toEqual({ estimator: 'does not hold' });
  const stale = reuse.withMethod((net, coord, to, way) => net.moved(coord, way === 'units' ? to + 1e-3 : to, way));
  expect(await outcomesOf([stale], 11)).toEqual({ 'feature-reuse': 'does not hold' });
});
