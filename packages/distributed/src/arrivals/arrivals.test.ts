import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import {
  type Arrival,
  type Arrivals,
  type Communicator,
  complete,
  ReplayError,
  type Request,
  recorded,
  replayed,
  type Simulation,
  type SimulationOptions,
  simulate,
  simulateThreads,
  threads,
} from '../index.ts';
import { asynchronous } from './testing.ts';

/** A program that yields nothing but requests. */
type Plain<R> = (comm: Communicator) => Generator<Request, R, unknown>;

function simulated<R>(program: Plain<R>, options: SimulationOptions): Simulation<R> {
  return complete(simulate<never, R>(program, options)) as Simulation<R>;
}

/** What a program gives on a network, and its records as JSON keeps them. */
function record<R>(program: Plain<R>, options: SimulationOptions) {
  const records: Arrivals[] = [];
  const simulation = simulated(
    recorded<never, R>(program, (one) => void (records[one.rank] = one)),
    options,
  );
  return { ...simulation, records: JSON.parse(JSON.stringify(records)) as Arrivals[] };
}

const rough = (ranks: number, seed: number): SimulationOptions => {
  return { ranks, seed, latency: 1e-5, jitter: 3e-5, workTimes: { kind: 'log-normal', median: 1, sigma: 1 } };
};

test('a run is repeated to the bit on any other network, where without its record it is another', () => {
  let others = 0;
  fc.assert(
    fc.property(fc.integer({ min: 1, max: 6 }), fc.nat(1000), fc.nat(1000), (ranks, seed, other) => {
      const { results, records } = record(asynchronous, rough(ranks, seed));
      // Recording itself changes nothing of the run.
      expect(simulated(asynchronous, rough(ranks, seed)).results).toEqual(results);
      for (const network of [rough(ranks, other), { ranks }, { ranks, loss: 0.2, latency: 1 }]) {
        expect(simulated(replayed(asynchronous, records), network).results).toEqual(results);
      }
      if (`${simulated(asynchronous, { ranks }).results}` !== `${results}`) others++;
    }),
    { numRuns: 12 },
  );
  expect(others).toBeGreaterThan(5);
});

// Workers run what was built.
const module = new URL('../../dist/testing.js', import.meta.url);

describe.skipIf(!existsSync(fileURLToPath(module)))('on threads (need a build)', () => {
  test.each([2, 4])('what %d simulated ranks did is repeated to the bit', async (ranks) => {
    const { results, records } = record(asynchronous, rough(ranks, 1));
    const options = { ranks, name: 'repeated', input: records };
    expect(await threads(module, options)).toEqual(results);
    if (ranks > 2) return;
    expect((await simulateThreads(module, options)).results).toEqual(results);
    const wrong = records.map(({ events, ...one }) => ({ ...one, events: events.slice(0, 3) }));
    const failed = threads(module, { ...options, input: wrong, timeout: 5 });
    await expect(failed).rejects.toBeInstanceOf(ReplayError);
    await expect(failed).rejects.toMatchObject({ code: 'MISMATCH', event: 3 });
  });
});

test('receives that are begun take the messages that they took, or none', () => {
  const program = function* (comm: Communicator) {
    if (comm.rank > 0) {
      yield* comm.work(comm.rank === 1 ? 2 : 1);
      yield* comm.send(0, Float64Array.of(comm.rank));
      yield* comm.work(comm.rank === 1 ? 10 : 0);
      yield* comm.send(0, Float64Array.of(10 + comm.rank), 1);
      return [];
    }
    const into = [0, 1, 2].map(() => new Float64Array(1));
    const coming = [];
    for (const x of into) coming.push(yield* comm.begin(comm.receive('any', x)));
    // The first that was begun, of rank 2, is seen to be over before it is waited for.
    while (!(yield* comm.test(coming[0]))) yield* comm.work(0.25);
    const second = yield* comm.waitAny([coming[1], coming[2]]);
    const from = [(yield* comm.wait(coming[0])).from, (yield* comm.wait(coming[1])).from];
    // The third takes nothing; that of tag 1 takes what nobody waits for.
    yield* comm.begin(comm.receive('any', new Float64Array(1), 1));
    yield* comm.work(5);
    return [second, ...from, ...into.map(([x]) => x), yield* comm.test(coming[2])];
  };
  const { results, records } = record<unknown[]>(program, { ranks: 3 });
  expect(results[0]).toEqual([0, 2, 1, 2, 1, 0, false]);
  expect(records[0].events).toEqual([
    ['receive', 2, 0],
    ['receive', 1, 0],
    ['receive', null, 0],
    ['test', false, 0, 5],
    ['test', true, 0, 1],
    ['waitAny', 0, 2],
    ['receive', 2, 1],
    ['test', false, 2, 1],
  ] satisfies Arrival[]);
  // Rank 1 is first now.
  const other = simulated(replayed(program, records), { ranks: 3, stragglers: { 2: 9 } });
  expect(other.results).toEqual(results);
});

