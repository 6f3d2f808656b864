import type { Random, Status } from '@southwell/numerics/core';
import type { Points } from './points.ts';

/** Least size of the largest leaf of the trees: all pairs within a leaf are compared. */
const LEAF = 30;
const TREES = 6;
/** Entries of the lists beyond the k that are wanted, and the shortest list: searching with more finds the nearest ones. */
const SPARE = 8;
const SHORTEST = 20;
/** The search ends when an iteration changes fewer than this share of the entries. */
const SETTLED = 0.001;
const MOST_ITERATIONS = 20;

/**
 * Nearly all of the k nearest other points of every point, by nearest-neighbour descent (Dong, Moses and Li 2011): a
 * neighbour of a neighbour is likely a neighbour. It begins from random projection trees (Dasgupta and Freund 2008) and
 * compares, again and again, what is new around a point with what else is around it, until lists hardly change. Gives
 * the indices, n × k, in no order, and `iteration-limit` where lists still change after all iterations; yields the fraction of the work that is done, a guess. About O(n^1.1) distances for
 * fixed k; O(nk) memory.
 */
export function* neighbourDescent(
  points: Points,
  k: number,
  random: Random,
): Generator<number, { readonly indices: Int32Array; readonly status: Status }> {
  const { n, d } = points;
  // A copy: memory may move while a caller waits.
  const data = points.data.slice();
  const width = Math.min(n - 1, Math.max(k + SPARE, SHORTEST));
  const lists = new Int32Array(n * width).fill(-1);
  const squares = new Float64Array(n * width).fill(Number.POSITIVE_INFINITY);
  const fresh = new Uint8Array(n * width);

  const distance = (p: number, q: number): number => {
    let sum = 0;
    for (let a = p * d, b = q * d, end = a + d; a < end; a++, b++) sum += (data[a] - data[b]) ** 2;
    return sum;
  };
  /** Puts q into the list of p if it is near enough and not there. */
  const offer = (p: number, q: number, square: number): number => {
    const first = p * width;
    const last = first + width - 1;
    if (square >= squares[last]) return 0;
    let at = last;
    while (at > first && squares[at - 1] > square) at--;
    // Equal points have equal distances: a twin that is there already stands among those just before.
    for (let t = at - 1; t >= first && squares[t] === square; t--) if (lists[t] === q) return 0;
    for (let t = last; t > at; t--) {
      squares[t] = squares[t - 1];
      lists[t] = lists[t - 1];
      fresh[t] = fresh[t - 1];
    }
    squares[at] = square;
    lists[at] = q;
    fresh[at] = 1;
    return 1;
  };
  const compare = (p: number, q: number): number => {
    if (p === q) return 0;
    const square = distance(p, q);
    return offer(p, q, square) + offer(q, p, square);
  };

  const order = Int32Array.from({ length: n }, (_, p) => p);
  for (let tree = 0; tree < TREES; tree++) {
    for (const [from, to] of leaves(points, order, Math.max(LEAF, width), random)) {
      for (let i = from; i < to; i++) for (let j = from; j < i; j++) compare(order[i], order[j]);
    }
    yield (0.2 * (tree + 1)) / TREES;
  }
  // Lists that leaves could not fill.
  for (let p = 0; p < n; p++) for (let t = 1; lists[(p + 1) * width - 1] < 0; t++) compare(p, (p + t) % n);

  const young = new Sample(n, width, random);
  const old = new Sample(n, width, random);
  let status: Status = 'iteration-limit';
  for (let iteration = 0; iteration < MOST_ITERATIONS && status !== 'converged'; iteration++) {
    young.clear();
    old.clear();
    for (let p = 0; p < n; p++) {
      for (let t = p * width; t < (p + 1) * width; t++) {
        const q = lists[t];
        const to = fresh[t] ? young : old;
        to.add(p, q);
        to.add(q, p);
      }
    }
    // Those that were not drawn stay new.
    for (let p = 0; p < n; p++) {
      for (let t = p * width; t < (p + 1) * width; t++) if (fresh[t] && young.has(p, lists[t])) fresh[t] = 0;
    }
    let changes = 0;
    for (let p = 0; p < n; p++) {
      const first = p * width;
      const news = young.count(p);
      const olds = old.count(p);
      for (let i = 0; i < news; i++) {
        const q = young.items[first + i];
        for (let j = 0; j < i; j++) changes += compare(q, young.items[first + j]);
        for (let j = 0; j < olds; j++) changes += compare(q, old.items[first + j]);
      }
      if (p % 1000 === 999) yield 0.2 + (0.8 * (iteration + p / n)) / MOST_ITERATIONS;
    }
    if (changes <= SETTLED * n * width) status = 'converged';
  }
  const indices = new Int32Array(n * k);
  for (let p = 0; p < n; p++) indices.set(lists.subarray(p * width, p * width + k), p * k);
  return { indices, status };
}

/** Up to `width` of the points that are added for each point, drawn alike from all of them (Vitter's reservoir). */
class Sample {
  readonly items: Int32Array;
  private readonly seen: Int32Array;

  constructor(
    n: number,
    private readonly width: number,
    private readonly random: Random,
  ) {
    this.items = new Int32Array(n * width);
    this.seen = new Int32Array(n);
  }

  clear(): void {
    this.seen.fill(0);
  }

  add(p: number, q: number): void {
    const { width, seen, items } = this;
    const at = seen[p] < width ? seen[p] : this.random.integer(seen[p] + 1);
    if (at < width) items[p * width + at] = q;
    seen[p]++;
  }

  count(p: number): number {
    return Math.min(this.seen[p], this.width);
  }

  has(p: number, q: number): boolean {
    const first = p * this.width;
    for (let t = first + this.count(p) - 1; t >= first; t--) if (this.items[t] === q) return true;
    return false;
  }
}

/**
 * Cuts `order` (rearranged) into pieces of at most `size` points, by planes halfway between two random points of a
 * piece; in halves where a plane leaves one side empty. O(n·d·log n).
 */
function leaves(points: Points, order: Int32Array, size: number, random: Random): Array<[number, number]> {
  const { d, data } = points;
  const done: Array<[number, number]> = [];
  const open: Array<[number, number]> = [[0, order.length]];
  for (let piece = open.pop(); piece; piece = open.pop()) {
    const [from, to] = piece;
    if (to - from <= size) {
      done.push(piece);
      continue;
    }
    const a = order[from + random.integer(to - from)] * d;
    const b = order[from + random.integer(to - from)] * d;
    let middle = from;
    for (let i = from; i < to; i++) {
      const p = order[i];
      let side = 0;
      for (let j = 0; j < d; j++) {
        side += (data[a + j] - data[b + j]) * (data[p * d + j] - (data[a + j] + data[b + j]) / 2);
      }
      if (side < 0) {
        order[i] = order[middle];
        order[middle++] = p;
      }
    }
    if (middle === from || middle === to) middle = (from + to) >> 1;
    open.push([from, middle], [middle, to]);
  }
  return done;
}
