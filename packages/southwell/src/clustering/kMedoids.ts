import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  type Certificate,
  checkOption,
  checkOptions,
  choiceOption,
  fail,
  type Iterate,
  inOnePlace,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  only,
  Random,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { type Clustering, restartRecords } from './centres/kMeans.ts';
import { bestOf, type RestartState } from './centres/restarts.ts';
import { checkClusters } from './checks.ts';

export const medoidRecords = {
  /** Distance between rows: √Σ(x − y)² or Σ|x − y|. Default 'euclidean'. */
  metric: choiceOption(
    { euclidean: 'Euclidean', manhattan: 'Manhattan, the sum of differences' },
    { title: 'Distance', about: 'distance between rows', argument: 'name', default: 'euclidean' },
  ),
};

const startRecords = { ...medoidRecords, seed: restartRecords.seed };

export interface MedoidStart extends OptionsOf<typeof startRecords> {}

export type MedoidMetric = NonNullable<MedoidStart['metric']>;

/** Clusters with rows of the data as prototypes. */
export interface Medoids extends Clustering {
  /** Row index of each prototype, from 0. */
  readonly medoids: Int32Array;
}

/** State of the swaps, as plain data. */
export interface MedoidState {
  readonly iteration: number;
  readonly medoids: Int32Array;
  /** The next row to try. */
  readonly candidate: number;
  /** Number of rows tried since the last swap, and the largest gain among them. */
  readonly quiet: number;
  readonly best: number;
  readonly swaps: number;
}

export interface KMedoidsOptions
  extends MedoidStart,
    OptionsOf<typeof restartRecords>,
    Omit<RunOptions<Medoids>, 'tol'> {
  /** State from a checkpoint of a run with the same data and options. */
  readonly resume?: RestartState;
}

const { tol: _, ...watchKeys } = runKeys;
const keys: OptionKeys<KMedoidsOptions> = {
  ...keysOf({ ...startRecords, ...restartRecords }),
  ...watchKeys,
  resume: true,
};

/** Maximum number of rows, whose distances take 3.2 GB. */
const MOST_ROWS = 20_000;
/** A swap with a relative gain below this may be rounding error. */
const ROUNDING = 1e-12;

/**
 * k-medoids by the eager swaps of FasterPAM (Schubert & Rousseeuw, Information Systems 101, 2021): iterate t has the k
 * medoids among the n rows of X (n × d) after t passes in which every row is tried as a replacement of each medoid, and
 * replaces the best one if that decreases the sum of distances to the nearest medoid, which is the objective. The
 * initial medoids are drawn as in greedy k-means++, with distances instead of their squares. Ends `converged` when n
 * consecutive tries gain nothing: the certificate is the largest gain of a single swap, relative to the sum; there is
 * none before. O(n²d) and 8n² bytes for the distances, O(n²) a pass, independent of k.
 * @throws EMPTY, NON_FINITE, NUMERICAL, INVALID_PARAMETER (k outside 1 … n), NOT_SUPPORTED for more than 20 000 rows.
 */
export function* kMedoidsIterates(
  X: MatrixLike,
  k: number,
  options: MedoidStart & { readonly resume?: MedoidState } = {},
): Generator<Iterate<Medoids>> {
  const { resume, ...settings } = options;
  checkOptions('kMedoidsIterates', startRecords, settings);
  const { metric, seed = 0 } = settings;
  const rows = denseOf(X, k);
  yield* swapIterates(rows, distancesOf(rows, metric), k, seed, resume);
}

/**
 * The best of several runs of {@link kMedoidsIterates}, which share the distances. Defaults: `maxIter` 300, ten
 * initialisations. There is no `tol`: a run ends when no swap gains anything.
 * @throws as {@link kMedoidsIterates}.
 */
