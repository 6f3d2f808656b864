import { expect, test } from 'vitest';
import type { Communicator } from '../communicator.ts';
import { complete } from '../drive.ts';
import { simulate } from '../simulator/simulate.ts';
import { eventList, parseEventList } from './eventList.ts';
import { placesOf, Scenes } from './scenes.ts';

/** Rank 0 works for two seconds and sends 1000 bytes, which take one, and half a second on the way. */
function* once(comm: Communicator) {
  const x = new Float64Array(125);
  if (comm.rank === 0) {
    yield* comm.work(2);
    yield* comm.send(1, x);
  } else yield* comm.receive(0, x);
  yield { iteration: comm.rank };
}
const options = { ranks: 2, latency: 0.5, bandwidth: 1000, checks: false } as const;
const about = {
  title: 'once',
  measure: 'error',
  marks: [
    [0, 0, 1],
    [2, 1, 0.5],
    [3.5, 2, Number.NaN],
  ],
} as const;
const list = eventList(complete(simulate(once, options)), { ...about, hostile: [1] });

test('what happened in a run, as plain data that JSON preserves', () => {
  expect(list).toEqual({
    ...{ format: 'southwell-events', version: 1, title: 'once', seconds: 3.5, measure: 'error' },
    ranks: [
      { slowness: 1, hostile: false, stopped: null, ended: 2, clock: { offset: 0, drift: 0 }, spans: [['work', 0, 2]] },
      {
        slowness: 1,
        hostile: true,
        stopped: null,
        ended: 3.5,
        clock: { offset: 0, drift: 0 },
        spans: [['wait', 0, 3.5]],
      },
    ],
    messages: [[0, 1, 1000, 2, 2, 3, 3.5, 1]],
    marks: [
      [0, 0, 1],
      [2, 1, 0.5],
      [3.5, 2, null],
    ],
  });
  expect(parseEventList(JSON.stringify(list))).toEqual(list);
});

test('what is drawn at a time is what happened then', () => {
  const scenes = new Scenes(list);
  const doing = (time: number) => scenes.at(time).ranks.map((rank) => rank.doing);
  expect([1, 1.99, 2.5, 3.4, 3.5].map(doing)).toEqual([
    ['work', 'wait'],
    ['work', 'wait'],
    // The program of rank 0 has ended, and its message is still on its way.
    ['over', 'wait'],
    ['over', 'wait'],
    ['over', 'over'],
  ]);
  expect(scenes.flightsAt(1.9)).toEqual([]);
  expect(scenes.flightsAt(2.75)).toEqual([{ index: 0, from: 0, to: 1, bytes: 1000, part: 0.5, lost: false }]);
  expect(scenes.flightsAt(3.5)).toEqual([]);
  expect([2.9, 3].map((time) => scenes.at(time).sent)).toEqual([0, 1000]);
  expect([-1, 0, 2.5, 9].map((time) => scenes.at(time).mark)).toEqual([-1, 0, 1, 2]);
  expect(scenes.course()).toEqual({ seconds: [0, 2], iteration: [0, 1], value: [1, 0.5], bits: [0, 0] });
  expect(scenes.lane(0)).toEqual([
    { kind: 'send', from: 2, to: 3 },
    { kind: 'work', from: 0, to: 2 },
  ]);
  expect(scenes.totals(1)).toEqual({ work: 0, wait: 3.5, send: 0 });
});

test('at every time of a run with losses, outages and clocks, the picture agrees with the messages one by one', () => {
  function* rounds(comm: Communicator) {
    const x = new Float64Array(10 + comm.rank);
    for (let k = 0; k < 20; k++) {
      yield* comm.work(1e-3);
      yield* comm.allReduce(new Float64Array(64));
      if (comm.rank > 0) yield* comm.send(0, x.subarray(0, 10), 1);
    }
  }
  const run = complete(
    simulate(rounds, {
      ...{ ranks: 5, seed: 3, latency: 1e-3, jitter: 1e-3, bandwidth: 1e5, loss: 0.2, retransmit: 5e-3 },
      ...{ stragglers: { 2: 3 }, clocks: { offset: 1, drift: 0.1 } },
    }),
  );
  const recorded = eventList(run, { title: 'rounds' });
  const scenes = new Scenes(recorded);
  for (let k = 0; k <= 200; k++) {
    const time = (run.seconds * k) / 200;
    const inAir = run.trace.flatMap((f, index) => (f.began <= time && time < f.arrived! ? [index] : []));
    expect(scenes.flightsAt(time).map(({ index }) => index)).toEqual(inAir);
    const sent = run.trace.filter(({ left }) => left <= time).reduce((sum, { bytes }) => sum + bytes, 0);
    expect(scenes.at(time).sent).toBe(sent);
  }
  const { clock } = run.courses[3];
  expect(scenes.at(0.01).ranks[3].clock).toBeCloseTo(clock.offset + (1 + clock.drift) * 0.01, 12);
  expect(recorded.ranks[2].slowness).toBe(3);
  expect(scenes.totals(2).work).toBeCloseTo(20 * 3e-3, 9);
  // A lane drawn coarsely has fewer stretches, which contain all the fine ones.
  expect(scenes.lane(0, run.seconds / 20).length).toBeLessThan(scenes.lane(0, 0).length);
});

