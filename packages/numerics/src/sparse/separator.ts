import type { Graph } from './pattern.ts';

/** A graph whose nodes and edges stand for several of a finer graph. */
interface WeightedGraph extends Graph {
  readonly weights: Int32Array;
  /** The weight of each entry of `neighbours`. */
  readonly edges: Int32Array;
}

/** Number of nodes up to which a graph is not coarsened, and the least factor by which that must make it smaller. */
const [COARSEST, SHRINKS] = [120, 0.9];
/** Number of initial partitions of the coarsest graph. */
const STARTS = 16;
/** Largest share of all nodes on one side. */
const BALANCE = 0.55;
/** Passes of refinement per level, and the number of moves without gain after which one ends. */
const [PASSES, FRUITLESS] = [8, 300];

/** The two sides of a graph, and the nodes between them. */
export const [LEFT, RIGHT, BETWEEN] = [0, 1, 2];

/**
 * A small vertex separator: which side each node is on, LEFT or RIGHT, without an edge from one to the other, or
 * BETWEEN. Multilevel (Karypis and Kumar, SIAM J. Sci. Comput. 20(1), 1998): the graph is coarsened by matchings along
 * heavy edges, a coarse graph divided by growing a region, and the separator refined on each level by moves in the
 * manner of Fiduccia and Mattheyses (as vertex separators: Hendrickson and Rothberg, SIAM J. Sci. Comput. 20(2), 1998).
 * The same for a graph each time. About O(edges).
 */
export function separator(graph: Graph): Uint8Array {
  const weights = new Int32Array(graph.n).fill(1);
  const edges = new Int32Array(graph.pointers[graph.n]).fill(1);
  const levels: Array<{ readonly graph: WeightedGraph; readonly map: Int32Array }> = [];
  let coarse: WeightedGraph = { ...graph, weights, edges };
  while (coarse.n > COARSEST) {
    const map = matched(coarse);
    const next = contracted(coarse, map);
    if (next.n > SHRINKS * coarse.n) break;
    levels.push({ graph: coarse, map });
    coarse = next;
  }
  let where = started(coarse);
  for (const { graph: fine, map } of levels.reverse()) {
    const projected = new Uint8Array(fine.n);
    for (let v = 0; v < fine.n; v++) projected[v] = where[map[v]];
    where = projected;
    refined(fine, where);
  }
  return where;
}

/** Node of the coarse graph for each node: two that are joined by a heavy edge become one. */
function matched({ n, pointers, neighbours, weights, edges }: WeightedGraph): Int32Array {
  const map = new Int32Array(n).fill(-1);
  const total = weights.reduce((sum, w) => sum + w, 0);
  const heaviest = Math.max(2, (1.5 * total) / COARSEST);
  // In the order of a stride that is prime to n: neighbours in the numbering are not all visited in turn.
  const stride = coprime(n);
  let count = 0;
  for (let step = 0, v = 0; step < n; step++, v = (v + stride) % n) {
    if (map[v] >= 0) continue;
    let best = -1;
    let most = 0;
    for (let k = pointers[v]; k < pointers[v + 1]; k++) {
      const u = neighbours[k];
      if (map[u] >= 0 || u === v || weights[u] + weights[v] > heaviest) continue;
      if (edges[k] > most || (edges[k] === most && weights[u] < weights[best])) {
        most = edges[k];
        best = u;
      }
    }
    if (best >= 0) map[best] = count;
    map[v] = count++;
  }
  return map;
}

function coprime(n: number): number {
  const divisor = (a: number, b: number): number => (b === 0 ? a : divisor(b, a % b));
  let stride = Math.max(1, Math.floor(0.618 * n));
  while (divisor(n, stride) !== 1) stride++;
  return stride;
}

