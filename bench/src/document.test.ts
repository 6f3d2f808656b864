import fc from 'fast-check';
import { expect, expectTypeOf, test } from 'vitest';
import type { Benchmark } from './command.ts';
import { benchmark } from './command.ts';
import { documentOf, fastest, geometricMean } from './document.ts';
import * as benchmarks from './index.ts';

test('tasks with ratios, their geometric mean and the worst', () => {
  const found = documentOf(
    [
      { name: 'a', ours: 1, peer: 4, peerName: 'p', rounds: 3 },
      { name: 'b', ours: 8, peer: 2, peerName: 'q', memoryRatio: 0.5 },
      { name: 'paired', ours: 3, peer: 2, peerName: 'q', ratio: 1 },
    ],
    { versions: 'x' },
  );
  expect(found).toEqual({
    versions: 'x',
    tasks: [
      { name: 'a', ours: 1, peer: 4, peerName: 'p', ratio: 0.25, memoryRatio: null, unit: 'CPU seconds', rounds: 3 },
      { name: 'b', ours: 8, peer: 2, peerName: 'q', ratio: 4, memoryRatio: 0.5, unit: 'CPU seconds' },
      { name: 'paired', ours: 3, peer: 2, peerName: 'q', ratio: 1, memoryRatio: null, unit: 'CPU seconds' },
    ],
    geometricMean: expect.closeTo(1, 14),
    worst: 4,
    losses: 1,
    unsolved: 0,
    withoutPeer: 0,
  });
});

test('what is not solved is a loss, a peer that is not there is counted', () => {
  const found = documentOf([
    { name: 'unsolved', ours: Number.POSITIVE_INFINITY, peer: 2, peerName: 'p' },
    { name: 'neither', ours: null, peer: Number.NaN, peerName: 'p' },
    { name: 'alone', ours: 1, peerName: 'p', unit: 'wall seconds', memoryRatio: Number.NaN },
  ]);
  expect(found.tasks.map(({ ours, peer, peerName, ratio }) => [ours, peer, peerName, ratio])).toEqual([
    [null, 2, 'p', null],
    [null, null, null, null],
    [1, null, null, null],
  ]);
  expect(found).toMatchObject({ geometricMean: null, worst: null, losses: 2, unsolved: 2, withoutPeer: 2 });
  expect(found.tasks[2]).toMatchObject({ unit: 'wall seconds', memoryRatio: null });
  expect(documentOf([])).toEqual({
    ...{ tasks: [], geometricMean: null, worst: null, losses: 0, unsolved: 0, withoutPeer: 0 },
  });
});

test('JSON keeps every document as it is, whatever is measured', () => {
  const number = fc.option(fc.double({ min: 0 }));
  const measurement = fc.record({ name: fc.string(), ours: number, peer: number, memoryRatio: number });
  fc.assert(
    fc.property(fc.array(measurement), (measurements) => {
      const found = documentOf(measurements);
      expect(JSON.parse(JSON.stringify(found, (_, v) => (Object.is(v, -0) ? 0 : v)))).toEqual(found);
      if (found.worst !== null) expect(found.worst).toBeGreaterThanOrEqual(found.geometricMean! * (1 - 1e-12));
    }),
  );
});

test('geometric means, and the fastest of contenders', () => {
  expect(geometricMean([2, null, 8])).toBeCloseTo(4, 14);
  expect(geometricMean([null])).toBeNull();
  expect(fastest(Object.entries({ a: 3, b: 1, c: 2 }), (v) => v)).toEqual({ name: 'b', cost: 1, found: 1 });
  expect(fastest([], Number)).toEqual({ name: null, cost: Number.POSITIVE_INFINITY });
});

test('every benchmark prints its document through `benchmark`, and its usage names --json', async () => {
  expectTypeOf(benchmarks).toExtend<Readonly<Record<string, Benchmark>>>();
  expect(Object.keys(benchmarks).length).toBeGreaterThan(20);
  for (const [name, main] of Object.entries(benchmarks)) expect(main.usage, name).toMatch(/^ {2}--json /m);
});

test('a command prints the document with --json only', async ({ onTestFinished }) => {
  const lines: string[] = [];
  const { log } = console;
  console.log = (line: string) => lines.push(line);
  onTestFinished(() => {
    console.log = log;
  });
  const tasks = [{ name: 'a', ours: 1, peer: 2, peerName: 'p' }];
  const main = benchmark('Usage', (args) => ({ tasks, json: args.includes('--json'), more: { load: 1 }, code: 3 }));
  expect(await main([])).toBe(3);
  expect(lines).toEqual([]);
  expect(await main(['--json'])).toBe(3);
  expect(lines.map((line) => JSON.parse(line))).toEqual([documentOf(tasks, { load: 1 })]);
  expect(await benchmark('Usage', () => undefined)(['--help'])).toBe(0);
});
