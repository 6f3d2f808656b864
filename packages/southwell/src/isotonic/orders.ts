import { fail } from '@southwell/numerics/core';
import { argsort } from './data.ts';

/** A partial order of nodes, numbered so that relations lead from smaller to larger numbers. */
export interface Order {
  readonly nodes: number;
  /** The node of each row; rows that the order makes equal share one node. */
  readonly nodeOf: Int32Array;
  /** Relations from ≤ to, without duplicates, by `from`: those of node v at pointers[v] … pointers[v + 1] − 1. */
  readonly pointers: Int32Array;
  readonly to: Int32Array;
}

/** Maximum number of relations: they fill a quarter of a gigabyte. */
const MOST_RELATIONS = 2 ** 24;
/** Maximum number of rows with three or more columns, where pairs of rows are compared: more would take minutes. */
const MOST_ROWS = 50_000;

/** Pairs of nodes in the order found. */
class Relations {
  count = 0;
  from = new Int32Array(1024);
  to = new Int32Array(1024);

  add(from: number, to: number): void {
    if (this.count === MOST_RELATIONS) {
      fail(
        'NOT_SUPPORTED',
        `The order has more than ${MOST_RELATIONS} relations: leave out columns, or round them so that rows agree.`,
      );
    }
    if (this.count === this.from.length) {
      const wider = (v: Int32Array) => {
        const out = new Int32Array(2 * v.length);
        out.set(v);
        return out;
      };
      [this.from, this.to] = [wider(this.from), wider(this.to)];
    }
    this.from[this.count] = from;
    this.to[this.count++] = to;
  }

  /** Sorted by their start. */
  order(nodes: number, nodeOf: Int32Array): Order {
    const pointers = new Int32Array(nodes + 1);
    for (let e = 0; e < this.count; e++) pointers[this.from[e] + 1]++;
    for (let v = 0; v < nodes; v++) pointers[v + 1] += pointers[v];
    const next = pointers.slice();
    const to = new Int32Array(this.count);
    for (let e = 0; e < this.count; e++) to[next[this.from[e]]++] = this.to[e];
    return { nodes, nodeOf, pointers, to };
  }
}

/**
 * The order of rows in which i ≤ j if all columns agree, by its covering pairs (the relations not implied by others).
 * Equal rows are one node; nodes are in lexicographic order. One column: O(n). Two: O((n + pairs) log n), by the
 * staircase of the rows below each row. More: O(n² d), at most 50,000 distinct rows.
 */
export function orderOfColumns(columns: readonly Float64Array[]): Order & { readonly rows: Int32Array } {
  const n = columns[0].length;
  let { order } = argsort(columns[columns.length - 1]);
  for (let j = columns.length - 2; j >= 0; j--) ({ order } = argsort(columns[j], order));
  const nodeOf = new Int32Array(n);
  const rows = new Int32Array(n);
  let nodes = 0;
  for (let i = 0; i < n; i++) {
    const row = order[i];
    if (i === 0 || columns.some((column) => column[row] !== column[order[i - 1]])) rows[nodes++] = row;
    nodeOf[row] = nodes - 1;
  }
  const distinct = rows.slice(0, nodes);
  const values = columns.map((column) => Float64Array.from(distinct, (row) => column[row]));
  const relations = new Relations();
  if (columns.length === 1) for (let v = 1; v < nodes; v++) relations.add(v - 1, v);
  else if (columns.length === 2) coversInPlane(values[1], relations);
  else coversInSpace(values, relations);
  return { ...relations.order(nodes, nodeOf), rows: distinct };
}

/**
 * Nodes are sorted by their first column. The maximal nodes below node p are found from the right: the last one whose
 * second value is at most that of p, then the last whose value lies between that one's and p's, and so on. A tree of
 * maxima over the ranks of the second column finds each in O(log n).
 */
