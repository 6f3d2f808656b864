import { beforeAll, describe, expect, test } from 'vitest';
import { runSpread, type SpreadResult } from '../spread/testing.ts';
import { built, goOnElsewhere, near, onThreads } from '../testing.ts';
import { jobs } from './testing.ts';

const names = Object.keys(jobs);

describe.skipIf(!built)('rows over ranks (need a build)', () => {
  let alone: SpreadResult[];
  beforeAll(async () => {
    alone = await onThreads(1, Object.values(jobs));
  });

  // 300 rows make 19 chunks, 5 rows one: most ranks have none of these.
  test('2 ranks have the bits of one', async () => {
    const two = await onThreads(2, Object.values(jobs));
    for (const [k, name] of names.entries()) expect(two[k], name).toEqual(alone[k]);
  });

  test('a checkpoint goes on with another number of ranks', () =>
    goOnElsewhere([jobs['k-means, five rows'], jobs['mixture, full']], { most: 3, on: [1] }));

  test.each([...names.entries()])('%d: %s: as in one place', async (k, name) => {
    const wanted = await runSpread(jobs[name]);
    const [plain, found] = 'error' in wanted ? [wanted, alone[k]] : [wanted, alone[k]].map(byFirst);
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
    // New rows go where those of the fit went.
    expect(JSON.parse(found.modelText as string).prototypes).toHaveLength(plain.k as number);
  });
});

/** The clusters in the order of their first rows: of starts that end alike, rounding decides which is taken. */
function byFirst(result: SpreadResult): SpreadResult {
  const { clusters, prototypes, sizes } = result as { clusters: Array<number | null>; prototypes: []; sizes: number[] };
  const seen = [...new Set([...clusters, ...sizes.keys()])].filter((c) => c !== null);
  return {
    ...result,
    clusters: clusters.map((c) => (c === null ? null : seen.indexOf(c))),
    prototypes: seen.map((c) => prototypes[c]),
    sizes: seen.map((c) => sizes[c]),
    // Of the start that was taken.
    iterations: 0,
  };
}
