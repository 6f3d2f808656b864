import { fail } from '@southwell/numerics/core';
import { Tensor } from '../index.ts';

// Checks of what is not a tensor or not an object, before it is read.

/** A value in a few words. */
const described = (value: unknown): string => {
  if (value === null || value === undefined || typeof value === 'number') return String(value);
  if (value instanceof Tensor) return 'a tensor';
  if (Array.isArray(value)) return 'a list';
  if (typeof value === 'object') return ArrayBuffer.isView(value) ? `a ${value.constructor.name}` : 'an object';
  return `a ${typeof value}`;
};

/** @throws INVALID_PARAMETER unless all are tensors. */
export function needTensors(name: string, given: Readonly<Record<string, unknown>>): void {
  for (const [key, value] of Object.entries(given)) {
    if (value instanceof Tensor) continue;
    fail(
      'INVALID_PARAMETER',
      `${name}: ${key} is ${described(value)}, not a tensor; tensor(…) converts numbers and lists.`,
    );
  }
}

/** @throws INVALID_PARAMETER unless `value` is an object, but not a tensor. */
export function needObject(name: string, what: string, value: unknown): void {
  if (typeof value !== 'object' || value === null || value instanceof Tensor)
    fail('INVALID_PARAMETER', `${name} takes ${what}, not ${described(value)}.`);
}
