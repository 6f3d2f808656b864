import { checkOptions, numberOption, type OptionsOf, otherOption } from '@southwell/numerics/core';
import { NearestMatches } from '../nearestMatches.ts';
import { type Pose, poseOf } from '../pose.ts';
import type { PreparedCloud } from '../prepared.ts';
import { poseCovariance } from '../register.ts';
import type { PoseSystem } from '../system.ts';
import { type Degeneracy, degeneracyRecords } from './degeneracy.ts';
import { freedomOf } from './freeMotions.ts';
import { planeSystems } from './normalNoise.ts';

const certaintyRecords = {
  ...degeneracyRecords,
  /** Maximum distance of matches. Default: unlimited. */
  maxDistance: numberOption({ min: 0, open: true }),
  /** Centre of rotation, in the frame of the source. Default: the origin. */
  about: otherOption<ArrayLike<number>>('three numbers'),
};

export interface CertaintyOptions extends OptionsOf<typeof certaintyRecords> {}

export interface Certainty {
  readonly degeneracy: Degeneracy;
  /** Covariance of (φ, δ) about that point, 6 × 6. */
  readonly covariance: Float64Array;
  readonly system: PoseSystem;
  /**
   * For the directions of rotation, then of translation: the fraction of the information about each that errors of
   * normals alone explain. Near 1 the direction is unconstrained, whatever its eigenvalue.
   */
  readonly noise: Float64Array;
  /**
   * For the directions of rotation, then of translation: whether the data do not constrain it. Either there is far less
   * information about it than about the best of its kind, or moving the cloud along it by several spacings does not
   * increase the distances of matches, as turning a sphere.
   */
  readonly free: readonly boolean[];
}

/**
 * Analyses which motions the target's geometry does not constrain at a given pose, however it was found: from the
 * point-to-plane equations of the nearest matches, without edges unless most of the cloud is edges. O(n log n).
 * @throws INVALID_PARAMETER and what {@link poseOf} throws.
 */
export function poseCertainty(
  source: PreparedCloud,
  target: PreparedCloud,
  pose: Pose,
  options: CertaintyOptions = {},
): Certainty {
  checkOptions('poseCertainty', certaintyRecords, options);
  const { maxDistance = Number.POSITIVE_INFINITY, about = [0, 0, 0], ...thresholds } = options;
  const matches = new NearestMatches(source, target, maxDistance);
  const at = poseOf(pose);
  const planes = planeSystems(source, target, matches, at);
  const { H, degeneracy, noise, free } = freedomOf(source, target, at, planes, about, thresholds);
  const system = { ...planes.system, H };
  return { degeneracy, covariance: poseCovariance(system), system, noise, free };
}
