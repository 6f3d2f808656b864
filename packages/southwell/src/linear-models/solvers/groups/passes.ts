// Passes over all groups. They are functions of arrays alone: the engine compiles these in a millisecond, and a method
// with all that it calls in five or ten. Arrays grouped by feature have K entries a feature.
import type { GroupPenalty } from './penalty.ts';

/** Columns by group: group u has columns[starts[u]] … columns[starts[u+1] − 1]. */
export interface Groups {
  readonly starts: Int32Array;
  readonly columns: Int32Array;
}

/** ‖S(u, l1)‖₂ over the entries of the features columns[from … to), K a feature. */
export function softNormOf(
  u: Float64Array,
  columns: Int32Array,
  from: number,
  to: number,
  K: number,
  l1: number,
): number {
  let sum = 0;
  for (let a = from; a < to; a++) {
    const end = columns[a] * K + K;
    for (let i = end - K; i < end; i++) {
      const e = Math.abs(u[i]) - l1;
      if (e > 0) sum += e * e;
    }
  }
  return Math.sqrt(sum);
}

/**
 * Whether ‖S(u, l1)‖₂ ≤ l2 for every u of this norm: ‖S(u, l1)‖₂ is the distance to the ball ‖·‖_∞ ≤ l1, at most that to
 * the ball ‖·‖₂ ≤ l1 inside it.
 */
export const within = (norm: number, l1: number, l2: number): boolean => norm <= (l1 + l2) * (1 - 1e-12);

/** The groups whose gradient, of these norms or less, may be outside its threshold. */
export function outside(sizes: Float64Array, { l1, l2 }: GroupPenalty): Int32Array {
  const list = new Int32Array(sizes.length);
  let count = 0;
  for (let u = 0; u < sizes.length; u++) {
    list[count] = u;
    count += Number(!within(sizes[u], l1[u], l2[u]));
  }
  return list.subarray(0, count);
}

/** b times the scale of its feature, K a feature; zeros remain zero. */
export function scaled(b: Float64Array, scale: Float64Array, K: number): Float64Array {
  const out = new Float64Array(b.length);
  for (let j = 0, a = 0; j < scale.length; j++) {
    // Adding 0 turns −0 into 0.
    for (const end = a + K; a < end; a++) if (b[a] !== 0) out[a] = b[a] * scale[j] + 0;
  }
  return out;
}

/** ‖g_u‖₂. */
export const measure = (g: Float64Array, { starts, columns }: Groups, u: number, K: number): number =>
  softNormOf(g, columns, starts[u], starts[u + 1], K, 0);

/** sizes[u] ← ‖g_u‖₂. */
export function measureAll(g: Float64Array, { starts, columns }: Groups, K: number, sizes: Float64Array): void {
  for (let u = 0; u < sizes.length; u++) sizes[u] = softNormOf(g, columns, starts[u], starts[u + 1], K, 0);
}

/**
 * Of each group what is to stay below its limit: ‖S(g_u, l1)‖₂ and l2, or ‖g_u‖₂ and l1 without l2. The soft threshold is
 * computed only if there are both.
 */
export function pullsOn(
  g: Float64Array,
  { starts, columns }: Groups,
  K: number,
  { l1, l2 }: GroupPenalty,
  sizes: Float64Array,
  pulls: Float64Array,
  limits: Float64Array,
): void {
  for (let u = 0; u < pulls.length; u++) {
    const both = l1[u] > 0 && l2[u] > 0;
    pulls[u] = both ? softNormOf(g, columns, starts[u], starts[u + 1], K, l1[u]) : sizes[u];
    limits[u] = l2[u] > 0 ? l2[u] : l1[u];
  }
}

/** active[u] ← whether b_u ≠ 0, with the group of each feature in `groupOf`; returns how many are. */
export function mark(b: Float64Array, groupOf: Int32Array, K: number, active: Float64Array): number {
  active.fill(0);
  let count = 0;
  for (let a = 0; a < b.length; a++) {
    if (b[a] === 0) continue;
    const u = groupOf[Math.floor(a / K)];
    if (active[u] === 0) count++;
    active[u] = 1;
  }
  return count;
}

/** The group of each of p features. */
export function groupsOf({ starts, columns }: Groups, p: number): Int32Array {
  const groupOf = new Int32Array(p);
  for (let u = 0; u + 1 < starts.length; u++) {
    for (let a = starts[u]; a < starts[u + 1]; a++) groupOf[columns[a]] = u;
  }
  return groupOf;
}
