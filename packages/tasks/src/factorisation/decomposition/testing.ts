/** Jobs for decompositions on ranks. */
import { Random } from '@southwell/numerics/core';
import { expect } from 'vitest';
import { runSpread, type SpreadJob, type SpreadResult } from '../../spread/testing.ts';
import { near } from '../../testing.ts';

/** Low rank plus noise, non-negative; with some missing values, or mostly zeros. */
function drawn(rows: number, columns: number, { gaps = false, filled = 1, noise = 0.1 } = {}): SpreadJob['columns'] {
  const random = new Random(5);
  const parts = Array.from({ length: 4 }, (_, a) => ({
    u: Array.from({ length: rows }, () => random.uniform() / (a + 1)),
    v: Array.from({ length: columns }, () => random.uniform()),
  }));
  return Object.fromEntries(
    Array.from({ length: columns }, (_, j) => [
      `x${j}`,
      Array.from({ length: rows }, (_, i) => {
        const value = parts.reduce((sum, { u, v }) => sum + u[i] * v[j], noise * random.uniform());
        if (gaps && (i + 7 * j) % 31 === 2) return null;
        return random.uniform() < filled ? value : 0;
      }),
    ]),
  );
}

const svd = (request: SpreadJob['request'], columns: SpreadJob['columns'], sparse = false): SpreadJob => ({
  verb: 'factor svd',
  request: { tol: 1e-10, ...request },
  columns,
  sparse,
});
export const jobs: Readonly<Record<string, SpreadJob>> = {
  'svd, tall': svd({ components: 3 }, drawn(300, 12)),
  'svd, a basis of all columns': svd({ components: 12, center: true }, drawn(300, 12)),
  'svd, scaled, rows left out': svd(
    { components: 3, center: true, standardize: true, missing: 'drop-rows' },
    drawn(300, 20, { gaps: true }),
  ),
  'svd, several cycles': svd({ components: 2 }, drawn(400, 150, { noise: 1 })),
  'svd, sparse': svd({ components: 3, center: true }, drawn(300, 100, { filled: 0.1 }), true),
  'svd, wide': svd({ components: 3, center: true }, drawn(100, 200, { noise: 1 })),
  'svd, wide and sparse': svd({ components: 2 }, drawn(90, 200, { filled: 0.1 }), true),
  'svd, five rows': svd({ components: 2 }, drawn(5, 3)),
  'svd, five wide rows': svd({ components: 5 }, drawn(5, 8)),
  'svd, components beyond the rank': svd({ components: 6 }, drawn(200, 8, { noise: 0 })),
  'svd, too many components': svd({ components: 6 }, drawn(5, 8)),
};
// Descent amplifies rounding errors: few rounds, or a tight tolerance.
const nmf = (request: SpreadJob['request'], columns: SpreadJob['columns'], sparse = false): SpreadJob => ({
  verb: 'factor nmf',
  request: { maxIter: 30, ...request },
  columns,
  sparse,
});
Object.assign(jobs, {
  nmf: nmf({ components: 3 }, drawn(300, 12)),
  'nmf, penalties, random start': nmf({ components: 3, alpha: 0.01, l1Ratio: 0.5, init: 'random' }, drawn(300, 12)),
  'nmf, sparse, rows with zeros': nmf({ components: 3, init: 'nndsvd' }, drawn(300, 100, { filled: 0.1 }), true),
  'nmf, rows left out': nmf({ components: 2, missing: 'drop-rows' }, drawn(200, 10, { gaps: true })),
  'nmf, wide': nmf({ components: 2 }, drawn(60, 200)),
  'nmf, wide and sparse': nmf({ components: 2 }, drawn(90, 200, { filled: 0.1 }), true),
  'nmf, five rows': nmf({ components: 2 }, drawn(5, 4)),
  'nmf, negative numbers': nmf({ components: 1 }, { a: [1, 2, -3, 4, -5], b: [1, 1, 1, 1, 1] }),
});

/** The jobs of the quick suite: a small one of every kind. */
export const few = Object.fromEntries(
  [
    'svd, sparse',
    'svd, wide',
    'svd, five rows',
    'svd, too many components',
    'nmf, sparse, rows with zeros',
    'nmf, five rows',
  ].map((name) => [name, jobs[name]]),
);

/** Checks that the result of a job on ranks equals that of a single process. */
export async function asInOnePlace(job: SpreadJob, spread: SpreadResult): Promise<void> {
  const plain = await runSpread(job);
  if ('error' in plain) {
    expect(spread).toEqual(plain);
    return;
  }
  for (const same of ['rows', 'features', 'featureNames', 'notes', 'status'])
    expect(spread[same], same).toEqual(plain[same]);
  near(spread.sizes, plain.sizes, 1e-9);
  near(spread.explained, plain.explained, 1e-9);
  // Beyond the rank, vectors are arbitrary.
  const sound = (plain.sizes as number[]).filter((size, _, [largest]) => size > 1e-9 * largest).length;
  const some = (vectors: unknown) => (vectors as number[][]).slice(0, sound);
  near(some(spread.loadings), some(plain.loadings), 1e-7);
  near(some(spread.scores), some(plain.scores), 1e-7);
  const { means } = JSON.parse(plain.modelText as string);
  near(JSON.parse(spread.modelText as string).means, means, 1e-12);
}
