import type { Random } from '@southwell/numerics/core';

/** The entries of a vector that may differ from zero, by ascending index. */
export interface Entries {
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/**
 * A map C of vectors to shorter messages. Sender and receiver both use what {@link restore} makes of the bytes, so that
 * rounding of the values is part of C, and the length of the message is what a communicator counts. The message of a
 * vector of zeros has no bytes.
 */
export interface Compressor {
  /** As the command spells it, with its settings, such as `top-k=0.1`. Ranks compare it before the first exchange. */
  readonly name: string;
  /**
   * The largest δ known to satisfy E‖C(v) − v‖² ≤ (1 − δ)‖v‖² for all vectors of this length, when `compress` is called
   * without a memory; undefined if C is no contraction.
   */
  delta(length: number): number | undefined;
  /** The least q known to satisfy E‖C(v)‖² ≤ q‖v‖² where E C(v) = v; undefined if C is biased. */
  secondMoment(length: number): number | undefined;
  /**
   * How many numbers a sender keeps from one vector of this length to the next, to be passed to `compress`; 0 for most
   * compressors. They belong to the state of the sender: receivers need only the messages.
   */
  memory(length: number): number;
  /**
   * For compressors that can use it and were not given any shape: the same for vectors that hold arrays of these shapes, one
   * after the other.
   */
  forShapes?(shapes: ReadonlyArray<readonly number[]>): Compressor;
  /**
   * The message for v. Draws from `random` if C is random. `memory`, zeros at first, is read and updated; without it, C
   * starts afresh.
   * @throws NON_FINITE if v has entries that are not finite, naming the first; INVALID_SHAPE if the settings do not fit
   * the length of v or of the memory. O(length).
   */
  compress(v: Float64Array, random: Random, memory?: Float64Array): Uint8Array;
  /**
   * Writes C(v) into all of `into`, of the length of v. O(length).
   * @throws INVALID_FORMAT if the message is not one of this compressor for a vector of this length.
   */
  restore(message: Uint8Array, into: Float64Array): void;
  /**
   * For compressors that keep few entries: those of C(v) for a v of this length, of which all others are zero. The same vector as
   * by `restore`. O(their number) if the message names them one by one.
   * @throws INVALID_FORMAT as `restore`.
   */
  entries?(message: Uint8Array, length: number): Entries;
}
