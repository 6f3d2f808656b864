import { Random } from '@southwell/numerics/core';
import { multinomialRegression } from 'southwell';
import { constantRate, linearDecay } from 'southwell/optimisers';
import { describe, expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import logistic from './experiments/logistic.ts';
import worstCase from './experiments/worst-case.ts';
import { shapes, train, trained, tuneRate } from './lab.ts';
import { locked } from './locked.ts';
import { optimum } from './optimum.ts';
import { suites, synthetic } from './sets.ts';
import { softmax } from './softmax.ts';
import { absolute, divided, largestOf, orthogonal, ratio, resisting } from './worstCase.ts';

const none = async () => {};
const extent = locked.claims['linear-decay'].sizes.quick;

describe('logistic regressions', () => {
  test.each(suites)(
    'of %s have the gradient of their loss, and the optimum of a solver of another room',
    async (suite) => {
      const set = synthetic(suite, extent, new Random(3));
      const { oracle, loss } = softmax(set);
      const random = new Random(4);
      const x = Float64Array.from({ length: set.width * set.classes }, () => 0.1 * random.normal());
      const g = new Float64Array(x.length);
      expect(oracle(x, g)).toBeCloseTo(loss(x), 13);
      for (const k of [0, 17, 62, 104]) {
        const at = (h: number) => loss(x.map((v, i) => (i === k ? v + h : v)));
        expect((at(1e-5) - at(-1e-5)) / 2e-5).toBeCloseTo(g[k], 7);
      }
      // Lines part some sets of ill: there the least is 0, and a penalty would tell another.
      if (suite === 'ill') return;
      const found = await optimum(set, none);
      expect(found.above).toBeLessThan(1e-12);
      const rows = Array.from(set.labels, (_, i) => [...set.X.subarray(i * set.width, (i + 1) * set.width - 1)]);
      const alpha = 1e-7;
      const model = multinomialRegression({ alpha, l1Ratio: 0, tol: 1e-9, maxIter: 20_000 }).fit(rows, [...set.labels]);
      const penalty = 1e-4;
      expect(Math.abs(model.report.objective! - found.loss)).toBeLessThan(penalty);
    },
  );

  test('a rate is found where it is, and the same seed gives the same bits', async () => {
    for (const at of [-7, 0, 9]) {
      expect(await tuneRate('SGD', async (rate) => (Math.log2(rate) - at) ** 2)).toBe(2 ** at);
    }
    const subject = trained(softmax(synthetic('gm', extent, new Random(1))));
    const training = { optimiser: 'SGD', epochs: 1, batchSize: 16 } as const;
    const run = () => train(subject, training, shapes.linear(1, 37), 5, none);
    const first = await run();
    expect(await run()).toEqual(first);
    expect(first.norms.length).toBe(37);
    const wild = await train(subject, training, constantRate(1e308), 5, none);
    expect(wild.loss).toBe(Number.POSITIVE_INFINITY);
  });
});

test('instances of the worst case are convex, 1-Lipschitz, and 1 from what they are compared with', () => {
  const random = new Random(9);
  const T = 40;
  const line = linearDecay({ rate: 1, steps: T });
  const all = [
    absolute(1, random),
    absolute(5, random),
    largestOf(4, 6, random),
    orthogonal(T),
    resisting(line, T),
    ...divided(line, T),
  ];
  for (const instance of all) {
    const n = instance.start.length;
    for (let trial = 0; trial < 100; trial++) {
      const [x, y, g] = [0, 1, 2].map(() => Float64Array.from({ length: n }, () => random.normal()));
      const value = instance.value(y, g, 0);
      // A subgradient of y lies below the function everywhere.
      const plane = value + g.reduce((s, v, k) => s + v * (x[k] - y[k]), 0);
      expect(instance.value(x, new Float64Array(n), 0)).toBeGreaterThanOrEqual(plane - 1e-9);
      expect(Math.hypot(...g)).toBeLessThanOrEqual(1 + 1e-12);
    }
  }
  expect(ratio(orthogonal(T), () => 0, T)).toBeCloseTo(1, 12);
});

test('a schedule that does not fall does not keep the bound', async () => {
  expect(await outcomesOf([worstCase.withMethod(() => constantRate(1))], 11)).not.toEqual({ 'worst-case': 'holds' });
});

test('stops on request', async () => {
  await expectAbort(logistic);
});
