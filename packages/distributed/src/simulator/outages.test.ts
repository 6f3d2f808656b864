import fc from 'fast-check';
import { expect, test } from 'vitest';
import { type Communicator, complete, type Down, type Simulation, type SimulationOptions, simulate } from '../index.ts';
import { Outages } from './outages.ts';

const interval = fc.tuple(fc.integer({ min: 0, max: 40 }), fc.integer({ min: 1, max: 15 }));

test('a message that is delayed comes as soon as it can have the link to itself', () => {
  fc.assert(
    fc.property(fc.array(interval, { maxLength: 6 }), fc.nat(40), fc.nat(10), (intervals, start, takes) => {
      const down = intervals.map(([at, lasts]): Down => {
        return { between: [1, 0], at, until: at + lasts, messages: 'delayed' };
      });
      const free = (s: number) => down.every(({ at, until }) => s + takes < at || s >= until!);
      // Every moment, one after the other.
      let wanted = start;
      while (!free(wanted)) wanted++;
      const outages = new Outages(2, 0, down);
      const passed = outages.pass(0, 1, start, start + takes, start);
      expect(passed).toEqual({ arrived: wanted + takes, ...(wanted > start && { outage: 'delayed' }) });
      const counted = outages.report(Number.POSITIVE_INFINITY);
      expect(counted.some((one) => one.delayed > 0)).toBe(wanted > start);
      // Others are not concerned.
      expect(new Outages(3, 0, down).pass(2, 1, start, start + takes, start)).toEqual({ arrived: start + takes });
    }),
  );
});

/** Rank 0 sends every second to rank 1, which looks for each. */
function sent(count: number, options: Omit<SimulationOptions, 'ranks'>): Simulation<number[]> {
  const program = function* (comm: Communicator) {
    const came: number[] = [];
    for (let k = 0; k < count; k++) {
      yield* comm.work(comm.rank === 0 ? 1 : 0);
      if (comm.rank === 0) yield* comm.send(1, Float64Array.of(k), k % 1000);
    }
    if (comm.rank === 0) yield* comm.work(1000);
    else {
      for (let k = 0; k < count; k++) {
        const coming = yield* comm.begin(comm.receive(0, new Float64Array(1), k % 1000));
        if ((yield* comm.waitAny([coming], count + 500)) !== undefined) came.push(k);
      }
    }
    return came;
  };
  const free = { latency: 0.25, bandwidth: Number.POSITIVE_INFINITY };
  return complete(simulate(program, { ranks: 2, ...free, ...options })) as Simulation<number[]>;
}

test('a link that comes back loses what was on it, or sends it then, and the report says so', () => {
  // Of messages at 1, 2, … those on their way within [2.125, 5).
  const down = { between: [0, 1], at: 2.125, until: 5 } as const;
  const lost = sent(8, { down: [down] });
  expect(lost.results[1]).toEqual([0, 4, 5, 6, 7]);
  expect(lost.outages).toEqual([{ between: [0, 1], at: 2.125, until: 5, lost: 3, delayed: 0 }]);
  expect(lost.trace.map(({ arrived, outage }) => [arrived, outage]).slice(0, 5)).toEqual([
    [1.25, undefined],
    [undefined, 'lost'],
    [undefined, 'lost'],
    [undefined, 'lost'],
    [5.25, undefined],
  ]);
  const delayed = sent(8, { down: [{ ...down, messages: 'delayed' }] });
  expect(delayed.results[1]).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  expect(delayed.outages).toEqual([{ between: [0, 1], at: 2.125, until: 5, lost: 0, delayed: 3 }]);
  expect(delayed.trace.map(({ arrived }) => arrived)).toEqual([1.25, 5.25, 5.25, 5.25, 5.25, 6.25, 7.25, 8.25]);
  // For ever: nothing to wait for. One that begins after all have ended is left out.
  const ever = sent(8, {
    down: [
      { between: [0, 1], at: 3.5, messages: 'delayed' },
      { between: [0, 1], at: 1e9 },
    ],
  });
  expect(ever.results[1]).toEqual([0, 1, 2]);
  expect(ever.outages).toEqual([{ between: [0, 1], at: 3.5, until: Number.POSITIVE_INFINITY, lost: 5, delayed: 0 }]);
});

