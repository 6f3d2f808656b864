import { Random } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { divided, Perceptron, type Rows } from '../material/network.ts';
import { expectAbort } from '../testing.ts';
import damping from './experiments/damping.ts';
import { gapOf, unlike } from './lab.ts';

test('the optimum of unlike clients is where their mean gradient vanishes, and the distance a gap of the mean', () => {
  const { clients, optimum } = unlike(5, 4, 10, 0, new Random(1));
  const mean = new Float64Array(4);
  const g = new Float64Array(4);
  for (const client of clients) {
    client.gradient(optimum, g, new Random());
    for (let j = 0; j < 4; j++) {
      mean[j] += g[j];
      expect(client.atOptimum![j]).toBeCloseTo(g[j], 10);
    }
  }
  for (const x of mean) expect(x).toBeCloseTo(0, 10);
  expect(gapOf(new Float64Array(4), optimum)).toBe(1);
});

test('gradients of the network are those of differences of its loss', () => {
  const random = new Random(2);
  const network = new Perceptron([3, 4, 2]);
  const x = network.start(random);
  const features = Float64Array.from({ length: 15 }, () => random.normal());
  const rows: Rows = { features, labels: [0, 1, 1, 0, 1], count: 5 };
  const unused = new Float64Array(network.length);
  for (let r = 0; r < 5; r++) {
    const g = new Float64Array(network.length);
    network.addGradient(x, rows, r, g, 2);
    for (let k = 0; k < network.length; k++) {
      const loss = (h: number) => network.addGradient(x.with(k, x[k] + h), rows, r, unused, 1);
      expect(g[k]).toBeCloseTo((2 * (loss(1e-5) - loss(-1e-5))) / 2e-5, 5);
    }
  }
});

test('every row has one client, half of them that of their label', () => {
  const rows: Rows = {
    features: new Float64Array(0),
    labels: Array.from({ length: 4000 }, (_, r) => r % 10),
    count: 4000,
  };
  const own = divided(rows, 10, 0.5, new Random(3));
  expect(own.flat().sort((a, b) => a - b)).toEqual(Array.from({ length: 4000 }, (_, r) => r));
  const share = own.flatMap((some, i) => some.filter((r) => r % 10 === i)).length / 4000;
  expect(share).toBeGreaterThan(0.52);
  expect(share).toBeLessThan(0.58);
});

test('an abort ends a run by its reason', () => expectAbort(damping));
