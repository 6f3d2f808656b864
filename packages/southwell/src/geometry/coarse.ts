import { checkOptions, integerOption, type OptionsOf } from '@southwell/numerics/core';
import { alignPairs } from './alignPairs.ts';
import { mutualMatches, pointFeatures } from './features.ts';
import { diagonalOf } from './points.ts';
import { type Pose, transformPoints } from './pose.ts';
import { type PreparedCloud, prepareCloud } from './prepared.ts';

const coarseRecords = {
  /** Maximum number of points of each cloud to compare; time is quadratic in it. Default 1500. */
  mostPoints: integerOption({ min: 10, max: 20_000 }),
  /** Number of candidate poses. Default 40. */
  candidates: integerOption({ min: 1 }),
};

export interface CoarseOptions extends OptionsOf<typeof coarseRecords> {}

export interface CoarsePose {
  /** Absent if no three matches agree on a pose. */
  readonly pose?: Pose;
  /** Number of source points with features. */
  readonly features: number;
  /** Number of mutual nearest neighbours in feature space. */
  readonly matches: number;
  /** Number of inliers of the pose. */
  readonly inliers: number;
  /** Number of inliers expected by chance. */
  readonly byChance: number;
  /** Fraction of the source's compared points within `tolerance` of the target at the pose. */
  readonly overlap: number;
  /** Inlier distance. */
  readonly tolerance: number;
}

/** Number of matches of a candidate. */
const GROUP = 20;
/** A larger cloud may have this many times as many points as the smaller one, as its area demands, and at most so many. */
const [LARGER, MOST] = [10, 20_000];

function thinned(
  cloud: PreparedCloud,
  size: number,
  most: number,
): { readonly cloud: PreparedCloud; readonly size: number } {
  for (let side = size; ; side *= 1.25) {
    const out = prepareCloud(cloud.points, { voxel: side });
    if (out.size <= most) return { cloud: out, size: side };
  }
}

/** A pose by features, with the matches on which it is based. */
export interface Candidate {
  readonly pose: Pose;
  readonly inliers: number;
  readonly overlap: number;
}

/** Candidate poses by features, and the downsampled clouds that were compared. */
export interface CoarseSearch {
  readonly source: PreparedCloud;
  readonly target: PreparedCloud;
  readonly candidates: readonly Candidate[];
  readonly features: number;
  readonly matches: number;
  readonly tolerance: number;
}

/** All candidates, in order of how consistent their matches are; undefined if a cloud has no extent. */
export function coarseCandidates(
  source: PreparedCloud,
  target: PreparedCloud,
  { mostPoints = 1500, candidates = 40 }: CoarseOptions = {},
): CoarseSearch | undefined {
  const diagonals = [source, target].map(({ points }) => diagonalOf(points));
  const diagonal = Math.min(...diagonals);
  if (!(diagonal > 0)) return undefined;
  // A part is compared with all of a large scene at the resolution of the part.
  const most = diagonals.map((own) =>
    Math.max(mostPoints, Math.min(MOST, mostPoints * Math.min(LARGER, Math.floor(own / diagonal) ** 2))),
  );
  const first = thinned(source, diagonal / 50, most[0]);
  const second = thinned(target, first.size, most[1]);
  const side = second.size;
  const from = side > first.size ? thinned(source, side, most[0]).cloud : first.cloud;
  const to = second.cloud;
  const radii = [4 * side, 8 * side] as const;
  const pairs = mutualMatches(pointFeatures(from, radii), pointFeatures(to, radii));
  const matches = pairs.length / 2;
  const tolerance = 1.5 * side;
  const search = { source: from, target: to, features: from.size, matches, tolerance };
  if (matches < 3) return { ...search, candidates: [] };
  const found: Candidate[] = [];
  for (const group of agreeing(from.points, to.points, pairs, tolerance, candidates)) {
    let pose = alignPairs(
      from.points,
      to.points,
      group.flatMap((k) => [pairs[2 * k], pairs[2 * k + 1]]),
    );
    let kept = inliersOf(from.points, to.points, pairs, pose, tolerance);
    if (kept.length >= 3) {
      pose = alignPairs(
        from.points,
        to.points,
        kept.flatMap((k) => [pairs[2 * k], pairs[2 * k + 1]]),
      );
      kept = inliersOf(from.points, to.points, pairs, pose, tolerance);
    }
    if (kept.length >= 3) found.push({ pose, inliers: kept.length, overlap: overlapOf(from, to, pose, tolerance) });
  }
  return { ...search, candidates: found };
}

/**
 * Number of inliers expected by chance: the fraction of the target's points near a point on it is the probability that a
 * meaningless match is an inlier.
 */
