import type { Arena } from '@southwell/kernels';
import { clusteringKernels } from '@southwell/kernels/clustering';

/** Maximum norm of quantised vectors: sums of squares of two of them fit 32 bits. */
const LONGEST = 32000;
/** Rows this many times longer than the 99th percentile are compared with all others in double precision. */
const FAR = 4;
/** Limits for such rows and for the padding of groups: always, or never, within the limit. */
const ALWAYS = -(2 ** 29);
const NEVER = 2 ** 30;

/** A scale at which all but a few long rows fit 16 bits, from the squared norms. O(n log n). */
export function wholeScale(norms: Float64Array, d: number): number {
  const sorted = norms.slice().sort();
  const common = FAR * Math.sqrt(sorted[Math.floor(0.99 * (sorted.length - 1))]);
  const largest = Math.sqrt(sorted[sorted.length - 1]);
  const reach = common > 0 ? Math.min(common, largest) : largest;
  // Rounding increases the norm by at most √d/2. The scale is at most 2^500, because squares must not overflow.
  return reach > 0 ? Math.min((LONGEST - 1 - Math.sqrt(d) / 2) / (reach * (1 + 1e-9)), 2 ** 500) : 1;
}

/**
 * Rows as one side of the kernel `offerNear`: in double precision, quantised to 16-bit integers with error bounds, and
 * with a heap of the k nearest found so far for each. At most `capacity` rows, in one arena. Call `free` at the end.
 */
export class WholeRows {
  private readonly scratch;
  /** Words per row, each of which holds two 16-bit integers. */
  readonly pairs: number;
  private readonly values;
  private readonly words;
  private readonly halves;
  private readonly errors;
  private readonly limits;
  private readonly heapSquares;
  private readonly heapTags;
  private readonly names;
  private readonly table;
  private wordsHeld = true;
  private n = 0;
  /** The largest quantisation error of a row that fits 16 bits. */
  slack = 0;

  constructor(
    readonly arena: Arena,
    readonly capacity: number,
    readonly d: number,
    readonly k: number,
    readonly scale: number,
  ) {
    this.scratch = arena.scratch();
    this.pairs = (d + 1) >> 1;
    this.values = this.scratch.f64(capacity * d);
    this.words = arena.i32Block(capacity * this.pairs);
    // Padded, because the kernel reads whole groups of eight.
    this.halves = this.scratch.i32(capacity + 8);
    this.errors = this.scratch.f64(capacity);
    this.limits = this.scratch.i32(capacity + 8);
    this.heapSquares = this.scratch.f64(capacity * k);
    this.heapTags = this.scratch.i32(capacity * k);
    this.names = this.scratch.i32(capacity);
    this.table = this.scratch.i32(7);
    const parts = [this.values, this.halves, this.errors, this.limits, this.heapSquares, this.heapTags, this.names];
    this.table.view.set(parts.map(({ pointer }) => pointer));
  }

  /** The address of the table that describes this side to the kernel. */
  get pointer(): number {
    return this.table.pointer;
  }

  get wordsPointer(): number {
    return this.words.pointer;
  }

  /** Frees the packed words, when blocks have their own copies. */
  freeWords(): void {
    this.wordsHeld = false;
    this.words.free();
  }

  limitsFrom(row: number): number {
    return this.limits.pointer + 4 * row;
  }

  get valuesPointer(): number {
    return this.values.pointer;
  }

  /** Row i at i·d. */
  get data(): Float64Array {
    return this.values.view;
  }

  /**
   * Sets the rows from `data` (d numbers each) in the given order of row indices, and empties the heaps. O(nd + nk).
   */
  set(data: Float64Array, order: Int32Array): void {
    const { d, k, pairs, scale } = this;
    const n = order.length;
    this.n = n;
    this.slack = 0;
    const kernels = this.arena.use(clusteringKernels);
    const [values, words] = [this.values.view, this.words.view];
    const [halves, errors] = [this.halves.view, this.errors.view];
    this.names.view.set(order);
    for (let i = 0; i < n; i++) {
      const from = order[i] * d;
      let square = 0;
      for (let j = 0; j < d; j++) {
        const v = data[from + j];
        values[i * d + j] = v;
        square += v * v;
      }
      const at = i * pairs;
      if (!(Math.sqrt(square) * scale < LONGEST - Math.sqrt(d) / 2)) {
        words.fill(0, at, at + pairs);
        halves[i] = ALWAYS;
        errors[i] = Number.POSITIVE_INFINITY;
        continue;
      }
      const word = this.words.pointer + 4 * at;
      const error = kernels.wholeNumbers(d, this.values.pointer + 8 * i * d, scale, word, 1);
      halves[i] = kernels.wholeSquare(pairs, word) >> 1;
      // The products with the scale are rounded as well, by less than 2^−37 of a unit each.
      errors[i] = Math.sqrt(error) * (1 + 1e-9) + 1e-9 * Math.sqrt(d);
      this.slack = Math.max(this.slack, errors[i]);
    }
    halves.fill(NEVER, n, n + 8);
    this.limits.view.fill(-(2 ** 31), 0, n + 8);
    this.heapSquares.view.fill(Number.POSITIVE_INFINITY, 0, n * k);
    this.heapTags.view.fill(2 ** 31 - 1, 0, n * k);
  }

  /** At i·k, the squared distance from row i to the farthest of its k nearest so far; infinite until there are k. */
  get squares(): Float64Array {
    return this.heapSquares.view;
  }

  /**
   * Writes the heap of every row, sorted by distance, to the positions of its original index: k entries per row. O(nk
   * log k).
   */
  sorted(indices: Int32Array, squaredDistances: Float64Array): void {
    const { k, n } = this;
    const [squares, tags, names] = [this.heapSquares.view, this.heapTags.view, this.names.view];
    const order = new Int32Array(k);
    for (let i = 0; i < n; i++) {
      const at = i * k;
      for (let t = 0; t < k; t++) order[t] = at + t;
      if (k <= 32) {
        for (let t = 1; t < k; t++) {
          const a = order[t];
          let s = t - 1;
          for (; s >= 0; s--) {
            const b = order[s];
            if (squares[b] < squares[a] || (squares[b] === squares[a] && tags[b] < tags[a])) break;
            order[s + 1] = b;
          }
          order[s + 1] = a;
        }
      } else order.sort((a, b) => squares[a] - squares[b] || tags[a] - tags[b]);
      const to = names[i] * k;
      for (let t = 0; t < k; t++) {
        indices[to + t] = tags[order[t]];
        squaredDistances[to + t] = squares[order[t]];
      }
    }
  }

  free(): void {
    if (this.wordsHeld) this.freeWords();
    this.scratch.release();
  }
}
