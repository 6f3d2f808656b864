import fc from 'fast-check';
import { expect, test } from 'vitest';
import type { Numbers } from '../communicator.ts';
import type { Envelope, Mailbox, Sink } from '../mailbox.ts';
import { TYPES } from '../numbers.ts';
import { Reader, Writer } from './ring.ts';
import type { Ring } from './shared.ts';

/** A ring in memory of its own, after `start` bytes that are not the ring's. */
function ringOf(capacity: number, start = 64): Ring {
  const memory = new SharedArrayBuffer(start + capacity + 64);
  return { words: new Int32Array(new SharedArrayBuffer(128)), memory, start, capacity };
}

/** A mailbox that keeps what comes, in order. */
function keeping() {
  const kept: Array<{ readonly envelope: Envelope; readonly data: Numbers }> = [];
  const open = (envelope: Envelope): Sink => {
    const data = new TYPES[envelope.type](envelope.length);
    return {
      put: (part, at) => data.set(part as never, at),
      close: () => kept.push({ envelope, data }),
    };
  };
  return { kept, mailbox: { open } as unknown as Mailbox };
}

const message = fc.record({
  tag: fc.integer({ min: 0, max: 9 }),
  type: fc.constantFrom(Float64Array, Int32Array, Uint8Array),
  length: fc.integer({ min: 0, max: 40 }),
});

test('messages of any length come whole and in order through rings of several sizes, written and read in any turns', () => {
  fc.assert(
    fc.property(
      fc.array(message, { maxLength: 12 }),
      fc.constantFrom(32, 64, 128, 256),
      fc.infiniteStream(fc.boolean()),
      (messages, capacity, turns) => {
        const ring = ringOf(capacity);
        const bytes = new Uint8Array(ring.memory);
        bytes.fill(7);
        const { kept, mailbox } = keeping();
        const [writer, reader] = [new Writer(ring), new Reader(ring, 3, mailbox)];
        const sent = messages.map(({ tag, type, length }, k) => {
          const data = new type(Array.from({ length }, (_, i) => (31 * k + i) % 251));
          return { tag, data, outgoing: writer.add(k, tag, 5, data) };
        });
        for (let turn = 0; kept.length < sent.length; turn++) {
          expect(turn).toBeLessThan(10_000);
          if (turns.next().value) writer.flush();
          else reader.pull();
        }
        expect(sent.every(({ outgoing }) => outgoing.sent)).toBe(true);
        kept.forEach(({ envelope, data }, k) => {
          expect(envelope).toMatchObject({ from: 3, context: k, tag: sent[k].tag, step: 5 });
          expect(data).toEqual(sent[k].data);
        });
        // Nothing beside the ring.
        const beside = [...bytes.subarray(0, ring.start), ...bytes.subarray(ring.start + capacity)];
        expect(beside.every((v) => v === 7)).toBe(true);
      },
    ),
  );
});

test('nothing is written over what has not been read', () => {
  const ring = ringOf(64);
  const { kept, mailbox } = keeping();
  const [writer, reader] = [new Writer(ring), new Reader(ring, 0, mailbox)];
  const outgoing = [1, 2].map((v) => writer.add(0, v, 0, Float64Array.of(v, v, v)));
  // A header and 24 bytes: the second does not fit beside the first, whose bytes stay as they are.
  expect([writer.flush(), ...outgoing.map(({ sent }) => sent)]).toEqual([true, true, false]);
  expect(writer.flush()).toBe(false);
  expect(reader.pull()).toBe(true);
  expect([...kept[0].data]).toEqual([1, 1, 1]);
  expect([writer.flush(), reader.pull(), kept.length]).toEqual([true, true, 2]);
  expect([...kept[1].data]).toEqual([2, 2, 2]);
});
