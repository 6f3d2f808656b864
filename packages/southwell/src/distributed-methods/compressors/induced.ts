import { fail } from '@southwell/numerics/core';
import { failFormat, readVarint, varint } from './bits.ts';
import type { Compressor } from './compressor.ts';
import { joined, nothing, readTag, tagOf } from './message.ts';

/** E‖C(v) − v‖² / ‖v‖², at most. */
function lossOf(C: Compressor, length: number): number | undefined {
  const delta = C.delta(length);
  if (delta !== undefined) return 1 - delta;
  const moment = C.secondMoment(length);
  return moment === undefined ? undefined : moment - 1;
}

/**
 * Induced compression (Horváth & Richtárik 2021, theorem 3): C(v) = C₁(v) + C₂(v − C₁(v)) with an unbiased C₂ is unbiased
 * whatever C₁, and q = 1 + (1 − δ₁)(q₂ − 1).
 *
 * The message: a byte that says so, the length of the message of C₁ (7 bits a byte), that message and the one of C₂. O(length).
 * @throws INVALID_PARAMETER if C₂ is biased.
 */
export function induced(first: Compressor, second: Compressor): Compressor {
  if (second.secondMoment(1) === undefined)
    fail(
      'INVALID_PARAMETER',
      `induced=${first.name}+${second.name} is biased, since ${second.name} is. Take an unbiased second compressor, such as rand-k, qsgd or natural.`,
    );
  const momentOf = (length: number) => {
    const [loss, moment] = [lossOf(first, length), second.secondMoment(length)];
    return loss === undefined || moment === undefined ? undefined : 1 + loss * (moment - 1);
  };
  return {
    name: `induced=${first.name}+${second.name}`,
    delta(length) {
      const moment = momentOf(length);
      return moment !== undefined && moment < 2 ? 2 - moment : undefined;
    },
    secondMoment: momentOf,
    memory: (length) => first.memory(length) + second.memory(length),
    ...(first.forShapes && { forShapes: (shapes) => induced(first.forShapes!(shapes), second) }),
    compress(v, random, memory) {
      const split = memory ? first.memory(v.length) : 0;
      const own = first.compress(v, random, memory?.subarray(0, split));
      const rest = new Float64Array(v.length);
      first.restore(own, rest);
      for (let i = 0; i < v.length; i++) rest[i] = v[i] - rest[i];
      const other = second.compress(rest, random, memory?.subarray(split));
      if (own.length + other.length === 0) return nothing();
      return joined([tagOf('induced', 0)], varint(own.length), own, other);
    },
    restore(message, into) {
      into.fill(0);
      if (message.length === 0) return;
      readTag('induced', message);
      const [length, from] = readVarint(message, 1);
      if (from + length > message.length) failFormat('it ends too early');
      first.restore(message.subarray(from, from + length), into);
      const rest = new Float64Array(into.length);
      second.restore(message.subarray(from + length), rest);
      for (let i = 0; i < into.length; i++) into[i] += rest[i];
    },
  };
}
