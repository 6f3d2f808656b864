import { DenseMatrix } from '@southwell/numerics/arrays';
import type { Knowledge } from '../knowledge.ts';

/** An edge from → to with its weight. */
export interface Edge {
  readonly from: number;
  readonly to: number;
  readonly weight: number;
}

/** The non-zero entries of W, where W[i, j] is the weight of i → j; strongest first, then by `from` and `to`. O(d²). */
export function edgesOf(W: DenseMatrix): Edge[] {
  const edges: Edge[] = [];
  for (let from = 0; from < W.rows; from++) {
    for (let to = 0; to < W.cols; to++) {
      const weight = W.get(from, to);
      if (weight !== 0) edges.push({ from, to, weight });
    }
  }
  return edges.sort((a, b) => Math.abs(b.weight) - Math.abs(a.weight));
}

/**
 * An order in which every edge points forward (of several possible nodes, the one with the smallest index comes first);
 * undefined if there is a cycle. O(d²).
 */
export function topologicalOrder(W: DenseMatrix): Int32Array | undefined {
  const d = W.rows;
  const indegree = new Int32Array(d);
  for (let j = 0; j < d; j++) for (let i = 0; i < d; i++) if (W.get(i, j) !== 0) indegree[j]++;
  const order = new Int32Array(d);
  const taken = new Uint8Array(d);
  for (let at = 0; at < d; at++) {
    const next = indegree.findIndex((count, v) => count === 0 && taken[v] === 0);
    if (next < 0) return undefined;
    taken[next] = 1;
    order[at] = next;
    for (let j = 0; j < d; j++) if (W.get(next, j) !== 0) indegree[j]--;
  }
  return order;
}

export const isAcyclic = (W: DenseMatrix): boolean => topologicalOrder(W) !== undefined;

/**
 * A copy of W without self-loops and entries of |w| ≤ threshold, from which the smallest entries are then removed one
 * by one until there is no cycle. With prior knowledge, required edges are kept whatever their weights, unless they are
 * 0, forbidden edges are removed, and edges against the known order count as cycles. O(d² log d) plus O(log d) searches
 * for cycles.
 */
export function thresholdToDag(W: DenseMatrix, threshold = 0.3, knowledge?: Knowledge): DenseMatrix {
  const d = W.rows;
  const must = (e: Edge) => knowledge?.required[e.to * d + e.from] === 1;
  const can = (e: Edge) => e.from !== e.to && knowledge?.allowed[e.to * d + e.from] !== 0;
  const all = edgesOf(W).filter(can);
  const edges = [...all.filter(must), ...all.filter((e) => !must(e) && Math.abs(e.weight) > threshold)];
  const keep = (count: number): DenseMatrix => {
    const graph = DenseMatrix.create(d, d);
    for (const { from, to, weight } of edges.slice(0, count)) graph.set(from, to, weight);
    return graph;
  };
  // Removing edges never creates a cycle, so that the largest acyclic number of edges is found by bisection.
  let [acyclic, cyclic] = [0, edges.length + 1];
  while (cyclic - acyclic > 1) {
    const middle = (acyclic + cyclic) >> 1;
    const graph = keep(middle);
    if (orderWithin(graph, knowledge)) acyclic = middle;
    else cyclic = middle;
    graph.free();
  }
  return keep(acyclic);
}

/** A {@link topologicalOrder} that is consistent with the knowledge; undefined if there is none. O(d²). */
export function orderWithin(dag: DenseMatrix, knowledge?: Knowledge): Int32Array | undefined {
  if (!knowledge) return topologicalOrder(dag);
  const both = DenseMatrix.fromColumnMajor(dag.data, dag.rows, dag.cols);
  knowledge.before.forEach((before, k) => {
    if (before) both.data[k] = 1;
  });
  const order = topologicalOrder(both);
  both.free();
  return order;
}

/**
 * An order for any W: its edges are added strongest first, leaving out those that would close a cycle. Returns the
 * topological order of the result. O(d³) for the closures, plus O(d² log d).
 */
export function strongestOrder(W: DenseMatrix): Int32Array {
  const d = W.rows;
  const kept = DenseMatrix.create(d, d);
  const reaches = Array.from({ length: d }, (_, i) => {
    const row = new Uint8Array(d);
    row[i] = 1;
    return row;
  });
  for (const { from, to, weight } of edgesOf(W)) {
    if (reaches[to][from]) continue;
    kept.set(from, to, weight);
    if (reaches[from][to]) continue;
    for (let i = 0; i < d; i++) {
      if (!reaches[i][from] || reaches[i][to]) continue;
      for (let j = 0; j < d; j++) if (reaches[to][j]) reaches[i][j] = 1;
    }
  }
  const order = topologicalOrder(kept)!;
  kept.free();
  return order;
}

/** reach[i][j]: there is a directed path from i to j, including the path of length 0. O(d³). */
export function reachability(W: DenseMatrix): Uint8Array[] {
  const d = W.rows;
  const children = childrenOf(W);
  return Array.from({ length: d }, (_, start) => {
    const seen = new Uint8Array(d);
    const stack = [start];
    seen[start] = 1;
    for (let v = stack.pop(); v !== undefined; v = stack.pop()) {
      for (const child of children[v]) {
        if (seen[child]) continue;
        seen[child] = 1;
        stack.push(child);
      }
    }
    return seen;
  });
}

export const childrenOf = (W: DenseMatrix): number[][] =>
  Array.from({ length: W.rows }, (_, i) => indices(W.cols, (j) => W.get(i, j) !== 0));

export const parentsOf = (W: DenseMatrix): number[][] =>
  Array.from({ length: W.cols }, (_, j) => indices(W.rows, (i) => W.get(i, j) !== 0));

const indices = (n: number, keep: (k: number) => boolean): number[] =>
  Array.from({ length: n }, (_, k) => k).filter(keep);
