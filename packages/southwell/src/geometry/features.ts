import type { PreparedCloud } from './prepared.ts';

/** Number of bins of each of the three histograms of a radius. */
const BINS = 11;
/** Length of a feature: three histograms at each of two radii. */
export const FEATURE = 2 * 3 * BINS;

/**
 * Pose-invariant surface descriptors: histograms of the angles between normals and the line between two points, over
 * the pairs of the point and, weighted by proximity, those of its neighbours (FPFH, Rusu et al. 2009). Normals have no
 * sign here, since scans do not record the viewpoint: angles are between 0° and 90°. O(n · neighbours).
 */
export function pointFeatures(cloud: PreparedCloud, radii: readonly [number, number]): Float32Array {
  const n = cloud.size;
  const { tree } = cloud;
  const { sorted } = tree;
  const normals = cloud.sortedNormals;
  const out = new Float32Array(FEATURE * n);
  const most = Math.min(n, 400);
  const places = new Int32Array(most);
  const squares = new Float64Array(most);
  const width = 3 * BINS;
  for (const [part, radius] of radii.entries()) {
    const simple = new Float64Array(width * n);
    const near: Int32Array[] = [];
    const far: Float64Array[] = [];
    for (let i = 0; i < n; i++) {
      const [x, y, z] = [sorted[3 * i], sorted[3 * i + 1], sorted[3 * i + 2]];
      const count = tree.nearestPlaces(x, y, z, most, places, squares, radius * radius);
      near.push(places.slice(0, count));
      far.push(squares.slice(0, count));
      const [a, b, c] = [normals[3 * i], normals[3 * i + 1], normals[3 * i + 2]];
      let pairs = 0;
      for (let k = 0; k < count; k++) {
        const j = places[k];
        if (squares[k] === 0) continue;
        const scale = 1 / Math.sqrt(squares[k]);
        const dx = (sorted[3 * j] - x) * scale;
        const dy = (sorted[3 * j + 1] - y) * scale;
        const dz = (sorted[3 * j + 2] - z) * scale;
        const [p, q, r] = [normals[3 * j], normals[3 * j + 1], normals[3 * j + 2]];
        const angles = [
          Math.abs(a * dx + b * dy + c * dz),
          Math.abs(p * dx + q * dy + r * dz),
          Math.abs(a * p + b * q + c * r),
        ];
        for (const [h, v] of angles.entries())
          simple[width * i + BINS * h + Math.min(BINS - 1, Math.floor(v * BINS))]++;
        pairs++;
      }
      for (let k = 0; k < width && pairs > 0; k++) simple[width * i + k] /= pairs;
    }
    for (let i = 0; i < n; i++) {
      const at = FEATURE * tree.order[i] + width * part;
      const sum = new Float64Array(width);
      let weights = 0;
      for (const [k, j] of near[i].entries()) {
        if (far[i][k] === 0) continue;
        const w = 1 / Math.sqrt(far[i][k]);
        weights += w;
        for (let m = 0; m < width; m++) sum[m] += w * simple[width * j + m];
      }
      for (let m = 0; m < width; m++) out[at + m] = simple[width * i + m] + (weights > 0 ? sum[m] / weights : 0);
    }
  }
  return out;
}

/** Mutual nearest neighbours of two clouds in feature space: pairs of indices, interleaved. O(n m). */
export function mutualMatches(a: Float32Array, b: Float32Array): number[] {
  const [n, m] = [a.length / FEATURE, b.length / FEATURE];
  const nearestOfA = new Int32Array(n).fill(-1);
  const nearestOfB = new Int32Array(m).fill(-1);
  const leastB = new Float64Array(m).fill(Number.POSITIVE_INFINITY);
  for (let i = 0; i < n; i++) {
    let least = Number.POSITIVE_INFINITY;
    for (let j = 0; j < m; j++) {
      const limit = Math.max(least, leastB[j]);
      let d = 0;
      for (let k = 0; k < FEATURE && d < limit; k += 6) {
        for (let q = k; q < k + 6; q++) d += (a[FEATURE * i + q] - b[FEATURE * j + q]) ** 2;
      }
      if (d < least) {
        least = d;
        nearestOfA[i] = j;
      }
      if (d < leastB[j]) {
        leastB[j] = d;
        nearestOfB[j] = i;
      }
    }
  }
  const out: number[] = [];
  for (let i = 0; i < n; i++) if (nearestOfA[i] >= 0 && nearestOfB[nearestOfA[i]] === i) out.push(i, nearestOfA[i]);
  return out;
}