export function inliersByChance({ target, matches, tolerance }: CoarseSearch, overlap: number): number {
  const { size, points, tree } = target;
  const probe = new Int32Array(size);
  const squares = new Float64Array(size);
  let near = 0;
  for (let i = 0; i < size; i++) {
    const [x, y, z] = points.subarray(3 * i, 3 * i + 3);
    near += tree.nearestPlaces(x, y, z, size, probe, squares, tolerance * tolerance) / size ** 2;
  }
  return matches * near * overlap;
}

/**
 * Coarse registration of two clouds by surface features, without an initial pose: groups of matches that preserve
 * pairwise distances, and share many such matches, give candidate poses (as SC²-PCR, Chen et al. 2022), of which the
 * one with the largest overlap is chosen. Deterministic. The accuracy is that of the spacing of the compared points,
 * and the result is meaningless for surfaces without features: refine it by `registerClouds`, and check it by
 * `judgePose`, or use `registerPair`, which compares several candidates. A cloud with a larger bounding box may have up
 * to ten times as many points as `mostPoints`, to be compared at the resolution of the smaller one.
 * O(points² + matches³).
 * @throws INVALID_PARAMETER.
 */
export function coarsePose(source: PreparedCloud, target: PreparedCloud, options: CoarseOptions = {}): CoarsePose {
  checkOptions('coarsePose', coarseRecords, options);
  const none = { features: 0, matches: 0, inliers: 0, byChance: 0, overlap: 0, tolerance: 0 };
  const search = coarseCandidates(source, target, options);
  if (!search) return none;
  const { features, matches, tolerance } = search;
  let best: Candidate | undefined;
  for (const candidate of search.candidates) if (!best || candidate.overlap > best.overlap) best = candidate;
  if (!best) return { ...none, features, matches, tolerance };
  return { ...best, features, matches, tolerance, byChance: inliersByChance(search, best.overlap) };
}

/** Groups of matches that preserve distances, and whose partners in that do too. */
function agreeing(
  source: Float64Array,
  target: Float64Array,
  pairs: readonly number[],
  tolerance: number,
  most: number,
): number[][] {
  const m = pairs.length / 2;
  const words = (m + 31) >> 5;
  const bits = new Int32Array(m * words);
  const distance = (points: Float64Array, i: number, j: number) => {
    const [x, y, z] = [0, 1, 2].map((k) => points[3 * i + k] - points[3 * j + k]);
    return Math.sqrt(x * x + y * y + z * z);
  };
  for (let i = 0; i < m; i++) {
    for (let j = i + 1; j < m; j++) {
      const a = distance(source, pairs[2 * i], pairs[2 * j]);
      const b = distance(target, pairs[2 * i + 1], pairs[2 * j + 1]);
      // Nearby matches preserve their distance trivially.
      if (Math.abs(a - b) > tolerance || a < 3 * tolerance) continue;
      bits[i * words + (j >> 5)] |= 1 << (j & 31);
      bits[j * words + (i >> 5)] |= 1 << (i & 31);
    }
  }
  const common = (i: number, j: number) => {
    let count = 0;
    for (let w = 0; w < words; w++) {
      let v = bits[i * words + w] & bits[j * words + w];
      v -= (v >>> 1) & 0x55555555;
      v = (v & 0x33333333) + ((v >>> 2) & 0x33333333);
      count += Math.imul((v + (v >>> 4)) & 0x0f0f0f0f, 0x01010101) >>> 24;
    }
    return count;
  };
  const shared = Array.from({ length: m }, (_, i) => {
    const row: Array<readonly [number, number]> = [];
    for (let j = 0; j < m; j++) if ((bits[i * words + (j >> 5)] >>> (j & 31)) & 1) row.push([j, common(i, j)]);
    row.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
    const score = row.slice(0, GROUP).reduce((sum, [, n]) => sum + n, 0);
    return { i, score, group: [i, ...row.slice(0, GROUP).map(([j]) => j)] };
  });
  return shared
    .filter(({ group }) => group.length >= 3)
    .sort((a, b) => b.score - a.score || a.i - b.i)
    .slice(0, most)
    .map(({ group }) => group);
}

function inliersOf(
  source: Float64Array,
  target: Float64Array,
  pairs: readonly number[],
  pose: Pose,
  tolerance: number,
): number[] {
  const moved = transformPoints(pose, source);
  const kept: number[] = [];
  for (let k = 0; k < pairs.length / 2; k++) {
    const [i, j] = [3 * pairs[2 * k], 3 * pairs[2 * k + 1]];
    const square = [0, 1, 2].reduce((sum, a) => sum + (moved[i + a] - target[j + a]) ** 2, 0);
    if (square < tolerance * tolerance) kept.push(k);
  }
  return kept;
}

function overlapOf(source: PreparedCloud, target: PreparedCloud, pose: Pose, tolerance: number): number {
  const moved = transformPoints(pose, source.points);
  let near = 0;
  for (let k = 0; k < moved.length; k += 3) {
    if (target.tree.nearestPlace(moved[k], moved[k + 1], moved[k + 2], tolerance * tolerance) >= 0) near++;
  }
  return near / source.size;
}
