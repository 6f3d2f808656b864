import { SouthwellError } from '@southwell/numerics/core';
import type { Exchange } from './communicator.ts';

/**
 * Bitwise equality for programs that run without a test framework.
 * @throws Error with both values if they differ.
 */
export function same(found: unknown, wanted: unknown, what: string): void {
  if (found instanceof Float64Array && wanted instanceof Float64Array && found.length === wanted.length) {
    // For long arrays, comparing entries is faster than comparing texts.
    if (found.every((x, i) => Object.is(x, wanted[i]))) return;
  }
  const text = (value: unknown) =>
    ArrayBuffer.isView(value) ? `${value.constructor.name} ${value}` : (JSON.stringify(value, specials) ?? 'undefined');
  if (text(found) === text(wanted)) return;
  const [f, w] = [text(found), text(wanted)].map((t) => (t.length > 200 ? `${t.slice(0, 200)}…` : t));
  throw new Error(`${what}: ${f} where ${w} was wanted.`);
}

const specials = (_: string, value: unknown) => (typeof value === 'number' ? String(value) : value);

/**
 * Tests that an exchange fails.
 * @throws Error if it succeeds; its error if that has another code or message.
 */
export function* refused(exchange: Exchange<unknown>, code: string, message: RegExp): Exchange {
  try {
    yield* exchange;
  } catch (error) {
    if (error instanceof SouthwellError && error.code === code && message.test(error.message)) return;
    throw error;
  }
  throw new Error(`${message} was not refused.`);
}
