import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { conformance } from '../testing.ts';
import { simulateThreads } from './threads.ts';

// Workers run what was built. One rank is in threads.test.ts.
const module = new URL('../../dist/testing.js', import.meta.url);
const bad = { latency: 1e-4, jitter: 1e-4, loss: 0.05, bandwidth: 1e8, stragglers: { 0: 3 } };

describe.skipIf(!existsSync(fileURLToPath(module)))('threads over a simulated network (need a build)', () => {
  test.each([2, 4])('%d conform, whatever the network', async (ranks) => {
    const input = Object.keys(conformance);
    const run = () => simulateThreads<readonly string[], string[]>(module, { ranks, name: 'conform', input, ...bad });
    const one = await run();
    expect(one.results).toEqual(new Array(ranks).fill([]));
    if (ranks !== 2) return;
    expect(one.trace.some((flight) => flight.attempts > 1)).toBe(true);
    // The clock is the network's alone.
    const again = await run();
    expect([again.seconds, again.trace]).toEqual([one.seconds, one.trace]);
  });
});
