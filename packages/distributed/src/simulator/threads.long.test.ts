import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';
import { conformance } from '../testing.ts';
import { simulateThreads } from './threads.ts';

// Workers run what was built. One rank and two are in threads.test.ts.
const module = new URL('../../dist/testing.js', import.meta.url);
const bad = { latency: 1e-4, jitter: 1e-4, loss: 0.05, bandwidth: 1e8, stragglers: { 0: 3 } };

test.skipIf(!existsSync(fileURLToPath(module)))('four conform, whatever the network (needs a build)', async () => {
  const input = Object.keys(conformance);
  const { results } = await simulateThreads<readonly string[], string[]>(module, {
    ...{ ranks: 4, name: 'conform', input },
    ...bad,
  });
  expect(results).toEqual(new Array(4).fill([]));
});
