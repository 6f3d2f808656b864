import { minimumDegree } from './amd.ts';
import { dissected } from './dissection.ts';
import { pairedGraph, unpaired } from './pairs.ts';
import { checkPermutation, checkSquare, type Graph, inverted, lowerGraph, type Pattern } from './pattern.ts';
import { columnCounts, eliminationTree, postorder } from './tree.ts';

/**
 * How rows and columns are ordered: to reduce fill-in by approximate minimum degree (`amd`), by nested dissection, or by
 * the better of both where the factorisation takes so long that trying both pays (`auto`); in natural order; or as
 * given.
 */
export type Ordering = 'auto' | 'amd' | 'nested-dissection' | 'natural' | ArrayLike<number>;

/**
 * Operations of a factorisation for each entry of the matrix from which nested dissection is tried, too: it takes about
 * 0.8 μs an entry, an operation 0.07 ns, and a quarter of them is saved on grids in space.
 */
const WORTH = 45_000;

/**
 * The symbolic analysis of factorisations of symmetric matrices: the ordering, and the columns of L grouped into
 * supernodes, which share the rows below them. Supernode s contains columns first[s] … first[s + 1] − 1 of the
 * reordered matrix; its rows are these, followed by rows[rowStart[s]] … rows[rowStart[s + 1] − 1].
 */
export interface Supernodes {
  readonly n: number;
  /** Row k of the reordered matrix is row order[k] of A. */
  readonly order: Int32Array;
  readonly count: number;
  readonly first: Int32Array;
  readonly parent: Int32Array;
  readonly rowStart: Int32Array;
  readonly rows: Int32Array;
  /** For each entry of `rows`, its position among the rows of the parent. */
  readonly place: Int32Array;
  /** Offset of the dense columns of a supernode in the values of L, in doubles. */
  readonly panel: Float64Array;
  /** Number of entries of the lower triangle of L, without the zeros of merged supernodes. */
  readonly entries: number;
  /** Number of additions and multiplications of a Cholesky factorisation. */
  readonly operations: number;
  /** Maximum number of doubles in fronts that are waiting for their parents. */
  readonly stackSize: number;
}

/** The destination of the entries of the lower triangle of A, by supernode. */
export interface Entries {
  /** The entries of supernode s are entryStart[s] … entryStart[s + 1] − 1. */
  readonly entryStart: Int32Array;
  /** Index of the entry in A. */
  readonly source: Int32Array;
  /** Index in the values of L. */
  readonly target: Int32Array;
}

/** Merged supernodes with up to this many columns may have this fraction of zeros (Ashcraft and Grimes 1989). */
const RELAXED: ReadonlyArray<readonly [columns: number, zeros: number]> = [
  [4, 1],
  [16, 0.5],
  [48, 0.1],
  [Number.POSITIVE_INFINITY, 0.05],
];

/** Number of entries of a trapezoid with k columns and m rows. */
const trapezoid = (m: number, k: number): number => k * m - (k * (k - 1)) / 2;

/**
 * Supernodes for the lower triangle of a square pattern, and the destination of its values. About O(entries of L in
 * supernodes + order).
 * @throws INVALID_SHAPE, INVALID_PARAMETER.
 */
