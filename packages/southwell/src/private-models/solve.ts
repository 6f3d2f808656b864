import { fail } from '@southwell/numerics/core';
import { symmetricEigen } from '@southwell/numerics/linalg';

/** Every value nearer to zero by `by`, and zero within it: S(u) = sign(u)·max(|u| − by, 0). */
export const softThreshold = (values: Float64Array, by: number): Float64Array =>
  values.map((v) => Math.sign(v) * Math.max(Math.abs(v) - by, 0));

/** The k largest in size, the earlier of equals; the others are 0. O(d log d). */
export function hardThreshold(values: Float64Array, k: number): Float64Array {
  const kept = Array.from(values.keys()).sort((i, j) => Math.abs(values[j]) - Math.abs(values[i]) || i - j);
  const out = new Float64Array(values.length);
  for (const j of kept.slice(0, k)) out[j] = values[j];
  return out;
}

/** Eigenvalues of at least `floor`. */
export const floorEigenvalues = (values: Float64Array, floor: number): Float64Array =>
  values.map((v) => Math.max(v, floor));

export interface Solved {
  readonly theta: Float64Array;
  /** Rising, before the floor. */
  readonly eigenvalues: Float64Array;
  /** The least after it. */
  readonly least: number;
}

/**
 * θ with Σθ = v for the symmetric Σ of d rows, whose eigenvalues are raised to `floor`: without one, Σ with noise has small
 * and negative ones, and its inverse blows noise up. O(d³).
 * @throws SINGULAR where an eigenvalue stays 0.
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
