import { Random } from '@southwell/numerics/core';
import { elasticNet } from 'southwell/linear-models';
import { expect, test } from 'vitest';
import { advise as adviseFor } from './advice.ts';

const random = new Random(1);
const X = Array.from({ length: 80 }, () => Array.from({ length: 5 }, () => random.normal()));
const y = X.map((row) => row.reduce((a, b) => a + b) + 0.01 * random.normal());

const names = ['a', 'b', 'c'];
const advise = (deviations: number[] | undefined, scores: Parameters<typeof adviseFor>[1]) =>
  adviseFor(deviations && { deviations, names }, scores, false, (option) => `--${option}`);

test('a path that ends while scores still improve says how to go on; a long one says nothing', async () => {
  const scores = (eps: number) => elasticNet().crossValidate(X, y, { nAlphas: 30, eps, seed: 1 });
  const [short, long] = [await scores(0.2), await scores(1e-6)];
  expect(short.bestIndex).toBe(29);
  expect(advise(undefined, short)).toEqual([expect.stringMatching(/smallest of the path.*--eps 2e-3/)]);
  expect(advise(undefined, long)).toEqual([]);
  // As good as before within the noise: no reason to go on.
  expect(advise(undefined, { ...short, mean: new Float64Array(30).fill(1) })).toEqual([]);
});

test('columns of unlike units, constant ones aside', () => {
  expect(advise([0.1, 0, 250], undefined)).toEqual([
    expect.stringMatching(/from 0\.1000 \(a\) to 250 \(c\), .*--standardize/),
  ]);
  expect(advise([0.5, 0, 250], undefined)).toEqual([]);
  expect(advise([0, 0], undefined)).toEqual([]);
});
