import { decodeText } from '../io/window.ts';

/** Distinct byte strings, numbered in order of appearance: open addressing with FNV-1a hashes. O(bytes) per look-up. */
export class Dictionary {
  private table = new Int32Array(64).fill(-1);
  private hashes = new Int32Array(32);
  private starts = new Int32Array(33);
  private pool = new Uint8Array(256);
  size = 0;

  static of(words: readonly string[]): Dictionary {
    const dictionary = new Dictionary();
    const encoder = new TextEncoder();
    for (const word of words) {
      const bytes = encoder.encode(word);
      dictionary.code(bytes, 0, bytes.length);
    }
    return dictionary;
  }

  /** The number of bytes[start, end), or −1. */
  find(bytes: Uint8Array, start: number, end: number): number {
    return this.table[this.slot(bytes, start, end, hash(bytes, start, end))];
  }

  /** The number of bytes[start, end), which is added if new. */
  code(bytes: Uint8Array, start: number, end: number): number {
    const h = hash(bytes, start, end);
    const slot = this.slot(bytes, start, end, h);
    if (this.table[slot] >= 0) return this.table[slot];
    const k = this.size++;
    this.table[slot] = k;
    if (k === this.hashes.length) {
      this.hashes = grown(this.hashes, k * 2);
      this.starts = grown(this.starts, k * 2 + 1);
    }
    const from = this.starts[k];
    const to = from + end - start;
    if (to > this.pool.length) {
      const pool = new Uint8Array(Math.max(to, this.pool.length * 2));
      pool.set(this.pool.subarray(0, from));
      this.pool = pool;
    }
    for (let i = start; i < end; i++) this.pool[from + i - start] = bytes[i];
    this.starts[k + 1] = to;
    this.hashes[k] = h;
    if (this.size * 2 > this.table.length) this.rehash();
    return k;
  }

  words(): { words: string[]; utf8: boolean } {
    let utf8 = true;
    const words = Array.from({ length: this.size }, (_, k) => {
      const decoded = decodeText(this.pool.subarray(this.starts[k], this.starts[k + 1]));
      utf8 &&= decoded.utf8;
      return decoded.text;
    });
    return { words, utf8 };
  }

  /** All words, to be passed to {@link merge} of another dictionary. */
  pack(): Uint8Array {
    const { size, starts, pool } = this;
    const head = new Int32Array(size + 2);
    head[0] = size;
    head.set(starts.subarray(0, size + 1), 1);
    const out = new Uint8Array(head.byteLength + starts[size]);
    out.set(new Uint8Array(head.buffer));
    out.set(pool.subarray(0, starts[size]), head.byteLength);
    return out;
  }

  /** Adds the words of another dictionary; returns their numbers in this one. */
  merge(packed: Uint8Array): Int32Array {
    // Copied, so that it begins on a 4-byte boundary.
    const bytes = packed.slice();
    const [size] = new Int32Array(bytes.buffer, 0, 1);
    const starts = new Int32Array(bytes.buffer, 4, size + 1);
    const from = 4 * (size + 2);
    return Int32Array.from({ length: size }, (_, k) => this.code(bytes, from + starts[k], from + starts[k + 1]));
  }

  private slot(bytes: Uint8Array, start: number, end: number, h: number): number {
    const { table, hashes, starts, pool } = this;
    const mask = table.length - 1;
    let slot = h & mask;
    search: for (; ; slot = (slot + 1) & mask) {
      const k = table[slot];
      if (k < 0) return slot;
      const from = starts[k];
      if (hashes[k] !== h || starts[k + 1] - from !== end - start) continue;
      for (let i = start; i < end; i++) if (pool[from + i - start] !== bytes[i]) continue search;
      return slot;
    }
  }

  private rehash(): void {
    this.table = new Int32Array(this.table.length * 2).fill(-1);
    const mask = this.table.length - 1;
    for (let k = 0; k < this.size; k++) {
      let slot = this.hashes[k] & mask;
      while (this.table[slot] >= 0) slot = (slot + 1) & mask;
      this.table[slot] = k;
    }
  }
}

function hash(bytes: Uint8Array, start: number, end: number): number {
  let h = 0x811c9dc5 | 0;
  for (let i = start; i < end; i++) h = Math.imul(h ^ bytes[i], 0x01000193);
  return h ^ (h >>> 15);
}

function grown(from: Int32Array, length: number): Int32Array<ArrayBuffer> {
  const next = new Int32Array(length);
  next.set(from);
  return next;
}