function coversInPlane(second: Float64Array, relations: Relations): void {
  const n = second.length;
  const { order, values } = argsort(second);
  const rank = new Int32Array(n);
  for (let i = 1; i < n; i++) rank[order[i]] = rank[order[i - 1]] + (values[i] > values[i - 1] ? 1 : 0);
  let size = 1;
  while (size < n) size *= 2;
  const tree = new Int32Array(2 * size).fill(-1);
  for (let p = 0; p < n; p++) {
    for (let above = 0; ; ) {
      // The largest node with rank in above … rank[p].
      let found = -1;
      for (let a = above + size, b = rank[p] + size + 1; a < b; a >>= 1, b >>= 1) {
        if (a & 1) found = Math.max(found, tree[a++]);
        if (b & 1) found = Math.max(found, tree[--b]);
      }
      if (found < 0) break;
      relations.add(found, p);
      above = rank[found] + 1;
    }
    for (let t = rank[p] + size; t >= 1; t >>= 1) tree[t] = p;
  }
}

/** Among the nodes before p, from the last: those below p and not below one already taken. */
function coversInSpace(columns: readonly Float64Array[], relations: Relations): void {
  const [n, d] = [columns[0].length, columns.length];
  if (n > MOST_ROWS) {
    fail(
      'NOT_SUPPORTED',
      `The order of ${d} columns has ${n} distinct rows, and at most ${MOST_ROWS} are taken: use two columns, or fewer rows.`,
    );
  }
  const values = new Float64Array(n * d);
  for (let j = 0; j < d; j++) for (let i = 0; i < n; i++) values[i * d + j] = columns[j][i];
  const below = (a: number, b: number): boolean => {
    for (let j = 1; j < d; j++) if (values[a * d + j] > values[b * d + j]) return false;
    return true;
  };
  for (let p = 0; p < n; p++) {
    const first = relations.count;
    for (let q = p - 1; q >= 0; q--) {
      if (!below(q, p)) continue;
      let taken = false;
      for (let e = first; e < relations.count && !taken; e++) taken = below(q, relations.from[e]);
      if (!taken) relations.add(q, p);
    }
  }
}

/**
 * The order generated by relations i ≤ j of n rows; rows on a cycle are equal, and one node. O(n + pairs), by Tarjan's
 * strongly connected components (1972).
 * @throws INVALID_PARAMETER for a row outside 0 … n−1.
 */
export function orderOfPairs(n: number, pairs: ArrayLike<readonly [number, number] | ArrayLike<number>>): Order {
  const given = new Relations();
  for (let e = 0; e < pairs.length; e++) {
    const [i, j] = [pairs[e][0], pairs[e][1]];
    for (const row of [i, j]) {
      if (!Number.isInteger(row) || row < 0 || row >= n) {
        fail('INVALID_PARAMETER', `Relation ${e + 1} names row index ${row}, but row indices go from 0 to ${n - 1}.`);
      }
    }
    if (i !== j) given.add(i, j);
  }
  const rows = given.order(n, new Int32Array(0));
  const { nodes, nodeOf } = components(rows);
  const last = new Int32Array(nodes).fill(-1);
  const members = new Int32Array(n);
  const starts = new Int32Array(nodes + 1);
  for (let i = 0; i < n; i++) starts[nodeOf[i] + 1]++;
  for (let v = 0; v < nodes; v++) starts[v + 1] += starts[v];
  const next = starts.slice();
  for (let i = 0; i < n; i++) members[next[nodeOf[i]]++] = i;
  const between = new Relations();
  for (let v = 0; v < nodes; v++) {
    for (let k = starts[v]; k < starts[v + 1]; k++) {
      const i = members[k];
      for (let e = rows.pointers[i]; e < rows.pointers[i + 1]; e++) {
        const to = nodeOf[rows.to[e]];
        if (to === v || last[to] === v) continue;
        last[to] = v;
        between.add(v, to);
      }
    }
  }
  return between.order(nodes, nodeOf);
}

