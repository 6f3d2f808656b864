/**
 * The memory shared by ranks in threads: a few words per rank, the ranks that each is waiting for, and two byte rings
 * between every two ranks, each with a single writer and a single reader.
 */

/**
 * Words of a rank: a counter incremented by others to notify it, whether it sleeps, its state, and when it last showed
 * that it is responding.
 */
export const NEWS = 0;
export const SLEEPS = 1;
export const STATE = 2;
export const SEEN = 3;
const WORDS = 16;

/** States of a rank. */
export const WORKS = 0;
export const WAITS = 1;
export const ENDED = 2;
export const GAVE_UP = 3;

/** A time as a word: milliseconds, which wrap around after weeks. */
export const timeWord = (): number => Date.now() | 0;

/** Words of a ring, on separate cache lines: number of bytes written, and of bytes read, modulo 2³². */
export const WRITTEN = 0;
export const READ = 16;
const RING_WORDS = 32;

/**
 * Total bytes of all rings, and maximum and minimum per ring: a long message synchronises both ends once per ring
 * length.
 */
const ALL_RINGS = 2 ** 25;
const LARGEST = 2 ** 21;
const SMALLEST = 2 ** 12;

export interface Ring {
  readonly words: Int32Array;
  /** The bytes of the ring begin at `start`. */
  readonly memory: SharedArrayBuffer;
  readonly start: number;
  readonly capacity: number;
}

/** Bytes per ring for a number of ranks: a power of two. */
const capacityFor = (ranks: number): number => {
  const share = 2 ** Math.floor(Math.log2(ALL_RINGS / ranks ** 2));
  return Math.max(SMALLEST, Math.min(LARGEST, share));
};

/** Allocates the memory. */
export function sharedMemory(ranks: number): SharedArrayBuffer {
  const waits = 8 * Math.ceil(ranks ** 2 / 8);
  return new SharedArrayBuffer(4 * WORDS * ranks + waits + ranks ** 2 * (4 * RING_WORDS + capacityFor(ranks)));
}

/** The words of a rank. */
export const wordsOf = (memory: SharedArrayBuffer, rank: number): Int32Array =>
  new Int32Array(memory, 4 * WORDS * rank, WORDS);

/** For each rank, whether the given one is waiting for it. */
export const waitsOf = (memory: SharedArrayBuffer, ranks: number, rank: number): Uint8Array =>
  new Uint8Array(memory, 4 * WORDS * ranks + ranks * rank, ranks);

/** The ring from one rank to another. */
export function ringOf(memory: SharedArrayBuffer, ranks: number, from: number, to: number): Ring {
  const pair = ranks * from + to;
  const first = 4 * WORDS * ranks + 8 * Math.ceil(ranks ** 2 / 8);
  const capacity = capacityFor(ranks);
  const words = new Int32Array(memory, first + 4 * RING_WORDS * pair, RING_WORDS);
  return { words, memory, start: first + 4 * RING_WORDS * ranks ** 2 + capacity * pair, capacity };
}
