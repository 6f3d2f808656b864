import { fail } from '@southwell/numerics/core';

/** @throws INVALID_PARAMETER unless `value` is finite and at least 0. */
export function atLeastZero(name: string, value: number): void {
  if (!(value >= 0 && Number.isFinite(value))) {
    fail('INVALID_PARAMETER', `${name} must be a number of at least 0, but is ${value}.`);
  }
}

/** @throws INVALID_SHAPE unless there are as many values as expected. */
export function ofLength(name: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length) fail('INVALID_SHAPE', `The ${name} has ${values.length} values, not ${length}.`);
}
