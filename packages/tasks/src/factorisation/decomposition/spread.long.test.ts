import { describe, test } from 'vitest';
import { alikeOnRanks, built, goOnElsewhere } from '../../testing.ts';
import { jobs } from './testing.ts';

describe.skipIf(!built)('rows over ranks (need a build)', () => {
  // 300 rows make 19 chunks, 5 rows one: most ranks have none of these.
  test.each([3, 5])('%d ranks have the bits of one', (ranks) =>
    // Several threads on few cores wait most of the time.
    alikeOnRanks(ranks, Object.fromEntries(Object.entries(jobs).filter((_, k) => k % 2 === 1))),
  );

  test('a checkpoint goes on with another number of ranks', () =>
    goOnElsewhere(
      ['svd, several cycles', 'svd, wide', 'nmf, rows left out', 'nmf, sparse, rows with zeros'].map(
        (name) => jobs[name],
      ),
    ));
});
