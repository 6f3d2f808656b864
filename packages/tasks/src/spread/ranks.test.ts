import { threads } from '@southwell/distributed';
import { expect, test } from 'vitest';
import { built } from '../testing.ts';

// Built, since workers cannot load TypeScript.
const testing = new URL('../../dist/spread/testing.js', import.meta.url);

test.skipIf(!built)('a job goes on with the first of its ranks, and the others have left', async () => {
  const run = (input: readonly number[]) =>
    threads<readonly number[], ReadonlyArray<readonly number[]>>(testing, { ranks: 3, input, name: 'firstRanks' });
  const [first, second, third] = await run([1, 2]);
  expect(first).toEqual([
    [0, 1, 5, 0],
    [0, 2, 5, 0],
  ]);
  expect(second).toEqual([[], [1, 2, 5, 0]]);
  expect(third).toEqual([[], []]);
});

test.skipIf(!built)('all ranks are late where one is, for the same reason; a request to stop counts more', async () => {
  const run = (input: boolean) => threads<boolean, readonly string[]>(testing, { ranks: 2, input, name: 'lateRanks' });
  const late = ['undefined', 'TimeoutError', 'time-limit'];
  expect(await run(false)).toEqual([late, late]);
  const stopped = ['undefined', 'AbortError', 'aborted'];
  expect(await run(true)).toEqual([stopped, stopped]);
});
