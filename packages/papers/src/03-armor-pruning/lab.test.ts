import { DenseMatrix } from '@southwell/numerics/arrays';
import { factorizeSparse, factorsToDense } from 'southwell/compression';
import { expect, test } from 'vitest';
import { fitted, gaussian, proxyLoss } from './lab.ts';
import { factorsPicture } from './picture.ts';

const free = async (): Promise<void> => {};

test('the loss is computed from the matrix alone, as the fit has it', () => {
  const problem = gaussian(20, 3);
  const { W, h } = problem;
  expect(proxyLoss(problem, W)).toBe(0);
  expect(proxyLoss(problem, DenseMatrix.create(20, 20))).toBeCloseTo(1, 12);
  const { point } = factorizeSparse(W, { samples: 1, diagonal: h, full: undefined }, { blockSize: 8, steps: 30 });
  expect(proxyLoss(problem, factorsToDense(point))).toBeCloseTo(point.loss, 10);
});

test('a fit says how its loss went, and the picture has its factors', async () => {
  const problem = gaussian(16, 4);
  const seen: number[] = [];
  const options = { blockSize: 8, steps: 40, rate: 1e-2 };
  const { loss, rise, fall, best, factors } = await fitted(problem, options, (_, value) => seen.push(value), free);
  expect(seen).toEqual([...seen].sort((a, b) => b - a));
  expect(seen.at(-1)).toBeCloseTo(loss, 10);
  expect(rise).toBeLessThan(1e-9);
  expect(fall).toBeGreaterThan(0);
  expect(best).toBeLessThan(1);
  const still = await fitted(problem, { ...options, steps: 0 }, () => {}, free);
  expect([still.fall, still.best]).toEqual([0, expect.closeTo(1, 10)]);
  const event = factorsPicture(factors);
  if (event.kind !== 'picture' || event.picture.type !== 'image') throw new Error('It is an image.');
  const { width, values } = event.picture;
  const row = (i: number, from: number, to: number) => values.slice(i * width + from, i * width + to);
  for (let i = 0; i < 16; i++) {
    // A and B are 0 outside of their blocks; S has two of every four.
    for (const left of [0, 34])
      expect(row(i, left, left + 16).filter((v, j) => v > 0 && Math.floor(j / 8) !== Math.floor(i / 8))).toEqual([]);
    for (let j = 17; j < 33; j += 4) expect(row(i, j, j + 4).filter((v) => v > 0)).toHaveLength(2);
  }
});
