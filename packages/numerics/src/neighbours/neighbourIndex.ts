import { arenaFor } from '@southwell/kernels';
import { asMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail, knownKeys, type OptionKeys, Random } from '@southwell/numerics/core';
import { searchBlocks } from './blockSearch.ts';
import { Blocks } from './blocks.ts';
import type { Neighbours } from './exactNeighbours.ts';
import { leaves } from './leaves.ts';
import { type Lists, listed, meansOf, quantiser } from './lists.ts';
import { Points } from './points.ts';
import { WholeRows, wholeScale } from './wholeRows.ts';

/** Rows per leaf. */
const LEAF = 256;
/** Queries per batch. */
const CHUNK = 2048;
/** Queries whose exact neighbours are computed to estimate the recall. */
const TRIED = 256;

export interface NeighbourIndexOptions {
  /**
   * 'inverted-file': lists are made by k-means (Sivic and Zisserman 2003; Jégou, Douze and Schmid 2011), so that most
   * neighbours are found in few lists. 'leaves': lists are leaves of a ball tree, quick to build, for exact searches.
   * Default 'inverted-file'.
   */
  readonly lists?: 'inverted-file' | 'leaves';
  /** Number of lists of an inverted file. Default √n, at most n/32. */
  readonly count?: number;
  /** Seed for the choice of training rows of the quantiser and for its initialisation. Default 0. */
  readonly seed?: number;
}

const indexKeys: OptionKeys<NeighbourIndexOptions> = { lists: true, count: true, seed: true };

export interface NeighbourSearch {
  /** Number of nearest lists that are searched for each query. Default: all, which makes the search exact. */
  readonly probes?: number;
  /**
   * Target recall, as an alternative to `probes`: the fraction of the neighbours to find, from 0 to 1; see {@link
   * NeighbourIndex.probesFor}.
   */
  readonly recall?: number;
}

const searchKeys: OptionKeys<NeighbourSearch> = { probes: true, recall: true };

/** An index as plain data, for `encodeCheckpoint`. */
export interface NeighbourIndexState {
  /** The mean that was subtracted from every row. */
  readonly mean: Float64Array;
  /** Row-major. */
  readonly centres: Float64Array;
  /** Offsets of the lists, followed by n. */
  readonly starts: Int32Array;
  /** The original indices of the rows, list by list. */
  readonly order: Int32Array;
  /** The rows minus the mean, row-major in their original order. */
  readonly data: Float64Array;
}

/**
 * An index of rows in lists for nearest-neighbour searches: exact, or restricted to the lists nearest to each query.
 * Ties are broken by index; results are reproducible for a seed. Call `free` at the end.
 */
export class NeighbourIndex {
  private rows!: WholeRows;
  private blocks!: Blocks;
  private order!: Int32Array;

  private constructor(
    private readonly mean: Float64Array,
    private readonly centres: Float64Array,
    lists: Lists,
    data: Float64Array,
  ) {
    this.prepare(lists, data);
  }

  private prepare({ starts, order }: Lists, data: Float64Array): void {
    const d = this.mean.length;
    const n = order.length;
    const norms = new Float64Array(n);
    for (let p = 0; p < n; p++) for (let j = p * d; j < (p + 1) * d; j++) norms[p] += data[j] * data[j];
    this.order = order;
    this.rows = new WholeRows(arenaFor(16 * n * d), n, d, 0, wholeScale(norms, d));
    this.rows.set(data, order);
    this.blocks = new Blocks(this.rows, starts, CHUNK, this.centres);
    this.rows.freeWords();
  }

  /**
   * Builds an index of the rows of X (n × d, any matrix). O(n · lists · d) for inverted files, otherwise O(n · d · log
   * n).
   * @throws EMPTY, NON_FINITE, INVALID_PARAMETER (more lists than rows).
   */
  static of(X: MatrixLike, options: NeighbourIndexOptions = {}): NeighbourIndex {
    knownKeys('NeighbourIndex.of', options, indexKeys);
    const points = Points.from(X);
    try {
      return NeighbourIndex.ofPoints(points, options);
    } finally {
      points.matrix.free();
    }
  }

  /**
   * Like {@link of}, for prepared points.
   * @throws INVALID_PARAMETER.
   */
  static ofPoints(points: Points, options: NeighbourIndexOptions = {}): NeighbourIndex {
    const { lists = 'inverted-file', seed = 0 } = options;
    if (lists !== 'inverted-file' && lists !== 'leaves') {
      fail('INVALID_PARAMETER', `lists must be 'inverted-file' or 'leaves', not '${lists}'.`);
    }
    if (lists === 'leaves' && options.count !== undefined) {
      fail(
        'INVALID_PARAMETER',
        'count applies to inverted files only; the number of leaves follows from the number of rows.',
      );
    }
    const { n, d, mean } = points;
    const count = options.count ?? Math.max(1, Math.round(Math.min(Math.sqrt(n), n / 32)));
    if (!(Number.isInteger(count) && count >= 1 && count <= n)) {
      fail('INVALID_PARAMETER', `The number of lists must be a whole number from 1 to the ${n} rows, not ${count}.`);
    }
    if (lists === 'leaves') {
      const pieces = leaves(points.data, n, d, LEAF, new Random(seed));
      return new NeighbourIndex(mean, meansOf(points, pieces), pieces, points.data.slice());
    }
    const centres = quantiser(points, count, seed);
    return new NeighbourIndex(mean, centres, listed(points, centres), points.data.slice());
  }

