import { type Cells, innerNodes } from './cells.ts';

/** Allowance for the rounding error of a sum of squares that is updated at each level. */
const ROUNDING = 1e-12;

/** Cells of a tree in any dimension. */
export class CellsAny implements Cells {
  /**
   * Inner nodes are numbered as in a heap: the children of k are 2k + 1 and 2k + 2, and ranges are split in the middle.
   */
  private readonly axes: Int32Array;
  private readonly cuts: Float64Array;
  private readonly inner: number;
  readonly found = new Float64Array(2);
  // State of the current search; searches are not reentrant.
  private query: Float64Array = new Float64Array(0);
  /** Squared distance of the query to the cell along each axis. */
  private readonly gaps: Float64Array;
  private k = 0;
  private count = 0;
  private limit = 0;
  private places: Int32Array;
  private squares: Float64Array;
  private readonly twoPlaces = new Int32Array(2);
  private readonly twoSquares = new Float64Array(2);

  constructor(
    /** The points, d numbers each, which are permuted into the order of the tree. */
    private readonly sorted: Float64Array,
    /** The indices of the points, permuted along with them. */
    private readonly order: Int32Array,
    private readonly d: number,
  ) {
    this.inner = innerNodes(order.length);
    this.axes = new Int32Array(this.inner);
    this.cuts = new Float64Array(this.inner);
    this.gaps = new Float64Array(d);
    this.places = this.twoPlaces;
    this.squares = this.twoSquares;
    this.build(0, 0, order.length, new Float64Array(d), new Float64Array(d));
  }

  private build(node: number, from: number, to: number, low: Float64Array, high: Float64Array): void {
    if (node >= this.inner) return;
    const { sorted, d } = this;
    low.set(sorted.subarray(from * d, (from + 1) * d));
    high.set(low);
    for (let i = from + 1, at = i * d; i < to; i++) {
      for (let j = 0; j < d; j++, at++) {
        const v = sorted[at];
        if (v < low[j]) low[j] = v;
        else if (v > high[j]) high[j] = v;
      }
    }
    let axis = 0;
    for (let j = 1; j < d; j++) if (high[j] - low[j] > high[axis] - low[axis]) axis = j;
    const middle = (from + to) >>> 1;
    this.select(axis, from, to - 1, middle);
    this.axes[node] = axis;
    this.cuts[node] = sorted[d * middle + axis];
    this.build(2 * node + 1, from, middle, low, high);
    this.build(2 * node + 2, middle, to, low, high);
  }

  /** Hoare's selection: entries before `middle` are not larger, entries after it not smaller. */
  private select(axis: number, first: number, last: number, middle: number): void {
    const { sorted, order, d } = this;
    let [low, high] = [first, last];
    while (low < high) {
      // Median of three, so that sorted points do not take quadratic time.
      const [a, b, c] = [sorted[d * low + axis], sorted[d * ((low + high) >>> 1) + axis], sorted[d * high + axis]];
      const pivot = a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c);
      let i = low;
      let j = high;
      while (i <= j) {
        while (sorted[d * i + axis] < pivot) i++;
        while (sorted[d * j + axis] > pivot) j--;
        if (i > j) break;
        for (let l = 0, p = d * i, q = d * j; l < d; l++, p++, q++) {
          const v = sorted[p];
          sorted[p] = sorted[q];
          sorted[q] = v;
        }
        const number = order[i];
        order[i++] = order[j];
        order[j--] = number;
      }
      if (middle <= j) high = j;
      else if (middle >= i) low = i;
      else return;
    }
  }

  nearestPlace(query: Float64Array, bound: number): number {
    const { found, twoPlaces, twoSquares } = this;
    const count = this.nearestPlaces(query, 2, twoPlaces, twoSquares, bound);
    found[0] = count > 0 ? twoSquares[0] : bound;
    found[1] = count > 1 ? twoSquares[1] : bound;
    return count > 0 ? twoPlaces[0] : -1;
  }

  nearestPlaces(query: Float64Array, k: number, places: Int32Array, squares: Float64Array, bound: number): number {
    this.query = query;
    this.k = k;
    this.places = places;
    this.squares = squares;
    this.count = 0;
    this.limit = bound;
    this.gaps.fill(0);
    if (k > 0) this.visit(0, 0, this.order.length, 0);
    return this.count;
  }

  /** Searches the cell of a node, whose squared distance to the query is `gap`. */
  private visit(node: number, from: number, to: number, gap: number): void {
    if (node >= this.inner) {
      this.scan(from, to);
      return;
    }
    const { gaps } = this;
    const axis = this.axes[node];
    const middle = (from + to) >>> 1;
    const beyond = this.query[axis] - this.cuts[node];
    const left = beyond < 0;
    if (left) this.visit(2 * node + 1, from, middle, gap);
    else this.visit(2 * node + 2, middle, to, gap);
    const before = gaps[axis];
    const far = gap - before + beyond * beyond;
    if (!(far * (1 - ROUNDING) < this.limit)) return;
    gaps[axis] = beyond * beyond;
    if (left) this.visit(2 * node + 2, middle, to, far);
    else this.visit(2 * node + 1, from, middle, far);
    gaps[axis] = before;
  }

  private scan(from: number, to: number): void {
    const { sorted, query, d, k, places, squares } = this;
    let { count, limit } = this;
    for (let i = from, at = from * d; i < to; i++, at += d) {
      let square = 0;
      for (let j = 0; j < d; j++) {
        const v = sorted[at + j] - query[j];
        square += v * v;
      }
      if (square >= limit) continue;
      let slot = count < k ? count++ : k - 1;
      while (slot > 0 && squares[slot - 1] > square) {
        squares[slot] = squares[slot - 1];
        places[slot] = places[slot - 1];
        slot--;
      }
      squares[slot] = square;
      places[slot] = i;
      if (count === k) limit = squares[k - 1];
    }
    this.count = count;
    this.limit = limit;
  }
}
