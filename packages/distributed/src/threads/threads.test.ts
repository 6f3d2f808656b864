import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { conformance } from '../testing.ts';
import { threads } from './threads.ts';

// Workers run what was built.
const module = new URL('../../dist/testing.js', import.meta.url);

describe.skipIf(!existsSync(fileURLToPath(module)))('threads (need a build)', () => {
  test.each([1, 2, 4])('%d threads conform', async (ranks) => {
    const input = Object.keys(conformance);
    const failed = await threads<readonly string[], string[]>(module, { ranks, name: 'conform', input });
    expect(failed).toEqual(new Array(ranks).fill([]));
  });

  test('a rank that ended is named by the others', async () => {
    const input = { late: 2, forever: false };
    const said = await threads<typeof input, string>(module, { ranks: 4, name: 'lateness', timeout: 1, input });
    const sentence = 'waited 1 s in allReduce (collective 2): rank 2 has not responded (rank 2 has ended).';
    expect(said).toEqual([`Rank 0 has ${sentence}`, `Rank 1 has ${sentence}`, '', `Rank 3 has ${sentence}`]);
  });

  test('a rank that works and asks how far an exchange is, is waited for', async () => {
    const input = { late: 1, seconds: 1.2 };
    const said = await threads<typeof input, string>(module, { ranks: 3, name: 'busy', timeout: 0.4, input });
    expect(said).toEqual(new Array(3).fill('The sum came.'));
  });

  test('a rank that waits until a moment is waited for', async () => {
    const input = { late: 1, seconds: 1.2, idles: true };
    const said = await threads<typeof input, string>(module, { ranks: 3, name: 'busy', timeout: 0.4, input });
    expect(said).toEqual(new Array(3).fill('The sum came.'));
  });

  test('iterates of any rank are seen', async () => {
    const seen: unknown[] = [];
    const observe = (iterate: unknown, rank: number) => void seen.push({ ...(iterate as object), rank });
    const passed = await threads(module, { ranks: 3, name: 'iterating', iterates: 2, observe });
    expect(passed).toEqual([2, 2, 2]);
    expect(seen).toEqual([
      { rank: 2, iteration: 0, objective: 20, work: {}, point: Float64Array.of(20) },
      { rank: 2, iteration: 1, objective: 21, work: {}, point: Float64Array.of(21) },
    ]);
    await expect(threads(module, { ranks: 2, iterates: 2 })).rejects.toThrow(/rank whose iterates are seen/);
  });

  test('what a rank throws ends all; so does a signal', async () => {
    await expect(threads(module, { ranks: 2, name: 'nothing' })).rejects.toThrow(/exports no function nothing/);
    const input = { late: 1, forever: true };
    const stuck = threads(module, { ranks: 2, name: 'lateness', input, signal: AbortSignal.timeout(300) });
    await expect(stuck).rejects.toThrow(/aborted/);
    await expect(threads(module, { ranks: 0 })).rejects.toThrow(/number of ranks/);
  });
});