  /**
   * Restores an index from its state.
   * @throws INVALID_SHAPE if the parts of the state are inconsistent.
   */
  static from(state: NeighbourIndexState): NeighbourIndex {
    const { mean, centres, starts, order, data } = state;
    const n = order.length;
    const d = mean.length;
    const seen = new Uint8Array(n);
    const fits =
      d > 0 &&
      n > 0 &&
      data.length === n * d &&
      centres.length === (starts.length - 1) * d &&
      starts[0] === 0 &&
      starts[starts.length - 1] === n &&
      starts.every((s, b) => b === 0 || s >= starts[b - 1]) &&
      order.every((p) => p >= 0 && p < n && seen[p]++ === 0);
    if (!fits) fail('INVALID_SHAPE', 'The parts of this index do not fit together.');
    return new NeighbourIndex(mean.slice(), centres.slice(), { starts: starts.slice(), order: order.slice() }, data);
  }

  /** Number of rows. */
  get n(): number {
    return this.order.length;
  }

  /** Number of columns. */
  get d(): number {
    return this.mean.length;
  }

  /** Number of lists. */
  get lists(): number {
    return this.blocks.count;
  }

  /** The complete state as plain data; a copy. */
  save(): NeighbourIndexState {
    const { mean, centres, order } = this;
    return {
      mean: mean.slice(),
      centres: centres.slice(),
      starts: this.blocks.starts.slice(),
      order: order.slice(),
      data: this.data(),
    };
  }

  /** The rows minus the mean, in their original order. */
  private data(): Float64Array {
    const { order, d } = this;
    const out = new Float64Array(order.length * d);
    const values = this.rows.data;
    for (let i = 0; i < order.length; i++) out.set(values.subarray(i * d, (i + 1) * d), order[i] * d);
    return out;
  }

  /**
   * Adds rows to their nearest lists; they get the indices n, n + 1, …
   * @throws EMPTY, INVALID_SHAPE, NON_FINITE.
   */
  add(X: MatrixLike): void {
    const points = this.pointsOf(X);
    try {
      const { n, order } = this;
      const { starts } = this.blocks;
      const more = listed(points, this.centres);
      const merged = new Int32Array(n + points.n);
      const begins = starts.map((s, b) => s + more.starts[b]);
      for (let b = 0; b < this.lists; b++) {
        merged.set(order.subarray(starts[b], starts[b + 1]), begins[b]);
        const at = begins[b] + starts[b + 1] - starts[b];
        for (let t = more.starts[b]; t < more.starts[b + 1]; t++) merged[at + t - more.starts[b]] = n + more.order[t];
      }
      const all = new Float64Array(merged.length * this.d);
      all.set(this.data());
      all.set(points.data, n * this.d);
      this.free();
      this.prepare({ starts: begins, order: merged }, all);
    } finally {
      points.matrix.free();
    }
  }

  /**
   * The k nearest indexed rows of every row of Q (m × d, any matrix), nearest first. If the probed lists have fewer
   * than k rows, further lists are searched. O(m · (lists + rows probed) · d).
   * @throws EMPTY, NON_FINITE, INVALID_SHAPE, INVALID_PARAMETER (k outside 1 … n, probes outside 1 … lists, recall
   * outside 0 … 1).
   */
  search(Q: MatrixLike, k: number, options: NeighbourSearch = {}): Neighbours {
    knownKeys('NeighbourIndex.search', options, searchKeys);
    const points = this.pointsOf(Q);
    try {
      this.check(k, options);
      const { recall } = options;
      const probes = recall === undefined ? (options.probes ?? this.lists) : this.enough(points, k, recall);
      return finish(this.find(points.n, () => points.data, k, probes));
    } finally {
      points.matrix.free();
    }
  }

  /**
   * The recall of a search with the given number of probes, that is the fraction of the k nearest rows that it finds,
   * estimated on up to 256 evenly spaced queries. It is non-decreasing in the number of probes, and 1 with all lists.
   * O(256 · n · d).
   * @throws as {@link search}.
   */
  recall(Q: MatrixLike, k: number, probes: number): number {
    return this.tried(Q, k, { probes }, (sample, exact) => this.share(sample, k, probes, exact));
  }

