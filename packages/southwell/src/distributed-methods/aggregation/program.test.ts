import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { complete, simulate, threads } from '@southwell/distributed';
import { expect, test } from 'vitest';
import { type AggregationRule, aggregate, aggregateRanks, aggregationRules } from './index.ts';
import { gradientsOf, type RanksCase } from './testing.ranks.ts';
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

const built = existsSync(fileURLToPath(module));
const some: readonly RanksCase[] = [
  { n: 5000, options: { m: 2 } },
  { n: 700, options: { rule: 'median' }, faulty: 1 },
  { n: 700, options: { rule: 'meamed', f: 1 }, faulty: 0 },
  { n: 300, options: { rule: 'geometric-median' } },
];

test.skipIf(!built)('threads give the same bits (needs a build)', async () => {
  for (const input of some) {
    const expected = aggregate(gradientsOf(input, 3), input.options).direction;
    expect(await threads(module, { ranks: 3, input })).toEqual([expected, expected, expected]);
  }
});

const hasMpi = spawnSync('mpirun', ['--version'], { encoding: 'utf8' }).stdout?.includes('Open MPI') ?? false;
const hasKoffi = (() => {
  try {
    createRequire(import.meta.url)('koffi');
    return true;
  } catch {
    return false;
  }
})();
test.skipIf(!built || !hasMpi || !hasKoffi)('MPI gives the same bits (needs a build, Open MPI and koffi)', () => {
  const folder = mkdtempSync(join(tmpdir(), 'southwell-aggregate-'));
  const told = join(folder, 'rank');
  const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '3'];
  const node = [process.execPath, '--conditions=modules', fileURLToPath(module), 'mpi', JSON.stringify(some), told];
  const { status, stderr } = spawnSync('mpirun', [...flags, ...node], { encoding: 'utf8', timeout: 60_000 });
  expect(status, stderr).toBe(0);
  const expected = some.map((input) => [...aggregate(gradientsOf(input, 3), input.options).direction]);
  for (const rank of [0, 1, 2]) expect(JSON.parse(readFileSync(`${told}-${rank}.json`, 'utf8'))).toEqual(expected);
  rmSync(folder, { recursive: true });
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
