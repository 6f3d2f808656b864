import { symmetricEigen } from '@southwell/numerics/linalg';
import { diagonalOf } from '../points.ts';
import { type Pose, rotated } from '../pose.ts';
import { type PreparedCloud, prepareCloud } from '../prepared.ts';
import { Surface, surfaceOf } from './surface.ts';

/** A point lies on a surface if its nearest point there is within this many spacings … */
const NEAR = 2;
/** … it is within this fraction of the spacing of the plane there … */
const FLAT = 0.5;
/** … and the cosine between the normals is at least this: 26°. */
const PARALLEL = 0.9;
/**
 * Points within this many spacings must lie on the surface if the pose is right, unless they lie beside its end; others
 * are far from it.
 */
const WIDE = 8;
/** Spacings of points count as at most this many times the median: far points of a scan have nothing beside them. */
const SPARSE = 4;
/** Weight of points whose neighbours have no common plane: they say little, but what no other point says. */
const ROUGH = 0.1;
/** Motions with less information than this fraction of the largest are not judged. */
const TOLD = 0.02;
/** Points of rough clouds are averaged until they are this smooth on average, at most so many times, … */
const [SMOOTH, LEVELS] = [0.3, 3];
/** … each time in voxels of this many spacings, unless fewer points would be left. */
const [THINNER, FEWEST] = [2.5, 200];
/** Points that are nearer than this fraction of the diagonal coincide. */
const MERGED = 1e-6;

/** How the points of one cloud lie on the surface of another at a pose. */
export interface OneSided {
  /** The fraction of points within eight spacings of the other cloud: where both overlap. */
  readonly overlap: number;
  /** Of these, the fraction that lies on the other surface: as near as its spacing allows, and parallel to it. */
  readonly support: number;
  /**
   * That fraction among the points that constrain a motion, for the motion for which it is least. The floor agrees
   * at any rotation about its normal: only walls tell whether that is right.
   */
  readonly weakest: number;
  /** Number of points of the other cloud on which points lie. */
  readonly matched: number;
}

/** Compares poses of one pair of clouds. */
export class Agreements {
  private readonly source: Surface;
  private readonly target: Surface;
  /** The larger of the median spacings. */
  readonly spacing: number;
  /** Whether neighbours have normals, so that surfaces can be compared. */
  readonly smooth: boolean;

  constructor(source: PreparedCloud, target: PreparedCloud) {
    let [from, to] = [surfaceOf(source), surfaceOf(target)];
    const rough = () => Math.min(from.smoothness, to.smoothness) < SMOOTH;
    // Noise that hides the surface at the spacing of the points averages out over more of them.
    for (let level = 0; level < LEVELS && rough(); level++) {
      const spacing = Math.max(from.spacing, to.spacing);
      // Where most points coincide, they are merged first.
      const voxel = spacing > 0 ? THINNER * spacing : MERGED * diagonalOf(target.points);
      if (!(voxel > 0)) break;
      const [a, b] = [from.cloud, to.cloud].map((cloud) =>
        prepareCloud(cloud.points, { voxel, neighbours: cloud.neighbours }),
      );
      if (Math.min(a.size, b.size) < FEWEST) break;
      [from, to] = [new Surface(a), new Surface(b)];
    }
    [this.source, this.target] = [from, to];
    this.spacing = Math.max(from.spacing, to.spacing);
    this.smooth = !rough();
  }

  /** The agreement of the source with the target at a pose, and of the target with the source. O(log n). */
  at(pose: Pose): readonly [OneSided, OneSided] {
    const { rotation: R, translation: t } = pose;
    const transposed = Float64Array.of(R[0], R[3], R[6], R[1], R[4], R[7], R[2], R[5], R[8]);
    const back: Pose = { rotation: transposed, translation: rotated(transposed, t).map((v) => -v) };
    return [agreementOf(this.source, this.target, pose), agreementOf(this.target, this.source, back)];
  }

  /** Root mean square distance between the points of the source at two poses, relative to the spacing. */
  apart(a: Pose, b: Pose): number {
    const { sample, cloud } = this.source;
    let sum = 0;
    for (const place of sample) {
      const p = cloud.tree.sorted.subarray(3 * place, 3 * place + 3);
      const [u, v] = [rotated(a.rotation, p), rotated(b.rotation, p)];
      for (let k = 0; k < 3; k++) sum += (u[k] + a.translation[k] - v[k] - b.translation[k]) ** 2;
    }
    return Math.sqrt(sum / sample.length) / this.spacing;
  }
}