  /**
   * The smallest number of probes that reaches the given recall.
   * @throws as {@link search}.
   */
  probesFor(Q: MatrixLike, k: number, recall: number): number {
    return this.tried(Q, k, { recall }, (sample, exact) => this.least(sample, k, recall, exact));
  }

  /** Frees the memory. */
  free(): void {
    this.blocks.free();
    this.rows.free();
  }

  private pointsOf(X: MatrixLike): Points {
    const { rows, cols } = asMatrix(X);
    if (rows > 0 && cols !== this.d) {
      fail('INVALID_SHAPE', `The index has ${this.d} columns, but the rows have ${cols}.`);
    }
    return Points.from(X, this.mean);
  }

  private check(k: number, { probes, recall }: NeighbourSearch): void {
    if (!Number.isInteger(k) || k < 1 || k > this.n) {
      fail('INVALID_PARAMETER', `The number of neighbours must be a whole number from 1 to ${this.n}, not ${k}.`);
    }
    if (probes !== undefined && recall !== undefined) {
      fail('INVALID_PARAMETER', 'probes and recall exclude each other.');
    }
    if (probes !== undefined && !(Number.isInteger(probes) && probes >= 1 && probes <= this.lists)) {
      fail('INVALID_PARAMETER', `probes must be a whole number from 1 to ${this.lists}, not ${probes}.`);
    }
    if (recall !== undefined && !(recall >= 0 && recall <= 1)) {
      fail('INVALID_PARAMETER', `recall must be from 0 to 1, not ${recall}.`);
    }
  }

  private tried(
    Q: MatrixLike,
    k: number,
    options: NeighbourSearch,
    ask: (sample: Float64Array, exact: Float64Array) => number,
  ): number {
    const points = this.pointsOf(Q);
    try {
      this.check(k, options);
      const sample = sampled(points);
      return ask(sample, this.findSample(sample, k, this.lists).squaredDistances);
    } finally {
      points.matrix.free();
    }
  }

  /** Like {@link probesFor}, for prepared points. */
  enough(points: Points, k: number, recall: number): number {
    const sample = sampled(points);
    return this.least(sample, k, recall, this.findSample(sample, k, this.lists).squaredDistances);
  }

  /** By doubling, then by bisection. */
  private least(sample: Float64Array, k: number, recall: number, exact: Float64Array): number {
    let [low, high] = [0, 1];
    while (high < this.lists && this.share(sample, k, high, exact) < recall)
      [low, high] = [high, Math.min(2 * high, this.lists)];
    while (high - low > 1) {
      const middle = (low + high) >> 1;
      if (this.share(sample, k, middle, exact) < recall) low = middle;
      else high = middle;
    }
    return high;
  }

  /** Any row as near as the k-th counts as found, whichever of equally near rows it is. */
  private share(sample: Float64Array, k: number, probes: number, exact: Float64Array): number {
    const { squaredDistances } = this.findSample(sample, k, probes);
    let hits = 0;
    for (let t = 0; t < squaredDistances.length; t++) {
      if (squaredDistances[t] <= exact[t - (t % k) + k - 1]) hits++;
    }
    return hits / squaredDistances.length;
  }

  private findSample(sample: Float64Array, k: number, probes: number): Neighbours {
    return finish(this.find(sample.length / this.d, () => sample, k, probes));
  }

  /** @param data returns the queries; called again after each allocation, which may move memory. */
  *find(m: number, data: () => Float64Array, k: number, probes: number): Generator<number, Neighbours> {
    const { rows, blocks, d } = this;
    const indices = new Int32Array(m * k);
    const squaredDistances = new Float64Array(m * k);
    const queries = new WholeRows(rows.arena, Math.min(m, CHUNK), d, k, rows.scale);
    try {
      for (let from = 0; from < m; from += CHUNK) {
        const count = Math.min(CHUNK, m - from);
        const own = Int32Array.from({ length: count }, (_, i) => i);
        queries.set(data().subarray(from * d, (from + count) * d), own);
        searchBlocks(blocks, queries, count, probes);
        queries.sorted(indices.subarray(from * k, (from + count) * k), squaredDistances.subarray(from * k));
        yield (from + count) / m;
      }
    } finally {
      queries.free();
    }
    return { k, indices, squaredDistances };
  }
}

function finish<T>(steps: Generator<number, T>): T {
  for (;;) {
    const step = steps.next();
    if (step.done) return step.value;
  }
}

function sampled({ n, d, data }: Points): Float64Array {
  const count = Math.min(n, TRIED);
  const sample = new Float64Array(count * d);
  for (let i = 0; i < count; i++) {
    const p = Math.floor((i * n) / count);
    sample.set(data.subarray(p * d, (p + 1) * d), i * d);
  }
  return sample;
}
