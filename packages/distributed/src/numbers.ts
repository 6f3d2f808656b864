import { fail } from '@southwell/numerics/core';
import type { Numbers, Reduction } from './communicator.ts';

/** The types of message data, by their code in messages. */
export const TYPES = [Float64Array, Float32Array, Int32Array, Uint8Array] as const;
const NAMES = ['doubles', 'floats', 'whole numbers of 32 bits', 'bytes'] as const;

/**
 * The index in {@link TYPES}.
 * @throws INVALID_PARAMETER for an unsupported type.
 */
export function typeOf(data: Numbers): number {
  const type = TYPES.findIndex((of) => data instanceof of);
  if (type < 0) fail('INVALID_PARAMETER', 'Messages must be Float64Array, Float32Array, Int32Array or Uint8Array.');
  return type;
}

/** `5 doubles`. */
export const counted = (length: number, type: number): string => `${length} ${NAMES[type]}`;

/** Whether some entry is NaN. O(n), with four independent sums and no branch per entry. */
export function hasNaN(data: Numbers): boolean {
  if (data instanceof Int32Array || data instanceof Uint8Array) return false;
  let [a, b, c, d] = [0, 0, 0, 0];
  const whole = data.length & ~3;
  for (let i = 0; i < whole; i += 4) {
    a += data[i];
    b += data[i + 1];
    c += data[i + 2];
    d += data[i + 3];
  }
  for (let i = whole; i < data.length; i++) a += data[i];
  // The sum may be NaN without a NaN entry if there are infinities of both signs.
  return Number.isNaN(a + b + c + d) && data.some(Number.isNaN);
}

/**
 * Copies a message from rank `from` to the beginning of `into`.
 * @throws MISMATCH for another type of numbers, INVALID_SHAPE if it does not fit.
 */
export function deliver(data: Numbers, into: Numbers, from: number): void {
  checkFit(data.length, typeOf(data), into, from);
  into.set(data);
}

/** @throws as {@link deliver}. */
export function checkFit(length: number, type: number, into: Numbers, from: number): void {
  if (type !== typeOf(into)) {
    fail(
      'MISMATCH',
      `Rank ${from} sends ${counted(length, type)} where ${counted(into.length, typeOf(into))} are received.`,
    );
  }
  if (length > into.length) {
    fail('INVALID_SHAPE', `A message of ${length} numbers does not fit into ${into.length}.`);
  }
}

/** into ← into ∘ data, elementwise. Maxima and minima propagate NaN, too. */
export function combine(into: Numbers, data: Numbers, reduction: Reduction): void {
  const n = data.length;
  if (reduction === 'sum') for (let i = 0; i < n; i++) into[i] += data[i];
  else if (reduction === 'max') for (let i = 0; i < n; i++) into[i] = Math.max(into[i], data[i]);
  else for (let i = 0; i < n; i++) into[i] = Math.min(into[i], data[i]);
}
