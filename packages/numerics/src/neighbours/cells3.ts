import { type Cells, DEPTH, innerNodes } from './cells.ts';

/** Cells of a tree in three dimensions: the same as `CellsAny`, with loops over x, y and z unrolled. */
export class Cells3 implements Cells {
  private readonly size: number;
  /**
   * Inner nodes are numbered as in a heap: the children of k are 2k + 1 and 2k + 2, and ranges are split in the middle.
   */
  private readonly axes: Uint8Array;
  private readonly cuts: Float64Array;
  private readonly inner: number;
  // Stack of the current search; searches are not reentrant.
  private readonly nodes = new Int32Array(DEPTH);
  private readonly lows = new Int32Array(DEPTH);
  private readonly highs = new Int32Array(DEPTH);
  private readonly gaps = new Float64Array(4 * DEPTH);
  readonly found = new Float64Array(2);

  constructor(
    /** The points, which are permuted into the order of the tree. */
    private readonly sorted: Float64Array,
    /** The indices of the points, permuted along with them. */
    private readonly order: Int32Array,
  ) {
    const n = order.length;
    this.size = n;
    this.inner = innerNodes(n);
    this.axes = new Uint8Array(this.inner);
    this.cuts = new Float64Array(this.inner);
    this.build(0, 0, n);
  }

  private build(node: number, low: number, high: number): void {
    if (node >= this.inner) return;
    const { sorted } = this;
    let [x0, y0, z0] = [sorted[3 * low], sorted[3 * low + 1], sorted[3 * low + 2]];
    let [x1, y1, z1] = [x0, y0, z0];
    for (let k = 3 * low + 3; k < 3 * high; k += 3) {
      const [x, y, z] = [sorted[k], sorted[k + 1], sorted[k + 2]];
      if (x < x0) x0 = x;
      else if (x > x1) x1 = x;
      if (y < y0) y0 = y;
      else if (y > y1) y1 = y;
      if (z < z0) z0 = z;
      else if (z > z1) z1 = z;
    }
    const axis = x1 - x0 >= y1 - y0 ? (x1 - x0 >= z1 - z0 ? 0 : 2) : y1 - y0 >= z1 - z0 ? 1 : 2;
    const middle = (low + high) >>> 1;
    this.select(axis, low, high - 1, middle);
    this.axes[node] = axis;
    this.cuts[node] = sorted[3 * middle + axis];
    this.build(2 * node + 1, low, middle);
    this.build(2 * node + 2, middle, high);
  }

  /** Hoare's selection: entries before `middle` are not larger, entries after it not smaller. */
  private select(axis: number, first: number, last: number, middle: number): void {
    const { sorted, order } = this;
    let [low, high] = [first, last];
    while (low < high) {
      // Median of three, so that sorted points do not take quadratic time.
      const [a, b, c] = [sorted[3 * low + axis], sorted[3 * ((low + high) >>> 1) + axis], sorted[3 * high + axis]];
      const pivot = a < b ? (b < c ? b : Math.max(a, c)) : a < c ? a : Math.max(b, c);
      let i = low;
      let j = high;
      while (i <= j) {
        while (sorted[3 * i + axis] < pivot) i++;
        while (sorted[3 * j + axis] > pivot) j--;
        if (i > j) break;
        const p = 3 * i;
        const q = 3 * j;
        const x = sorted[p];
        const y = sorted[p + 1];
        const z = sorted[p + 2];
        sorted[p] = sorted[q];
        sorted[p + 1] = sorted[q + 1];
        sorted[p + 2] = sorted[q + 2];
        sorted[q] = x;
        sorted[q + 1] = y;
        sorted[q + 2] = z;
        const k = order[i];
        order[i] = order[j];
        order[j] = k;
        i++;
        j--;
      }
      if (middle <= j) high = j;
      else if (middle >= i) low = i;
      else return;
    }
  }

