import { describe, expect, test } from 'vitest';
import { alikeOnRanks, built, onThreads } from '../../testing.ts';
import { asInOnePlace, jobs } from './testing.ts';

describe.skipIf(!built)('entries over ranks (need a build)', () => {
  // 90 rows make 6 chunks and 40 columns 3; 7 rows and 5 columns one each: all other ranks have none.
  test.each([3])('%d ranks have the bits of one', (ranks) =>
    // Several threads on few cores wait most of the time.
    alikeOnRanks(ranks, Object.fromEntries(Object.entries(jobs).filter((_, k) => k % 3 === 0))),
  );

  test('2 ranks have the bits of one, which are those of one place', async () => {
    const [alone, two] = [await onThreads(1, Object.values(jobs)), await onThreads(2, Object.values(jobs))];
    for (const [k, [name, job]] of Object.entries(jobs).entries()) {
      expect(two[k], name).toEqual(alone[k]);
      await asInOnePlace(job, alone[k]);
    }
  });
});
