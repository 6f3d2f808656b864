import { Random } from 'southwell';
import { OrderFactor, topoIterates } from 'southwell/structure-learning';
import { expect, test } from 'vitest';
import { outcomesOf } from '../testing.ts';
import orders from './experiments/orders.ts';
import repair from './experiments/repair.ts';
import type { Method } from './lab.ts';

const outcomes = (method?: Method) =>
  outcomesOf(method ? [orders.withMethod(method), repair.withMethod(method)] : [orders, repair], 11, { whole: true });

/** Thirty swaps: the choice sees the gains of all pairs. */
const swapping = (choose: (gains: readonly number[], random: Random) => number): Method =>
  function* (data, options) {
    const random = new Random(options.seed ?? 0);
    const { d } = data;
    const factor = new OrderFactor(data.C, options.order ?? random.permutation(d));
    const pairs = Array.from({ length: d }, (_, b) => Array.from({ length: b }, (__, a) => [a, b] as const)).flat();
    for (let iteration = 0; ; iteration++) {
      const done = iteration === 30 ? 'converged' : undefined;
      const snapshot = () => ({ W: factor.weights(), order: factor.order.slice() });
      yield { iteration, objective: factor.score(), work: {}, done, snapshot };
      const gains = pairs.map(([a, b]) => factor.swapGain(a, b));
      factor.swap([pairs[choose(gains, random)]]);
    }
  };

test('every claim holds, on a seed of the tests alone', async () => {
  expect(await outcomes()).toEqual({
    'reaches-true-score': 'holds',
    monotone: 'holds',
    'repairs-notears': 'holds',
  });
});

test('random swaps, and swaps that raise the score, do not hold', async () => {
  for (const choose of [
    (gains: readonly number[], random: Random) => random.integer(gains.length),
    (gains: readonly number[]) => gains.indexOf(Math.max(...gains)),
  ]) {
    const found = await outcomes(swapping(choose));
    expect(found['reaches-true-score']).not.toBe('holds');
    expect(found.monotone).toBe('does not hold');
    expect(found['repairs-notears']).not.toBe('holds');
  }
});

test('no swaps at all: the true score is not reached', async () => {
  const none: Method = function* (data, options) {
    for (const it of topoIterates(data, options)) {
      yield { ...it, done: 'converged' };
      return;
    }
  };
  const found = await outcomes(none);
  expect(found['reaches-true-score']).not.toBe('holds');
});
