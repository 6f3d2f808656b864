import type { MatrixLike } from '@southwell/numerics/arrays';
import { fail, type Iterate, knownKeys, type OptionKeys, run, type Status } from '@southwell/numerics/core';
import { exactNeighbours, type Neighbours } from './exactNeighbours.ts';
import { NeighbourIndex } from './neighbourIndex.ts';
import { Points } from './points.ts';

export type { Neighbours };

/** Up to this many points, the exact search is faster than the approximate one. */
const FEW = 2000;

/**
 * Search algorithm: 'exact' takes O(n²d) time at most; 'approximate' uses an inverted file and finds most neighbours in
 * less.
 */
export const searches = ['exact', 'approximate'] as const;

export interface NeighbourOptions {
  /** Default 'exact'. */
  readonly search?: (typeof searches)[number];
  /** Target recall of the approximate search, estimated on a sample. Default 0.95. */
  readonly recall?: number;
  /** Seed of the approximate search. Default 0. */
  readonly seed?: number;
}

const neighbourKeys: OptionKeys<NeighbourOptions> = {
  search: true,
  recall: true,
  seed: true,
};

/**
 * No neighbours are available until the search has ended, and there is no objective; the metric is the completed
 * fraction.
 */
export type NeighbourIterate = Iterate<Neighbours | undefined, undefined>;

/**
 * The k nearest other points of every point: exactly, or by an inverted file. Up to 2000 points the search is always
 * exact. O(nk) memory beside the points.
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
    fail('INVALID_PARAMETER', "recall applies to search 'approximate' only.");
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

/**
 * Approximate k nearest other points of every point with the given recall, by an inverted file. Yields the completed
 * fraction.
 */
function* indexedNeighbours(points: Points, k: number, recall: number, seed: number): Generator<number, Neighbours> {
  const { n } = points;
  if (!(recall >= 0 && recall <= 1)) fail('INVALID_PARAMETER', `recall must be from 0 to 1, not ${recall}.`);
  const index = NeighbourIndex.ofPoints(points, { seed });
  try {
    // The recall is adjusted for the fact that each point always finds itself.
    const probes = index.enough(points, k + 1, (recall * k + 1) / (k + 1));
    const found = yield* index.find(n, () => points.data, k + 1, probes);
    const indices = new Int32Array(n * k);
    const squaredDistances = new Float64Array(n * k);
    for (let p = 0; p < n; p++) {
      // With k duplicates of smaller index the point itself may not be among them; the last one is then left out.
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
 * The k nearest other rows of every row of X; see {@link neighbourIterates}.
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
