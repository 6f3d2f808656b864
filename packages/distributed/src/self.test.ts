import { type Iterate, run } from '@southwell/numerics/core';
import { expect, test } from 'vitest';
import { alone, type Communicator, type Request } from './index.ts';
import { conformance } from './testing.ts';

/** The answer of a program that yields nothing but requests. */
function answer<R>(program: (comm: Communicator) => Generator<Request, R, unknown>): R {
  const step = alone<never, R>(program).next();
  if (!step.done) throw new Error('A request came through.');
  return step.value;
}

test('every collective on one rank is what its definition says for size 1', () => {
  const found = answer(function* (comm) {
    expect([comm.rank, comm.size]).toEqual([0, 1]);
    const x = Float64Array.of(1, 2, 3);
    yield* comm.broadcast(x);
    yield* comm.reduce(x, 'max');
    yield* comm.allReduce(x);
    yield* comm.barrier();
    const [gathered, scattered, exchanged] = [x.slice().fill(0), x.slice().fill(0), x.slice().fill(0)];
    yield* comm.allGather(x, gathered);
    yield* comm.reduceScatter(x, scattered, 'min');
    yield* comm.allToAll(x, exchanged);
    return { x, gathered, scattered, exchanged };
  });
  for (const values of Object.values(found)) expect([...values]).toEqual([1, 2, 3]);
});

test('messages to oneself keep their tags, their order, and their numbers at the time of sending', () => {
  answer(function* (comm) {
    const data = Int32Array.of(7);
    yield* comm.send(0, data, 5);
    data[0] = 8;
    yield* comm.send(0, data, 6);
    data[0] = 9;
    yield* comm.send(0, data, 5);
    const into = new Int32Array(2);
    expect(yield* comm.receive('any', into, 6)).toEqual({ from: 0, length: 1 });
    expect(into[0]).toBe(8);
    yield* comm.receive(0, into, 5);
    expect(into[0]).toBe(7);
    yield* comm.receive(0, into, 5);
    expect(into[0]).toBe(9);
  });
});

test('a group of one colour is a communicator of its own; no colour, none', () => {
  answer(function* (comm) {
    const group = yield* comm.split(3);
    expect(group).toMatchObject({ rank: 0, size: 1 });
    expect(group!.id).not.toBe(comm.id);
    expect(yield* comm.split(undefined)).toBeUndefined();
  });
});

test('a method on ranks is a method like any other: iterates come through, and leaving early ends it', () => {
  let released = false;
  function* descent(comm: Communicator): Generator<Iterate<number> | Request, void, unknown> {
    try {
      const x = Float64Array.of(8);
      for (let iteration = 0; ; iteration++) {
        yield { iteration, objective: x[0], work: {}, snapshot: () => x[0] };
        x[0] /= 2;
        yield* comm.allReduce(x);
      }
    } finally {
      released = true;
    }
  }
  expect(run(alone<Iterate<number>, void>(descent), { maxIter: 3 })).toMatchObject({ point: 1, iterations: 3 });
  expect(released).toBe(true);
});

test.each(Object.entries(conformance))('alone, %s', (_, program) => {
  answer(program);
});

test.each<[string, (comm: Communicator) => Generator<Request, unknown, unknown>, RegExp]>([
  [
    'a rank that is not there',
    (c) => c.send(1, Float64Array.of(1)),
    /rank to must be a whole number from 0 to 0, but is 1/,
  ],
  ['a message nobody sends', (c) => c.receive('any', new Float64Array(1)), /would wait forever/],
  ['wrong lengths', (c) => c.allGather(new Float64Array(2), new Float64Array(3)), /needs 2 numbers, but has 3/],
  ['a colour', (c) => c.split(-1), /colour must be a whole number/],
  [
    'no room',
    function* (c) {
      yield* c.send(0, new Float64Array(3));
      yield* c.receive(0, new Float64Array(2));
    },
    /3 numbers does not fit into 2/,
  ],
])('%s is refused', (_, program, message) => {
  expect(() => answer(program)).toThrow(message);
});
