import type { MatrixLike } from '@southwell/numerics/arrays';
import { fail, type Iterate, knownKeys, type OptionKeys, run, type Status } from '@southwell/numerics/core';
import { Points } from '../points.ts';
import { exactNeighbours, type Neighbours } from './exactNeighbours.ts';
import { NeighbourIndex } from './neighbourIndex.ts';

export type { Neighbours };

/** Nonnegative affinities by rows: point p has `weights[t]` with `indices[t]` for pointers[p] ≤ t < pointers[p+1]. */
export interface Affinity {
  readonly n: number;
  readonly pointers: Int32Array;
  readonly indices: Int32Array;
  readonly weights: Float64Array;
}

/** Up to so many points the exact search takes less time than the approximate one. */
const FEW = 2000;

/** How neighbours are searched: 'exact' takes O(n²d) time at most; 'approximate', by an inverted file, finds most of them in less. */
export const searches = ['exact', 'approximate'] as const;

export interface NeighbourOptions {
  /** Default 'exact'. */
  readonly search?: (typeof searches)[number];
  /** The share of the neighbours that the approximate search is to find, judged by a sample. Default 0.95. */
  readonly recall?: number;
  /** Of the approximate search. Default 0. */
  readonly seed?: number;
}

const neighbourKeys: OptionKeys<NeighbourOptions> = {
  search: true,
  recall: true,
  seed: true,
};

/** There are no neighbours before the search has ended, nor an objective; the metric is the fraction that is done. */
export type NeighbourIterate = Iterate<Neighbours | undefined, undefined>;

/**
 * The k nearest other points of every point: exactly, or by an inverted file. Up to 2000
 * points the search is exact. O(nk) memory beside the points.
 * @throws INVALID_PARAMETER.
 */
export function* neighbourIterates(
  points: Points,
  k: number,
  options: NeighbourOptions = {},
): Generator<NeighbourIterate> {
  knownKeys('neighbourIterates', options, neighbourKeys);
  const { n } = points;
  const { search = 'exact', recall, seed = 0 } = options;
  if (!Number.isInteger(k) || k < 1) {
    fail('INVALID_PARAMETER', `The number of neighbours must be a whole number of at least 1, not ${k}.`);
  }
  if (k >= n) fail('INVALID_PARAMETER', `${k} neighbours need at least ${k + 1} points, but there are ${n}.`);
  if (!searches.includes(search)) {
    fail('INVALID_PARAMETER', `search must be ${searches.map((s) => `'${s}'`).join(' or ')}, not '${search}'.`);
  }
  if (recall !== undefined && search === 'exact') {
    fail('INVALID_PARAMETER', "recall is of the search 'approximate'.");
  }
  const few = n <= Math.max(FEW, 4 * k);
  const steps =
    search === 'exact' || few ? exactNeighbours(points, k) : indexedNeighbours(points, k, recall ?? 0.95, seed);
  let neighbours: Neighbours | undefined;
  for (let iteration = 0; ; iteration++) {
    const step = steps.next();
    let done: Status | undefined;
    if (step.done) {
      neighbours = step.value;
      done = 'converged';
    }
    const metrics = { fraction: step.done ? 1 : step.value };
    yield { iteration, objective: undefined, metrics, work: {}, done, snapshot: () => neighbours };
    if (done) return;
  }
}

/** About that share of the k nearest other points of every point, by an inverted file. Yields the fraction that is done. */
function* indexedNeighbours(points: Points, k: number, recall: number, seed: number): Generator<number, Neighbours> {
  const { n } = points;
  if (!(recall >= 0 && recall <= 1)) fail('INVALID_PARAMETER', `recall must be from 0 to 1, not ${recall}.`);
  const index = NeighbourIndex.ofPoints(points, { seed });
  try {
    // Each point is a neighbour of itself, one that is always found.
    const probes = index.enough(points, k + 1, (recall * k + 1) / (k + 1));
    const found = yield* index.find(n, () => points.data, k + 1, probes);
    const indices = new Int32Array(n * k);
    const squaredDistances = new Float64Array(n * k);
    for (let p = 0; p < n; p++) {
      // Behind k twins of smaller index it may not be among them: then the last is left out.
      let skip = p * (k + 1);
      while (skip < (p + 1) * (k + 1) - 1 && found.indices[skip] !== p) skip++;
      for (let t = p * (k + 1), to = p * k; t < (p + 1) * (k + 1); t++) {
        if (t === skip) continue;
        indices[to] = found.indices[t];
        squaredDistances[to++] = found.squaredDistances[t];
      }
    }
    return { k, indices, squaredDistances };
  } finally {
    index.free();
  }
}

/**
 * The k nearest other rows of every row of X, by {@link neighbourIterates}.
 * @throws EMPTY, NON_FINITE, INVALID_PARAMETER (k outside 1 … n − 1).
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

/** @throws unless an affinity has n rows, indices within them and finite weights ≥ 0. */
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
