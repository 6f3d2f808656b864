import type { Points } from '@southwell/numerics/neighbours';
import { elementary } from '@southwell/numerics/special';

const { exp } = elementary;

/** The points of every cluster, by a counting sort: those of cluster c from starts[c] to starts[c + 1]. */
export function members(labels: Int32Array, k: number): { starts: Int32Array; order: Int32Array } {
  const starts = new Int32Array(k + 1);
  for (const c of labels) starts[c + 1]++;
  for (let c = 0; c < k; c++) starts[c + 1] += starts[c];
  const next = starts.slice(0, k);
  const order = new Int32Array(labels.length);
  labels.forEach((c, p) => {
    order[next[c]++] = p;
  });
  return { starts, order };
}

/** A rule that writes the prototype of one cluster, with the (non-empty) `list` of its points, to `centres[c·d …]`. */
export type PrototypeRule = (points: Points, list: Int32Array, centres: Float64Array, c: number) => void;

/** The mean. O(size · d). */
export const mean: PrototypeRule = (points, list, centres, c) => {
  const { data, d } = points;
  const ct = c * d;
  centres.fill(0, ct, ct + d);
  for (const p of list) for (let j = 0; j < d; j++) centres[ct + j] += data[p * d + j];
  for (let j = 0; j < d; j++) centres[ct + j] /= list.length;
};

/**
 * Mean shift within the cluster, from the present prototype: c ← Σ w_p x_p / Σ w_p, w_p = exp(−‖x_p − c‖²/(2σ²)), until
 * no coordinate moves by 1e-5 of the largest, at most 1000 times. If the prototype is beyond the reach of the kernel,
 * it starts at the mean. O(size · d) a step.
 */
export const meanShift =
  (sigma2: number): PrototypeRule =>
  (points, list, centres, c) => {
    const { d } = points;
    const ct = c * d;
    const next = new Float64Array(d);
    let restarted = false;
    for (let step = 0; step < 1000; step++) {
      const { data } = points;
      next.fill(0);
      let total = 0;
      for (const p of list) {
        const w = exp(-points.distance(p, centres, c) / (2 * sigma2));
        total += w;
        for (let j = 0; j < d; j++) next[j] += w * data[p * d + j];
      }
      if (!(total > 0)) {
        if (restarted) return;
        restarted = true;
        mean(points, list, centres, c);
        continue;
      }
      let change = 0;
      let size = 0;
      for (let j = 0; j < d; j++) {
        const v = next[j] / total;
        change = Math.max(change, Math.abs(v - centres[ct + j]));
        size = Math.max(size, Math.abs(centres[ct + j]));
        centres[ct + j] = v;
      }
      if (change < 1e-5 * size || change === 0) return;
    }
  };

/** The point of the cluster that maximises Σ_q exp(−‖x_p − x_q‖²/(2σ²)). O(size² · d). */
export const mode =
  (sigma2: number): PrototypeRule =>
  (points, list, centres, c) => {
    const { data, d } = points;
    const density = new Float64Array(list.length);
    for (let a = 0; a < list.length; a++) {
      density[a] += 1;
      for (let b = a + 1; b < list.length; b++) {
        const w = exp(-points.distance(list[a], data, list[b]) / (2 * sigma2));
        density[a] += w;
        density[b] += w;
      }
    }
    let best = 0;
    for (let a = 1; a < list.length; a++) if (density[a] > density[best]) best = a;
    centres.set(data.subarray(list[best] * d, (list[best] + 1) * d), c * d);
  };
