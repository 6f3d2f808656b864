import type { NearestMatches } from '../nearestMatches.ts';
import { centreOf } from '../points.ts';
import type { Pose } from '../pose.ts';
import type { PreparedCloud } from '../prepared.ts';
import {
  analyseDegeneracy,
  type BlockAnalysis,
  type Degeneracy,
  type DegeneracyOptions,
  directionName,
  hessianAbout,
} from './degeneracy.ts';
import type { FreeMotion } from './heldStill.ts';
import { noiseShares, type PlaneSystems, planeSystems } from './normalNoise.ts';
import { Feeling } from './unfelt.ts';

/** A motion is unconstrained if it is this many times weaker than the strongest of its kind … */
const RATIO = 1e3;
/** … or if it is weak and errors of normals explain more than this fraction of its information. */
const NOISE = 0.5;
/** If they may explain this fraction, for all that is known, the cloud is moved to see whether it feels the motion. */
const SUSPECT = 0.1;

/**
 * Whether direction k of a block is free: the data do not constrain it, and their apparent information about it is
 * noise. This compares it with the others of its kind only: {@link poseCertainty} also moves the cloud.
 */
export function isFree({ values, mask }: BlockAnalysis, k: number, noise: number): boolean {
  return !(values[k] * RATIO >= Math.max(...values)) || values[k] === 0 || (mask[k] && noise > NOISE);
}

/** Analysis about a centre, with what is free of the three rotations and the three translations. */
export interface Freedom {
  readonly H: Float64Array;
  readonly degeneracy: Degeneracy;
  /** For each direction, the fraction of its information that errors of normals explain. */
  readonly noise: Float64Array;
  readonly free: readonly boolean[];
}

/**
 * Directions that are free compared with the others, and those whose information may be all errors of normals and
 * curvature, if distances do not grow when the cloud moves along them: all turns of a sphere are alike. O(n).
 */
export function freedomOf(
  source: PreparedCloud,
  target: PreparedCloud,
  pose: Pose,
  { system, noise, bent }: PlaneSystems,
  about: ArrayLike<number>,
  thresholds: DegeneracyOptions,
): Freedom {
  const H = hessianAbout(system.H, about);
  const degeneracy = analyseDegeneracy(H, thresholds);
  const blocks = [degeneracy.rotation, degeneracy.translation];
  const vectors = blocks.map((block) => block.vectors);
  const shares = noiseShares(H, hessianAbout(noise, about), vectors);
  const most = noiseShares(H, hessianAbout(bent, about), vectors);
  let feeling: Feeling | undefined;
  const free = Array.from(shares, (share, d) => {
    const [block, k] = [blocks[d < 3 ? 0 : 1], d % 3];
    if (isFree(block, k, share)) return true;
    if (!(most[d] > SUSPECT)) return false;
    const v = new Float64Array(6);
    v.set(block.vectors.subarray(3 * k, 3 * k + 3), d < 3 ? 0 : 3);
    feeling ??= new Feeling(source, target, pose);
    return !feeling.feels({ direction: v, about: Array.from(about) });
  });
  return { H, degeneracy, noise: shares, free };
}

/** Too few matches with planes to tell which motions are free. */
const FEWEST = 10;

/** The motions that the planes of the target leave unconstrained at a pose. O(n). */
export function freeMotions(
  source: PreparedCloud,
  target: PreparedCloud,
  matches: NearestMatches,
  pose: Pose,
  thresholds: DegeneracyOptions,
): FreeMotion[] {
  const planes = planeSystems(source, target, matches, pose);
  if (planes.system.matches < FEWEST) return [];
  const { centre: about } = centreOf(source.points);
  const { degeneracy, free } = freedomOf(source, target, pose, planes, about, thresholds);
  return [degeneracy.rotation, degeneracy.translation].flatMap((block, b) =>
    [0, 1, 2].flatMap((k) => {
      if (!free[3 * b + k]) return [];
      const v = block.vectors.subarray(3 * k, 3 * k + 3);
      const direction = new Float64Array(6);
      direction.set(v, 3 * b);
      return [{ direction, about, name: `${b === 0 ? 'turn about' : 'shift along'} ${directionName(v)}` }];
    }),
  );
}
