import type { Random } from '@southwell/numerics/core';

/**
 * A map C of vectors to shorter messages. Sender and receiver both use what {@link restore} makes of the bytes, so that
 * rounding of the values is part of C, and the length of the message is what a communicator counts.
 */
export interface Compressor {
  /** As the command spells it, with its settings, such as `top-k=0.1`. Ranks compare it before the first exchange. */
  readonly name: string;
  /**
   * The largest δ known to satisfy E‖C(v) − v‖² ≤ (1 − δ)‖v‖² for all vectors of this length; undefined if C is no
   * contraction.
   */
  delta(length: number): number | undefined;
  /** The least q known to satisfy E‖C(v)‖² ≤ q‖v‖² where E C(v) = v; undefined if C is biased. */
  secondMoment(length: number): number | undefined;
  /** The message for v. Draws from `random` if C is random. Throws if v has entries that are not finite. O(length). */
  compress(v: Float64Array, random: Random): Uint8Array;
  /** Writes C(v) into all of `into`, of the length of v. Throws if the message is not one of this compressor. */
  restore(message: Uint8Array, into: Float64Array): void;
}
