import { elementary } from '@southwell/numerics/special';
import type { Random } from 'southwell';

const { exp, log } = elementary;

/**
 * The rivals, reimplemented on plain rows: nearest prototypes, K-means, LaplacianShot. They have no code in common with
 * the method, nor do its initial points.
 */
export type Rows = readonly Float64Array[];

const squared = (a: Float64Array, b: Float64Array): number => {
  let sum = 0;
  for (let j = 0; j < a.length; j++) sum += (a[j] - b[j]) ** 2;
  return sum;
};

const meanOf = (rows: Rows): Float64Array => {
  const out = new Float64Array(rows[0].length);
  for (const row of rows) for (let j = 0; j < out.length; j++) out[j] += row[j] / rows.length;
  return out;
};

/** The nearest centre; ties go to the first. */
function nearest(x: Float64Array, centres: Rows): number {
  let [best, least] = [0, Number.POSITIVE_INFINITY];
  centres.forEach((c, k) => {
    const d = squared(x, c);
    if (d < least) [best, least] = [k, d];
  });
  return best;
}

/** A few-shot task: rows of unit norm, with the queries shifted so that their mean is that of the support. */
export interface Task {
  readonly support: Rows;
  /** The class of each, 0 … k − 1. */
  readonly labels: readonly number[];
  readonly query: Rows;
}

export function prepared({ support, labels, query }: Task): Task {
  const unit = (x: Float64Array) => {
    const length = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
    return x.map((v) => v / length);
  };
  const [S, Q] = [support.map(unit), query.map(unit)];
  const [to, from] = [meanOf(S), meanOf(Q)];
  return { support: S, labels, query: Q.map((x) => x.map((v, j) => v + to[j] - from[j])) };
}

const classMeans = ({ support, labels }: Task): Float64Array[] =>
  Array.from({ length: Math.max(...labels) + 1 }, (_, k) => meanOf(support.filter((_, p) => labels[p] === k)));

/** The class of each query by the nearest mean of a class (SimpleShot). */
export const byPrototypes = (task: Task): number[] => {
  const centres = classMeans(task);
  return task.query.map((x) => nearest(x, centres));
};

/** The class of each query by K-means on queries and support, whose labels are fixed, starting from the class means. */
export function byKMeans(task: Task): number[] {
  const { support, labels, query } = task;
  return kMeans([...support, ...query], classMeans(task), labels).slice(support.length);
}

/**
 * Lloyd's algorithm to convergence; the first rows may have fixed labels. A cluster that becomes empty keeps its
 * centre.
 */
export function kMeans(rows: Rows, start: Rows, held: readonly number[] = []): number[] {
  let centres = start;
  let found: number[] = [];
  for (;;) {
    const next = rows.map((x, p) => held[p] ?? nearest(x, centres));
    if (next.every((k, p) => k === found[p])) return found;
    found = next;
    const groups = centres.map((): Float64Array[] => []);
    rows.forEach((x, p) => {
      groups[next[p]].push(x);
    });
    centres = centres.map((c, k) => (groups[k].length > 0 ? meanOf(groups[k]) : c));
  }
}

/**
 * LaplacianShot: prototypes stay at the class means; z ← softmax(−a + λWz) on the symmetrised graph of two neighbours,
 * until no z changes by 1e-6, at most 600 times. Labels are fixed.
 */
export function byLaplacianShot(task: Task, lambda: number): number[] {
  const { support, labels, query } = task;
  const rows = [...support, ...query];
  const centres = classMeans(task);
  const oneHot = (k: number) => Float64Array.from(centres, (_, c) => Number(c === k));
  const a = costs(rows, centres);
  const links = rows.map((): Array<{ readonly to: number; readonly weight: number }> => []);
  rows.forEach((x, p) => {
    const far = rows.map((other, q) => (q === p ? Number.POSITIVE_INFINITY : squared(x, other)));
    const order = [...far.keys()].sort((a, b) => far[a] - far[b]);
    for (const q of order.slice(0, 2)) {
      links[p].push({ to: q, weight: 0.5 });
      links[q].push({ to: p, weight: 0.5 });
    }
  });
  const assigned = (z: Rows | undefined): Float64Array[] =>
    rows.map((_, p) => {
      if (p < labels.length) return oneHot(labels[p]);
      const u = a[p].map((v) => -v);
      for (const { to, weight } of z ? links[p] : [])
        for (let c = 0; c < u.length; c++) u[c] += lambda * weight * z![to][c];
      return softmax(u);
    });
  let z = assigned(undefined);
  for (let pass = 0; pass < 600; pass++) {
    const before = z;
    z = assigned(before);
    if (z.every((row, p) => row.every((v, c) => Math.abs(v - before[p][c]) < 1e-6))) break;
  }
  return z.slice(support.length).map((row) => row.indexOf(Math.max(...row)));
}

/** Compressed rows: point p has `weights[t]` for `indices[t]` with pointers[p] ≤ t < pointers[p + 1]. */
export interface Graph {
  readonly pointers: ArrayLike<number>;
  readonly indices: ArrayLike<number>;
  readonly weights: ArrayLike<number>;
}

/** a: the squared distance of every row to every centre. */
export const costs = (rows: Rows, centres: Rows): Float64Array[] =>
  rows.map((x) => Float64Array.from(centres, (c) => squared(x, c)));

/** F = Σ z (log z + a) − (λ/2) Σ W_pq z_p·z_q. */
export function relaxedEnergy(a: Rows, W: Graph, lambda: number, z: Rows): number {
  let F = 0;
  z.forEach((own, p) => {
    own.forEach((v, c) => {
      if (v > 0) F += v * (log(v) + a[p][c]);
    });
    for (let t = W.pointers[p]; t < W.pointers[p + 1]; t++) {
      const other = z[W.indices[t]];
      for (let c = 0; c < own.length; c++) F -= (lambda / 2) * W.weights[t] * own[c] * other[c];
    }
  });
  return F;
}

/** A bound pass over all points at once: z_p ← softmax(−a_p + λ Σ_q W_pq z_q). */
export const boundPass = (a: Rows, W: Graph, lambda: number, z: Rows): Float64Array[] =>
  a.map((own, p) => {
    const u = own.map((v) => -v);
    for (let t = W.pointers[p]; t < W.pointers[p + 1]; t++) {
      const other = z[W.indices[t]];
      for (let c = 0; c < u.length; c++) u[c] += lambda * W.weights[t] * other[c];
    }
    return softmax(u);
  });

function softmax(u: Float64Array): Float64Array {
  const most = Math.max(...u);
  const e = u.map((v) => exp(v - most));
  const total = e.reduce((a, b) => a + b, 0);
  return e.map((v) => v / total);
}

/** k rows drawn by k-means++: each with probability proportional to its squared distance from the previous ones. */
export function starts(rows: Rows, k: number, random: Random): Float64Array[] {
  const chosen = [rows[random.integer(rows.length)]];
  const far = rows.map((x) => squared(x, chosen[0]));
  while (chosen.length < k) {
    let rest = random.uniform() * far.reduce((a, b) => a + b, 0);
    let p = 0;
    while (p < rows.length - 1 && rest >= far[p]) rest -= far[p++];
    chosen.push(rows[p]);
    rows.forEach((x, q) => {
      far[q] = Math.min(far[q], squared(x, rows[p]));
    });
  }
  return chosen;
}
