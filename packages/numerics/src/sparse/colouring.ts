import { type Pattern, transposed } from './pattern.ts';

/** Groups of columns: `colours[j]` of column j, from 0 to `count` − 1. */
export interface Colouring {
  readonly colours: Int32Array;
  readonly count: number;
}

/** A colouring of a symmetric matrix, and where the products with its groups contain the entries. */
export interface StarColouring extends Colouring {
  /**
   * Entry k of the coloured pattern is element `rows[k]` of the product with the sum of the columns of colour
   * `groups[k]`.
   */
  readonly rows: Int32Array;
  readonly groups: Int32Array;
}

/** Columns in the order of decreasing counts, equal ones in their own order. O(n). */
function largestFirst(counts: Int32Array): Int32Array {
  const n = counts.length;
  let most = 0;
  for (let j = 0; j < n; j++) most = Math.max(most, counts[j]);
  const starts = new Int32Array(most + 2);
  for (let j = 0; j < n; j++) starts[most - counts[j] + 1]++;
  for (let c = 0; c <= most; c++) starts[c + 1] += starts[c];
  const order = new Int32Array(n);
  for (let j = 0; j < n; j++) order[starts[most - counts[j]]++] = j;
  return order;
}

/**
 * The better of the greedy colourings in the given order, which is the best for bands, and with full columns first;
 * the former if it attains a lower bound.
 */
function better(counts: Int32Array, bound: number, greedy: (order: Int32Array) => Colouring): Colouring {
  const natural = greedy(Int32Array.from(counts.keys()));
  if (natural.count <= bound) return natural;
  const sorted = greedy(largestFirst(counts));
  return sorted.count < natural.count ? sorted : natural;
}

/**
 * Groups the columns of a matrix so that no two of a group have an entry in the same row: the sum of a group then
 * contains each entry of its columns, and as few products as there are colours determine a Jacobian. Greedy, distance 2
 * in the bipartite graph (Curtis, Powell and Reid 1974; Coleman and Moré 1983). The maximal number of entries in a row
 * is a lower bound of the number of colours. O(Σ over rows of squared counts).
 */
export function colourColumns(pattern: Pattern): Colouring {
  const { cols, colPointers, rowIndices } = pattern;
  const byRows = transposed(pattern);
  const counts = new Int32Array(cols);
  for (let j = 0; j < cols; j++) counts[j] = colPointers[j + 1] - colPointers[j];
  let fullest = 1;
  for (let i = 0; i < pattern.rows; i++) fullest = Math.max(fullest, byRows.colPointers[i + 1] - byRows.colPointers[i]);
  return better(counts, fullest, (order) => {
    const colours = new Int32Array(cols).fill(-1);
    const forbidden = new Int32Array(cols + 1).fill(-1);
    let count = 0;
    for (const j of order) {
      for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
        const i = rowIndices[k];
        for (let l = byRows.colPointers[i]; l < byRows.colPointers[i + 1]; l++) {
          const colour = colours[byRows.rowIndices[l]];
          if (colour >= 0) forbidden[colour] = j;
        }
      }
      let colour = 0;
      while (forbidden[colour] === j) colour++;
      colours[j] = colour;
      count = Math.max(count, colour + 1);
    }
    return { colours, count };
  });
}

/** Adjacency lists of a symmetric pattern, of which either both triangles or one is stored; without loops. */
function graphOf({ cols: n, colPointers, rowIndices }: Pattern): { pointers: Int32Array; neighbours: Int32Array } {
  const total = colPointers[n];
  const ends = new Float64Array(2 * total);
  let count = 0;
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      if (i === j) continue;
      ends[count++] = i * n + j;
      ends[count++] = j * n + i;
    }
  }
  const sorted = ends.subarray(0, count).sort();
  const pointers = new Int32Array(n + 1);
  const neighbours = new Int32Array(count);
  let at = 0;
  for (let k = 0; k < count; k++) {
    if (k > 0 && sorted[k] === sorted[k - 1]) continue;
    const i = Math.floor(sorted[k] / n);
    neighbours[at++] = sorted[k] - i * n;
    pointers[i + 1] = at;
  }
  for (let i = 0; i < n; i++) pointers[i + 1] = Math.max(pointers[i + 1], pointers[i]);
  return { pointers, neighbours: neighbours.subarray(0, at) };
}

/**
 * The stars of a colouring in progress. The vertices of any two colours form disjoint stars, and all neighbours of one
 * colour that a vertex has belong to the same star: each vertex has a list with a star for each colour around it.
 */
class Stars {
  private readonly head: Int32Array;
  private readonly colour: Int32Array;
  private readonly star: Int32Array;
  private readonly next: Int32Array;
  /** The centre of each star; −1 for a single edge, of which either end can become the centre. */
  private readonly hub: Int32Array;
  private entries = 0;
  private made = 0;

  constructor(vertices: number, edges: number) {
    this.head = new Int32Array(vertices).fill(-1);
    this.colour = new Int32Array(2 * edges);
    this.star = new Int32Array(2 * edges);
    this.next = new Int32Array(2 * edges);
    this.hub = new Int32Array(edges);
  }

