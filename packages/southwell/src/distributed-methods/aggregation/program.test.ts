import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { complete, simulate, threads } from '@southwell/distributed';
import { expect, test } from 'vitest';
import { type AggregationRule, aggregate, aggregateRanks, aggregationRules } from './index.ts';
import { drawn } from './testing.ts';

const all = Object.keys(aggregationRules) as AggregationRule[];
// Threads run what was built.
const module = new URL('../../../dist/distributed-methods/aggregation/testing.ranks.js', import.meta.url);

test('ranks that hold one gradient each give the bits of one process, in a simulation', () => {
  for (const n of [1, 40, 3000]) {
    const g = drawn(7, n, 1, n);
    for (const rule of all) {
      const options = { rule, f: 1 };
      const { results } = complete(
        simulate((comm) => aggregateRanks(comm, g[comm.rank], options), { ranks: 7, latency: 1e-4, jitter: 1e-4 }),
      );
      const one = aggregate(g, options);
      for (const found of results) expect(found).toEqual(one);
    }
  }
});

test.skipIf(!existsSync(fileURLToPath(module)))('threads give the same bits (needs a build)', async () => {
  const found = await threads(module, { ranks: 3, input: 5000 });
  const expected = aggregate(drawn(3, 5000, 0, 1), { m: 2 }).direction;
  expect(found).toEqual([expected, expected, expected]);
});

test('each rank sends about twice its gradient', () => {
  const n = 4096;
  const g = drawn(8, n);
  const program = (rule: AggregationRule) =>
    complete(simulate((comm) => aggregateRanks(comm, g[comm.rank], { rule, f: 1 }), { ranks: 8 }));
  for (const rule of ['flag', 'median', 'bulyan'] as const) {
    const { trace } = program(rule);
    const bytes = trace.reduce((sum, { bytes: b }) => sum + b, 0) / 8;
    expect(bytes).toBeLessThan(8 * (2 * n + 16 * 64 + 200));
  }
});

test('a rank whose gradient is not finite is excluded on all ranks, and lengths are compared before anything is sent', () => {
  const g = drawn(6, 300, 1);
  g[2][299] = Number.NaN;
  for (const rule of all) {
    const one = aggregate(g, { rule, f: rule === 'bulyan' ? 0 : 1 });
    expect(one.excluded).toEqual([2]);
    const { results } = complete(
      simulate((comm) => aggregateRanks(comm, g[comm.rank], { rule, f: rule === 'bulyan' ? 0 : 1 }), { ranks: 6 }),
    );
    for (const found of results) expect(found).toEqual(one);
  }
  const lengths = () =>
    complete(simulate((comm) => aggregateRanks(comm, new Float64Array(comm.rank === 4 ? 9 : 8)), { ranks: 6 }));
  expect(lengths).toThrow('The gradient of worker 4 has 9 entries where that of worker 0 has 8.');
});
