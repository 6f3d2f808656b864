import { DenseMatrix, Random } from 'southwell';
import { lowRankAdamW, rangesOf } from 'southwell/optimisers';
import { expect, test } from 'vitest';
import { expectAbort, outcomesOf } from '../testing.ts';
import bytes from './experiments/bytes.ts';
import rotation from './experiments/rotation.ts';
import { type Left, libraryChoice } from './gradients.ts';
import { at, lowRank, type MakeStepper } from './lab.ts';
import { chosenAdamW } from './rivals.ts';

const parameters = { steps: 60 };

test('moments that never follow, and moments of all vectors, are no low-rank optimiser', async () => {
  const staying = rotation.withMethod((options) => lowRankAdamW({ ...options, rotate: false }));
  expect(await outcomesOf([staying], 11, { parameters })).toEqual({ rotation: 'does not hold' });
  const whole = bytes.withMethod((options) => lowRankAdamW({ ...options, rank: 1000 }));
  expect(await outcomesOf([whole], 11, { parameters })).toMatchObject({ memory: 'does not hold' });
});

test('low-rank AdamW of rivals is that of the library for the best aligned cosines, and another for others', () => {
  const random = new Random(3);
  const values = (n: number) => Float32Array.from({ length: n }, () => random.normal());
  const ranges = rangesOf([
    [6, 10],
    [10, 6],
  ]).map((range) => ({ ...range, orthogonal: true }));
  const [start, gradients] = [values(120), Array.from({ length: 5 }, () => values(120))];
  const rate = () => 0.1;
  const ended = (make: MakeStepper): Float32Array => {
    const x = start.slice();
    const rule = make(x, ranges);
    for (const g of gradients) rule.step(x, g);
    rule.free();
    return x;
  };
  const library = ended(at(lowRank(lowRankAdamW, 3))(rate));
  const gap = (x: Float32Array) => Math.max(...x.map((v, k) => Math.abs(v - library[k])));
  expect(gap(ended(chosenAdamW(rate, 3, { basis: 'cosines', take: 'best' })))).toBeLessThan(1e-4);
  expect(gap(ended(chosenAdamW(rate, 3, { basis: 'cosines', take: 'worst' })))).toBeGreaterThan(0.01);
  expect(gap(ended(chosenAdamW(rate, 3, { basis: 'axes', take: 'best' })))).toBeGreaterThan(0.01);
});

test('the vectors that are aligned worst leave all of a gradient that one vector holds', () => {
  // Of all vectors of the basis but r, the best: what is left by the rest is what they saw.
  const worst: Left = (G, r) => 1 - libraryChoice(G, G.cols - r);
  expect(worst(DenseMatrix.fromRows([[1, 1, 1, 1]]), 3)).toBe(1);
});

test('an abort ends a run by its reason, soon', () => expectAbort(rotation));