/** The graph of matched nodes; parallel edges are added up. */
function contracted({ n, pointers, neighbours, weights, edges }: WeightedGraph, map: Int32Array): WeightedGraph {
  let count = 0;
  for (let v = 0; v < n; v++) if (map[v] >= count) count = map[v] + 1;
  const first = new Int32Array(count).fill(-1);
  const second = new Int32Array(count).fill(-1);
  for (let v = 0; v < n; v++) {
    if (first[map[v]] < 0) first[map[v]] = v;
    else second[map[v]] = v;
  }
  const starts = new Int32Array(count + 1);
  const list = new Int32Array(pointers[n]);
  const sums = new Int32Array(pointers[n]);
  const mass = new Int32Array(count);
  /** Position in the list of each neighbour of the node at hand. */
  const at = new Int32Array(count).fill(-1);
  let end = 0;
  for (let c = 0; c < count; c++) {
    const begin = end;
    for (let v = first[c]; v >= 0; v = v === first[c] ? second[c] : -1) {
      mass[c] += weights[v];
      for (let k = pointers[v]; k < pointers[v + 1]; k++) {
        const u = map[neighbours[k]];
        if (u === c) continue;
        if (at[u] >= begin) sums[at[u]] += edges[k];
        else {
          at[u] = end;
          list[end] = u;
          sums[end++] = edges[k];
        }
      }
    }
    starts[c + 1] = end;
  }
  return { n: count, pointers: starts, neighbours: list.slice(0, end), weights: mass, edges: sums.slice(0, end) };
}

/** The best of several regions grown to half of a coarse graph. */
function started(graph: WeightedGraph): Uint8Array {
  const { n, pointers, neighbours, weights } = graph;
  const total = weights.reduce((sum, w) => sum + w, 0);
  let best: Uint8Array | undefined;
  let least = Number.POSITIVE_INFINITY;
  const queue = new Int32Array(n);
  for (let start = 0; start < Math.min(STARTS, n); start++) {
    const where = new Uint8Array(n).fill(RIGHT);
    let head = 0;
    let tail = 0;
    let grown = 0;
    let seed = Math.floor((start * n) / STARTS) % n;
    const reach = (v: number) => {
      where[v] = LEFT;
      queue[tail++] = v;
      grown += weights[v];
    };
    while (2 * grown < total) {
      if (head === tail) {
        while (where[seed] === LEFT) seed = (seed + 1) % n;
        reach(seed);
        continue;
      }
      const v = queue[head++];
      for (let k = pointers[v]; k < pointers[v + 1] && 2 * grown < total; k++) {
        if (where[neighbours[k]] === RIGHT) reach(neighbours[k]);
      }
    }
    // The nodes on the left that have a neighbour on the right.
    for (let q = 0; q < tail; q++) {
      const v = queue[q];
      for (let k = pointers[v]; k < pointers[v + 1]; k++) {
        if (where[neighbours[k]] === RIGHT) where[v] = BETWEEN;
      }
    }
    const cost = refined(graph, where);
    if (cost < least) [best, least] = [where, cost];
  }
  return best ?? new Uint8Array(n);
}

/** Moves nodes out of the separator while that makes it lighter; returns its weight, and more if the sides are unequal. */
function refined(graph: WeightedGraph, where: Uint8Array): number {
  const total = graph.weights.reduce((sum, w) => sum + w, 0);
  const moves = new Moves(graph, where, BALANCE * total);
  for (let pass = 0; pass < PASSES; pass++) if (!moves.pass()) break;
  const [left, right, between] = moves.mass;
  return between + Math.max(0, Math.max(left, right) - BALANCE * total);
}

/** Moves of separator nodes to a side, which pull their neighbours on the other side into the separator. */
class Moves {
  /** Weight of the left side, the right side and the separator. */
  readonly mass = [0, 0, 0];
  /** Weight by which the separator becomes lighter if a node moves to the left, and to the right. */
  private readonly gains: readonly [Int32Array, Int32Array];
  private readonly locked: Uint8Array;
  // A heap of moves, 2 · node + side, the one with the largest gain on top; outdated ones are skipped.
  private heap = new Int32Array(256);
  private keys = new Int32Array(256);
  private size = 0;

  constructor(
    private readonly graph: WeightedGraph,
    private readonly where: Uint8Array,
    private readonly most: number,
  ) {
    const { n, weights } = graph;
    this.gains = [new Int32Array(n), new Int32Array(n)];
    this.locked = new Uint8Array(n);
    for (let v = 0; v < n; v++) this.mass[where[v]] += weights[v];
  }

