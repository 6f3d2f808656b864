import { fail } from '@southwell/numerics/core';
import { symmetricEigen } from '@southwell/numerics/linalg';

/** Moves every value towards zero by `by`, values within it to zero: S(u) = sign(u)·max(|u| − by, 0). */
export const softThreshold = (values: Float64Array, by: number): Float64Array =>
  values.map((v) => Math.sign(v) * Math.max(Math.abs(v) - by, 0));

/** Keeps the k entries of largest absolute value, of equal ones the first, and sets the others to 0. O(d log d). */
export function hardThreshold(values: Float64Array, k: number): Float64Array {
  const kept = Array.from(values.keys()).sort((i, j) => Math.abs(values[j]) - Math.abs(values[i]) || i - j);
  const out = new Float64Array(values.length);
  for (const j of kept.slice(0, k)) out[j] = values[j];
  return out;
}

/** Raises eigenvalues to at least `floor`. */
export const floorEigenvalues = (values: Float64Array, floor: number): Float64Array =>
  values.map((v) => Math.max(v, floor));

export interface Solved {
  readonly theta: Float64Array;
  /** In ascending order, before the floor. */
  readonly eigenvalues: Float64Array;
  /** The smallest one after the floor. */
  readonly least: number;
}

/**
 * Solves Σθ = v for the symmetric d × d matrix Σ with its eigenvalues raised to `floor`. Without it, a noisy Σ has
 * small and negative eigenvalues, and its inverse amplifies the noise. O(d³).
 * @throws SINGULAR if an eigenvalue is still 0.
 */
export function solveFloored(covariance: Float64Array, moment: Float64Array, floor: number): Solved {
  const d = moment.length;
  const { values, vectors } = symmetricEigen(covariance.slice(), d);
  const floored = floorEigenvalues(values, floor);
  const theta = new Float64Array(d);
  let least = Number.POSITIVE_INFINITY;
  for (let k = 0; k < d; k++) {
    least = Math.min(least, Math.abs(floored[k]));
    if (floored[k] === 0) fail('SINGULAR', 'The covariance of the features is singular: give an eigenFloor above 0.');
    let along = 0;
    for (let j = 0; j < d; j++) along += vectors[j * d + k] * moment[j];
    for (let j = 0; j < d; j++) theta[j] += (vectors[j * d + k] * along) / floored[k];
  }
  return { theta, eigenvalues: Float64Array.from(values).sort(), least };
}