export function kMedoids(X: MatrixLike, k: number, options: KMedoidsOptions = {}): Solution<Medoids> {
  knownKeys('kMedoids', options, keys);
  const { metric, seed = 0, restarts = 10, maxIter = 300, ...rest } = options;
  const watch = only<Omit<RunOptions<Medoids>, 'tol'>>(rest, watchKeys);
  const rows = denseOf(X, k);
  const distances = distancesOf(rows, metric);
  return bestOf<Medoids, MedoidState>(
    restarts,
    seed,
    { ...rest, rows: inOnePlace(rows.rows) },
    ({ seed, resume, checkpoint }) =>
      run(swapIterates(rows, distances, k, seed, resume), { ...watch, maxIter, checkpoint }),
  );
}

/** @throws EMPTY, NON_FINITE, INVALID_PARAMETER and NOT_SUPPORTED. */
function denseOf(X: MatrixLike, k: number): DenseMatrix {
  const given = asMatrix(X);
  const { rows: n, cols: d } = given;
  if (n === 0 || d === 0) fail('EMPTY', `There is nothing to cluster: the data are ${n} × ${d}.`);
  checkFinite(given);
  checkClusters(k, n);
  if (n > MOST_ROWS) {
    const gigabytes = (8e-9 * n * n).toFixed(1);
    fail(
      'NOT_SUPPORTED',
      `k-medoids stores the distances between all rows: ${gigabytes} GB for ${n} rows. Use a sample of at most ${MOST_ROWS}, or k-means.`,
    );
  }
  return given.kind === 'dense' ? given : given.toDense();
}

interface Distances {
  readonly n: number;
  /** n × n. */
  readonly values: Float64Array;
  /** Upper bound on the distances. */
  readonly bound: number;
  /** Unit of the distances: a power of two with which squares do not overflow and the largest do not underflow. */
  readonly unit: number;
}

/** @throws INVALID_PARAMETER, and NUMERICAL if sums of distances overflow. */
function distancesOf(X: DenseMatrix, metric: MedoidMetric = 'euclidean'): Distances {
  checkOption('metric', medoidRecords.metric, metric);
  const { rows: n, cols: d } = X;
  let range = 0;
  for (let j = 0; j < d; j++) {
    const column = X.column(j);
    let [low, high] = [column[0], column[0]];
    for (let i = 1; i < n; i++) {
      if (column[i] < low) low = column[i];
      else if (column[i] > high) high = column[i];
    }
    range = Math.max(range, high - low);
  }
  const unit = range > 0 ? 2 ** Math.max(-1022, Math.floor(Math.log2(range))) : 1;
  const bound = 2.1 * d;
  if (!Number.isFinite(range) || !Number.isFinite(unit * bound * n)) {
    fail('NUMERICAL', 'Sums of distances between these rows overflow. Scale the data, for instance to unit variance.');
  }
  const values = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    const own = values.subarray(i * n, (i + 1) * n);
    for (let j = 0; j < d; j++) {
      const column = X.column(j);
      const x = column[i];
      if (metric === 'manhattan') for (let o = i + 1; o < n; o++) own[o] += Math.abs(column[o] - x) / unit;
      else for (let o = i + 1; o < n; o++) own[o] += ((column[o] - x) / unit) ** 2;
    }
    if (metric === 'euclidean') for (let o = i + 1; o < n; o++) own[o] = Math.sqrt(own[o]);
  }
  for (let i = 0; i < n; i++) for (let o = 0; o < i; o++) values[i * n + o] = values[o * n + i];
  return { n, values, bound, unit };
}

/**
 * Greedy k-means++ (Arthur & Vassilvitskii 2007) with distances: each medoid is the best of 2 + ⌊log k⌋ rows drawn with
 * probability proportional to the distance to those so far. If fewer than k rows are distinct, the first other rows are
 * added. O(nk log k).
 */
