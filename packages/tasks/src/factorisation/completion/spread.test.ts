import { beforeAll, describe, test } from 'vitest';
import type { SpreadResult } from '../../spread/testing.ts';
import { built, onThreads } from '../../testing.ts';
import { asInOnePlace, few } from './testing.ts';

// The bits of one rank, and checkpoints that go on elsewhere, are in spread.long.test.ts.
describe.skipIf(!built)('entries over ranks (need a build)', () => {
  let two: SpreadResult[];
  // 90 rows make 6 chunks and 40 columns 3; 7 rows and 5 columns one each: all other ranks have none.
  beforeAll(async () => {
    two = await onThreads(2, Object.values(few));
  });

  test.each([...Object.values(few).entries()].map(([k, job]) => [k, Object.keys(few)[k], job] as const))(
    '%d: %s: on 2 ranks as in one place',
    (k, _, job) => asInOnePlace(job, two[k]),
  );
});