/** Strongly connected components, numbered so that relations lead upwards. */
function components({ nodes: n, pointers, to }: Order): { nodes: number; nodeOf: Int32Array } {
  const nodeOf = new Int32Array(n).fill(-1);
  const index = new Int32Array(n).fill(-1);
  const low = new Int32Array(n);
  const next = pointers.slice(0, n);
  const [path, stack] = [new Int32Array(n), new Int32Array(n)];
  let [seen, found, height] = [0, 0, 0];
  for (let root = 0; root < n; root++) {
    if (index[root] >= 0) continue;
    let depth = 0;
    path[0] = root;
    while (depth >= 0) {
      const v = path[depth];
      if (index[v] < 0) {
        index[v] = low[v] = seen++;
        stack[height++] = v;
      }
      if (next[v] < pointers[v + 1]) {
        const u = to[next[v]++];
        if (index[u] < 0) path[++depth] = u;
        else if (nodeOf[u] < 0) low[v] = Math.min(low[v], index[u]);
        continue;
      }
      if (low[v] === index[v]) {
        do nodeOf[stack[--height]] = found;
        while (stack[height] !== v);
        found++;
      }
      if (--depth >= 0) low[path[depth]] = Math.min(low[path[depth]], low[v]);
    }
  }
  // They are found in reverse order.
  for (let i = 0; i < n; i++) nodeOf[i] = found - 1 - nodeOf[i];
  return { nodes: found, nodeOf };
}

/** A partition of the relations into paths. */
export interface Chains {
  readonly count: number;
  /** The nodes of path c in ascending order, at starts[c] … starts[c + 1] − 1. */
  readonly nodes: Int32Array;
  readonly starts: Int32Array;
}

/**
 * The minimum number of paths that cover every relation once: at each node as many incoming relations as possible are
 * continued, those from the longest path below with those to the longest path above, so that chains are long.
 * O(relations · log of the largest degree).
 */
export function chainsOf({ nodes: n, pointers, to }: Order): Chains {
  const relations = to.length;
  const from = new Int32Array(relations);
  for (let v = 0; v < n; v++) from.fill(v, pointers[v], pointers[v + 1]);
  const [above, beneath] = [new Int32Array(n), new Int32Array(n)];
  for (let e = 0; e < relations; e++) beneath[to[e]] = Math.max(beneath[to[e]], beneath[from[e]] + 1);
  for (let e = relations - 1; e >= 0; e--) above[from[e]] = Math.max(above[from[e]], above[to[e]] + 1);
  const ends = new Int32Array(n + 1);
  for (let e = 0; e < relations; e++) ends[to[e] + 1]++;
  for (let v = 0; v < n; v++) ends[v + 1] += ends[v];
  const place = ends.slice();
  const into = new Int32Array(relations);
  for (let e = 0; e < relations; e++) into[place[to[e]]++] = e;
  const following = new Int32Array(relations).fill(-1);
  const follows = new Uint8Array(relations);
  for (let v = 0; v < n; v++) {
    const inside = into.subarray(ends[v], ends[v + 1]).sort((a, b) => beneath[from[b]] - beneath[from[a]] || a - b);
    const out = Int32Array.from({ length: pointers[v + 1] - pointers[v] }, (_, k) => pointers[v] + k);
    out.sort((a, b) => above[to[b]] - above[to[a]] || a - b);
    for (let k = 0; k < Math.min(inside.length, out.length); k++) {
      following[inside[k]] = out[k];
      follows[out[k]] = 1;
    }
  }
  let count = 0;
  for (let e = 0; e < relations; e++) if (!follows[e]) count++;
  const nodes = new Int32Array(relations + count);
  const starts = new Int32Array(count + 1);
  for (let e = 0, c = 0, p = 0; e < relations; e++) {
    if (follows[e]) continue;
    nodes[p++] = from[e];
    for (let f = e; f >= 0; f = following[f]) nodes[p++] = to[f];
    starts[++c] = p;
  }
  return { count, nodes, starts };
}
