import type { MatrixLike } from '@southwell/numerics/arrays';
import { fail, type Iterate, knownKeys, type OptionKeys, run, type Status } from '@southwell/numerics/core';
import { exactNeighbours, type Neighbours } from './exactNeighbours.ts';
import { NeighbourIndex } from './neighbourIndex.ts';
import { Points } from './points.ts';

export type { Neighbours };

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