test('errors come where they came, records of programs that fail or are left are kept, and sends may be said to be over', () => {
  const program = function* (comm: Communicator) {
    const own = yield* comm.begin(comm.send(0, Float64Array.of(1, 2)));
    const bad = yield* comm.begin(comm.receive(0, new Float64Array(1)));
    const over = [yield* comm.test(own), yield* comm.waitAny([own, bad]), yield* comm.waitAny([bad])];
    yield* comm.wait(own);
    expect(over).toEqual([true, 0, 0]);
    yield* comm.wait(bad);
  };
  const records: Arrivals[] = [];
  const keep = (one: Arrivals) => void records.push(one);
  const options = { ranks: 1, latency: 0 };
  expect(() => simulated(recorded(program, keep), options)).toThrow(/does not fit into 1/);
  expect(records).toHaveLength(1);
  expect(() => simulated(replayed(program, records[0]), options)).toThrow(/does not fit into 1/);
  const left = recorded<number, void>(function* (comm) {
    yield* comm.clock();
    yield 1;
    yield* comm.clock();
  }, keep);
  const running = simulate<number, void>(left, { ranks: 1 });
  running.next();
  running.return(undefined as never);
  expect(records[1]).toEqual({ rank: 0, size: 1, events: [['clock', 0]] });
});

const base = function* (comm: Communicator) {
  const x = new Float64Array(1);
  const own = yield* comm.begin(comm.send(comm.rank, x, 3));
  const coming = yield* comm.begin(comm.receive('any', x, 3));
  while (!(yield* comm.test(coming))) yield* comm.work(1);
  yield* comm.wait(coming);
  yield* comm.waitAny([own]);
  yield* comm.wait(own);
  yield* comm.clock();
};
/** Its events: receive, test, waitAny, clock. */
const { records: of } = record(base, { ranks: 2, latency: 1e-9 });
const events = of[1].events;
const having = (at: number, ...put: Arrival[]): Arrivals => ({ ...of[1], events: events.with(at, put[0]) });

test.each<[string, Arrivals, number, RegExp]>([
  ['ends early', { ...of[1], events: events.slice(0, 2) }, 2, /asks for .*, the record has ended/],
  [
    'goes on',
    { ...of[1], events: [...events, ['clock', 1]] },
    events.length,
    /program has ended, .* goes on with the clock/,
  ],
  ['is of another rank', of[0], 0, /it is rank 1 of 2, the record is of rank 0 of 2/],
  ['is of more ranks', { ...of[1], size: 3 }, 0, /is of rank 1 of 3/],
  [
    'has another kind',
    having(0, ['clock', 3]),
    0,
    /asks for a receive from any rank \(tag 3\), the record has the clock/,
  ],
  ['has another tag', having(0, ['receive', 1, 4]), 0, /has a receive from rank 1 \(tag 4\)/],
  ['never had it', having(0, ['receive', null, 3]), 2, /never over/],
  ['tests another', having(1, ['test', true, 7, 1]), 1, /a test of exchange 1, the record has a test of exchange 7/],
  [
    'tests more often',
    having(1, ['test', true, 1, 2]),
    1,
    /asks for waitAny of 1, the record has a test of exchange 1/,
  ],
  ['waits for more', having(events.length - 2, ['waitAny', 0, 2]), events.length - 2, /waitAny of 1, .* waitAny of 2/],
])('a record that does not fit says where: one that %s', (_, wrong, event, message) => {
  const program = replayed(base, [of[0], wrong]);
  let error: unknown;
  try {
    simulated(program, { ranks: 2, latency: 1e-9 });
  } catch (e) {
    error = e;
  }
  expect(error).toBeInstanceOf(ReplayError);
  expect(error).toMatchObject({ code: 'MISMATCH', rank: 1, event });
  expect((error as Error).message).toMatch(message);
  expect((error as Error).message).toMatch(new RegExp(`at event ${event} of \\d+ of rank 1:`));
});

test('what is no record, and what was begun elsewhere, is refused', () => {
  expect(() => simulated(replayed(base, [of[0]]), { ranks: 2 })).toThrow(/Rank 1 has no record of arrivals/);
  expect(() => simulated(replayed(base, {} as never), { ranks: 1 })).toThrow(/no record/);
  const outside = (inside: (program: Plain<void>) => Plain<void>): Plain<void> =>
    function* (comm) {
      const barrier = yield* comm.begin(comm.barrier());
      yield* inside(function* () {
        yield* comm.wait(barrier);
      })(comm);
    };
  const message = /that it has begun itself/;
  expect(() =>
    simulated(
      outside((p) => recorded(p, () => {})),
      { ranks: 1 },
    ),
  ).toThrow(message);
  const record = { rank: 0, size: 1, events: [] };
  expect(() =>
    simulated(
      outside((p) => replayed(p, record)),
      { ranks: 1 },
    ),
  ).toThrow(message);
});
