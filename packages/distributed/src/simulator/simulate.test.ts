import { type Iterate, run } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { type Communicator, NoAnswerError, type Request, type SimulationOptions, simulate } from '../index.ts';
import { conformance } from '../testing.ts';

/** What a simulation of a program gives that yields nothing but requests. */
function simulated<R>(program: (comm: Communicator) => Generator<Request, R, unknown>, options: SimulationOptions) {
  const step = simulate<never, R>(program, options).next();
  if (!step.done) throw new Error('An iterate came through.');
  return step.value;
}

const cases = Object.entries(conformance).flatMap(([name, program]) =>
  [1, 2, 3, 4, 6].map((ranks) => ({ name, ranks, program })),
);

test.each(cases)('$ranks simulated ranks, $name', ({ ranks, program }) => {
  simulated(program, { ranks, jitter: 1e-4, loss: 0.05, seed: ranks });
});

function* sumOf(comm: Communicator, n = 1) {
  const x = new Float64Array(n).fill(comm.rank + 1);
  yield* comm.allReduce(x);
  return x[0];
}

test('a message takes its latency and its bytes over the bandwidth, by the trace and by the clock', () => {
  const { trace, seconds, traffic, courses } = simulated(
    function* (comm) {
      const x = new Float64Array(125);
      if (comm.rank === 0) {
        yield* comm.work(2);
        yield* comm.send(1, x);
      } else yield* comm.receive(0, x);
    },
    { ranks: 2, latency: 0.5, bandwidth: 1000, checks: false },
  );
  expect(trace).toEqual([
    { from: 0, to: 1, bytes: 1000, context: 0, tag: 0, step: 0, sent: 2, began: 2, left: 3, arrived: 3.5, attempts: 1 },
  ]);
  expect(courses.map(({ spans, ended }) => [spans, ended])).toEqual([
    [[{ kind: 'work', from: 0, to: 2 }], 2],
    [[{ kind: 'wait', from: 0, to: 3.5 }], 3.5],
  ]);
  expect(seconds).toBe(3.5);
  expect(traffic).toEqual([
    { '': { messages: 1, bytes: 1000, seconds: 0 } },
    { '': { messages: 0, bytes: 0, seconds: 3.5 } },
  ]);
});

test('hundreds of ranks, the same run from the same seed, another from another', () => {
  const once = (seed: number) => simulated((comm) => sumOf(comm), { ranks: 300, jitter: 1e-3, loss: 0.1, seed });
  const [a, b, c] = [once(1), once(1), once(2)];
  expect(a).toEqual(b);
  expect(a.results).toEqual(new Array(300).fill((300 * 301) / 2));
  expect(c.results).toEqual(a.results);
  expect(c.seconds).not.toBe(a.seconds);
  expect(a.trace.some((flight) => flight.attempts > 1)).toBe(true);
  // Recursive doubling: 8 rounds among 256, before and after them one with the other 44; twice, for the agreement.
  expect(a.trace.length).toBe(2 * (256 * 8 + 44 * 2));
});

test('messages that are lost for ever are missed by those who ask whether they have come', () => {
  const { results, trace } = simulated(
    function* (comm) {
      let come = 0;
      for (let k = 0; k < 200; k++) {
        if (comm.rank === 0) yield* comm.send(1, Float64Array.of(k), k);
        else {
          const pending = yield* comm.begin(comm.receive(0, new Float64Array(1), k));
          yield* comm.work(1);
          if (yield* comm.test(pending)) come++;
        }
      }
      return come;
    },
    { ranks: 2, loss: 0.25, retransmit: false, seed: 3 },
  );
  const arrived = trace.filter((flight) => flight.arrived !== undefined).length;
  expect(results[1]).toBe(arrived);
  // 150 ± 6: four standard deviations.
  expect(Math.abs(arrived - 150)).toBeLessThan(25);
});

test('who waits for any hears of the first by the clock, and of its moment on a clock that is off', () => {
  const { results } = simulated(
    function* (comm) {
      const { rank } = comm;
      if (rank > 0) {
        yield* comm.work(rank === 1 ? 2 : 1);
        yield* comm.send(0, Float64Array.of(rank), rank);
        return [];
      }
      const coming = [
        yield* comm.begin(comm.receive(1, new Float64Array(1), 1)),
        yield* comm.begin(comm.receive(2, new Float64Array(1), 2)),
      ];
      const seen: unknown[] = [];
      for (const until of [0.5, 1.25]) {
        seen.push(yield* comm.waitAny(coming, until));
        seen.push(yield* comm.clock());
      }
      // Both are over by then: the one that was over first.
      yield* comm.work(3);
      seen.push(yield* comm.waitAny(coming));
      return seen;
    },
    { ranks: 3, latency: 0.125, bandwidth: Number.POSITIVE_INFINITY },
  );
  expect(results[0]).toEqual([undefined, 0.5, 1, 1.125, 1]);
  const off = simulated(
    function* (comm) {
      const from = yield* comm.clock();
      yield* comm.waitAny([], from + 1);
      return (yield* comm.clock()) - from;
    },
    { ranks: 5, clocks: { offset: 10, drift: 0.5 }, seed: 4 },
  );
  for (const seconds of off.results) expect(seconds).toBeCloseTo(1, 12);
  expect(off.seconds).not.toBeCloseTo(1, 2);
});