function agreementOf(from: Surface, to: Surface, { rotation: R, translation: t }: Pose): OneSided {
  const { sample, normals, planarity, cloud } = from;
  const points = cloud.tree.sorted;
  const { tree } = to.cloud;
  const targets = tree.sorted;
  const { spacing } = to;
  const bound = (WIDE * SPARSE * spacing) ** 2;
  const centred = new Centred(points, sample);
  const [all, agreed] = [new Float64Array(36), new Float64Array(36)];
  const J = new Float64Array(6);
  const matched = new Set<number>();
  let [inside, weight, supported] = [0, 0, 0];
  for (const place of sample) {
    const k = 3 * place;
    const x = R[0] * points[k] + R[1] * points[k + 1] + R[2] * points[k + 2] + t[0];
    const y = R[3] * points[k] + R[4] * points[k + 1] + R[5] * points[k + 2] + t[1];
    const z = R[6] * points[k] + R[7] * points[k + 1] + R[8] * points[k + 2] + t[2];
    const at = tree.nearestPlace(x, y, z, bound);
    if (at < 0) continue;
    to.look(at);
    const unit = Math.min(SPARSE * spacing, Math.max(spacing, to.spacings[at]));
    const distance = Math.sqrt(tree.found[0]);
    if (distance > WIDE * unit) continue;
    const [p, q, r] = [to.normals[3 * at], to.normals[3 * at + 1], to.normals[3 * at + 2]];
    const across = p * (x - targets[3 * at]) + q * (y - targets[3 * at + 1]) + r * (z - targets[3 * at + 2]);
    // Beside the end of the surface nothing is known.
    if (distance * distance - across * across > (NEAR * unit) ** 2) continue;
    inside++;
    const [a, b, c] = [normals[k], normals[k + 1], normals[k + 2]];
    if (a === 0 && b === 0 && c === 0) continue;
    const w = ROUGH + (1 - ROUGH) * planarity[place];
    const cosine =
      p * (R[0] * a + R[1] * b + R[2] * c) +
      q * (R[3] * a + R[4] * b + R[5] * c) +
      r * (R[6] * a + R[7] * b + R[8] * c);
    const on = distance <= NEAR * unit && Math.abs(across) <= FLAT * unit && Math.abs(cosine) >= PARALLEL;
    centred.row(k, a, b, c, J);
    weight += w;
    if (on) {
      supported += w;
      matched.add(at);
    }
    for (let i = 0; i < 6; i++) {
      for (let j = 0; j < 6; j++) {
        all[6 * i + j] += w * J[i] * J[j];
        if (on) agreed[6 * i + j] += w * J[i] * J[j];
      }
    }
  }
  return {
    overlap: inside / sample.length,
    support: weight > 0 ? supported / weight : 0,
    weakest: weight > 0 ? leastShare(all, agreed) : 0,
    matched: matched.size,
  };
}

/** Effects of motions about the centre of the points, at lengths at which rotations and translations compare. */
class Centred {
  private readonly centre = [0, 0, 0];
  private readonly radius: number;

  constructor(
    private readonly points: Float64Array,
    sample: Int32Array,
  ) {
    const { centre } = this;
    for (const place of sample) for (let k = 0; k < 3; k++) centre[k] += points[3 * place + k] / sample.length;
    let squares = 0;
    for (const place of sample) for (let k = 0; k < 3; k++) squares += (points[3 * place + k] - centre[k]) ** 2;
    this.radius = Math.sqrt(squares / sample.length) || 1;
  }

  /** (p × n, n) for a point at offset k; the lever is at most 1, since the farthest points are the least certain. */
  row(k: number, a: number, b: number, c: number, J: Float64Array): void {
    const { points, centre, radius } = this;
    const [x, y, z] = [points[k] - centre[0], points[k + 1] - centre[1], points[k + 2] - centre[2]];
    const scale = 1 / Math.max(radius, Math.sqrt(x * x + y * y + z * z));
    J[0] = scale * (y * c - z * b);
    J[1] = scale * (z * a - x * c);
    J[2] = scale * (x * b - y * a);
    J[3] = a;
    J[4] = b;
    J[5] = c;
  }
}

/** The least vᵀBv/vᵀAv over the eigenvectors of A that the points constrain. */
function leastShare(A: Float64Array, B: Float64Array): number {
  const { values, vectors } = symmetricEigen(A, 6);
  const largest = Math.max(...values);
  let least = 1;
  for (let m = 0; m < 6; m++) {
    if (!(values[m] > TOLD * largest)) continue;
    let form = 0;
    for (let i = 0; i < 6; i++)
      for (let j = 0; j < 6; j++) form += vectors[6 * i + m] * B[6 * i + j] * vectors[6 * j + m];
    least = Math.min(least, form / values[m]);
  }
  return Math.max(0, least);
}