test.each(['lost', 'delayed'] as const)('links that fail and come back at random: %s', (messages) => {
  const up = { kind: 'exponential', mean: 8 } as const;
  const failures = { up, down: { kind: 'shifted-exponential', shift: 1, mean: 1 }, messages } as const;
  const { outages, trace, seconds } = sent(900, { failures, seed: 5 });
  // One in (8 + 2) seconds, of 2 each: some 190, give or take four deviations of 13.
  expect(Math.abs(outages.length - seconds / 10)).toBeLessThan(52);
  const down = outages.reduce((sum, { at, until }) => sum + until - at, 0);
  expect(Math.abs(down / outages.length - 2)).toBeLessThan(4 / Math.sqrt(outages.length));
  outages.forEach((one, k) => void expect(one.at).toBeGreaterThan(k === 0 ? 0 : outages[k - 1].until));
  for (const { sent: at, arrived, outage } of trace) {
    const met = outages.some((one) => one.at <= at + 0.25 && at < one.until);
    expect([outage, arrived === undefined]).toEqual([met ? messages : undefined, met && messages === 'lost']);
  }
  const counted = outages.reduce((sum, one) => sum + one[messages], 0);
  const touched = trace.filter(({ outage }) => outage === messages).length;
  if (messages === 'lost') expect(counted).toBe(touched);
  else expect(counted).toBeGreaterThanOrEqual(touched);
  expect(touched).toBeGreaterThan(100);
  // Whatever is sent, and how.
  const other = sent(100, { failures, seed: 5, latency: 0.5, jitter: 0.1 }).outages;
  const times = (of: typeof outages) => of.slice(0, 50).map(({ at, until }) => [at, until]);
  expect(times(other)).toEqual(times(outages));
});

test('only links that are named fail, and nothing between a rank and itself', () => {
  const failures = {
    up: { kind: 'constant', value: 1e-3 },
    down: { kind: 'constant', value: 1e3 },
    links: [[2, 0]],
  } as const;
  const program = function* (comm: Communicator) {
    yield* comm.work(1);
    const coming = yield* comm.begin(comm.receive('any', new Float64Array(1)));
    yield* comm.send(comm.rank === 2 ? 2 : 1 - comm.rank, Float64Array.of(1));
    yield* comm.wait(coming);
    if (comm.rank === 0) yield* comm.send(2, Float64Array.of(1));
  };
  const { outages, trace } = complete(simulate(program, { ranks: 3, failures })) as Simulation<void>;
  expect(trace.filter(({ arrived }) => arrived === undefined)).toMatchObject([{ from: 0, to: 2, outage: 'lost' }]);
  expect(outages).toEqual([{ between: [0, 2], at: 1e-3, until: 1000.001, lost: 1, delayed: 0 }]);
});

test.each<[Omit<SimulationOptions, 'ranks'>, RegExp]>([
  [{ down: [{ between: [0, 2], at: 0 }] }, /rank of a link/],
  [{ down: [{ between: [0, 1], at: 3, until: 3 }] }, /down from 3 s must recover after that/],
  [{ down: [{ between: [0, 1], at: Number.NaN }] }, /down from NaN s/],
  [{ down: [{ between: [0, 1], at: 3, messages: 'late' as never }] }, /'lost' or 'delayed', not 'late'/],
  [{ down: [{ between: [0, 1], at: 3, untill: 4 } as never] }, /did you mean 'until'/],
  [
    { failures: { up: { kind: 'constant', value: 0 }, down: { kind: 'constant', value: 1 } } },
    /times must not all be 0/,
  ],
  [{ failures: { up: { kind: 'constant', value: 1 } } as never }, /down of failures/],
])('%o is refused', (options, message) => {
  expect(() => sent(1, options)).toThrow(message);
});
