import type { MatrixLike } from '@southwell/numerics/arrays';
import { fail, type Iterate, knownKeys, type OptionKeys, Random, run, type Status } from '@southwell/numerics/core';
import { neighbourDescent } from './neighbourDescent.ts';
import { Distances, Points, WIDTH } from './points.ts';

export interface Neighbours {
  /** Neighbours of each point. */
  readonly k: number;
  /** The neighbours of point p at p·k … (p+1)·k − 1, nearest first; of two at one distance, that of the smaller index. */
  readonly indices: Int32Array;
  readonly squaredDistances: Float64Array;
}

/** Nonnegative affinities by rows: point p has `weights[t]` with `indices[t]` for pointers[p] ≤ t < pointers[p+1]. */
export interface Affinity {
  readonly n: number;
  readonly pointers: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Up to so many points the exact search takes less time than the approximate one. */
const FEW = 2000;

export interface NeighbourOptions {
  /** 'exact' takes O(n²d) time; 'approximate' finds nearly all of them in little more than O(nd). Default 'exact'. */
  readonly search?: 'exact' | 'approximate';
  /** Of the approximate search. Default 0. */
  readonly seed?: number;
}

const neighbourKeys: OptionKeys<NeighbourOptions> = {
  search: true,
  seed: true,
};

/** There are no neighbours before the search has ended, nor an objective; the metric is the fraction that is done. */
export type NeighbourIterate = Iterate<Neighbours | undefined, undefined>;

/**
 * The k nearest other points of every point: exactly by blocked matrix products, or approximately by
 * {@link neighbourDescent}. O(nk) memory.
 */
export function* neighbourIterates(
  points: Points,
  k: number,
  options: NeighbourOptions = {},
): Generator<NeighbourIterate> {
  knownKeys('neighbourIterates', options, neighbourKeys);
  const { n } = points;
  const { search = 'exact', seed = 0 } = options;
  if (!Number.isInteger(k) || k < 1) {
    fail('INVALID_PARAMETER', `The number of neighbours must be a whole number of at least 1, not ${k}.`);
  }
  if (k >= n) fail('INVALID_PARAMETER', `${k} neighbours need at least ${k + 1} points, but there are ${n}.`);
  if (search !== 'exact' && search !== 'approximate') {
    fail('INVALID_PARAMETER', `search must be 'exact' or 'approximate', not '${search}'.`);
  }
  const found =
    search === 'exact' || n <= Math.max(FEW, 4 * k)
      ? exactNeighbours(points, k)
      : neighbourDescent(points, k, new Random(seed));
  let neighbours: Neighbours | undefined;
  for (let iteration = 0; ; iteration++) {
    const step = found.next();
    let done: Status | undefined;
    if (step.done) {
      neighbours = ordered(points, k, step.value.indices);
      done = step.value.status;
    }
    const metrics = { fraction: step.done ? 1 : step.value };
    yield { iteration, objective: undefined, metrics, work: {}, done, snapshot: () => neighbours };
    if (done) return;
  }
}

/** What either search ends with: neighbours in no order, n × k. */
interface Found {
  readonly indices: Int32Array;
  readonly status: Status;
}

/** Neighbours by blocked matrix products, each pair once: n × k, in nearly the right order. O(n²d/2). */
function* exactNeighbours(points: Points, k: number): Generator<number, Found> {
  const { n, d } = points;
  const indices = new Int32Array(n * k);
  const squaredDistances = new Float64Array(n * k).fill(Number.POSITIVE_INFINITY);
  const distances = new Distances(points, Math.min(WIDTH, n));
  const chunk = new Float64Array(Math.min(WIDTH, n) * d);
  const bound = (p: number) => squaredDistances[p * k + k - 1];
  const found = (p: number, q: number, distance: number) => {
    // The bound has sunk since, where others were found.
    if (distance < bound(p) && p !== q) insert(squaredDistances, indices, p * k, p * k + k - 1, distance, q);
  };
  try {
    let done = 0;
    // Blocks in order, so that of points at one distance those before come first.
    for (let c0 = 0; c0 < n; c0 += WIDTH) {
      const m = Math.min(WIDTH, n - c0);
      chunk.set(points.data.subarray(c0 * d, (c0 + m) * d));
      distances.setCentres(chunk, m);
      for (let from = c0; from < n; from += WIDTH) {
        const count = Math.min(WIDTH, n - from);
        distances.nearer(from, count, c0, bound, found);
        done += m * count * (from === c0 ? 1 : 2);
        yield done / (n * n);
      }
    }
  } finally {
    distances.free();
  }
  return { indices, status: 'converged' };
}

/** Distances anew, without what the products lost, and the neighbours in their order; in place. O(nk(d + log k)). */
function ordered(points: Points, k: number, indices: Int32Array): Neighbours {
  const { n, data } = points;
  const squaredDistances = new Float64Array(n * k);
  const found = new Int32Array(k);
  const exact = new Float64Array(k);
  for (let p = 0; p < n; p++) {
    found.set(indices.subarray(p * k, (p + 1) * k));
    for (let t = 0; t < k; t++) exact[t] = points.distance(p, data, found[t]);
    const order = Array.from(found.keys()).sort((a, b) => exact[a] - exact[b] || found[a] - found[b]);
    order.forEach((t, r) => {
      indices[p * k + r] = found[t];
      squaredDistances[p * k + r] = exact[t];
    });
  }
  return { k, indices, squaredDistances };
}

function insert(values: Float64Array, tags: Int32Array, first: number, last: number, v: number, tag: number): void {
  let at = last;
  while (at > first && values[at - 1] > v) {
    values[at] = values[at - 1];
    tags[at] = tags[at - 1];
    at--;
  }
  values[at] = v;
  tags[at] = tag;
}

/**
 * The k nearest other rows of every row of X, by {@link neighbourIterates}. Throws EMPTY, NON_FINITE, INVALID_PARAMETER (k
 * outside 1 … n − 1).
 */
export function nearestNeighbours(X: MatrixLike, k: number, options: NeighbourOptions = {}): Neighbours {
  knownKeys('nearestNeighbours', options, neighbourKeys);
  const points = Points.from(X);
  try {
    return run(neighbourIterates(points, k, options)).point!;
  } finally {
    points.matrix.free();
  }
}

export interface AffinityOptions {
  /** Not made symmetric. Default false. */
  readonly directed?: boolean;
}

const affinityKeys: OptionKeys<AffinityOptions> = { directed: true };

/**
 * The graph of nearest neighbours with weights 1: symmetric, (W + Wᵀ)/2, unless `directed`. O(nk).
 */
export function neighbourAffinity(neighbours: Neighbours, options: AffinityOptions = {}): Affinity {
  knownKeys('neighbourAffinity', options, affinityKeys);
  const { k, indices: to } = neighbours;
  const n = to.length / k;
  if (options.directed) {
    const pointers = Int32Array.from({ length: n + 1 }, (_, p) => p * k);
    return { n, pointers, indices: to.slice(), weights: new Float64Array(n * k).fill(1) };
  }
  const rows = Array.from({ length: n }, () => new Map<number, number>());
  for (let p = 0; p < n; p++) {
    for (let t = p * k; t < (p + 1) * k; t++) {
      const q = to[t];
      rows[p].set(q, (rows[p].get(q) ?? 0) + 0.5);
      rows[q].set(p, (rows[q].get(p) ?? 0) + 0.5);
    }
  }
  return affinityOfRows(rows);
}

function affinityOfRows(rows: ReadonlyArray<ReadonlyMap<number, number>>): Affinity {
  const n = rows.length;
  const pointers = new Int32Array(n + 1);
  for (let p = 0; p < n; p++) pointers[p + 1] = pointers[p] + rows[p].size;
  const indices = new Int32Array(pointers[n]);
  const weights = new Float64Array(pointers[n]);
  for (let p = 0; p < n; p++) {
    let at = pointers[p];
    for (const q of [...rows[p].keys()].sort((a, b) => a - b)) {
      indices[at] = q;
      weights[at++] = rows[p].get(q)!;
    }
  }
  return { n, pointers, indices, weights };
}

/** Throws unless an affinity has n rows, indices within them and finite weights ≥ 0. */
export function checkAffinity({ n, pointers, indices, weights }: Affinity, points: number): void {
  if (
    n !== points ||
    pointers.length !== n + 1 ||
    indices.length !== weights.length ||
    pointers[n] !== indices.length
  ) {
    fail('INVALID_SHAPE', `The affinity must be a graph of the ${points} points, but has ${n} rows.`);
  }
  for (let t = 0; t < indices.length; t++) {
    if (!(indices[t] >= 0 && indices[t] < n))
      fail('INVALID_SHAPE', `Point ${indices[t]} of the affinity does not exist.`);
    if (!(weights[t] >= 0 && weights[t] < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `Affinities must be finite and at least 0, not ${weights[t]}.`);
    }
  }
}

/** The sum of squared distances along the edges, for the width of kernels. */
export function edgeSquares(points: Points, { n, pointers, indices, weights }: Affinity): number {
  let sum = 0;
  for (let p = 0; p < n; p++) {
    for (let t = pointers[p]; t < pointers[p + 1]; t++) sum += weights[t] * points.distance(p, points.data, indices[t]);
  }
  return sum;
}
