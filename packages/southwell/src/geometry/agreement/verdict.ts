import { type Pose, poseDistance, poseOf } from '../pose.ts';
import type { PreparedCloud } from '../prepared.ts';
import { Agreements, type OneSided } from './agreement.ts';

export type Verdict = 'agrees' | 'doubtful' | 'no';

/** Whether clouds agree at a pose. */
export interface PoseAgreement {
  /** `agrees`: both are samples of one surface where they overlap. `no`: they contradict each other. */
  readonly verdict: Verdict;
  /** Why it is not `agrees`, as sentences. */
  readonly reasons: readonly string[];
  /** The fraction of the points of one cloud within eight spacings of the other; the larger of the two. */
  readonly overlap: number;
  /**
   * Of the points there, the fraction that lies on the surface of the other cloud: no farther from it than the spacing
   * of its points, with the same normal. The larger of the two.
   */
  readonly support: number;
  /** The smaller of the two. */
  readonly leastSupport: number;
  /** That fraction among the points that constrain a motion, for the motion for which it is least. */
  readonly weakest: number;
  /** Number of points that such points lie on. */
  readonly matched: number;
  /** How well the best other pose that was tried agrees, relative to this one; absent if no other one was tried. */
  readonly rival?: number;
}

/** A pose agrees if so much of the overlap of one cloud lies on the other's surface, of the other cloud … */
const [SUPPORT, LEAST_SUPPORT] = [0.65, 0.5];
/** … and of what constrains each motion; and so much of one cloud overlaps the other. */
const [WEAKEST, OVERLAP] = [0.2, 0.2];
/** Below this support, for all points or for a motion, clouds contradict each other. */
const [CONTRADICTED, CONTRADICTED_MOTION] = [0.3, 0.1];
/** Fewer points than these may agree by chance. */
const FEWEST = 20;
/** Another pose that agrees this well, relative to the best, may be right as well. */
export const RIVAL = 0.8;

const percent = (share: number) => `${Number((100 * share).toPrecision(2))} %`;

/** The verdict of both sides: of each cloud with the other. */
export function agreementOf(agreements: Agreements, [a, b]: readonly [OneSided, OneSided]): PoseAgreement {
  const found = {
    overlap: Math.max(a.overlap, b.overlap),
    support: Math.max(a.support, b.support),
    leastSupport: Math.min(a.support, b.support),
    weakest: Math.min(a.weakest, b.weakest),
    matched: Math.min(a.matched, b.matched),
  };
  const { overlap, support, leastSupport, weakest, matched } = found;
  const doubts: string[] = [];
  const contradictions: string[] = [];
  if (!agreements.smooth) {
    return {
      verdict: 'doubtful',
      reasons: ['The points lie on no surface that would show whether the pose is right: they have no common normals.'],
      ...found,
    };
  }
  if (support < CONTRADICTED)
    contradictions.push(`Where the clouds overlap, ${percent(support)} of the points lie on the other surface.`);
  else if (support < SUPPORT || leastSupport < LEAST_SUPPORT)
    doubts.push(
      `Where the clouds overlap, ${percent(support)} of the points of one and ${percent(leastSupport)} of the other lie on the other surface.`,
    );
  if (contradictions.length === 0 && weakest < WEAKEST) {
    (weakest < CONTRADICTED_MOTION ? contradictions : doubts).push(
      `Of the points that constrain one of the motions, ${percent(weakest)} agree with the pose.`,
    );
  }
  if (overlap < OVERLAP) doubts.push(`The clouds overlap in ${percent(overlap)} of their points.`);
  if (contradictions.length === 0 && matched < FEWEST)
    doubts.push(`Only ${matched} ${matched === 1 ? 'point agrees' : 'points agree'}, which may be by chance.`);
  const reasons = [...contradictions, ...doubts];
  return {
    verdict: contradictions.length > 0 ? 'no' : reasons.length > 0 ? 'doubtful' : 'agrees',
    reasons,
    ...found,
  };
}

/** A verdict in view of another pose, whose agreement relative to this one is `rival`. */
export function besides(agreement: PoseAgreement, rival: number, pose: Pose, other: Pose): PoseAgreement {
  if (!(rival >= RIVAL)) return { ...agreement, rival };
  const { rotation } = poseDistance(pose, other);
  const where = `rotated by ${Number(((rotation * 180) / Math.PI).toPrecision(2))}° from this one`;
  return {
    ...agreement,
    verdict: agreement.verdict === 'no' ? 'no' : 'doubtful',
    reasons: [...agreement.reasons, `Another pose, ${where}, agrees nearly as well.`],
    rival,
  };
}

/** How well two clouds agree, from 0 to 1, to compare poses: a large overlap that agrees in each motion. */
export const scoreOf = ([a, b]: readonly [OneSided, OneSided]): number =>
  Math.max(a.overlap * a.support, b.overlap * b.support) * Math.min(a.weakest, b.weakest);

/**
 * Judges a pose, however it was found, by the surfaces that both clouds sample: where the clouds overlap, points of each
 * must lie on the surface of the other within the spacing of its points, with parallel normals, and so must the points
 * that constrain each motion. Matches that are far apart compared with the spacing are no agreement, however many they
 * are. Noisy clouds are averaged first until they have normals. It cannot tell which of several equally good poses is
 * right, as for a rectangular room: {@link registerPair} compares poses. O(n log n).
 * @throws what {@link poseOf} throws.
 */
export function judgePose(source: PreparedCloud, target: PreparedCloud, pose: Pose | ArrayLike<number>): PoseAgreement {
  const agreements = new Agreements(source, target);
  return agreementOf(agreements, agreements.at(poseOf(pose)));
}
