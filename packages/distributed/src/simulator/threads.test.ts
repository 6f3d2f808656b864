import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { conformance } from '../testing.ts';
import { simulateThreads } from './threads.ts';

// Workers run what was built.
const module = new URL('../../dist/testing.js', import.meta.url);
const bad = { latency: 1e-4, jitter: 1e-4, loss: 0.05, bandwidth: 1e8, stragglers: { 0: 3 } };

describe.skipIf(!existsSync(fileURLToPath(module)))('threads over a simulated network (need a build)', () => {
  // Two and four: threads.long.test.ts.
  test('one conforms, whatever the network', async () => {
    const input = Object.keys(conformance);
    const { results } = await simulateThreads<readonly string[], string[]>(module, {
      ...{ ranks: 1, name: 'conform', input },
      ...bad,
    });
    expect(results).toEqual([[]]);
  });

  test('who waits for a rank that has ended is told', async () => {
    const input = { late: 2, forever: false };
    const { results } = await simulateThreads<typeof input, string>(module, {
      ...{ ranks: 4, name: 'lateness', timeout: 1, input },
    });
    const sentence = 'waited 1 s in allReduce (collective 2): rank 2 has not responded (rank 2 has ended).';
    expect(results).toEqual([`Rank 0 has ${sentence}`, `Rank 1 has ${sentence}`, '', `Rank 3 has ${sentence}`]);
  });

  test('iterates of any rank are seen', async () => {
    const seen: unknown[] = [];
    const observe = (iterate: unknown, rank: number) => void seen.push({ ...(iterate as object), rank });
    const passed = (await simulateThreads(module, { ranks: 3, name: 'iterating', iterates: 2, observe })).results;
    expect(passed).toEqual([2, 2, 2]);
    expect(seen).toEqual([
      { rank: 2, iteration: 0, objective: 20, work: {}, point: Float64Array.of(20) },
      { rank: 2, iteration: 1, objective: 21, work: {}, point: Float64Array.of(21) },
    ]);
    await expect(simulateThreads(module, { ranks: 2, iterates: 2 })).rejects.toThrow(/rank whose iterates are seen/);
  });

  test('what a rank throws ends all; so does a signal', async () => {
    await expect(simulateThreads(module, { ranks: 2, name: 'nothing' })).rejects.toThrow(/exports no function nothing/);
    await expect(simulateThreads(module, { ranks: 200 })).rejects.toThrow(/at most 128/);
    const signal = AbortSignal.abort(new Error('Enough.'));
    await expect(simulateThreads(module, { ranks: 2, name: 'conform', input: [], signal })).rejects.toThrow('Enough.');
  });
});
