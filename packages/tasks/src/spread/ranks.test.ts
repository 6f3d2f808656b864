import { threads } from '@southwell/distributed';
import { expect, test } from 'vitest';
import { built } from '../testing.ts';

// Built, since workers cannot load TypeScript.
const testing = new URL('../../dist/spread/testing.js', import.meta.url);

test.skipIf(!built)('a job goes on with the first of its ranks, and the others have left', async () => {
  const run = (count: number) =>
    threads<number, readonly number[]>(testing, { ranks: 3, input: count, name: 'firstRanks' });
  expect(await run(1)).toEqual([[0, 1, 5, 0], [], []]);
  expect(await run(2)).toEqual([[0, 2, 5, 0], [1, 2, 5, 0], []]);
});