export function supernodes(A: Pattern, ordering: Ordering = 'auto', pairs?: ArrayLike<number>): Supernodes & Entries {
  const n = checkSquare(A, 'A symmetric factorisation');
  const graph = lowerGraph(A);
  const initial = pairs ? pairedTree(graph, ordering, pairs) : orderedTree(graph, ordering);
  const { parent, counts } = initial;
  let { order, inverse } = initial;
  const { columns, tree, height, entries, operations } = merged(parent, counts);
  // The storage of waiting fronts is smallest if the child that needs most comes first.
  const visit = thriftyOrder(tree, columns, height);
  const count = visit.length;
  const newOrder = new Int32Array(n);
  const first = new Int32Array(count + 1);
  const superOf = new Int32Array(n);
  const place = new Int32Array(tree.length);
  for (let s = 0; s < count; s++) place[visit[s]] = s;
  const superParent = visit.map((s) => (tree[s] === -1 ? -1 : place[tree[s]]));
  let at = 0;
  for (let s = 0; s < count; s++) {
    for (const j of columns.of(visit[s])) {
      superOf[at] = s;
      newOrder[at++] = order[j];
    }
    first[s + 1] = at;
  }
  order = newOrder;
  inverse = inverted(order);
  const rowStart = new Int32Array(count + 1);
  const panel = new Float64Array(count + 1);
  for (let s = 0; s < count; s++) {
    const k = first[s + 1] - first[s];
    const m = height[visit[s]];
    rowStart[s + 1] = rowStart[s] + m - k;
    panel[s + 1] = panel[s] + m * k;
  }
  const rows = belowRows(graph, order, inverse, first, superOf, superParent, rowStart);
  const shape = { n, order, count, first, parent: superParent, rowStart, rows, panel, entries, operations };
  return {
    ...shape,
    place: placesInParent(count, first, superParent, rowStart, rows),
    stackSize: stackSize(count, superParent, rowStart),
    ...entriesOf(A, graph, shape, inverse),
  };
}

/** An ordering that is a postorder of its elimination tree, with the number of entries of each column of the factor. */
export function orderedTree(graph: Graph, ordering: Ordering) {
  if (ordering !== 'auto') return treeOf(graph, orderOf(graph, ordering));
  const byDegree = treeOf(graph, minimumDegree(graph));
  if (operationsOf(byDegree) < WORTH * (graph.n + graph.pointers[graph.n])) return byDegree;
  const byParts = treeOf(graph, dissected(graph));
  return operationsOf(byParts) < operationsOf(byDegree) ? byParts : byDegree;
}

/** An ordering that eliminates the rows of each pair one after the other. */
function pairedTree(graph: Graph, ordering: Ordering, pairs: ArrayLike<number>) {
  const groups = pairedGraph(graph, pairs);
  return treeOf(graph, unpaired(groups, orderedTree(groups, ordering).order, graph.n));
}

const operationsOf = ({ counts }: { readonly counts: Int32Array }) =>
  counts.reduce((sum, count) => sum + count * count, 0);

function treeOf(graph: Graph, given: Int32Array) {
  const tree = eliminationTree(graph, given, inverted(given));
  const post = postorder(tree);
  const place = inverted(post);
  const order = post.map((k) => given[k]);
  const parent = post.map((k) => (tree[k] === -1 ? -1 : place[tree[k]]));
  const inverse = inverted(order);
  return { order, inverse, parent, counts: columnCounts(graph, order, inverse, parent) };
}

function orderOf(graph: Graph, ordering: Exclude<Ordering, 'auto'>): Int32Array {
  if (ordering === 'amd') return minimumDegree(graph);
  if (ordering === 'nested-dissection') return dissected(graph);
  if (ordering === 'natural') return Int32Array.from({ length: graph.n }, (_, k) => k);
  return checkPermutation(ordering, graph.n);
}

/** Linked lists of columns; merging two is O(1). */
class Columns {
  private readonly next: Int32Array;
  private readonly head: Int32Array;
  private readonly tail: Int32Array;
  readonly size: Int32Array;

  constructor(starts: Int32Array, count: number) {
    const n = starts[count];
    this.next = Int32Array.from({ length: n }, (_, j) => j + 1);
    this.head = starts.slice(0, count);
    this.tail = new Int32Array(count);
    this.size = new Int32Array(count);
    for (let s = 0; s < count; s++) {
      this.tail[s] = starts[s + 1] - 1;
      this.next[this.tail[s]] = -1;
      this.size[s] = starts[s + 1] - starts[s];
    }
  }

  /** Prepends the columns of `child` to those of `to`. */
  prepend(child: number, to: number): void {
    this.next[this.tail[child]] = this.head[to];
    this.head[to] = this.head[child];
    this.size[to] += this.size[child];
  }

  *of(s: number): Generator<number> {
    for (let j = this.head[s]; j !== -1; j = this.next[j]) yield j;
  }
}

