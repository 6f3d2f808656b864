import { describe, test } from 'vitest';
import { alikeOnRanks, built } from '../../testing.ts';
import { jobs, LONGEST } from './testing.ts';

describe.skipIf(!built)('entries over ranks (need a build)', () => {
  // 90 rows make 6 chunks and 40 columns 3; 7 rows and 5 columns one each: all other ranks have none.
  test.each([3])('%d ranks have the bits of one', (ranks) =>
    // Several threads on few cores wait most of the time.
    alikeOnRanks(ranks, Object.fromEntries(Object.entries(jobs).filter((_, k) => k % 3 === 0))),
  );

  test(`2 ranks have the bits of one: ${LONGEST}`, () => alikeOnRanks(2, { [LONGEST]: jobs[LONGEST] }));
});
