import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { alone, type Communicator, complete, simulate, threads } from '@southwell/distributed';
import { describe, expect, test } from 'vitest';
import { gilbertElliott, type RunCodedOptions, runCoded, sequentialCode, simulateStragglers } from './index.ts';
import { type CodedCase, softmaxJobs, trained, uncoded } from './testing.ranks.ts';

const JOBS = 9;
const reference = uncoded(JOBS);
const far = (a: readonly number[]) =>
  Math.max(...a.map((v, k) => Math.abs(v - reference[k]))) / Math.max(...reference.map(Math.abs));

/** Two of 16 workers are ten times as slow for some rounds. */
const slowed = (code: CodedCase['code']): CodedCase => ({
  ...{ code, jobs: JOBS, base: 0.01 },
  slow: [
    [3, 2, 3, 0.1],
    [10, 3, 3, 0.1],
    [6, 7, 7, 0.1],
  ],
});
const cases: readonly CodedCase[] = [
  slowed({ kind: 'none', n: 16 }),
  slowed({ kind: 'gc', n: 16, s: 3 }),
  slowed({ kind: 'gc', n: 16, s: 2 }),
  slowed({ kind: 'sr-sgc', n: 16, B: 2, W: 3, lambda: 2 }),
  slowed({ kind: 'm-sgc', n: 16, B: 2, W: 3, lambda: 3 }),
];
const simulated = (input: CodedCase, ranks = 17, options: RunCodedOptions = {}) => {
  const network = { ranks, latency: 1e-6, bandwidth: 1e9 };
  return complete(simulate((comm: Communicator) => trained(comm, input, options), network)).results.map((one) => one!);
};

test.each(cases)('the models of the uncoded run, on any number of ranks: $code', (input) => {
  const one = complete(alone((comm) => trained(comm, input)));
  const many = simulated(input)[0];
  const few = simulated(input, 3)[0];
  for (const { models, run } of [one, many, few]) {
    expect(run.status).toBe('completed');
    expect(far(models)).toBeLessThanOrEqual(1e-10);
  }
  const cyclic = input.code.kind === 'gc' && input.code.s === 2;
  expect(one.run.dropped).toBe(0);
  if (input.code.kind !== 'none') expect(many.run.dropped).toBeGreaterThan(0);
  if (!cyclic) expect([many.models, few.models]).toEqual([one.models, one.models]);
});

test('all ranks have the same notes, and rank 0 alone the sums', () => {
  const results = simulated(cases[1], 5);
  for (const { run } of results) expect(run).toEqual(results[0].run);
  expect(results[1].models.every((v) => v === 0)).toBe(true);
});

describe('every admitted pattern of random delays', () => {
  test.each(cases)('$code', ({ code: options }) => {
    const code = sequentialCode(options);
    let dropped = 0;
    for (let seed = 0; seed < 4; seed++) {
      const rounds = JOBS + code.delay;
      const delays = gilbertElliott({ n: 16, rounds, pSlow: 0.05, seed });
      const { results } = complete(
        simulate(
          function* (comm: Communicator) {
            const { work, models } = softmaxJobs(JOBS);
            const slowness = (r: number, i: number) => delays[i * rounds + r - 1];
            const run = yield* runCoded(comm, code, work, { slowness });
            return { run, models: models.flatMap((one) => [...one]) };
          },
          { ranks: 17, latency: 1e-9 },
        ),
      );
      const { run, models } = results[0]!;
      expect(far(models)).toBeLessThanOrEqual(1e-8);
      // The simulator of run times, which shares no line with the executor, predicts its rounds.
      const predicted = simulateStragglers(code, delays, { jobs: JOBS });
      expect(run.roundTimes).toHaveLength(predicted.roundTimes.length);
      run.roundTimes.forEach((seconds, r) => void expect(seconds).toBeCloseTo(predicted.roundTimes[r], 5));
      expect(run.waitOuts).toBe(predicted.waitOuts);
      dropped += run.dropped;
    }
    if (options.kind !== 'none') expect(dropped).toBeGreaterThan(0);
  });
});

test('work that is cancelled takes no more time than a slice', () => {
  // Rank 3 is a hundred times as slow; its rows would take 100 · 13 ms a round.
  const { results, courses } = complete(
    simulate(
      (comm: Communicator) => trained(comm, { ...cases[1], base: 0, slow: [] }, { secondsPerRow: 1e-3, sliceRows: 1 }),
      { ranks: 17, latency: 1e-6, stragglers: { 3: 100 } },
    ),
  );
  const { run } = results[0]!;
  expect(run.dropped).toBe(JOBS);
  const total = run.roundTimes.reduce((a, b) => a + b, 0);
  expect(Math.max(...run.roundTimes)).toBeLessThan(0.12);
  // In each round it is at work until it looks again, after 0.1 s at most, rather than for 1.3 s.
  const spans = courses[3].spans.filter(({ kind }) => kind === 'work');
  const worked = spans.reduce((sum, { from, to }) => sum + to - from, 0);
  expect(worked).toBeGreaterThan(0);
  expect(worked).toBeLessThan(0.11 * JOBS + total);
});