  nearestPlace(query: Float64Array, bound: number): number {
    const x = query[0];
    const y = query[1];
    const z = query[2];
    const { sorted, axes, cuts, inner, nodes, lows, highs, gaps } = this;
    let best = -1;
    let least = bound;
    let second = bound;
    let top = 1;
    nodes[0] = 0;
    lows[0] = 0;
    highs[0] = this.size;
    gaps[0] = 0;
    gaps[1] = 0;
    gaps[2] = 0;
    gaps[3] = 0;
    while (top > 0) {
      top--;
      const gap = gaps[4 * top];
      if (gap >= second) continue;
      let node = nodes[top];
      let low = lows[top];
      let high = highs[top];
      const gx = gaps[4 * top + 1];
      const gy = gaps[4 * top + 2];
      const gz = gaps[4 * top + 3];
      while (node < inner) {
        const axis = axes[node];
        const middle = (low + high) >>> 1;
        const beyond = (axis === 0 ? x : axis === 1 ? y : z) - cuts[node];
        const before = axis === 0 ? gx : axis === 1 ? gy : gz;
        const far = gap - before + beyond * beyond;
        const left = beyond < 0;
        if (far < second) {
          nodes[top] = left ? 2 * node + 2 : 2 * node + 1;
          lows[top] = left ? middle : low;
          highs[top] = left ? high : middle;
          gaps[4 * top] = far;
          gaps[4 * top + 1] = axis === 0 ? beyond * beyond : gx;
          gaps[4 * top + 2] = axis === 1 ? beyond * beyond : gy;
          gaps[4 * top + 3] = axis === 2 ? beyond * beyond : gz;
          top++;
        }
        node = left ? 2 * node + 1 : 2 * node + 2;
        if (left) high = middle;
        else low = middle;
      }
      for (let i = low, k = 3 * low; i < high; i++, k += 3) {
        const dx = sorted[k] - x;
        const dy = sorted[k + 1] - y;
        const dz = sorted[k + 2] - z;
        const d = dx * dx + dy * dy + dz * dz;
        if (d < least) {
          second = least;
          least = d;
          best = i;
        } else if (d < second) second = d;
      }
    }
    this.found[0] = least;
    this.found[1] = second;
    return best;
  }

  nearestPlaces(query: Float64Array, k: number, places: Int32Array, squares: Float64Array, bound: number): number {
    const x = query[0];
    const y = query[1];
    const z = query[2];
    const { sorted, axes, cuts, inner, nodes, lows, highs, gaps } = this;
    let count = 0;
    let limit = bound;
    let top = 1;
    nodes[0] = 0;
    lows[0] = 0;
    highs[0] = this.size;
    gaps[0] = 0;
    gaps[1] = 0;
    gaps[2] = 0;
    gaps[3] = 0;
    while (top > 0) {
      top--;
      const gap = gaps[4 * top];
      if (gap >= limit) continue;
      let node = nodes[top];
      let low = lows[top];
      let high = highs[top];
      const gx = gaps[4 * top + 1];
      const gy = gaps[4 * top + 2];
      const gz = gaps[4 * top + 3];
      while (node < inner) {
        const axis = axes[node];
        const middle = (low + high) >>> 1;
        const beyond = (axis === 0 ? x : axis === 1 ? y : z) - cuts[node];
        const before = axis === 0 ? gx : axis === 1 ? gy : gz;
        const far = gap - before + beyond * beyond;
        const left = beyond < 0;
        if (far < limit) {
          nodes[top] = left ? 2 * node + 2 : 2 * node + 1;
          lows[top] = left ? middle : low;
          highs[top] = left ? high : middle;
          gaps[4 * top] = far;
          gaps[4 * top + 1] = axis === 0 ? beyond * beyond : gx;
          gaps[4 * top + 2] = axis === 1 ? beyond * beyond : gy;
          gaps[4 * top + 3] = axis === 2 ? beyond * beyond : gz;
          top++;
        }
        node = left ? 2 * node + 1 : 2 * node + 2;
        if (left) high = middle;
        else low = middle;
      }
      for (let i = low, at = 3 * low; i < high; i++, at += 3) {
        const dx = sorted[at] - x;
        const dy = sorted[at + 1] - y;
        const dz = sorted[at + 2] - z;
        const d = dx * dx + dy * dy + dz * dz;
        if (d >= limit) continue;
        let slot = count < k ? count++ : k - 1;
        while (slot > 0 && squares[slot - 1] > d) {
          squares[slot] = squares[slot - 1];
          places[slot] = places[slot - 1];
          slot--;
        }
        squares[slot] = d;
        places[slot] = i;
        if (count === k) limit = squares[k - 1];
      }
    }
    return count;
  }
}
