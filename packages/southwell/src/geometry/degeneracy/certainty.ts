import { fail, knownKeys } from '@southwell/numerics/core';
import { NearestMatches } from '../nearestMatches.ts';
import { type Pose, poseOf } from '../pose.ts';
import type { PreparedCloud } from '../prepared.ts';
import { poseCovariance } from '../register.ts';
import type { PoseSystem } from '../system.ts';
import {
  analyseDegeneracy,
  type Degeneracy,
  type DegeneracyOptions,
  degeneracyKeys,
  hessianAbout,
} from './degeneracy.ts';
import { noiseShares, planeSystems } from './normalNoise.ts';

export interface CertaintyOptions extends DegeneracyOptions {
  /** Maximum distance of matches. Default: unlimited. */
  readonly maxDistance?: number;
  /** Centre of rotation, in the frame of the source. Default: the origin. */
  readonly about?: ArrayLike<number>;
}

export interface Certainty {
  readonly degeneracy: Degeneracy;
  /** Of (φ, δ) about that place, 6 × 6. */
  readonly covariance: Float64Array;
  readonly system: PoseSystem;
  /**
   * For the directions of turns, then of shifts: the share of what is known of each that errors of normals explain by
   * themselves. Near 1 the direction is not fixed, whatever its eigenvalue.
   */
  readonly noise: Float64Array;
}

/**
 * Which motions the target's geometry does not constrain at a given pose, whatever method found it: from the point-to-plane equations of
 * the nearest matches, edges left out where most of the cloud is none. O(n log n).
 * @throws INVALID_PARAMETER and what {@link poseOf} throws.
 */
export function poseCertainty(
  source: PreparedCloud,
  target: PreparedCloud,
  pose: Pose,
  options: CertaintyOptions = {},
): Certainty {
  knownKeys('poseCertainty', options, { ...degeneracyKeys, maxDistance: true, about: true });
  const { maxDistance = Number.POSITIVE_INFINITY, about = [0, 0, 0], ...thresholds } = options;
  if (!(maxDistance > 0)) fail('INVALID_PARAMETER', `maxDistance must be above 0, but is ${maxDistance}.`);
  const matches = new NearestMatches(source, target, maxDistance);
  const at = poseOf(pose);
  const { system: found, noise: errors } = planeSystems(source, target, matches, at);
  const system = { ...found, H: hessianAbout(found.H, about) };
  const degeneracy = analyseDegeneracy(system.H, thresholds);
  const noise = noiseShares(system.H, hessianAbout(errors, about), [
    degeneracy.rotation.vectors,
    degeneracy.translation.vectors,
  ]);
  return { degeneracy, covariance: poseCovariance(system), system, noise };
}
