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

/** Rows of a leaf. */
const LEAF = 256;
/** Queries that are taken at once. */
const CHUNK = 2048;
/** Queries whose exact neighbours say how many are found. */
const TRIED = 256;

export interface NeighbourIndexOptions {
  /**
   * 'inverted-file': k-means makes the lists (Sivic and Zisserman 2003; Jégou, Douze and Schmid 2011), so that few lists
   * have most neighbours. 'leaves': lists are leaves of a ball tree, quickly made, for exact searches. Default
   * 'inverted-file'.
   */
  readonly lists?: 'inverted-file' | 'leaves';
  /** Lists of an inverted file. Default √n, at most n/32. */
  readonly count?: number;
  /** Of the rows that train the quantiser and their start. Default 0. */
  readonly seed?: number;
}

const indexKeys: OptionKeys<NeighbourIndexOptions> = { lists: true, count: true, seed: true };

export interface NeighbourSearch {
  /** Lists that are searched for each query, the nearest ones. Default all: the search is exact. */
  readonly probes?: number;
  /** Instead of `probes`: the share of the neighbours to be found, from 0 to 1; see {@link NeighbourIndex.probesFor}. */
  readonly recall?: number;
}

const searchKeys: OptionKeys<NeighbourSearch> = { probes: true, recall: true };

/** An index as plain data, for `encodeCheckpoint`. */
export interface NeighbourIndexState {
  /** What was taken from every row. */
  readonly mean: Float64Array;
  /** Row after row. */
  readonly centres: Float64Array;
  /** Where the rows of a list begin, and n. */
  readonly starts: Int32Array;
  /** The rows of the lists, by the order in which they were given. */
  readonly order: Int32Array;
  /** Less the mean, row after row as they were given. */
  readonly data: Float64Array;
}

/**
 * Rows in lists, ready to be searched for the neighbours of other rows: exactly, or in the lists that are nearest to each
 * query. Equal distances are ordered by index; results are the same for a seed. Call `free` at the end.
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
   * Puts the rows of X (n × d, any matrix) in lists. O(n · lists · d) for inverted files, else O(n · d · log n).
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
   * As {@link of}, of ready points.
   * @throws INVALID_PARAMETER.
   */
  static ofPoints(points: Points, options: NeighbourIndexOptions = {}): NeighbourIndex {
    const { lists = 'inverted-file', seed = 0 } = options;
    if (lists !== 'inverted-file' && lists !== 'leaves') {
      fail('INVALID_PARAMETER', `lists must be 'inverted-file' or 'leaves', not '${lists}'.`);
    }
    if (lists === 'leaves' && options.count !== undefined) {
      fail('INVALID_PARAMETER', 'The number of leaves follows from that of rows; count is of inverted files.');
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
   * The index that had this state.
   * @throws INVALID_SHAPE if parts of it do not fit together.
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

  /** Rows. */
  get n(): number {
    return this.order.length;
  }

  /** Columns. */
  get d(): number {
    return this.mean.length;
  }

  /** Lists. */
  get lists(): number {
    return this.blocks.count;
  }

  /** All of it, as plain data; a copy. */
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

  /** The rows as they were given, less the mean. */
  private data(): Float64Array {
    const { order, d } = this;
    const out = new Float64Array(order.length * d);
    const values = this.rows.data;
    for (let i = 0; i < order.length; i++) out.set(values.subarray(i * d, (i + 1) * d), order[i] * d);
    return out;
  }

  /**
   * Adds rows to the lists that are nearest to them; they are n, n + 1, …
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
   * The k nearest rows of every row of Q (m × d, any matrix), nearest first. Where the lists that are probed have fewer
   * than k rows, the next ones are searched, too. O(m · (lists + rows probed) · d).
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
   * The share of the k nearest rows that a search with so many probes finds, by up to 256 of the queries, evenly
   * spaced. It never falls as probes grow, and is 1 with all lists. O(256 · n · d).
   * @throws as {@link search}.
   */
  recall(Q: MatrixLike, k: number, probes: number): number {
    return this.tried(Q, k, { probes }, (sample, exact) => this.share(sample, k, probes, exact));
  }

  /**
   * The least number of probes with which the recall is at least that share.
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

  /** As {@link probesFor}, of ready points. */
  enough(points: Points, k: number, recall: number): number {
    const sample = sampled(points);
    return this.least(sample, k, recall, this.findSample(sample, k, this.lists).squaredDistances);
  }

  /** By doubling, then by halving the interval. */
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

  /** What is as near as the k-th counts, whichever of equal ones it is. */
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

  /** @param data of the queries, taken anew: what is found needs memory, too. */
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