/** Fundamental supernodes, merged with their parents if that adds few zeros; `tree` is −2 for merged ones. */
function merged(parent: Int32Array, counts: Int32Array) {
  const n = parent.length;
  const children = new Int32Array(n);
  let [entries, operations] = [0, 0];
  for (let j = 0; j < n; j++) {
    if (parent[j] !== -1) children[parent[j]]++;
    entries += counts[j];
    operations += counts[j] * counts[j];
  }
  const starts = new Int32Array(n + 1);
  const superOf = new Int32Array(n);
  let count = 0;
  for (let j = 0; j < n; j++) {
    if (j === 0 || parent[j - 1] !== j || counts[j - 1] !== counts[j] + 1 || children[j] > 1) starts[count++] = j;
    superOf[j] = count - 1;
  }
  starts[count] = n;
  const columns = new Columns(starts, count);
  const height = new Int32Array(count);
  const zeros = new Float64Array(count);
  const tree = new Int32Array(count);
  for (let s = 0; s < count; s++) {
    height[s] = counts[starts[s]];
    const up = parent[starts[s + 1] - 1];
    tree[s] = up === -1 ? -1 : superOf[up];
  }
  // Children precede their parents, so each supernode is complete before it may be merged into its parent.
  const into = Int32Array.from({ length: count }, (_, s) => s);
  for (let s = 0; s < count; s++) {
    const p = tree[s];
    if (p === -1) continue;
    const k = columns.size[s] + columns.size[p];
    const m = columns.size[s] + height[p];
    const all = trapezoid(m, k);
    const more = all - trapezoid(height[s], columns.size[s]) - trapezoid(height[p], columns.size[p]);
    const empty = more + zeros[s] + zeros[p];
    if (more > 0 && !RELAXED.some(([most, share]) => k <= most && empty <= share * all)) continue;
    columns.prepend(s, p);
    height[p] = m;
    zeros[p] = empty;
    into[s] = p;
  }
  for (let s = count - 1; s >= 0; s--) if (into[s] !== s) into[s] = into[into[s]];
  for (let s = 0; s < count; s++) tree[s] = into[s] !== s ? -2 : tree[s] === -1 ? -1 : into[tree[s]];
  return { columns, tree, height, entries, operations };
}

/**
 * A postorder of the remaining supernodes in which children come first that need most storage beyond what they leave
 * behind (Liu 1986).
 */
function thriftyOrder(tree: Int32Array, columns: Columns, height: Int32Array): Int32Array {
  const total = tree.length;
  const left = (s: number) => (height[s] - columns.size[s]) ** 2;
  const peak = new Float64Array(total);
  const childStart = new Int32Array(total + 2);
  let alive = 0;
  for (let s = 0; s < total; s++) {
    if (tree[s] === -2) continue;
    alive++;
    childStart[tree[s] + 2]++;
  }
  for (let s = 0; s <= total; s++) childStart[s + 1] += childStart[s];
  // The children of s begin at children[childStart[s + 1]]; roots, as children of −1, come first.
  const next = childStart.slice();
  const children = new Int32Array(alive);
  const settle = (s: number): void => {
    const from = childStart[s + 1];
    const to = childStart[s + 2];
    if (to - from > 1) {
      const own = Array.from(children.subarray(from, to));
      own.sort((a, b) => peak[b] - left(b) - (peak[a] - left(a)) || a - b);
      children.set(own, from);
    }
    let waiting = 0;
    let most = 0;
    for (let k = from; k < to; k++) {
      const c = children[k];
      most = Math.max(most, waiting + peak[c]);
      waiting += left(c);
    }
    if (s >= 0) peak[s] = Math.max(most, waiting + left(s));
  };
  for (let s = 0; s < total; s++) {
    if (tree[s] === -2) continue;
    settle(s);
    children[next[tree[s] + 1]++] = s;
  }
  settle(-1);
  const visit = new Int32Array(alive);
  const stack = [];
  let at = alive;
  // In reverse from the roots: a node, then its children from the last one on.
  for (let k = 0; k < childStart[1]; k++) stack.push(children[k]);
  while (stack.length > 0) {
    const s: number = stack.pop()!;
    visit[--at] = s;
    for (let k = childStart[s + 1]; k < childStart[s + 2]; k++) stack.push(children[k]);
  }
  return visit;
}

