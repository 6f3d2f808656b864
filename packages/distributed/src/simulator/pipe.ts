/** A text channel between two threads through shared memory; sender and receiver block until the other is ready. */

const STATE = 0;
const BYTES = 1;
const MORE = 2;
const WORDS = 4;

const EMPTY = 0;
const FULL = 1;

/** Bytes per transfer. */
const CHUNK = 2 ** 18;

export const pipeMemory = (): SharedArrayBuffer => new SharedArrayBuffer(4 * WORDS + CHUNK);

export class Pipe {
  private readonly words: Int32Array;
  private readonly chunk: Uint8Array;

  constructor(memory: SharedArrayBuffer) {
    this.words = new Int32Array(memory, 0, WORDS);
    this.chunk = new Uint8Array(memory, 4 * WORDS);
  }

  send(text: string): void {
    const bytes = new TextEncoder().encode(text);
    let at = 0;
    do {
      this.wait(FULL);
      const part = bytes.subarray(at, at + CHUNK);
      this.chunk.set(part);
      at += part.length;
      this.words[BYTES] = part.length;
      this.words[MORE] = at < bytes.length ? 1 : 0;
      this.turn(FULL);
    } while (at < bytes.length);
  }

  /** Undefined if nothing has arrived after `patience` milliseconds. */
  receive(patience = Number.POSITIVE_INFINITY): string | undefined {
    if (!this.wait(EMPTY, patience)) return undefined;
    // Copied, because text decoders reject shared memory.
    const parts: Uint8Array<ArrayBuffer>[] = [];
    for (;;) {
      const more = this.words[MORE] === 1;
      parts.push(this.chunk.slice(0, this.words[BYTES]) as Uint8Array<ArrayBuffer>);
      this.turn(EMPTY);
      if (!more) break;
      this.wait(EMPTY);
    }
    const decoder = new TextDecoder();
    return parts.map((part) => decoder.decode(part, { stream: true })).join('') + decoder.decode();
  }

  /** Waits until the state changes; returns whether it did. */
  private wait(state: number, patience = Number.POSITIVE_INFINITY): boolean {
    while (Atomics.load(this.words, STATE) === state) {
      if (Atomics.wait(this.words, STATE, state, patience) === 'timed-out') return false;
    }
    return true;
  }

  private turn(state: number): void {
    Atomics.store(this.words, STATE, state);
    Atomics.notify(this.words, STATE);
  }
}
