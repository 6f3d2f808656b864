import { fail } from '@southwell/numerics/core';
import type { Precision } from './message.ts';

/** @throws INVALID_PARAMETER unless it is f32 or f64. */
export function checkPrecision(name: string, values: Precision): void {
  if (values !== 'f32' && values !== 'f64')
    fail('INVALID_PARAMETER', `${name}: values must be f32 or f64, not ${String(values)}.`);
}

/** The part of a name that says how values are sent, where it is not the default. */
export const suffixes = (values: Precision): string => (values === 'f32' ? '' : `:${values}`);