/** Rows below each supernode, ascending: row i climbs the tree from each of its entries up to its own supernode. */
function belowRows(
  { n, pointers, neighbours }: Graph,
  order: Int32Array,
  inverse: Int32Array,
  first: Int32Array,
  superOf: Int32Array,
  parent: Int32Array,
  rowStart: Int32Array,
): Int32Array {
  const count = parent.length;
  const rows = new Int32Array(rowStart[count]);
  const next = rowStart.slice(0, count);
  const seen = new Int32Array(count).fill(-1);
  for (let i = 0; i < n; i++) {
    const own = superOf[i];
    const node = order[i];
    for (let k = pointers[node]; k < pointers[node + 1]; k++) {
      const j = inverse[neighbours[k]];
      if (j >= first[own]) continue;
      for (let s = superOf[j]; s !== own && seen[s] !== i; s = parent[s]) {
        seen[s] = i;
        rows[next[s]++] = i;
      }
    }
  }
  return rows;
}

function placesInParent(
  count: number,
  first: Int32Array,
  parent: Int32Array,
  rowStart: Int32Array,
  rows: Int32Array,
): Int32Array {
  const place = new Int32Array(rows.length);
  for (let s = 0; s < count; s++) {
    const p = parent[s];
    if (p === -1) continue;
    const from = first[p];
    const end = first[p + 1];
    const columns = end - from;
    let at = rowStart[p];
    for (let k = rowStart[s]; k < rowStart[s + 1]; k++) {
      const row = rows[k];
      if (row < end) place[k] = row - from;
      else {
        while (rows[at] < row) at++;
        place[k] = columns + at - rowStart[p];
      }
    }
  }
  return place;
}

/**
 * Number of doubles in waiting fronts, if each front is built on top of those of its children and then moved down over
 * them.
 */
function stackSize(count: number, parent: Int32Array, rowStart: Int32Array): number {
  const children = new Float64Array(count);
  let [top, most] = [0, 0];
  for (let s = 0; s < count; s++) {
    const left = (rowStart[s + 1] - rowStart[s]) ** 2;
    most = Math.max(most, top + left);
    top += left - children[s];
    if (parent[s] !== -1) children[parent[s]] += left;
  }
  return most;
}

function entriesOf(
  A: Pattern,
  graph: Graph & { readonly source: Int32Array },
  shape: Pick<Supernodes, 'n' | 'count' | 'first' | 'rowStart' | 'rows' | 'order' | 'panel'>,
  inverse: Int32Array,
): Entries {
  const { n, count, first, rowStart, rows, order, panel } = shape;
  const { colPointers, rowIndices } = A;
  const { pointers, neighbours, source } = graph;
  const most = n + pointers[n] / 2;
  const [from, to] = [new Int32Array(most), new Int32Array(most)];
  const entryStart = new Int32Array(count + 1);
  let at = 0;
  const where = new Int32Array(n);
  /** Positions of the diagonal entries of A. */
  const diagonal = new Int32Array(n).fill(-1);
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) if (rowIndices[k] === j) diagonal[j] = k;
  }
  for (let s = 0; s < count; s++) {
    const begin = first[s];
    const end = first[s + 1];
    const m = end - begin + rowStart[s + 1] - rowStart[s];
    for (let j = begin; j < end; j++) where[j] = j - begin;
    for (let k = rowStart[s]; k < rowStart[s + 1]; k++) where[rows[k]] = end - begin + k - rowStart[s];
    for (let j = begin; j < end; j++) {
      const column = panel[s] + (j - begin) * m;
      const node = order[j];
      if (diagonal[node] >= 0) {
        from[at] = diagonal[node];
        to[at++] = column + j - begin;
      }
      for (let k = pointers[node]; k < pointers[node + 1]; k++) {
        const i = inverse[neighbours[k]];
        if (i <= j) continue;
        from[at] = source[k];
        to[at++] = column + where[i];
      }
    }
    entryStart[s + 1] = at;
  }
  return { entryStart, source: from.slice(0, at), target: to.slice(0, at) };
}
