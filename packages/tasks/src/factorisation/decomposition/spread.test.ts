import { beforeAll, describe, test } from 'vitest';
import type { SpreadResult } from '../../spread/testing.ts';
import { built, onThreads } from '../../testing.ts';
import { asInOnePlace, few } from './testing.ts';

// The bits of one rank, and checkpoints that go on elsewhere, are in spread.long.test.ts.
describe.skipIf(!built)('rows over ranks (need a build)', () => {
  let two: SpreadResult[];
  // 300 rows make 19 chunks, 5 rows one: most ranks have none of these.
  beforeAll(async () => {
    two = await onThreads(2, Object.values(few));
  });

  test.each([...Object.values(few).entries()].map(([k, job]) => [k, Object.keys(few)[k], job] as const))(
    '%d: %s: on 2 ranks as in one place',
    (k, _, job) => asInOnePlace(job, two[k]),
  );
});