  /** The star of w with neighbours of a colour; −1 for none. */
  private find(w: number, colour: number): number {
    for (let e = this.head[w]; e >= 0; e = this.next[e]) if (this.colour[e] === colour) return this.star[e];
    return -1;
  }

  private put(w: number, colour: number, star: number): void {
    const e = this.entries++;
    this.colour[e] = colour;
    this.star[e] = star;
    this.next[e] = this.head[w];
    this.head[w] = e;
  }

  /** Marks the colours around w; or only those of centres of which w is a leaf. */
  forbid(w: number, all: boolean, forbidden: Int32Array, mark: number): void {
    for (let e = this.head[w]; e >= 0; e = this.next[e]) {
      const centre = this.hub[this.star[e]];
      if (all || (centre >= 0 && centre !== w)) forbidden[this.colour[e]] = mark;
    }
  }

  /** Adds the edge of v and w. */
  join(v: number, w: number, colours: Int32Array): void {
    const there = this.find(w, colours[v]);
    if (there >= 0) {
      this.hub[there] = w;
      this.put(v, colours[w], there);
      return;
    }
    const here = this.find(v, colours[w]);
    if (here >= 0) {
      this.hub[here] = v;
      this.put(w, colours[v], here);
      return;
    }
    this.hub[this.made] = -1;
    this.put(v, colours[w], this.made);
    this.put(w, colours[v], this.made++);
  }
}

/**
 * Colours the columns of a symmetric matrix so that its products with the sums of the groups contain every entry on its
 * own: neighbours differ, and every path of four vertices has at least three colours (Gebremedhin, Manne and Pothen,
 * SIAM Review 47, 2005; the greedy algorithm is that of Gebremedhin, Tarafdar, Manne and Pothen, SIAM J. Sci. Comput.
 * 29, 2007). The pattern has either both triangles or only one; diagonal entries may be missing. O(Σ over edges of the
 * number of colours around an end).
 */
export function starColouring(pattern: Pattern): StarColouring {
  const { cols: n, colPointers, rowIndices } = pattern;
  const { pointers, neighbours } = graphOf(pattern);
  const counts = new Int32Array(n);
  for (let j = 0; j < n; j++) counts[j] = pointers[j + 1] - pointers[j];
  const { colours, count } = better(counts, 2, (order) => greedyStars(n, pointers, neighbours, order));

  // Entry (i, j) is alone in row i of a product if no other neighbour of i has the colour of j; otherwise i is the
  // centre of their star, and the entry is alone in row j. Both triangles are read from the same product.
  const times = new Int32Array(count);
  const alone = new Uint8Array(pointers[n]);
  const mirror = new Int32Array(pointers[n]);
  const next = pointers.slice(0, n);
  for (let i = 0; i < n; i++) {
    for (let e = pointers[i]; e < pointers[i + 1]; e++) times[colours[neighbours[e]]]++;
    for (let e = pointers[i]; e < pointers[i + 1]; e++) {
      alone[e] = times[colours[neighbours[e]]] === 1 ? 1 : 0;
      mirror[next[neighbours[e]]++] = e;
    }
    for (let e = pointers[i]; e < pointers[i + 1]; e++) times[colours[neighbours[e]]] = 0;
  }
  const rows = new Int32Array(colPointers[n]);
  const groups = new Int32Array(colPointers[n]);
  const edgeOf = new Int32Array(n);
  for (let j = 0; j < n; j++) {
    for (let e = pointers[j]; e < pointers[j + 1]; e++) edgeOf[neighbours[e]] = e;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      const edge = edgeOf[i];
      const own = i === j || (j < i ? alone[edge] === 1 : alone[mirror[edge]] === 0);
      rows[k] = own ? j : i;
      groups[k] = colours[own ? i : j];
    }
  }
  return { colours, count, rows, groups };
}

function greedyStars(n: number, pointers: Int32Array, neighbours: Int32Array, order: Int32Array): Colouring {
  const colours = new Int32Array(n).fill(-1);
  const stars = new Stars(n, pointers[n] / 2);
  const forbidden = new Int32Array(n + 1).fill(-1);
  /** The first neighbour of each colour, and the vertex for which it was found. */
  const first = new Int32Array(n);
  const found = new Int32Array(n).fill(-1);
  let count = 0;
  for (const v of order) {
    for (let e = pointers[v]; e < pointers[v + 1]; e++) {
      const w = neighbours[e];
      const colour = colours[w];
      if (colour < 0) continue;
      forbidden[colour] = v;
      if (found[colour] === v) {
        // v is a centre: its leaves may have no other neighbour of its colour.
        stars.forbid(first[colour], true, forbidden, v);
        stars.forbid(w, true, forbidden, v);
        continue;
      }
      found[colour] = v;
      first[colour] = w;
      stars.forbid(w, false, forbidden, v);
    }
    let colour = 0;
    while (forbidden[colour] === v) colour++;
    colours[v] = colour;
    count = Math.max(count, colour + 1);
    for (let e = pointers[v]; e < pointers[v + 1]; e++) {
      if (colours[neighbours[e]] >= 0) stars.join(v, neighbours[e], colours);
    }
  }
  return { colours, count };
}
