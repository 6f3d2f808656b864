import { fail } from '@southwell/numerics/core';

/** @throws INVALID_PARAMETER unless `value` lies in [0, 1). */
export function belowOneOf(name: string, value: number): void {
  if (!(value >= 0 && value < 1)) fail('INVALID_PARAMETER', `${name} must be at least 0 and below 1, but is ${value}.`);
}

/** @throws INVALID_PARAMETER unless `value` is finite and at least 0. */
export function notNegative(name: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value))) {
    fail('INVALID_PARAMETER', `${name} must be a finite number of at least 0, but is ${value}.`);
  }
}
