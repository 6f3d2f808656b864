import { minimumDegree } from './amd.ts';
import { checkSquare, type Graph, type Pattern, symmetricGraph } from './pattern.ts';
import { BETWEEN, LEFT, RIGHT, separator } from './separator.ts';

/** Number of nodes up to which a part is ordered by minimum degree. */
const LEAF = 2000;
/** A part whose separator exceeds this share of it is ordered by minimum degree as well. */
const WIDE = 0.25;

/**
 * A fill-reducing ordering by nested dissection (George 1973): the nodes of a small separator are eliminated last,
 * after those of the two parts that it leaves, which are ordered likewise; small parts, and those without a small
 * separator, by minimum degree. Less fill than minimum degree on large grids, in space above all, at several times the
 * time. About O(edges · log n).
 *
 * @throws INVALID_SHAPE.
 */
export function nestedDissection(A: Pattern): Int32Array {
  checkSquare(A, 'nestedDissection');
  return dissected(symmetricGraph(A));
}

/** Nested dissection of a graph. */
export function dissected(graph: Graph): Int32Array {
  const order = new Int32Array(graph.n);
  const place = new Int32Array(graph.n);
  // Parts that wait, with the end of their positions in the order.
  const ids: Int32Array = Int32Array.from({ length: graph.n }, (_, v) => v);
  const parts = [{ graph, ids, end: graph.n }];
  for (;;) {
    const part = parts.pop();
    if (!part) return order;
    const { end } = part;
    const { n } = part.graph;
    const where = n > LEAF ? separator(part.graph) : undefined;
    const counts = [0, 0, 0];
    if (where) for (let v = 0; v < n; v++) counts[where[v]]++;
    if (!where || counts[BETWEEN] > WIDE * n || counts[LEFT] === 0 || counts[RIGHT] === 0) {
      minimumDegree(withSurroundings(graph, part.ids, place), n).forEach((v, k) => {
        order[end - n + k] = part.ids[v];
      });
      continue;
    }
    let last = end;
    for (let v = 0; v < n; v++) if (where[v] === BETWEEN) order[--last] = part.ids[v];
    for (const side of [LEFT, RIGHT]) {
      parts.push({ ...induced(part.graph, part.ids, where, side, place), end: last });
      last -= counts[side];
    }
  }
}

/**
 * The subgraph of a part, followed by its neighbours in separators, which fill in as well (Pellegrini, Roman and
 * Amestoy, Concurrency 12, 2000).
 */
function withSurroundings({ pointers, neighbours }: Graph, ids: Int32Array, place: Int32Array): Graph {
  const inner = ids.length;
  const members = Array.from(ids);
  for (let k = 0; k < inner; k++) place[ids[k]] = k;
  const inside = (v: number) => members[place[v]] === v;
  for (let k = 0; k < inner; k++) {
    for (let q = pointers[ids[k]]; q < pointers[ids[k] + 1]; q++) {
      const u = neighbours[q];
      if (inside(u)) continue;
      place[u] = members.length;
      members.push(u);
    }
  }
  const starts = new Int32Array(members.length + 1);
  const list: number[] = [];
  members.forEach((v, k) => {
    for (let q = pointers[v]; q < pointers[v + 1]; q++) if (inside(neighbours[q])) list.push(place[neighbours[q]]);
    starts[k + 1] = list.length;
  });
  return { n: members.length, pointers: starts, neighbours: Int32Array.from(list) };
}

/** The subgraph of the nodes on one side. */
function induced(
  { n, pointers, neighbours }: Graph,
  ids: Int32Array,
  where: Uint8Array,
  side: number,
  place: Int32Array,
): { readonly graph: Graph; readonly ids: Int32Array } {
  let [count, entries] = [0, 0];
  for (let v = 0; v < n; v++) {
    if (where[v] !== side) continue;
    place[v] = count++;
    entries += pointers[v + 1] - pointers[v];
  }
  const [own, starts, list] = [new Int32Array(count), new Int32Array(count + 1), new Int32Array(entries)];
  let at = 0;
  for (let v = 0, k = 0; v < n; v++) {
    if (where[v] !== side) continue;
    for (let q = pointers[v]; q < pointers[v + 1]; q++) {
      if (where[neighbours[q]] === side) list[at++] = place[neighbours[q]];
    }
    own[k++] = ids[v];
    starts[k] = at;
  }
  return { graph: { n: count, pointers: starts, neighbours: list.subarray(0, at) }, ids: own };
}
