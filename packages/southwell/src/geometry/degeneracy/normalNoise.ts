import { eigen3 } from '../eigen3.ts';
import type { NearestMatches } from '../nearestMatches.ts';
import { type Pose, transformPoints } from '../pose.ts';
import type { PreparedCloud } from '../prepared.ts';
import { Accumulator, type PoseSystem } from '../system.ts';
import { withCompanions } from './degeneracy.ts';

/**
 * Smallest eigenvalue over trace above which neighbours lie at an edge rather than on a plane, so that their normal
 * represents neither side.
 */
const EDGE = 0.02;

export interface PlaneSystems {
  readonly system: PoseSystem;
  /** What errors of normals contribute to H. */
  readonly noise: Float64Array;
  /** What they contribute at most: with the curvature between a point and its match, if all deviations are curvature. */
  readonly bent: Float64Array;
}

/** Curvature² over λ₀/λ₁² of the points of a curved disc: its height r²/2R has the variance r⁴/48R², and λ₁ is r²/4. */
const BEND = 3;
/** At most this factor: of two random samples of a surface it is about 6, and points on a line say nothing about it. */
const MORE = 10;
/** One in so many matches is enough for an upper limit. */
const SOME = 4;

/**
 * The point-to-plane equations of matches at a pose, restricted to planes if at least half of the matches are planar,
 * and the expected contribution of errors of normals to H: a normal of k points whose covariance has the eigenvalues λ₀
 * ≤ λ₁ ≤ λ₂ rotates towards the axis of λⱼ with variance λ₀/(k λⱼ). Along unconstrained motions of planes, H is no
 * more than that; on curved surfaces the normal of a match also differs from that of the point itself. O(n).
 */
export function planeSystems(
  source: PreparedCloud,
  target: PreparedCloud,
  matches: NearestMatches,
  pose: Pose,
): PlaneSystems {
  const { covariances, normals, curvatures } = target.neighbourhoods;
  const { rotation: R } = pose;
  const { points } = source;
  const moved = transformPoints(pose, points);
  const partners = matches.partners(pose);
  const [values, vectors] = [new Float64Array(3), new Float64Array(9)];
  const has = (j: number) => j >= 0 && (normals[3 * j] !== 0 || normals[3 * j + 1] !== 0 || normals[3 * j + 2] !== 0);
  let [all, flat] = [0, 0];
  for (const j of partners) {
    if (!has(j)) continue;
    all++;
    if (curvatures[j] <= EDGE) flat++;
  }
  const limit = 2 * flat >= all ? EDGE : 1;
  const [sums, errors, bends] = [new Accumulator(), new Accumulator(), new Accumulator()];
  const M = new Float64Array(6);
  const turned = (at: number, v: Float64Array): [number, number, number] => [
    R[0] * v[at] + R[3] * v[at + 1] + R[6] * v[at + 2],
    R[1] * v[at] + R[4] * v[at + 1] + R[7] * v[at + 2],
    R[2] * v[at] + R[5] * v[at + 1] + R[8] * v[at + 2],
  ];
  for (let i = 0; i < partners.length; i++) {
    const j = partners[i];
    if (!has(j) || curvatures[j] > limit) continue;
    const [px, py, pz] = [points[3 * i], points[3 * i + 1], points[3 * i + 2]];
    let [r, square] = [0, 0];
    for (let k = 0; k < 3; k++) {
      const d = moved[3 * i + k] - target.points[3 * j + k];
      r += normals[3 * j + k] * d;
      square += d * d;
    }
    sums.addPlane(px, py, pz, ...turned(3 * j, normals), r, 1);
    sums.squares += r * r;
    sums.plain += r * r;
    sums.loss += (r * r) / 2;
    sums.matches++;
    eigen3(covariances.subarray(6 * j, 6 * j + 6), values, vectors);
    M.fill(0);
    // The offset along the surface, half of it along each axis, times the curvature.
    const bend = (BEND * Math.max(0, square - r * r)) / 2;
    let more = 1;
    for (const k of [1, 2]) {
      const variance = Math.min(1, Math.max(0, values[0]) / (target.neighbours * values[k]));
      more = Math.min(MORE, Math.max(more, 1 + (bend * target.neighbours) / values[k]));
      const [a, b, c] = turned(3 * k, vectors);
      M[0] += variance * a * a;
      M[1] += variance * a * b;
      M[2] += variance * a * c;
      M[3] += variance * b * b;
      M[4] += variance * b * c;
      M[5] += variance * c * c;
    }
    errors.addPoint(px, py, pz, 0, 0, 0, M[0], M[1], M[2], M[3], M[4], M[5]);
    if (i % SOME !== 0) continue;
    for (let k = 0; k < 6; k++) M[k] *= SOME * more;
    bends.addPoint(px, py, pz, 0, 0, 0, M[0], M[1], M[2], M[3], M[4], M[5]);
  }
  return { system: sums.system(), noise: errors.system().H, bent: bends.system().H };
}

/**
 * For each of the six directions of an analysis, the fraction of the information in H that errors of normals explain,
 * minimised over the other block: near 1 where nothing else contributes.
 */
export function noiseShares(H: Float64Array, noise: Float64Array, directions: readonly Float64Array[]): Float64Array {
  const out = new Float64Array(6);
  for (let d = 0; d < 6; d++) {
    const v = new Float64Array(6);
    v.set(directions[d < 3 ? 0 : 1].subarray(3 * (d % 3), 3 * (d % 3) + 3), d < 3 ? 0 : 3);
    const x = withCompanions(H, v);
    const form = (A: Float64Array) =>
      x.reduce((sum, xi, i) => sum + xi * x.reduce((s, xj, j) => s + A[6 * i + j] * xj, 0), 0);
    const known = form(H);
    out[d] = known > 0 ? Math.min(1, form(noise) / known) : 1;
  }
  return out;
}
