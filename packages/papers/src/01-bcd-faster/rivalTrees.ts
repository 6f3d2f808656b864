import type { Random } from 'southwell';
import type { Choose, Step } from './rival.ts';
import type { Quadratic } from './rivalFunctions.ts';

/** Blocks that follow a graph, and exact solves of those without cycles, by independent code. */

/** A colouring of a graph: nodes by decreasing curvature, each with the allowed colour that has the fewest members. */
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

/** The neighbours of each coordinate. */
const neighbours = ({ Q }: Quadratic): Int32Array[] =>
  Q.map((row, i) => Int32Array.from(row.keys()).filter((j) => j !== i));

/** Whether a coordinate may join a growing set of them without creating a cycle. */
function joins(near: readonly Int32Array[]): (i: number) => boolean {
  const above = new Int32Array(near.length).fill(-1);
  const root = (i: number) => {
    let at = i;
    while (above[at] !== at) at = above[at] = above[above[at]];
    return at;
  };
  return (i) => {
    const roots: number[] = [];
    for (const j of near[i]) {
      if (above[j] < 0) continue;
      const r = root(j);
      if (roots.includes(r)) return false;
      roots.push(r);
    }
    above[i] = i;
    for (const r of roots) above[r] = i;
    return true;
  };
}

/** A maximal forest, from the coordinates in a given order. */
const forest = (near: readonly Int32Array[], order: Int32Array): Int32Array => order.filter(joins(near)).sort();

/** Grown by decreasing |slope|. */
export function greedyTrees(f: Quadratic): Choose {
  const near = neighbours(f);
  return ({ g }) => {
    const size = g.map(Math.abs);
    return forest(
      near,
      Int32Array.from(g.keys()).sort((i, j) => size[j] - size[i] || i - j),
    );
  };
}
export function randomTrees(f: Quadratic, random: Random): Choose {
  const near = neighbours(f);
  return ({ x }) => forest(near, random.permutation(x.length));
}

/**
 * Forests that partition the coordinates: in order of decreasing curvature, each coordinate joins the first forest that
 * allows it.
 */
export function forests(f: Quadratic): Int32Array[] {
  const { curvature } = f;
  const near = neighbours(f);
  const found: Array<{ takes: (i: number) => boolean; members: number[] }> = [];
  for (const i of Array.from(curvature, (_, k) => k).sort((a, c) => curvature[c] - curvature[a] || a - c)) {
    let mine = found.find(({ takes }) => takes(i));
    if (!mine) {
      mine = { takes: joins(near), members: [] };
      mine.takes(i);
      found.push(mine);
    }
    mine.members.push(i);
  }
  return found.map(({ members }) => Int32Array.from(members).sort());
}

/**
 * Two interlocking combs on a lattice, node = column · side + row: row 0 and all but the last of even columns; the
 * rest.
 */
export function combs(nodes: ArrayLike<number>, side: number): Int32Array[] {
  const first = (node: number) => {
    const [row, column] = [node % side, Math.floor(node / side)];
    return row === 0 || (column % 2 === 0 && row < side - 1);
  };
  const all = Array.from(nodes, (_, i) => i);
  return [true, false].map((is) => Int32Array.from(all.filter((i) => first(nodes[i]) === is)));
}

/**
 * The exact step on a block without cycles: coordinates with one remaining neighbour are eliminated one after the
 * other.
 */
export function forestStep(f: Quadratic): Step {
  const near = neighbours(f);
  const weights = near.map((list, i) => Float64Array.from(list, (j) => f.Q[i].get(j)!));
  const open = new Uint8Array(near.length);
  const left = new Int32Array(near.length);
  const [pivot, d] = [new Float64Array(near.length), new Float64Array(near.length)];
  /** The index of the only remaining neighbour among those of i. */
  const one = (i: number) => near[i].findIndex((j) => open[j] === 1);
  return (b, { g }) => {
    for (const i of b) open[i] = 1;
    for (const i of b) {
      left[i] = near[i].reduce((sum, j) => sum + open[j], 0);
      pivot[i] = f.curvature[i];
      d[i] = -g[i];
    }
    const order: Array<readonly [i: number, at: number]> = [];
    const stack = Array.from(b).filter((i) => left[i] <= 1);
    for (let i = stack.pop(); i !== undefined; i = stack.pop()) {
      if (open[i] === 0) continue;
      open[i] = 0;
      const at = one(i);
      order.push([i, at]);
      if (at < 0) continue;
      const [to, w] = [near[i][at], weights[i][at]];
      pivot[to] -= (w * w) / pivot[i];
      d[to] -= (w * d[i]) / pivot[i];
      if (--left[to] <= 1) stack.push(to);
    }
    if (order.length < b.length) throw new Error('The block has a cycle.');
    for (const [i, at] of order.reverse()) d[i] = (d[i] - (at < 0 ? 0 : weights[i][at] * d[near[i][at]])) / pivot[i];
    return Array.from(b, (i) => d[i]);
  };
}
