import { SouthwellError } from '@southwell/numerics/core';
import { Agreements } from './agreement/agreement.ts';
import { scoreOf } from './agreement/verdict.ts';
import { type Candidate, type CoarseSearch, coarseCandidates } from './coarse.ts';
import { eigen3 } from './eigen3.ts';
import { composePoses, type Pose } from './pose.ts';
import type { PreparedCloud } from './prepared.ts';
import { registerClouds } from './register.ts';

/** Number of starts that are refined: the candidates with the best agreement. */
const STARTS = 12;
/** Poses are the same if points are no farther apart than this many spacings. */
export const SAME = 3;
/** Steps, and maximum distance of matches in tolerances, of the refinement of downsampled clouds. */
const [STEPS, REACH] = [20, 2];

/** A start: a pose by features, refined with the downsampled clouds. */
export interface Start extends Omit<Candidate, 'overlap'> {
  readonly overlap: number;
  readonly score: number;
}

export interface Starts {
  readonly starts: readonly Start[];
  readonly search: CoarseSearch;
}

/**
 * Distinct initial poses by features, the best first: candidates are refined with the downsampled clouds and compared by
 * the agreement of surfaces, which a large overlap alone does not show. The best one, turned by half a turn about its
 * principal axes, is among them, since clouds may agree in several ways.
 */
export function startsByFeatures(source: PreparedCloud, target: PreparedCloud, mostPoints: number): Starts | undefined {
  const search = coarseCandidates(source, target, { mostPoints });
  if (!search) return undefined;
  const agreements = new Agreements(search.source, search.target);
  const scored = search.candidates.map((candidate) => ({
    ...candidate,
    score: scoreOf(agreements.at(candidate.pose)),
  }));
  scored.sort((a, b) => b.score - a.score);
  const distinct = (all: readonly Start[], pose: Pose) => all.every((one) => agreements.apart(one.pose, pose) > SAME);
  const unlike: Start[] = [];
  for (const candidate of scored)
    if (unlike.length < STARTS && distinct(unlike, candidate.pose)) unlike.push(candidate);
  const starts: Start[] = [];
  const refine = (start: Start) => {
    const pose = refined(search, start.pose);
    if (pose && distinct(starts, pose)) starts.push({ ...start, pose, score: scoreOf(agreements.at(pose)) });
  };
  for (const start of unlike) refine(start);
  starts.sort((a, b) => b.score - a.score);
  if (starts.length > 0) {
    const [best] = starts;
    for (const turn of halfTurns(search.source.points)) refine({ ...best, pose: composePoses(best.pose, turn) });
    starts.sort((a, b) => b.score - a.score);
  }
  return { starts, search };
}

function refined({ source, target, tolerance }: CoarseSearch, initialPose: Pose): Pose | undefined {
  try {
    return registerClouds(source, target, { initialPose, maxDistance: REACH * tolerance, maxIterations: STEPS }).pose;
  } catch (error) {
    if (!(error instanceof SouthwellError && error.code === 'NUMERICAL')) throw error;
    return undefined;
  }
}

/** Half turns about the principal axes of the points, through their centre. */
function halfTurns(points: Float64Array): Pose[] {
  const n = points.length / 3;
  const centre = [0, 1, 2].map((k) => points.reduce((sum, v, i) => (i % 3 === k ? sum + v / n : sum), 0));
  const a = new Float64Array(6);
  for (let i = 0; i < n; i++) {
    const [x, y, z] = [0, 1, 2].map((k) => points[3 * i + k] - centre[k]);
    for (const [k, v] of [x * x, x * y, x * z, y * y, y * z, z * z].entries()) a[k] += v / n;
  }
  const [values, vectors] = [new Float64Array(3), new Float64Array(9)];
  eigen3(a, values, vectors);
  return [0, 1, 2].map((k) => {
    const u = vectors.subarray(3 * k, 3 * k + 3);
    const rotation = Float64Array.from(
      { length: 9 },
      (_, i) => 2 * u[Math.floor(i / 3)] * u[i % 3] - (i % 4 === 0 ? 1 : 0),
    );
    const along = centre.reduce((sum, v, i) => sum + v * u[i], 0);
    return { rotation, translation: Float64Array.from(centre, (v, i) => 2 * (v - along * u[i])) };
  });
}
