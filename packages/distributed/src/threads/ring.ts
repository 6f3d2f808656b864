import type { Numbers } from '../communicator.ts';
import type { Envelope, Mailbox, Sink } from '../mailbox.ts';
import { TYPES, typeOf } from '../numbers.ts';
import { READ, type Ring, WRITTEN } from './shared.ts';

/** Size in bytes of a message header: five words used, three spare. */
const HEADER = 32;
const padded = (bytes: number) => (bytes + 7) & ~7;

/** A message that is being written. */
export interface Outgoing {
  sent: boolean;
}

interface Queued extends Outgoing {
  readonly header: Int32Array;
  readonly bytes: Uint8Array;
  /** Number of bytes written so far; −1 before the header. */
  at: number;
}

/** The writing end of a ring buffer: writes messages in order, as far as there is room. */
export class Writer {
  private readonly queue: Queued[] = [];
  private readonly bytes: Uint8Array;
  private written = 0;

  constructor(private readonly ring: Ring) {
    this.bytes = new Uint8Array(ring.memory, ring.start, ring.capacity);
  }

  add(context: number, tag: number, step: number, data: Numbers): Outgoing {
    const header = Int32Array.of(context, tag, step, typeOf(data), data.length, 0, 0, 0);
    const bytes = new Uint8Array(data.buffer, data.byteOffset, data.byteLength);
    const queued = { header, bytes, at: -1, sent: false };
    this.queue.push(queued);
    return queued;
  }

  /** Writes as much as fits; returns whether anything was written. */
  flush(): boolean {
    const { queue } = this;
    if (queue.length === 0) return false;
    const { words, capacity } = this.ring;
    const before = this.written;
    let room = capacity - ((this.written - Atomics.load(words, READ)) >>> 0);
    while (queue.length > 0 && room >= HEADER) {
      const [message] = queue;
      if (message.at < 0) {
        this.put(new Uint8Array(message.header.buffer));
        room -= HEADER;
        message.at = 0;
      }
      const left = message.bytes.length - message.at;
      // Whole words, except at the end.
      const part = left <= room ? left : room & ~7;
      if (part > 0) this.put(message.bytes.subarray(message.at, message.at + part));
      message.at += part;
      room -= padded(part);
      if (message.at < message.bytes.length) break;
      message.sent = true;
      queue.shift();
    }
    if (this.written === before) return false;
    Atomics.store(words, WRITTEN, this.written | 0);
    return true;
  }

  private put(bytes: Uint8Array): void {
    const { capacity } = this.ring;
    const at = this.written % capacity;
    const first = Math.min(bytes.length, capacity - at);
    this.bytes.set(first === bytes.length ? bytes : bytes.subarray(0, first), at);
    if (first < bytes.length) this.bytes.set(bytes.subarray(first), 0);
    this.written = (this.written + padded(bytes.length)) >>> 0;
  }
}

/** The reading end of a ring buffer: passes data on to the receives as they arrive. */
export class Reader {
  private read = 0;
  private current: { readonly sink: Sink; readonly envelope: Envelope; at: number } | undefined;

  constructor(
    private readonly ring: Ring,
    private readonly from: number,
    private readonly mailbox: Mailbox,
  ) {}

  /** Reads what is available; returns whether there was anything. */
  pull(): boolean {
    const { words } = this.ring;
    const before = this.read;
    let there = (Atomics.load(words, WRITTEN) - this.read) >>> 0;
    while (this.current ? there > 0 : there >= HEADER) {
      if (!this.current) {
        this.current = this.open();
        there -= HEADER;
      }
      there -= this.take(this.current, there);
      const { sink, envelope, at } = this.current;
      if (at < envelope.length) break;
      sink.close();
      this.current = undefined;
    }
    if (this.read === before) return false;
    Atomics.store(words, READ, this.read | 0);
    return true;
  }

  private open() {
    const { memory, start, capacity } = this.ring;
    const at = this.read % capacity;
    const words = new Int32Array(HEADER / 4);
    const first = Math.min(HEADER, capacity - at);
    words.set(new Int32Array(memory, start + at, first / 4));
    if (first < HEADER) words.set(new Int32Array(memory, start, (HEADER - first) / 4), first / 4);
    this.read = (this.read + HEADER) >>> 0;
    const [context, tag, step, type, length] = words;
    const envelope = { from: this.from, context, tag, step, type, length };
    return { sink: this.mailbox.open(envelope), envelope, at: 0 };
  }

  /** Passes on data of a message from the next bytes; returns the number of bytes consumed. */
  private take(current: NonNullable<Reader['current']>, there: number): number {
    const { memory, start, capacity } = this.ring;
    const { sink, envelope } = current;
    const Type = TYPES[envelope.type];
    let taken = 0;
    while (current.at < envelope.length && taken < there) {
      const place = this.read % capacity;
      const bytes = Math.min((envelope.length - current.at) * Type.BYTES_PER_ELEMENT, capacity - place, there - taken);
      const count = bytes / Type.BYTES_PER_ELEMENT;
      sink.put(new Type(memory as ArrayBufferLike as ArrayBuffer, start + place, count), current.at);
      current.at += count;
      taken += padded(bytes);
      this.read = (this.read + padded(bytes)) >>> 0;
    }
    return taken;
  }
}
