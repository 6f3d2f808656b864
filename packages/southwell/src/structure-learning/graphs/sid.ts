import type { DenseMatrix } from '@southwell/numerics/arrays';
import { childrenOf, parentsOf, reachability } from './graphs.ts';

/**
 * Structural intervention distance (Peters & Bühlmann, Neural Computation 27, 2015): the number of ordered pairs (i, j)
 * for which adjusting for the parents of i in the estimate gives a wrong effect of i on j in the truth. Both graphs
 * must be acyclic. O(d²·edges).
 */
export function structuralInterventionDistance(truth: DenseMatrix, estimate: DenseMatrix): number {
  const d = truth.rows;
  const children = childrenOf(truth);
  const parents = parentsOf(truth);
  const reach = reachability(truth);
  const adjustments = parentsOf(estimate);
  let wrong = 0;
  for (let i = 0; i < d; i++) {
    const given = new Uint8Array(d);
    for (const z of adjustments[i]) given[z] = 1;
    for (let j = 0; j < d; j++) {
      if (i === j) continue;
      // In the estimate j is a parent of i, so that i has no effect on j.
      if (given[j] ? reach[i][j] : !validAdjustment(i, j, adjustments[i], given)) wrong++;
    }
  }
  return wrong;

  /** The criterion of Shpitser, VanderWeele & Robins (UAI 2010), which is complete for adjustment sets. */
  function validAdjustment(i: number, j: number, Z: readonly number[], given: Uint8Array): boolean {
    // Nodes other than i on directed paths from i to j; the first edges of these paths are left out below.
    const mediators = children.flatMap((_, w) => (w !== i && reach[i][w] && reach[w][j] ? [w] : []));
    if (Z.some((z) => mediators.some((w) => reach[w][z]))) return false;
    const first = new Set(children[i].filter((w) => reach[w][j]));
    return separated(i, j, given, Z, first);
  }

  /**
   * Whether i and j are d-separated by Z without the edges i → first, by reachability of pairs (node, reached from a
   * parent or not).
   */
  function separated(i: number, j: number, given: Uint8Array, Z: readonly number[], first: Set<number>): boolean {
    // Colliders are open where a descendant is given: the ancestors of Z.
    const open = new Uint8Array(d);
    const stack = [...Z];
    for (const z of Z) open[z] = 1;
    for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
      for (const p of parents[v]) {
        if (open[p] || (p === i && first.has(v))) continue;
        open[p] = 1;
        stack.push(p);
      }
    }
    const visited = [new Uint8Array(d), new Uint8Array(d)];
    const queue: Array<[number, 0 | 1]> = [];
    const go = (v: number, down: 0 | 1) => {
      if (visited[down][v]) return;
      visited[down][v] = 1;
      queue.push([v, down]);
    };
    for (const c of children[i]) if (!first.has(c)) go(c, 1);
    for (const p of parents[i]) go(p, 0);
    for (let step = queue.pop(); step; step = queue.pop()) {
      const [v, down] = step;
      if (v === j) return false;
      if (v === i) continue;
      // Chains and forks pass unless given; colliders pass if a descendant is given.
      if (!given[v]) for (const c of children[v]) go(c, 1);
      if (down ? open[v] : !given[v]) for (const p of parents[v]) if (!(p === i && first.has(v))) go(p, 0);
    }
    return true;
  }
}
