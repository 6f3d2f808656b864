import { describe, expect, test } from 'vitest';
import { alikeOnRanks, built, goOnElsewhere, onThreads } from '../testing.ts';
import { asInOnePlace, jobs } from './testing.ts';

describe.skipIf(!built)('rows over ranks (need a build)', () => {
  // 300 rows make 19 chunks, 5 rows one: most ranks have none of these.
  test.each([3, 5])('%d ranks have the bits of one', (ranks) =>
    // Several threads on few cores wait most of the time.
    alikeOnRanks(ranks, Object.fromEntries(Object.entries(jobs).filter((_, k) => k % 3 === 2))),
  );

  test('a checkpoint goes on with another number of ranks', () =>
    goOnElsewhere(
      [
        'k-means, more clusters than groups',
        'k-means, scaled, rows left out',
        'mixture, full',
        'k-means, five rows',
      ].map((name) => jobs[name]),
    ));

  test('2 ranks have the bits of one, which are those of one place', async () => {
    const [alone, two] = [await onThreads(1, Object.values(jobs)), await onThreads(2, Object.values(jobs))];
    for (const [k, [name, job]] of Object.entries(jobs).entries()) {
      expect(two[k], name).toEqual(alone[k]);
      await asInOnePlace(job, alone[k]);
    }
  });
});
