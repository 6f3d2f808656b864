import { choiceOption, type OptionsOf } from '@southwell/numerics/core';
import type { Pose } from './pose.ts';
import type { PreparedCloud } from './prepared.ts';
import type { Robust } from './robust.ts';
import { Accumulator, type PoseSystem } from './system.ts';

/** Error metric between matched points. */
export const methodOption = choiceOption(
  { 'point-to-plane': 'point to plane', 'point-to-point': 'point to point', generalised: 'generalised' },
  {
    title: 'Method',
    about: 'error metric between matched points',
    argument: 'name',
    default: 'point-to-plane',
  },
);
export type RegistrationMethod = NonNullable<OptionsOf<{ method: typeof methodOption }>['method']>;
export const REGISTRATION_METHODS = Object.keys(methodOption.choices!) as readonly RegistrationMethod[];

/**
 * Variance of a point of a generalised cloud across its plane, relative to 1 along it (Segal, Haehnel & Thrun 2009).
 */
const ACROSS = 1e-3;

/**
 * Matches of each source point with the nearest target point, and the normal equations of the pose. A point is searched
 * again only if it has moved so far since its last search that another one may be nearer: the matches are those of a
 * full search.
 */
export class NearestMatches {
  private readonly places: Int32Array;
  /** Position of the point at its last search. */
  private readonly last: Float64Array;
  /**
   * How far it may move from there before its match may change: half the difference of the distances to the nearest and
   * second nearest.
   */
  private readonly slack: Float64Array;
  searches = 0;

  constructor(
    private readonly source: PreparedCloud,
    private readonly target: PreparedCloud,
    private readonly maxDistance: number,
  ) {
    const n = source.size;
    this.places = new Int32Array(n).fill(-1);
    this.last = new Float64Array(3 * n).fill(Number.POSITIVE_INFINITY);
    this.slack = new Float64Array(n).fill(-1);
  }

  /** Finds the matches of all points at a pose. */
  match({ rotation: R, translation: t }: Pose): void {
    const { places, last, slack, maxDistance } = this;
    const { tree } = this.target;
    const { found } = tree;
    const points = this.source.tree.sorted;
    const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = R;
    const [tx, ty, tz] = t;
    const bound = maxDistance * maxDistance;
    let searches = 0;
    for (let i = 0, k = 0; i < places.length; i++, k += 3) {
      const px = points[k];
      const py = points[k + 1];
      const pz = points[k + 2];
      const x = r0 * px + r1 * py + r2 * pz + tx;
      const y = r3 * px + r4 * py + r5 * pz + ty;
      const z = r6 * px + r7 * py + r8 * pz + tz;
      const free = slack[i];
      if (free > 0) {
        const mx = x - last[k];
        const my = y - last[k + 1];
        const mz = z - last[k + 2];
        if (mx * mx + my * my + mz * mz < free * free) continue;
      }
      searches++;
      const place = tree.nearestPlace(x, y, z, bound);
      places[i] = place;
      last[k] = x;
      last[k + 1] = y;
      last[k + 2] = z;
      // Rounding must not increase it.
      slack[i] = place < 0 ? -1 : 0.4999999 * (Math.sqrt(found[1]) - Math.sqrt(found[0]));
    }
    this.searches += searches;
  }

