import { eigen3 } from './eigen3.ts';
import type { KdTree } from './kdTree.ts';
import type { Pose } from './pose.ts';
import { Accumulator, type PoseSystem } from './system.ts';

/** How a plane is fitted to neighbours: by their covariance, or by a x + b y + c z = −1 as in LOAM. */
export const planeFitTitles = { pca: 'covariance', loam: 'as LOAM' } as const;
export type PlaneFit = keyof typeof planeFitTitles;

export interface FittedOptions {
  readonly neighbours: number;
  readonly searchRadius: number;
  readonly planeFit: PlaneFit;
  readonly planeTolerance: number;
  readonly robustWeight: boolean;
}

/** A plane n · q + d = 0 with unit normal n. */
type Plane = Float64Array;

/** Matches of points with planes fitted to their nearest target points, as in LOAM and DCReg. */
export class FittedMatches {
  private readonly places: Int32Array;
  private readonly squares: Float64Array;
  private readonly plane: Plane = new Float64Array(4);
  private readonly around: Float64Array;
  private readonly covariance = new Float64Array(6);
  private readonly values = new Float64Array(3);
  private readonly vectors = new Float64Array(9);

  constructor(
    private readonly points: Float64Array,
    private readonly tree: KdTree,
    private readonly options: FittedOptions,
  ) {
    this.places = new Int32Array(options.neighbours);
    this.squares = new Float64Array(options.neighbours);
    this.around = new Float64Array(3 * options.neighbours);
  }

  linearise({ rotation: R, translation: t }: Pose): PoseSystem {
    const { points, plane } = this;
    const { robustWeight } = this.options;
    const sums = new Accumulator();
    for (let k = 0; k < points.length; k += 3) {
      const [px, py, pz] = [points[k], points[k + 1], points[k + 2]];
      const x = R[0] * px + R[1] * py + R[2] * pz + t[0];
      const y = R[3] * px + R[4] * py + R[5] * pz + t[1];
      const z = R[6] * px + R[7] * py + R[8] * pz + t[2];
      if (!this.planeAt(x, y, z)) continue;
      const r = plane[0] * x + plane[1] * y + plane[2] * z + plane[3];
      const s = robustWeight ? Math.max(0, 1 - 0.9 * Math.abs(r)) : 1;
      if (s <= 0.1) continue;
      const mx = R[0] * plane[0] + R[3] * plane[1] + R[6] * plane[2];
      const my = R[1] * plane[0] + R[4] * plane[1] + R[7] * plane[2];
      const mz = R[2] * plane[0] + R[5] * plane[1] + R[8] * plane[2];
      const w = s * s;
      sums.addPlane(px, py, pz, mx, my, mz, r, w);
      sums.squares += w * r * r;
      sums.loss += (w * r * r) / 2;
      sums.plain += r * r;
      sums.matches++;
    }
    return sums.system();
  }

  /** Fits the plane; returns false if neighbours are too few, too far or not coplanar. */
  private planeAt(x: number, y: number, z: number): boolean {
    const { tree, places, squares, plane, around } = this;
    const { neighbours, searchRadius, planeFit, planeTolerance } = this.options;
    const count = tree.nearestPlaces(x, y, z, neighbours, places, squares, searchRadius * searchRadius);
    if (count < neighbours) return false;
    for (let j = 0; j < count; j++) {
      const at = 3 * places[j];
      around[3 * j] = tree.sorted[at];
      around[3 * j + 1] = tree.sorted[at + 1];
      around[3 * j + 2] = tree.sorted[at + 2];
    }
    if (!(planeFit === 'pca' ? this.byCovariance(count) : byUnitOffset(around, count, plane))) return false;
    for (let k = 0; k < 3 * count; k += 3) {
      const off = plane[0] * around[k] + plane[1] * around[k + 1] + plane[2] * around[k + 2] + plane[3];
      if (!(Math.abs(off) < planeTolerance)) return false;
    }
    return true;
  }

  private byCovariance(count: number): boolean {
    const { around, covariance, values, vectors, plane } = this;
    const mean = [0, 0, 0];
    for (let k = 0; k < 3 * count; k++) mean[k % 3] += around[k] / count;
    covariance.fill(0);
    for (let k = 0; k < 3 * count; k += 3) {
      const x = around[k] - mean[0];
      const y = around[k + 1] - mean[1];
      const z = around[k + 2] - mean[2];
      covariance[0] += x * x;
      covariance[1] += x * y;
      covariance[2] += x * z;
      covariance[3] += y * y;
      covariance[4] += y * z;
      covariance[5] += z * z;
    }
    eigen3(covariance, values, vectors);
    if (!(values[1] > 1e-9 * values[2])) return false;
    for (let k = 0; k < 3; k++) plane[k] = vectors[k];
    plane[3] = -(plane[0] * mean[0] + plane[1] * mean[1] + plane[2] * mean[2]);
    return true;
  }
}

/**
 * Least-squares fit of a x + b y + c z = −1 by Householder QR with column pivoting, dropping dependent columns: it
 * cannot represent planes through the origin. Returns the plane with unit normal.
 */
function byUnitOffset(around: Float64Array, count: number, plane: Plane): boolean {
  const A = around.slice(0, 3 * count);
  const b = new Float64Array(count).fill(-1);
  const order = [0, 1, 2];
  const diagonal = [0, 0, 0];
  let rank = 0;
  for (let step = 0; step < 3; step++) {
    const norms = order.map((column, k) => {
      let sum = 0;
      if (k >= step) for (let i = step; i < count; i++) sum += A[3 * i + column] ** 2;
      return sum;
    });
    let pivot = step;
    for (let k = step + 1; k < 3; k++) if (norms[k] > norms[pivot]) pivot = k;
    const size = Math.sqrt(norms[pivot]);
    if (size <= 3 * 2 ** -52 * Math.abs(diagonal[0])) break;
    if (size === 0) break;
    [order[step], order[pivot]] = [order[pivot], order[step]];
    const column = order[step];
    const head = A[3 * step + column];
    const beta = head > 0 ? -size : size;
    const v = Array.from({ length: count }, (_, i) => (i < step ? 0 : i === step ? head - beta : A[3 * i + column]));
    const vv = v.reduce((sum, w) => sum + w * w, 0);
    const reflect = (get: (i: number) => number, set: (i: number, value: number) => void) => {
      let along = 0;
      for (let i = step; i < count; i++) along += v[i] * get(i);
      for (let i = step; i < count; i++) set(i, get(i) - (2 * along * v[i]) / vv);
    };
    for (let k = step; k < 3; k++) {
      const c = order[k];
      reflect(
        (i) => A[3 * i + c],
        (i, value) => {
          A[3 * i + c] = value;
        },
      );
    }
    reflect(
      (i) => b[i],
      (i, value) => {
        b[i] = value;
      },
    );
    diagonal[step] = beta;
    rank++;
  }
  const x = [0, 0, 0];
  for (let k = rank - 1; k >= 0; k--) {
    let value = b[k];
    for (let j = k + 1; j < rank; j++) value -= A[3 * k + order[j]] * x[order[j]];
    x[order[k]] = value / A[3 * k + order[k]];
  }
  const length = Math.sqrt(x[0] * x[0] + x[1] * x[1] + x[2] * x[2]);
  if (!(length > 0 && Number.isFinite(length))) return false;
  for (let k = 0; k < 3; k++) plane[k] = x[k] / length;
  plane[3] = 1 / length;
  return true;
}
