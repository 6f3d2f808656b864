import type { Random } from 'southwell';
import type { Choose, Step } from './rival.ts';
import type { Quadratic } from './rivalFunctions.ts';

/** Blocks that follow a graph, and exact solves of those without cycles, by code of their own. */

/** Colours of a graph, each node in the order of falling curvature the allowed one with the fewest members. */
export function colours({ Q, curvature }: Quadratic): Int32Array[] {
  const colour = new Map<number, number>();
  const classes: number[][] = [];
  for (const i of Array.from(curvature, (_, k) => k).sort((a, c) => curvature[c] - curvature[a] || a - c)) {
    const taken = new Set(Array.from(Q[i].keys(), (j) => (j === i ? undefined : colour.get(j))));
    const open = classes
      .flatMap((_, c) => (taken.has(c) ? [] : [c]))
      .sort((a, c) => classes[a].length - classes[c].length || a - c);
    const mine = open[0] ?? classes.push([]) - 1;
    colour.set(i, mine);
    classes[mine].push(i);
  }
  return classes.map((members) => Int32Array.from(members).sort());
}

/** Whether coordinates may join a set of them one after the other without a cycle among neighbours. */
function joins(Q: Quadratic['Q']): (i: number) => boolean {
  const above = new Map<number, number>();
  const root = (i: number) => {
    let at = i;
    while (above.get(at) !== at) at = above.get(at)!;
    return at;
  };
  return (i) => {
    const roots = [...Q[i].keys()].filter((j) => above.has(j)).map(root);
    if (new Set(roots).size < roots.length) return false;
    above.set(i, i);
    for (const r of roots) above.set(r, i);
    return true;
  };
}

/** A forest to which nothing can be added, from the coordinates in an order. */
const forest = ({ Q }: Quadratic, order: Iterable<number>): Int32Array =>
  Int32Array.from(Array.from(order).filter(joins(Q))).sort();

/** Grown by falling |slope|. */
export const greedyTrees =
  (f: Quadratic): Choose =>
  ({ g }) =>
    forest(
      f,
      Array.from(g, (_, i) => i).sort((i, j) => Math.abs(g[j]) - Math.abs(g[i]) || i - j),
    );
export const randomTrees =
  (f: Quadratic, random: Random): Choose =>
  ({ x }) =>
    forest(f, random.permutation(x.length));

/** Forests that hold each coordinate once: those of the most curvature first, each in the first that takes it. */
export function forests({ Q, curvature }: Quadratic): Int32Array[] {
  const found: Array<{ takes: (i: number) => boolean; members: number[] }> = [];
  for (const i of Array.from(curvature, (_, k) => k).sort((a, c) => curvature[c] - curvature[a] || a - c)) {
    let mine = found.find(({ takes }) => takes(i));
    if (!mine) {
      mine = { takes: joins(Q), members: [] };
      mine.takes(i);
      found.push(mine);
    }
    mine.members.push(i);
  }
  return found.map(({ members }) => Int32Array.from(members).sort());
}

/** Two combs that interlock on a lattice, node = column · side + row: row 0 and all but the last of even columns; the rest. */
export function combs(nodes: ArrayLike<number>, side: number): Int32Array[] {
  const first = (node: number) => {
    const [row, column] = [node % side, Math.floor(node / side)];
    return row === 0 || (column % 2 === 0 && row < side - 1);
  };
  const all = Array.from(nodes, (_, i) => i);
  return [true, false].map((is) => Int32Array.from(all.filter((i) => first(nodes[i]) === is)));
}

/** The exact step on a block without cycles: coordinates with one neighbour left are eliminated, the last first found. */
export const forestStep =
  ({ Q }: Quadratic): Step =>
  (b, { g }) => {
    const place = new Map(Array.from(b, (i, a) => [i, a] as const));
    const near = Array.from(b, (i) =>
      [...Q[i]].flatMap(([j, w]) => (j !== i && place.has(j) ? [[place.get(j)!, w]] : [])),
    );
    const left = near.map((list) => list.length);
    const pivot = Float64Array.from(b, (i) => Q[i].get(i)!);
    const d = Float64Array.from(b, (i) => -g[i]);
    const gone = new Uint8Array(b.length);
    const order: Array<readonly [a: number, to?: number, w?: number]> = [];
    const ends = Array.from(left.keys()).filter((a) => left[a] <= 1);
    for (let a = ends.pop(); a !== undefined; a = ends.pop()) {
      if (gone[a]) continue;
      gone[a] = 1;
      const [to, w] = near[a].find(([c]) => !gone[c]) ?? [];
      order.push([a, to, w]);
      if (to === undefined || w === undefined) continue;
      pivot[to] -= (w * w) / pivot[a];
      d[to] -= (w * d[a]) / pivot[a];
      if (--left[to] <= 1) ends.push(to);
    }
    if (order.length < b.length) throw new Error('The block has a cycle.');
    for (const [a, to, w] of order.reverse()) d[a] = (d[a] - (to === undefined ? 0 : w! * d[to])) / pivot[a];
    return d;
  };
