import { fail } from '@southwell/numerics/core';

/**
 * A copy of a target of `rows` finite values.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function checkTarget(y: ArrayLike<number>, rows: number, name = 'y'): Float64Array {
  if (y.length !== rows) {
    fail(
      'INVALID_SHAPE',
      `${name} has ${y.length} values, but the matrix has ${rows} rows; pass one value for each row.`,
    );
  }
  const out = Float64Array.from(y);
  const bad = out.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) fail('NON_FINITE', `${name} has ${out[bad]} in row ${bad + 1}; every value must be finite.`);
  return out;
}
