/** Jobs of clustering on ranks. */
import { Random } from '@southwell/numerics/core';
import { expect } from 'vitest';
import { runSpread, type SpreadJob, type SpreadResult } from '../spread/testing.ts';
import { near } from '../testing.ts';

/** Rows about k centres, with missing values in some columns. */
function blobs(rows: number, columns: number, k: number, gaps = false): SpreadJob['columns'] {
  const random = new Random(11);
  const centres = Array.from({ length: k }, () => Array.from({ length: columns }, () => 4 * random.normal()));
  return Object.fromEntries(
    Array.from({ length: columns }, (_, j) => [
      `x${j}`,
      Array.from({ length: rows }, (_, i) =>
        gaps && (i + 5 * j) % 23 === 3 ? null : centres[i % k][j] * 10 ** (j % 3) + random.normal(),
      ),
    ]),
  );
}
/** Few distinct rows, each repeated many times. */
const repeated = Object.fromEntries(
  ['a', 'b'].map((name, j) => [name, Array.from({ length: 90 }, (_, i) => (i * (j + 1)) % 3)]),
);

const job = (request: SpreadJob['request'], columns: SpreadJob['columns']): SpreadJob => ({
  verb: 'cluster',
  request,
  columns,
});
const mixture = (covariance: string, restarts = 2) => ({ method: 'mixture', k: 3, covariance, restarts });
export const jobs: Readonly<Record<string, SpreadJob>> = {
  'k-means': job({ k: 4, restarts: 3 }, blobs(300, 5, 4)),
  'k-means, more clusters than groups': job({ k: 9, seed: 4 }, blobs(300, 3, 4)),
  'k-means, scaled, rows left out': job({ k: 3, standardize: true, missing: 'drop-rows' }, blobs(300, 6, 3, true)),
  'k-means, gaps filled': job({ k: 3, missing: 'mean' }, blobs(150, 6, 3, true)),
  'k-means, fewer distinct rows than clusters': job({ k: 5 }, repeated),
  'k-means, five rows': job({ k: 2 }, blobs(5, 2, 2)),
  'as many clusters as rows': job({ k: 5 }, blobs(5, 2, 2)),
  'more clusters than rows': job({ k: 6 }, blobs(5, 2, 2)),
  'mixture, full': job(mixture('full'), blobs(300, 4, 3)),
  'mixture, tied': job({ ...mixture('tied'), standardize: true }, blobs(300, 4, 3)),
  'mixture, diagonal': job(mixture('diagonal'), blobs(300, 4, 3)),
  'mixture, spherical': job({ ...mixture('spherical'), missing: 'drop-rows' }, blobs(300, 4, 3, true)),
  'mixture, fewer distinct rows than components': job({ method: 'mixture', k: 4, restarts: 1 }, repeated),
  'mixture, five rows': job({ method: 'mixture', k: 2, covariance: 'diagonal' }, blobs(5, 2, 2)),
};

/** The jobs of the quick tests: small ones of every kind. */
export const few = Object.fromEntries(
  ['k-means, gaps filled', 'k-means, five rows', 'more clusters than rows', 'mixture, spherical'].map((name) => [
    name,
    jobs[name],
  ]),
);

/** Asserts that the result of a job on ranks is that of all rows in one place. */
export async function asInOnePlace(job: SpreadJob, spread: SpreadResult): Promise<void> {
  const wanted = await runSpread(job);
  const [plain, found] = 'error' in wanted ? [wanted, spread] : [wanted, spread].map(byFirst);
  const { prototypes, objective, bic, probabilities, modelText: _, ...rest } = plain;
  if ('error' in plain) {
    expect(found).toEqual(plain);
    return;
  }
  expect(found).toMatchObject(rest);
  near(found.objective, objective, 1e-9);
  near(found.bic, bic, 1e-9);
  near(found.prototypes, prototypes, 1e-7);
  near(found.probabilities, probabilities, 1e-6);
  // Asserts that new rows are assigned as those of the fit.
  expect(JSON.parse(found.modelText as string).prototypes).toHaveLength(plain.k as number);
}

/** The clusters in the order of their first rows: between equally good initialisations, rounding decides. */
function byFirst(result: SpreadResult): SpreadResult {
  const { clusters, prototypes, sizes } = result as { clusters: Array<number | null>; prototypes: []; sizes: number[] };
  const seen = [...new Set([...clusters, ...sizes.keys()])].filter((c) => c !== null);
  return {
    ...result,
    clusters: clusters.map((c) => (c === null ? null : seen.indexOf(c))),
    prototypes: seen.map((c) => prototypes[c]),
    sizes: seen.map((c) => sizes[c]),
    // Depends on which initialisation was chosen.
    iterations: 0,
  };
}
