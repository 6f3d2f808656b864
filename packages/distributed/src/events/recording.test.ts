import { spawnSync } from 'node:child_process';
import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import type { Communicator, Exchange, Request } from '../communicator.ts';
import { complete } from '../drive.ts';
import { simulate } from '../simulator/simulate.ts';
import { threads } from '../threads/threads.ts';
import { assembled } from './assembled.ts';
import { type EventList, eventList, parseEventList } from './eventList.ts';
import { Recorder } from './record.ts';
import { Scenes } from './scenes.ts';
import { blocking, bytesByPair, overlapping } from './testing.ts';

const network = { latency: 1e-4, bandwidth: 1e8 } as const;
const title = { title: 'exchanges' };

const simulated = (program: (comm: Communicator) => Exchange<unknown>, ranks: number, checks = true) =>
  complete(simulate(program, { ranks, checks, ...network }));

/** As {@link bytesByPair}, whatever the order. */
const sorted = (pairs: Readonly<Record<string, readonly number[]>>) =>
  Object.fromEntries(Object.entries(pairs).map(([pair, bytes]) => [pair, bytes.toSorted((a, b) => a - b)]));

test.each([1, 2, 3, 4, 5, 7])('of a simulation, the messages, waits and work that it has itself: %d ranks', (ranks) => {
  for (const [program, checks] of [
    [blocking, true],
    [blocking, false],
    [overlapping, true],
  ] as const) {
    const recorders = Array.from({ length: ranks }, () => new Recorder());
    const run = simulated(
      (comm) => recorders[comm.rank].watched<Request, unknown>(program)(comm) as Exchange<unknown>,
      ranks,
      checks,
    );
    const records = JSON.parse(JSON.stringify(recorders.map(({ record }) => record)));
    const found = assembled(records, (_, reading) => reading, checks);
    const [own, recorded] = [eventList(run, title), eventList(found, title)];
    const ordered = program === blocking ? (pairs: ReturnType<typeof bytesByPair>) => pairs : sorted;
    expect(ordered(bytesByPair(recorded.messages))).toEqual(ordered(bytesByPair(own.messages)));
    expect(parseEventList(JSON.stringify(recorded))).toEqual(recorded);
    expect(recorded.seconds).toBeCloseTo(own.seconds, 12);
    const totals = (list: EventList) => list.ranks.map((_, rank) => new Scenes(list).totals(rank));
    totals(own).forEach(({ work, wait }, rank) => {
      expect(totals(recorded)[rank].wait).toBeCloseTo(wait, 9);
      // Polling is no work of a simulation.
      if (program === blocking) expect(totals(recorded)[rank].work).toBeCloseTo(work, 9);
    });
    // What is known of the time of a message is the exchange that it belongs to.
    for (const [, , , sent, began, left, arrived] of recorded.messages) {
      expect(sent <= began && began <= left && left <= arrived! && arrived! <= recorded.seconds).toBe(true);
    }
  }
});

test('clocks that differ are brought together, and a slow rank is seen', () => {
  const recorders = Array.from({ length: 3 }, () => new Recorder());
  const program = function* (comm: Communicator) {
    for (let round = 0; round < 20; round++) {
      yield* comm.work(1e-3);
      yield* comm.allReduce(new Float64Array(10));
    }
  };
  const options = { ranks: 3, seed: 2, clocks: { offset: 5, drift: 1e-3 }, stragglers: { 2: 4 }, latency: 1e-5 };
  const run = complete(simulate((comm) => recorders[comm.rank].watched(program)(comm), options));
  const clock = run.courses.map((course) => course.clock);
  const timeOf = (rank: number, reading: number) => (reading - clock[rank].offset) / (1 + clock[rank].drift);
  const { courses, seconds } = assembled(
    recorders.map(({ record }) => record),
    timeOf,
    true,
  );
  expect(seconds).toBeCloseTo(run.seconds, 9);
  expect(courses.map(({ slowness }) => Math.round(slowness))).toEqual([1, 1, 4]);
});

function check(list: EventList, ranks: number): void {
  expect(parseEventList(JSON.stringify(list))).toEqual(list);
  const [first, second] = [blocking, overlapping].map((program) =>
    bytesByPair(eventList(simulated(program, ranks), title).messages),
  );
  const found = bytesByPair(list.messages);
  expect(Object.keys(found).sort()).toEqual(Object.keys({ ...first, ...second }).sort());
  for (const [pair, bytes] of Object.entries(found)) {
    const [before, after] = [first[pair] ?? [], second[pair] ?? []];
    expect(bytes.slice(0, before.length)).toEqual(before);
    expect(bytes.slice(before.length).toSorted((a, b) => a - b)).toEqual(after.toSorted((a, b) => a - b));
  }
  expect(list.messages.every(([, , , , , , arrived]) => arrived !== null)).toBe(true);
  expect([list.measure, list.marks.map(([, ...mark]) => mark)]).toEqual([
    'error',
    [
      [0, 1],
      [1, 0.5],
    ],
  ]);
  expect(list.marks[1][0]).toBeLessThanOrEqual(list.seconds);
  expect(list.ranks.every(({ spans }) => spans.some(([kind]) => kind === 'work'))).toBe(true);
}

const built = (name: string) => new URL(`../../dist/${name}.js`, import.meta.url);
const isBuilt = existsSync(fileURLToPath(built('events/testing')));

describe.skipIf(!isBuilt)('real ranks (need a build)', () => {
  test.each([1, 2, 3])('%d threads send the messages of the simulation', async (ranks) => {
    const lists = await threads<undefined, EventList | undefined>(built('events/testing'), {
      ranks,
      name: 'recordedRun',
    });
    expect(lists.slice(1).every((list) => list === undefined)).toBe(true);
    check(lists[0]!, ranks);
  });

  const mpirun = spawnSync('mpirun', ['--version'], { encoding: 'utf8' });
  test.skipIf(!/Open MPI\) 5/.test(mpirun.stdout ?? ''))('so do processes under MPI, as far as can be seen', () => {
    const args = [
      '--allow-run-as-root',
      '--oversubscribe',
      '--mca',
      'btl',
      'self,sm',
      '-n',
      '3',
      process.execPath,
      '--conditions=modules',
    ];
    const { stdout } = spawnSync('mpirun', [...args, fileURLToPath(built('mpi/testing')), 'record', '20'], {
      encoding: 'utf8',
    });
    check(JSON.parse(stdout), 3);
  });
});
