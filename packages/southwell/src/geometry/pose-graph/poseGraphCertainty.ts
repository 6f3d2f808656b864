import { fail, wholeNumber } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace, symmetricEigen } from '@southwell/numerics/linalg';
import type { Pose } from '../pose.ts';
import { normalOf, type PoseEdge, tiedNodes } from './poseGraphSystem.ts';

/** Regularisation of the information, relative to its mean: it matters only along free motions. */
const EPSILON = 1e-9;

export interface NodeCertainty {
  /**
   * Information of all edges about a step (φ, δ) of this node, 6 × 6, with all others but the reference eliminated.
   * Nearly none along free motions.
   */
  readonly information: Float64Array;
  /** Its inverse, the covariance of the pose; very large along free motions. */
  readonly covariance: Float64Array;
}

/**
 * The information of a graph's edges about each pose relative to the reference; undefined for the reference, and for
 * nodes not connected to it. A motion that is free in an edge is free here unless other edges constrain it. O((6
 * nodes)³).
 * @throws INVALID_PARAMETER.
 */
export function poseGraphCertainty(
  poses: readonly Pose[],
  edges: readonly PoseEdge[],
  reference = 0,
): Array<NodeCertainty | undefined> {
  wholeNumber('reference', reference, 0, poses.length - 1);
  const tied = tiedNodes(poses.length, edges, reference);
  const own = edges.filter(({ source }) => tied[source]);
  const { H, size, place, turns, shifts } = normalOf(poses, own, new Float64Array(own.length).fill(1), reference);
  const A = H.slice();
  for (let i = 0; i < size; i++) A[i * size + i] += EPSILON * (i % 6 < 3 ? turns : shifts);
  if (!choleskyInPlace(A, size)) fail('NUMERICAL', 'The information of an edge is not positive semi-definite.');
  return poses.map((_, node) => {
    const at = place[node];
    if (at < 0) return undefined;
    const covariance = new Float64Array(36);
    for (let j = 0; j < 6; j++) {
      const x = new Float64Array(size);
      x[at + j] = 1;
      choleskySolveInPlace(A, size, x);
      for (let i = 0; i < 6; i++) covariance[6 * i + j] = x[at + i];
    }
    return { covariance, information: inverseOf(covariance) };
  });
}

/** The inverse of a positive definite 6 × 6 matrix whose first and last three rows have different units. */
function inverseOf(A: Float64Array): Float64Array {
  const scale = Float64Array.from({ length: 6 }, (_, i) => 1 / Math.sqrt(A[7 * i]));
  const B = A.map((v, k) => {
    const [i, j] = [Math.floor(k / 6), k % 6];
    return ((v + A[6 * j + i]) / 2) * scale[i] * scale[j];
  });
  const { values, vectors } = symmetricEigen(B, 6);
  const largest = Math.max(...values);
  return Float64Array.from({ length: 36 }, (_, k) => {
    const [i, j] = [Math.floor(k / 6), k % 6];
    let sum = 0;
    for (let q = 0; q < 6; q++) sum += (vectors[6 * i + q] * vectors[6 * j + q]) / Math.max(values[q], 1e-15 * largest);
    return sum * scale[i] * scale[j];
  });
}

/**
 * An information matrix without its information about some motions, such as unit vectors of rotation or translation:
 * the information about the others is what remains if these are unknown. O(1).
 */
export function withoutMotions(information: ArrayLike<number>, motions: readonly Float64Array[]): Float64Array {
  let L = Float64Array.from(information);
  for (const v of motions) {
    const y = Float64Array.from({ length: 6 }, (_, i) => v.reduce((sum, w, j) => sum + L[6 * i + j] * w, 0));
    const known = v.reduce((sum, w, i) => sum + w * y[i], 0);
    if (!(known > 0)) continue;
    L = L.map((w, k) => w - (y[Math.floor(k / 6)] * y[k % 6]) / known);
  }
  return L;
}