function seedsOf({ n, values }: Distances, k: number, random: Random): Int32Array {
  const medoids = Int32Array.of(random.integer(n));
  const all = [...medoids];
  let nearest: Float64Array = values.slice(medoids[0] * n, (medoids[0] + 1) * n);
  const trials = 2 + Math.floor(Math.log(k));
  let total = nearest.reduce((sum, v) => sum + v, 0);
  while (all.length < k && total > 0) {
    let best: { row: number; total: number; nearest: Float64Array } | undefined;
    for (let t = 0; t < trials; t++) {
      let rest = random.uniform() * total;
      let row = -1;
      for (let o = 0; o < n && (row < 0 || rest >= 0); o++) {
        if (nearest[o] === 0) continue;
        row = o;
        rest -= nearest[o];
      }
      const after = nearest.map((v, o) => Math.min(v, values[row * n + o]));
      const sum = after.reduce((s, v) => s + v, 0);
      if (!best || sum < best.total) best = { row, total: sum, nearest: after };
    }
    all.push(best!.row);
    ({ total, nearest } = best!);
  }
  const taken = new Set(all);
  for (let o = 0; taken.size < k; o++) taken.add(o);
  return Int32Array.from(taken);
}

/** The k medoids, and the two nearest of them for every row, in case of ties the first. */
class Swaps {
  readonly isMedoid: Uint8Array;
  readonly nearest: Int32Array;
  /** Distances to the nearest and the second nearest; with a single medoid, the second is the bound. */
  private readonly first: Float64Array;
  private readonly second: Float64Array;
  private readonly runnerUp: Int32Array;
  /** Upper bound on the increase of the sum when each medoid is removed. */
  private readonly losses: Float64Array;
  private readonly changes: Float64Array;
  /** Changes up to this size may be rounding errors. */
  private slack = 0;
  total = 0;

  constructor(
    private readonly distances: Distances,
    readonly medoids: Int32Array,
  ) {
    const { n } = distances;
    this.isMedoid = new Uint8Array(n);
    for (const m of medoids) this.isMedoid[m] = 1;
    [this.nearest, this.runnerUp] = [new Int32Array(n), new Int32Array(n)];
    [this.first, this.second] = [new Float64Array(n), new Float64Array(n)];
    [this.losses, this.changes] = [new Float64Array(medoids.length), new Float64Array(medoids.length)];
    for (let o = 0; o < n; o++) this.rank(o);
    this.sum();
  }

  /** Recomputes the two nearest medoids of a row. O(k). */
  private rank(o: number): void {
    const { medoids } = this;
    const { n, values, bound } = this.distances;
    let [first, second] = [bound, bound];
    let [nearest, runnerUp] = [-1, -1];
    for (let c = 0; c < medoids.length; c++) {
      const v = values[medoids[c] * n + o];
      if (v < first) [second, runnerUp, first, nearest] = [first, nearest, v, c];
      else if (v < second) [second, runnerUp] = [v, c];
    }
    [this.first[o], this.second[o], this.nearest[o], this.runnerUp[o]] = [first, second, nearest, runnerUp];
  }

  private sum(): void {
    const { first, second, nearest, losses } = this;
    losses.fill(0);
    this.total = 0;
    for (let o = 0; o < first.length; o++) {
      this.total += first[o];
      losses[nearest[o]] += second[o] - first[o];
    }
    this.slack = ROUNDING * losses.reduce((a, b) => Math.max(a, b), this.total);
  }

  /** The gain of the best swap with row c, and the medoid to replace. Usually O(n + k). */
  best(c: number): { readonly gain: number; readonly slot: number } {
    const { first, second, nearest, changes } = this;
    const { n, values } = this.distances;
    changes.set(this.losses);
    let shared = 0;
    for (let o = 0, at = c * n; o < n; o++, at++) {
      const v = values[at];
      if (v >= second[o]) continue;
      if (v < first[o]) {
        shared += v - first[o];
        changes[nearest[o]] += first[o] - second[o];
      } else changes[nearest[o]] += v - second[o];
    }
    let found = { gain: 0, slot: -1 };
    for (let slot = 0; slot < changes.length; slot++) {
      if (changes[slot] + shared > this.slack) continue;
      const gain = this.gain(c, slot);
      if (gain > found.gain) found = { gain, slot };
    }
    return found;
  }

