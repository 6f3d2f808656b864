import { beforeAll, describe, expect, test } from 'vitest';
import { runSpread, type SpreadResult } from '../../spread/testing.ts';
import { built, goOnElsewhere, near, onThreads } from '../../testing.ts';
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
    goOnElsewhere([jobs['svd, wide'], jobs['nmf, rows left out']], { most: 3, on: [1] }));

  test.each([...names.entries()])('%d: %s: as in one place', async (k, name) => {
    const plain = await runSpread(jobs[name]);
    if ('error' in plain) {
      expect(alone[k]).toEqual(plain);
      return;
    }
    for (const same of ['rows', 'features', 'featureNames', 'notes', 'status'])
      expect(alone[k][same], same).toEqual(plain[same]);
    near(alone[k].sizes, plain.sizes, 1e-9);
    near(alone[k].explained, plain.explained, 1e-9);
    // Beyond the rank, vectors could be any.
    const sound = (plain.sizes as number[]).filter((size, _, [largest]) => size > 1e-9 * largest).length;
    const some = (vectors: unknown) => (vectors as number[][]).slice(0, sound);
    near(some(alone[k].loadings), some(plain.loadings), 1e-7);
    near(some(alone[k].scores), some(plain.scores), 1e-7);
    const { means } = JSON.parse(plain.modelText as string);
    near(JSON.parse(alone[k].modelText as string).means, means, 1e-12);
  });
});