  /** Matches at a pose, and their normal equations. */
  linearise(pose: Pose, method: RegistrationMethod, kernel: Robust): PoseSystem {
    this.match(pose);
    const { rotation: R, translation: t } = pose;
    const { places, maxDistance } = this;
    const points = this.source.tree.sorted;
    const targets = this.target.tree.sorted;
    const normals = method === 'point-to-point' ? undefined : this.target.sortedNormals;
    const own = method === 'generalised' ? this.source.sortedNormals : undefined;
    const bound = maxDistance * maxDistance;
    const [r0, r1, r2, r3, r4, r5, r6, r7, r8] = R;
    const [tx, ty, tz] = t;
    const sums = new Accumulator();
    let [loss, squares, plain, matches] = [0, 0, 0, 0];
    for (let i = 0, k = 0; i < places.length; i++, k += 3) {
      const at = 3 * places[i];
      if (at < 0) continue;
      const px = points[k];
      const py = points[k + 1];
      const pz = points[k + 2];
      const dx = r0 * px + r1 * py + r2 * pz + tx - targets[at];
      const dy = r3 * px + r4 * py + r5 * pz + ty - targets[at + 1];
      const dz = r6 * px + r7 * py + r8 * pz + tz - targets[at + 2];
      const distance = dx * dx + dy * dy + dz * dz;
      // A match that was kept may now be too far away.
      if (distance >= bound) continue;
      if (!normals) {
        const r = Math.sqrt(distance);
        const w = kernel.weight(r);
        const ex = r0 * dx + r3 * dy + r6 * dz;
        const ey = r1 * dx + r4 * dy + r7 * dz;
        const ez = r2 * dx + r5 * dy + r8 * dz;
        sums.addPoint(px, py, pz, ex, ey, ez, w, 0, 0, w, 0, w);
        squares += w * distance;
        loss += kernel.loss(r);
      } else {
        const nx = normals[at];
        const ny = normals[at + 1];
        const nz = normals[at + 2];
        const mx = r0 * nx + r3 * ny + r6 * nz;
        const my = r1 * nx + r4 * ny + r7 * nz;
        const mz = r2 * nx + r5 * ny + r8 * nz;
        if (!own) {
          // Points without a plane give no equation.
          if (nx === 0 && ny === 0 && nz === 0) continue;
          const r = nx * dx + ny * dy + nz * dz;
          const size = r < 0 ? -r : r;
          const w = kernel.weight(size);
          sums.addPlane(px, py, pz, mx, my, mz, r, w);
          squares += w * r * r;
          loss += kernel.loss(size);
        } else {
          const ax = own[k];
          const ay = own[k + 1];
          const az = own[k + 2];
          const s = 1 - ACROSS;
          // The inverse of the sum of both covariances: 2 I − s (m mᵀ + a aᵀ).
          const cxx = 2 - s * (mx * mx + ax * ax);
          const cxy = -s * (mx * my + ax * ay);
          const cxz = -s * (mx * mz + ax * az);
          const cyy = 2 - s * (my * my + ay * ay);
          const cyz = -s * (my * mz + ay * az);
          const czz = 2 - s * (mz * mz + az * az);
          const ixx = cyy * czz - cyz * cyz;
          const ixy = cxz * cyz - cxy * czz;
          const ixz = cxy * cyz - cxz * cyy;
          const det = cxx * ixx + cxy * ixy + cxz * ixz;
          const f = 1 / det;
          const iyy = cxx * czz - cxz * cxz;
          const iyz = cxy * cxz - cxx * cyz;
          const izz = cxx * cyy - cxy * cxy;
          const ex = r0 * dx + r3 * dy + r6 * dz;
          const ey = r1 * dx + r4 * dy + r7 * dz;
          const ez = r2 * dx + r5 * dy + r8 * dz;
          const square =
            f * (ixx * ex * ex + iyy * ey * ey + izz * ez * ez + 2 * (ixy * ex * ey + ixz * ex * ez + iyz * ey * ez));
          const r = Math.sqrt(Math.max(square, 0));
          const w = kernel.weight(r);
          const wf = w * f;
          sums.addPoint(px, py, pz, ex, ey, ez, wf * ixx, wf * ixy, wf * ixz, wf * iyy, wf * iyz, wf * izz);
          squares += w * square;
          loss += kernel.loss(r);
        }
      }
      plain += distance;
      matches++;
    }
    sums.loss = loss;
    sums.squares = squares;
    sums.plain = plain;
    sums.matches = matches;
    return sums.system();
  }

  /** The match of each source point, as indices of points of the target cloud; −1 where it has none at this pose. */
  partners(pose: Pose): Int32Array {
    this.match(pose);
    const { order } = this.source.tree;
    const out = new Int32Array(order.length).fill(-1);
    for (let i = 0; i < order.length; i++)
      if (this.places[i] >= 0) out[order[i]] = this.target.tree.order[this.places[i]];
    return out;
  }
}
