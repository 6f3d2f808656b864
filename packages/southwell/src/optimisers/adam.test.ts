import { DenseMatrix } from '@southwell/numerics/arrays';
import { expect, test } from 'vitest';
import { Adam } from './adam.ts';

test('Adam takes the steps of the paper’s Algorithm 1, anew after a reset', () => {
  const [b1, b2, epsilon] = [0.8, 0.95, 1e-3];
  const gradients = [
    [1, -2],
    [0.5, 0],
    [-3, 1],
  ];
  const adam = new Adam(2, { beta1: b1, beta2: b2, epsilon });
  for (let round = 0; round < 2; round++) {
    gradients.forEach((g, last) => {
      adam.take(Float64Array.from(g));
      for (let k = 0; k < 2; k++) {
        // Moments by their definition, as weighted sums of all gradients so far.
        let [m, v] = [0, 0];
        for (let t = 0; t <= last; t++) {
          m += (1 - b1) * b1 ** (last - t) * gradients[t][k];
          v += (1 - b2) * b2 ** (last - t) * gradients[t][k] ** 2;
        }
        const step = m / (1 - b1 ** (last + 1)) / (Math.sqrt(v / (1 - b2 ** (last + 1))) + epsilon);
        expect(adam.direction[k]).toBeCloseTo(step, 12);
      }
    });
    adam.reset();
  }
});

test('the first step has the length of the rate, whatever the size of the gradient', () => {
  const adam = new Adam(2);
  adam.take(Float64Array.of(1e-3, -1e5));
  expect([...adam.direction].map((v) => Math.round(v * 1e4) / 1e4)).toEqual([1, -1]);
});

test('a descent moves a matrix of the same arena against the direction, and no other', () => {
  const adam = new Adam(2);
  adam.take(Float64Array.of(3, -4));
  const W = DenseMatrix.fromRows([[10], [20]]);
  adam.descend(W, 0.5);
  expect([...W.data]).toEqual([10 - 0.5 * adam.direction[0], 20 - 0.5 * adam.direction[1]]);
  expect(() => adam.descend(DenseMatrix.create(3, 1), 0.5)).toThrow(/2 values/);
  adam.free();
  expect(() => new Adam(2, { beta1: 1 })).toThrow(/beta1 must be at least 0 and below 1, but is 1/);
  expect(() => new Adam(2, { epsilon: 0 })).toThrow(/epsilon must be finite and above 0, but is 0/);
});
