import { fail } from '@southwell/numerics/core';

/** @throws INVALID_SHAPE unless there are as many values as expected. */
export function ofLength(name: string, values: ArrayLike<number>, length: number): void {
  if (values.length !== length) fail('INVALID_SHAPE', `The ${name} has ${values.length} values, not ${length}.`);
}