test('a file that is no event list is a sentence with the place', () => {
  const wrong = (change: (copy: Record<string, never>) => void) => {
    const copy = JSON.parse(JSON.stringify(list));
    change(copy);
    return () => parseEventList(JSON.stringify(copy));
  };
  expect(() => parseEventList('loss,1')).toThrow('An event list is a JSON file, and this is not JSON');
  expect(() => parseEventList('{"a": 1}')).toThrow('This JSON is not an event list, whose "format" is');
  expect(() => parseEventList('null')).toThrow('This JSON is not an event list');
  expect(wrong((l) => Object.assign(l, { version: 2 }))).toThrow('has version 2, and version 1 can be read');
  expect(wrong((l) => Object.assign(l, { ranks: [] }))).toThrow('has no ranks');
  expect(wrong((l) => Object.assign(l.messages[0], { 1: 7 }))).toThrow(
    'messages[0][1], to, of the event list must be a rank from 0 to 1, but is 7.',
  );
  expect(wrong((l) => Object.assign(l.messages[0], { 6: 1 }))).toThrow('sent, began, left and arrived');
  expect(wrong((l) => Object.assign(l.marks[1], { 0: -1 }))).toThrow(
    'marks[1][0] of the event list must be at least 0',
  );
  expect(wrong((l) => Object.assign(l.ranks[0], { slowness: 'x' }))).toThrow('ranks[0].slowness');
  expect(wrong((l) => Object.assign(l.ranks[1], { spans: [['sleep', 0, 1]] }))).toThrow('"work" or "wait"');
  expect(wrong((l) => Object.assign(l.ranks[1], { spans: [['work', 0, 9]] }))).toThrow('at most the 3.5 seconds');
});

test('a graph of links and places are kept, and wrong ones are refused', () => {
  function* quiet(comm: Communicator) {
    yield* comm.barrier();
  }
  const run = complete(simulate(quiet, { ranks: 2 }));
  const about = {
    title: 'pair',
    links: [[0, 1, 0.5]] as const,
    places: [
      [0, 0],
      [3, 1],
    ] as const,
  };
  const text = JSON.stringify(eventList(run, about));
  expect(parseEventList(text)).toMatchObject(about);
  const wrong = (change: object) => () => parseEventList(JSON.stringify({ ...JSON.parse(text), ...change }));
  expect(wrong({ links: [[0, 2, 1]] })).toThrow('links[0][1], to, of the event list must be a rank from 0 to 1');
  expect(wrong({ links: [[0, 1, -1]] })).toThrow('links[0][2] of the event list must be at least 0');
  expect(wrong({ places: [[0, 0]] })).toThrow('one for each of the 2 ranks');
  expect(
    wrong({
      places: [
        [0, 0],
        [1, 'x'],
      ],
    }),
  ).toThrow('places[1][1] of the event list must be a finite number');
});

test('ranks stand on a circle, the first at the top', () => {
  const places = placesOf(4);
  expect(places.flat().map((v) => Math.round(v * 1e9) / 1e9 + 0)).toEqual([0, -1, 1, 0, 0, 1, -1, 0]);
});

test('notes are kept, counted and thinned out, and checked when a list is read', () => {
  const { seconds, trace, courses } = complete(
    simulate((comm: Communicator) => comm.barrier(), { ranks: 2, latency: 1, trace: true }),
  );
  const notes = [
    [0, 1, 'cancelled'],
    [0.25, 1, 'cancelled'],
    [0.5, 0, 'decoded'],
    [1, 1, 'cancelled'],
  ] as const;
  const list = eventList({ seconds, trace, courses }, { title: 'noted', notes });
  expect(parseEventList(JSON.stringify(list))).toEqual(list);
  const scenes = new Scenes(list);
  expect(scenes.noted(1, 0.3)).toEqual([['cancelled', 2]]);
  expect(scenes.noted(0, 0.3)).toEqual([]);
  expect(scenes.notes(1, 0.5)).toEqual([notes[0], notes[3]]);
  const changed = (own: unknown) => () => parseEventList(JSON.stringify({ ...list, notes: own }));
  expect(changed([[0, 2, 'x']])).toThrow('notes[0][1] of the event list must be a rank from 0 to 1, but is 2');
  expect(changed([[0, 1, 3]])).toThrow('notes[0][2] of the event list must be a text');
  expect(
    changed([
      [1, 1, 'x'],
      [0, 1, 'x'],
    ]),
  ).toThrow('notes[1] of the event list is earlier');
  expect(eventList({ seconds, trace, courses }, { title: 'none' }).notes).toBeUndefined();
});
