import { ccaExact } from 'southwell/factorisation';
import { expect, test } from 'vitest';
import { capturedCovariance, capturedSum, exactCca, exactCovariances, type Table, tableOf } from './exact.ts';
import { byRows, planted } from './lab.ts';
import { gammaEigenGame, sgha } from './rivals.ts';

const pause = async () => {};
const RHO = [0.9, 0.6];
const views = await planted(3000, [8, 6], RHO, 3, pause);
const tables = views.map(tableOf) as unknown as readonly [Table, Table];

test('exact correlations and covariances are those of the library', () => {
  const theirs = ccaExact(views, { components: 3 });
  const own = exactCca(...tables, 3);
  own.correlations.forEach((v, c) => {
    expect(v).toBeCloseTo(theirs.eigenvalues[c], 10);
  });
  const sum = theirs.eigenvalues.reduce((s, v) => s + v, 0);
  expect(capturedSum(tables, own.weights, 3)).toBeCloseTo(sum, 10);
  expect(capturedSum(tables, theirs.weights.map(byRows), 3)).toBeCloseTo(sum, 10);
  const pls = ccaExact(views, { components: 2, ridge: 1 });
  exactCovariances(...tables, 2).forEach((v, c) => {
    expect(v).toBeCloseTo(pls.eigenvalues[c], 8);
  });
  expect(capturedCovariance(tables, pls.weights.map(byRows), 2)).toBeCloseTo(
    pls.eigenvalues.reduce((s, v) => s + v, 0),
    8,
  );
});

test('weights that fell together hold nothing', () => {
  const W = tables.map(({ cols }) => new Float64Array(2 * cols).fill(1));
  expect(capturedSum(tables, W, 2)).toBe(0);
});

test('with batches of a hundred and many passes the rivals find the exact correlations', () => {
  const sum = exactCca(...tables, 2).correlations.reduce((s, v) => s + v, 0);
  const options = { components: 2, batchSize: 100, epochs: 60, seed: 1 };
  for (const run of [
    sgha(tables, { ...options, rate: 3e-3, optimiser: 'adam' }),
    sgha(tables, { ...options, rate: 1e-2, optimiser: 'sgd' }),
    gammaEigenGame(tables, { ...options, rate: 3e-2, gamma: 0.1 }),
  ]) {
    let last: readonly Float64Array[] = [];
    for (const weights of run) last = weights;
    expect(capturedSum(tables, last, 2) / sum).toBeGreaterThan(0.99);
  }
});