  /** The gain of replacing one medoid, summed without cancellation. O(n). */
  private gain(c: number, slot: number): number {
    const { first, second, nearest } = this;
    const { n, values } = this.distances;
    let gain = 0;
    for (let o = 0, at = c * n; o < n; o++, at++) {
      const v = values[at];
      if (nearest[o] === slot) gain += first[o] - Math.min(v, second[o]);
      else if (v < first[o]) gain += first[o] - v;
    }
    return gain;
  }

  /** Replaces the medoid at `slot` by row c. O(n), and O(k) for each row that had it among its two. */
  swap(c: number, slot: number): void {
    const { medoids, isMedoid, first, second, nearest, runnerUp } = this;
    const { n, values } = this.distances;
    isMedoid[medoids[slot]] = 0;
    isMedoid[c] = 1;
    medoids[slot] = c;
    for (let o = 0, at = c * n; o < n; o++, at++) {
      const v = values[at];
      const before = (limit: number, other: number) => v < limit || (v === limit && slot < other);
      if (nearest[o] === slot || runnerUp[o] === slot || before(first[o], nearest[o])) this.rank(o);
      else if (before(second[o], runnerUp[o])) [second[o], runnerUp[o]] = [v, slot];
    }
    this.sum();
  }
}

function* swapIterates(
  X: DenseMatrix,
  distances: Distances,
  k: number,
  seed: number,
  resume: MedoidState | undefined,
): Generator<Iterate<Medoids>> {
  const { n, unit } = distances;
  const swaps = new Swaps(distances, resume?.medoids.slice() ?? seedsOf(distances, k, new Random(seed)));
  let { iteration, candidate, quiet, best, swaps: made } = resume ?? { ...NEW, medoids: swaps.medoids };
  for (; ; iteration++) {
    const done = quiet >= n || swaps.total === 0 ? 'converged' : undefined;
    const certificate: Certificate | undefined = done && {
      kind: 'swapGain',
      value: best * unit,
      relative: swaps.total > 0 ? best / swaps.total : 0,
    };
    const state: Omit<MedoidState, 'medoids'> = { iteration, candidate, quiet, best, swaps: made };
    yield {
      iteration,
      objective: swaps.total * unit,
      certificate,
      work: { epochs: iteration, swaps: made },
      done,
      snapshot: () => pointOf(X, swaps),
      checkpoint: (): MedoidState => ({ ...state, medoids: swaps.medoids.slice() }),
    };
    if (done) return;
    for (let tried = 0; tried < n && quiet < n; tried++) {
      const { gain, slot } = swaps.isMedoid[candidate] ? NONE : swaps.best(candidate);
      if (gain > ROUNDING * swaps.total) {
        swaps.swap(candidate, slot);
        [quiet, best, made] = [0, 0, made + 1];
      } else best = Math.max(best, gain);
      quiet++;
      candidate = (candidate + 1) % n;
    }
  }
}

const NEW = { iteration: 0, candidate: 0, quiet: 0, best: 0, swaps: 0 };
const NONE = { gain: 0, slot: -1 };

function pointOf(X: DenseMatrix, { medoids, nearest }: Swaps): Medoids {
  const assignments = nearest.slice();
  // A medoid with duplicates always keeps its own cluster, which is then never empty.
  medoids.forEach((m, c) => {
    assignments[m] = c;
  });
  const prototypes = DenseMatrix.create(medoids.length, X.cols);
  for (let c = 0; c < medoids.length; c++) for (let j = 0; j < X.cols; j++) prototypes.set(c, j, X.get(medoids[c], j));
  return { assignments, prototypes, medoids: medoids.slice() };
}
