import { Random } from '@southwell/numerics/core';
import type { Examples } from 'southwell/training';
import { expect, test } from 'vitest';
import { expectAbort } from '../testing.ts';
import { prunedByAdmm } from './admm.ts';
import digits from './experiments/digits.ts';
import { oneShot, perceptron, pruned, reconstructed } from './lab.ts';
import { pixels } from './picture.ts';

const pause = async () => {};

/** Points of nine numbers in four classes, by the signs of two sums. */
function points(count: number, seed: number): Examples {
  const random = new Random(seed);
  const values = Float32Array.from({ length: 9 * count }, () => random.normal());
  const classes = Int32Array.from({ length: count }, (_, i) => {
    const at = (j: number): number => values[9 * i + j];
    return (at(0) + at(1) > 0 ? 2 : 0) + (at(2) - at(3) > 0 ? 1 : 0);
  });
  return { count, inputs: { values, shape: [9] }, targets: { values: classes, shape: [] } };
}
const images = { name: 'points', train: points(600, 1), test: points(300, 2) };
const subject = await perceptron(images, { hidden: [12, 8], epochs: 30 }, 3, pause);
const look = { every: 100, each: async () => {} };

test('of the whole mask the reconstruction is the dense network', async () => {
  const masks = Object.fromEntries(
    subject.layers.map(({ name, inputs, outputs }) => [name, new Uint8Array(inputs * outputs).fill(1)]),
  );
  const found = await reconstructed(subject, masks, pause);
  for (const { name } of subject.layers) {
    const dense = subject.model.parameters[name].data();
    found[name].data().forEach((w, i) => {
      expect(w).toBeCloseTo(dense[i], 4);
    });
  }
  expect(subject.layers.map(({ name }) => name)).toEqual(['0.weight', '2.weight']);
});

test('reconstruction keeps zeros, and brings the outputs of the first layer nearer to those of the dense one', async () => {
  const plain = await oneShot(subject, 'wanda', { density: 0.4 }, false, pause);
  const fitted = await oneShot(subject, 'wanda', { density: 0.4 }, true, pause);
  const name = '0.weight';
  const [dense, a, b] = [subject.model.parameters, plain, fitted].map((p) => p[name].data());
  a.forEach((w, i) => {
    if (w === 0) expect(b[i]).toBe(0);
    else expect(w).toBe(dense[i]);
  });
  const error = (of: ArrayLike<number>): number => {
    const x = images.train.inputs.values;
    let sum = 0;
    for (let s = 0; s < 600; s++)
      for (let i = 0; i < 12; i++) {
        let off = 0;
        for (let j = 0; j < 9; j++) off += (of[9 * i + j] - dense[9 * i + j]) * x[9 * s + j];
        sum += off * off;
      }
    return sum;
  };
  expect(error(b)).toBeLessThan(error(a));
});

test('ADMM keeps the density of each layer and learns; its weights are 0 elsewhere', async () => {
  const options = { rho: 0.1, rate: 0.01, every: 5, steps: 150, batch: 100 };
  const { parameters, masks } = await prunedByAdmm(subject, 0.3, options, { look: 1000, each: async () => {} }, pause);
  for (const { name, inputs, outputs } of subject.layers) {
    expect(masks[name].reduce((a, b) => a + b, 0)).toBe(Math.round(0.3 * inputs * outputs));
    parameters[name].data().forEach((w, i) => {
      if (masks[name][i] === 0) expect(w).toBe(0);
    });
  }
  const magnitude = await oneShot(subject, 'magnitude', { density: 0.3 }, false, pause);
  const loss = async (p: typeof parameters) => (await subject.judge(p, false, pause)).loss;
  expect(await loss(parameters)).toBeLessThan(await loss(magnitude));
});

test('pixels count the weights that stay', async () => {
  const sizes = { blockSize: 8, removed: 4, batch: 100, tabu: 0 };
  const { masks } = await pruned(subject, sizes, { density: 0.5, steps: 3 }, look, pause);
  const event = pixels({ one: masks, other: masks }, subject.layers[0]);
  if (event.kind !== 'picture' || event.picture.type !== 'image') throw new Error('no picture');
  const { values, width, height } = event.picture;
  expect([width, height]).toEqual([7, 3]);
  expect(values.reduce((a, b) => a + b)).toBe(2 * Math.round(0.5 * 9 * 12));
});

test('an abort ends a run by its reason', () => expectAbort(digits));
