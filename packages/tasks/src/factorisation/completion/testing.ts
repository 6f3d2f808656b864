/** Jobs for completion on ranks. */
import { Random } from '@southwell/numerics/core';
import { expect } from 'vitest';
import { runSpread, type SpreadJob, type SpreadResult } from '../../spread/testing.ts';
import { near } from '../../testing.ts';

/** Entries of a rank-2 matrix plus noise, in random order; a few rows are nearly complete. */
function drawn(rows: number, cols: number, share: number, noise = 0.1): SpreadJob['columns'] {
  const random = new Random(8);
  const vectors = (n: number) => Array.from({ length: n }, () => [random.uniform() + 0.2, random.uniform() + 0.2]);
  const [u, v] = [vectors(rows), vectors(cols)];
  const all = Array.from({ length: rows * cols }, (_, e) => [Math.floor(e / cols), e % cols]);
  const seen = all.filter(([i]) => random.uniform() < (i % 20 === 3 ? 0.9 : share));
  const order = [...random.permutation(seen.length)].map((e) => seen[e]);
  return {
    // Not sorted by name.
    user: order.map(([i]) => ((i * 7) % rows) + 10),
    item: order.map(([, j]) => j),
    stars: order.map(([i, j]) => u[i][0] * v[j][0] + u[i][1] * v[j][1] + noise * random.normal()),
    counts: order.map((_, e) => (e % 17 === 0 ? 0 : 1 + (e % 3))),
  };
}

/** The same as a matrix with missing values. */
function matrix(rows: number, cols: number, share: number, gap: number | null = null): SpreadJob['columns'] {
  const { user, item, stars } = drawn(rows, cols, share) as Record<string, number[]>;
  const columns = Object.fromEntries(
    Array.from({ length: cols }, (_, j) => [`x${j}`, new Array<number | null>(rows).fill(gap)]),
  );
  user.forEach((i, e) => {
    columns[`x${item[e]}`][i - 10] = stars[e];
  });
  return columns;
}

const complete = (request: SpreadJob['request'], columns: SpreadJob['columns'], sparse = false): SpreadJob => ({
  verb: 'factor complete',
  // Rounding differences grow over many inexact sweeps.
  request: { tol: 1e-12, maxIter: 10, ...request },
  columns,
  sparse,
});
const list = drawn(90, 40, 0.3);
export const jobs: Readonly<Record<string, SpreadJob>> = {
  'robust, a penalty': complete({ rank: 2, lambda: 0.5 }, list),
  'robust, to the end': complete({ rank: 2, lambda: 0.5, maxIter: 400 }, list),
  'robust, exact': complete({ rank: 2, lambda: 0 }, drawn(90, 40, 0.4, 0)),
  'robust, biases, held out': complete({ rank: 2, lambda: 0.5, biases: true, holdout: 0.1, clip: true }, list),
  'robust, not negative, weights': complete({ rank: 2, lambda: 0.1, nonNegative: true, weights: 'counts' }, list),
  'robust, rank and penalty chosen': complete({ tol: 1e-9, biases: true }, list),
  'few entries, chosen part by part': complete({ tol: 1e-9 }, drawn(7, 5, 0.8)),
  'als, weights': complete(
    { method: 'als', rank: 2, lambda: 0.3, weights: 'counts', biases: true, top: 3, maxIter: 400 },
    list,
  ),
  'als, no penalty': complete({ method: 'als', rank: 1, lambda: 0, maxIter: 30 }, list),
  'soft-impute': complete({ method: 'soft-impute', rank: 4, lambda: 2, maxIter: 60 }, list),
  'more columns than rows': complete({ rank: 2, lambda: 0.5 }, drawn(20, 300, 0.2)),
  'a matrix with gaps': complete({ rank: 2, lambda: 0.2, dense: true, fill: true }, matrix(60, 12, 0.6)),
  'a sparse matrix': complete({ rank: 2, lambda: 0.2 }, matrix(60, 30, 0.3, 0), true),
  'an entry that is given twice': complete(
    { rank: 1 },
    { user: [...list.user, list.user[3]], item: [...list.item, list.item[3]], stars: [...list.stars, 1] },
  ),
  'an entry that is infinite': complete(
    { rank: 1 },
    { ...list, stars: list.stars.map((v, e) => (e === 400 ? 1 / 0 : v)) },
  ),
  'a row without a name': complete({ rank: 1 }, { ...list, user: list.user.map((v, e) => (e === 400 ? null : v)) }),
  'a clock that is ahead of others': {
    ...complete({ rank: 2, lambda: 0.5, timeLimit: 60, maxIter: 400 }, list),
    hurried: true,
  },
  'a rank that is too large': complete({ rank: 50 }, list),
};

/** The jobs of the quick suite: a small one of every kind. */
export const few = Object.fromEntries(
  [
    'robust, biases, held out',
    'als, no penalty',
    'a sparse matrix',
    'an entry that is given twice',
    'a row without a name',
  ].map((name) => [name, jobs[name]]),
);

/** Checks that the result of a job on ranks equals that of a single process. */
export async function asInOnePlace(job: SpreadJob, spread: SpreadResult): Promise<void> {
  const plain = await runSpread(job);
  if ('error' in plain) {
    expect(spread).toEqual(plain);
    return;
  }
  if (job.hurried) {
    expect([spread.status, plain.status]).toEqual(['time-limit', 'converged']);
    return;
  }
  const { data, rows, cols, observed, status, unidentified, determination, rank, lambda, chosenBy } = plain;
  expect(spread).toMatchObject({
    data,
    rows,
    cols,
    observed,
    status,
    unidentified,
    determination,
    rank,
    lambda,
    chosenBy,
  });
  const share = job === jobs['robust, to the end'] ? 1e-4 : 1e-10;
  near(spread.trainError, plain.trainError, Math.min(share, 1e-8));
  const held = (of: SpreadResult) => Object.values((of.heldOut ?? {}) as Record<string, number>);
  near(held(spread), held(plain), 1e-10);
  const errors = (of: SpreadResult) => ((of.tried ?? []) as Array<{ error: number }>).map(({ error }) => error);
  near(errors(spread), errors(plain), 1e-8);
  for (const key of ['predictions', 'matrix', 'factors'] as const) {
    const [found, wanted] = [spread, plain].map((of) => (of[key] ?? {}) as Record<string, unknown[]>);
    expect(Object.keys(found)).toEqual(Object.keys(wanted));
    for (const [column, values] of Object.entries(wanted)) near(found[column], values, share);
  }
}