test('who waits for any in vain says so; who waits until a moment is to blame, not whom it waits for', () => {
  const receives = function* (comm: Communicator, from: readonly number[]) {
    const coming = [];
    for (const r of from) coming.push(yield* comm.begin(comm.receive(r, new Float64Array(1), 4)));
    return coming;
  };
  const vain = function* (comm: Communicator) {
    yield* comm.waitAny(yield* receives(comm, [1 - comm.rank, comm.rank]));
  };
  expect(() => simulated(vain, { ranks: 2, timeout: 3 })).toThrow(
    'Rank 0 has waited 3 s in waitAny of 2 exchanges, such as receive from rank 1 (tag 4): the ranks wait for each other.',
  );
  const idle = function* (comm: Communicator) {
    if (comm.rank === 0) yield* comm.waitAny(yield* receives(comm, [1]), 10);
    else yield* comm.receive(0, new Float64Array(1));
  };
  expect(() => simulated(idle, { ranks: 2, timeout: 3 })).toThrow(
    /in receive from rank 0 .*: rank 0 has not responded\.$/,
  );
});

test('noise, lies and slow ranks', () => {
  const noisy = simulated((comm) => sumOf(comm, 1000), { ranks: 2, noise: 0.1, seed: 1 });
  expect(noisy.results[0]).not.toBe(3);
  expect(Math.abs(noisy.results[0]! - 3)).toBeLessThan(0.5);
  const liar = simulated((comm) => sumOf(comm), { ranks: 2, byzantine: { 1: (data) => data.fill(100) } });
  expect(liar.results).toEqual([101, 3]);
  const program = function* (comm: Communicator) {
    yield* comm.work(1);
    yield* comm.barrier();
    return yield* comm.clock();
  };
  expect(simulated(program, { ranks: 4, stragglers: { 2: 5 } }).seconds).toBeCloseTo(5, 4);
  const clocks = simulated(program, { ranks: 4, clocks: { offset: 0.1, drift: 1e-3 } }).results;
  expect(new Set(clocks).size).toBe(4);
});

test('a rank that has stopped is named by the survivors, who can go on; so is one that ended', () => {
  const program = function* (comm: Communicator) {
    try {
      for (let k = 0; k < 100; k++) {
        yield* comm.work(0.1);
        yield* sumOf(comm);
      }
    } catch (error) {
      if (!(error instanceof NoAnswerError)) throw error;
      return { ranks: error.ranks, message: error.message };
    }
  };
  const { results } = simulated(program, { ranks: 5, stopped: { 3: 4.25 } });
  expect(results[3]).toBeUndefined();
  for (const r of [0, 1, 2, 4]) expect(results[r]).toMatchObject({ ranks: [3] });
  expect(results[0]!.message).toBe('Rank 0 has waited 60 s in allReduce (collective 43): rank 3 has not responded.');
  const early = function* (comm: Communicator) {
    if (comm.rank !== 1) yield* comm.barrier();
  };
  expect(() => simulated(early, { ranks: 3, timeout: 2 })).toThrow(
    /has waited 2 s in barrier \(collective 1\): rank 1 has not responded \(rank 1 has ended\)\./,
  );
});

test('a link that is down, and ranks that wait for each other', () => {
  const down = { ranks: 2, down: [{ between: [0, 1] as const, at: 0 }] };
  expect(() => simulated((comm) => sumOf(comm), down)).toThrow(/has waited 60 s in allReduce/);
  const crossed = function* (comm: Communicator) {
    yield* comm.receive(1 - comm.rank, new Float64Array(1), 4);
  };
  expect(() => simulated(crossed, { ranks: 2 })).toThrow(
    'Rank 0 has waited 60 s in receive from rank 1 (tag 4): the ranks wait for each other.',
  );
  expect(() => simulated(crossed, { ranks: 2, timeout: Number.POSITIVE_INFINITY })).toThrow(/wait for each other/);
});

test('iterates of any rank come through', () => {
  const of = (iterates: number) => {
    const program = function* (comm: Communicator): Generator<Iterate<number> | Request, number, unknown> {
      for (let iteration = 0; iteration < 3; iteration++) {
        const objective = 10 * comm.rank + iteration;
        yield { iteration, objective, work: {}, snapshot: () => objective };
        yield* comm.barrier();
      }
      return comm.rank;
    };
    return [...simulate<Iterate<number>, number>(program, { ranks: 4, iterates })].map((step) => step.objective);
  };
  for (const rank of [0, 3]) expect(of(rank)).toEqual([10 * rank, 10 * rank + 1, 10 * rank + 2]);
  expect(() => of(4)).toThrow(/rank whose iterates come through/);
});

test('iterates of rank 0 come through, and leaving early ends all programs', () => {
  let released = 0;
  function* descent(comm: Communicator): Generator<Iterate<number> | Request, number, unknown> {
    try {
      const x = Float64Array.of(8);
      for (let iteration = 0; iteration < 100; iteration++) {
        const simulatedSeconds = yield* comm.clock();
        yield { iteration, objective: x[0], work: {}, simulatedSeconds, snapshot: () => x[0] };
        x[0] /= 4;
        yield* comm.allReduce(x);
      }
      return x[0];
    } finally {
      released++;
    }
  }
  const found = run(simulate<Iterate<number>, number>(descent, { ranks: 2 }), { maxIter: 3 });
  expect(found).toMatchObject({ point: 1, iterations: 3 });
  expect(found.simulatedSeconds).toBeGreaterThan(0);
  expect(released).toBe(2);
});

test.each<[SimulationOptions, RegExp]>([
  [{ ranks: 0 }, /number of ranks must be a whole number of at least 1/],
  [{ ranks: 2, loss: 1 }, /probability of loss/],
  [{ ranks: 2, latency: -1 }, /latency of a network/],
  [{ ranks: 2, stopped: { 2: 1 } }, /rank of stopped/],
  [{ ranks: 2, bandwith: 1 } as never, /did you mean 'bandwidth'/],
])('%o is refused', (options, message) => {
  expect(() => simulated((comm) => sumOf(comm), options)).toThrow(message);
});