  /** Moves one node after the other, then takes back those after the best state. Returns whether that is better. */
  pass(): boolean {
    const { where, mass, locked } = this;
    this.size = 0;
    locked.fill(0);
    for (let v = 0; v < where.length; v++) if (where[v] === BETWEEN) this.enter(v);
    const trail: Array<{ readonly v: number; readonly side: number; readonly pulled: readonly number[] }> = [];
    const excess = () => Math.max(0, Math.max(mass[LEFT], mass[RIGHT]) - this.most);
    const value = () => mass[BETWEEN] + excess() + 1e-9 * Math.abs(mass[LEFT] - mass[RIGHT]);
    const before = value();
    let best = before;
    let kept = 0;
    while (trail.length - kept < FRUITLESS) {
      const move = this.next();
      if (move < 0) break;
      const v = move >> 1;
      const side = move & 1;
      trail.push({ v, side, pulled: this.move(v, side) });
      const now = value();
      if (now < best) [best, kept] = [now, trail.length];
    }
    while (trail.length > kept) {
      const { v, side, pulled } = trail.pop()!;
      this.place(v, BETWEEN);
      for (const u of pulled) this.place(u, 1 - side);
    }
    return best < before - 0.5;
  }

  private place(v: number, to: number): void {
    const weight = this.graph.weights[v];
    this.mass[this.where[v]] -= weight;
    this.mass[to] += weight;
    this.where[v] = to;
  }

  /** Computes the gains of a separator node. */
  private enter(v: number): void {
    const { where } = this;
    const { pointers, neighbours, weights } = this.graph;
    let left = weights[v];
    let right = weights[v];
    for (let k = pointers[v]; k < pointers[v + 1]; k++) {
      const u = neighbours[k];
      if (where[u] === LEFT) right -= weights[u];
      else if (where[u] === RIGHT) left -= weights[u];
    }
    this.gains[LEFT][v] = left;
    this.gains[RIGHT][v] = right;
    this.push(v, LEFT);
    this.push(v, RIGHT);
  }

  /** The best move that leaves the sides balanced, or −1. */
  private next(): number {
    const { where, mass, locked, gains } = this;
    const { weights } = this.graph;
    while (this.size > 0) {
      const key = this.keys[0];
      const move = this.pop();
      const v = move >> 1;
      const side = move & 1;
      if (where[v] !== BETWEEN || locked[v] === 1 || gains[side][v] !== key) continue;
      const heavier = mass[side] + weights[v];
      if (heavier > this.most && heavier > mass[1 - side]) continue;
      // Of two equal moves the one to the lighter side.
      if (gains[1 - side][v] === key && mass[1 - side] < mass[side]) return move ^ 1;
      return move;
    }
    return -1;
  }

  private move(v: number, side: number): number[] {
    const { where, locked, gains } = this;
    const { pointers, neighbours, weights } = this.graph;
    const other = 1 - side;
    this.place(v, side);
    locked[v] = 1;
    const pulled: number[] = [];
    for (let k = pointers[v]; k < pointers[v + 1]; k++) {
      const u = neighbours[k];
      if (where[u] === BETWEEN) {
        // If it moves to the other side, it pulls v back.
        gains[other][u] -= weights[v];
        if (locked[u] === 0) this.push(u, other);
      } else if (where[u] === other) pulled.push(u);
    }
    for (const u of pulled) {
      this.place(u, BETWEEN);
      for (let k = pointers[u]; k < pointers[u + 1]; k++) {
        const x = neighbours[k];
        if (where[x] !== BETWEEN) continue;
        // If it moves to this side, it need not pull u any more.
        gains[side][x] += weights[u];
        if (locked[x] === 0) this.push(x, side);
      }
    }
    for (const u of pulled) this.enter(u);
    return pulled;
  }

  private push(v: number, side: number): void {
    if (this.size === this.heap.length) {
      const [heap, keys] = [new Int32Array(2 * this.size), new Int32Array(2 * this.size)];
      heap.set(this.heap);
      keys.set(this.keys);
      [this.heap, this.keys] = [heap, keys];
    }
    const { heap, keys } = this;
    const key = this.gains[side][v];
    let i = this.size++;
    while (i > 0) {
      const up = (i - 1) >> 1;
      if (keys[up] >= key) break;
      heap[i] = heap[up];
      keys[i] = keys[up];
      i = up;
    }
    heap[i] = 2 * v + side;
    keys[i] = key;
  }

  private pop(): number {
    const { heap, keys } = this;
    const top = heap[0];
    const size = --this.size;
    const last = heap[size];
    const key = keys[size];
    let i = 0;
    for (;;) {
      let child = 2 * i + 1;
      if (child >= size) break;
      if (child + 1 < size && keys[child + 1] > keys[child]) child++;
      if (keys[child] <= key) break;
      heap[i] = heap[child];
      keys[i] = keys[child];
      i = child;
    }
    heap[i] = last;
    keys[i] = key;
    return top;
  }
}