test('a dead worker is done without, or the run stalls and says who is missing', () => {
  const dead: CodedCase = { ...cases[1], slow: [[5, 2, 1e9, Number.POSITIVE_INFINITY]] };
  const fine = simulated(dead)[0];
  expect([fine.run.status, far(fine.models) <= 1e-8]).toEqual(['completed', true]);
  for (const ranks of [17, 2]) {
    const stalled = simulated({ ...dead, code: { kind: 'none', n: 16 } }, ranks, { patience: 3 });
    for (const { run } of stalled) {
      expect([run.status, run.missing, run.roundTimes.length]).toEqual(['stalled', [5], 2]);
      expect(run.jobFinish[0]).toBeGreaterThan(0);
      expect(run.jobFinish[1]).toBeNaN();
    }
  }
});

test('a worker that is late while another is dead: the round ends with it, or when the patience is over', () => {
  const both: CodedCase = {
    ...cases[1],
    code: { kind: 'gc', n: 16, s: 1 },
    slow: [
      [5, 2, 1e9, Infinity],
      [9, 4, 4, 1],
    ],
  };
  for (const [waitFor, seconds] of [
    ['all', 3],
    ['enough', 1],
  ] as const) {
    const [{ run, models }] = simulated(both, 17, { patience: 3, waitFor });
    expect([run.status, run.waitOuts, far(models) <= 1e-8]).toEqual(['completed', 1, true]);
    expect(run.roundTimes[3]).toBeCloseTo(seconds, 3);
  }
});

test('a rank that stops in mid-round is told by the communicator, at whatever moment', () => {
  const network = { ranks: 5, latency: 1e-4, timeout: 2 };
  const run = (stopped?: Record<number, number>) =>
    simulate((comm: Communicator) => trained(comm, { ...cases[1], slow: [] }, { secondsPerRow: 1e-4, patience: 1 }), {
      ...network,
      ...(stopped && { stopped }),
    });
  const { seconds } = complete(run());
  for (let k = 0; k < 50; k++) {
    // Four of 16 workers are on the rank, which is one more than the code tolerates of neighbours in a group; rank 0 coordinates.
    for (const rank of [2, 0]) {
      const stopped = { [rank]: (seconds * (k + 0.5)) / 50 };
      expect(() => complete(run(stopped)), `rank ${rank}, moment ${k}`).toThrow(/rank|Rank/);
    }
  }
});

test('bad input', () => {
  const negative = { ...cases[1], slow: [[5, 2, 2, -1]] } as const;
  expect(() => simulated(negative)).toThrow('worker 6 in round 2 is -1');
  expect(() => simulated(cases[1], 3, { patience: 0 })).toThrow('patience');
  expect(() => simulated({ ...cases[1], jobs: 0 })).toThrow('jobs must be');
});

type Outcome = ReturnType<typeof simulated>[number];
// Threads run what was built.
const module = new URL('../../../dist/distributed-methods/coding/testing.ranks.js', import.meta.url);
const built = existsSync(fileURLToPath(module));
const bitwise = [cases[1], cases[4]];

test.skipIf(!built)('threads give the same bits and really cancel (needs a build)', async () => {
  for (const input of [...bitwise, cases[2]]) {
    const expected = complete(alone((comm) => trained(comm, input))).models;
    const [{ models, run }] = (await threads(module, { ranks: 3, input })) as Outcome[];
    expect([run.status, far(models) <= 1e-8]).toEqual(['completed', true]);
    if (input !== cases[2]) expect(models).toEqual(expected);
  }
  // A minute of waiting in each round is cancelled.
  // The others have a tenth of a second for what threads wait for on a busy machine.
  const slow: CodedCase = { ...cases[1], base: 0.1, slow: [[3, 1, 99, 60]] };
  const from = performance.now();
  const [{ run }] = (await threads(module, { ranks: 3, input: slow })) as Outcome[];
  expect([run.status, run.dropped >= JOBS]).toEqual(['completed', true]);
  expect(performance.now() - from).toBeLessThan(20_000);
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
test.skipIf(!built || !hasMpi || !hasKoffi)(
  'two MPI ranks give the same bits (needs a build, Open MPI and koffi)',
  () => {
    const folder = mkdtempSync(join(tmpdir(), 'southwell-coded-'));
    const told = join(folder, 'rank');
    const flags = ['--allow-run-as-root', '--oversubscribe', '--mca', 'btl', 'self,sm', '-n', '2'];
    const node = [
      process.execPath,
      '--conditions=modules',
      fileURLToPath(module),
      'mpi',
      JSON.stringify(bitwise),
      told,
    ];
    const { status, stderr } = spawnSync('mpirun', [...flags, ...node], { encoding: 'utf8', timeout: 60_000 });
    expect(status, stderr).toBe(0);
    const expected = bitwise.map((input) => complete(alone((comm) => trained(comm, input))).models);
    const found = JSON.parse(readFileSync(`${told}-0.json`, 'utf8')) as Outcome[];
    expect(found.map(({ models }) => models)).toEqual(expected);
    rmSync(folder, { recursive: true });
  },
);
