import type { DenseMatrix } from '../arrays/index.ts';
import { childrenOf, parentsOf, strongestOrder } from './graphs.ts';

/**
 * Places for the nodes of a graph in the unit square, causes at the top: layers by longest paths, and within layers the
 * order of the means of neighbours, a few sweeps up and down (Sugiyama, Tagawa & Toda 1981). Edges that close cycles may
 * point up. O(d²).
 */
export function layeredLayout(W: DenseMatrix): Array<{ readonly x: number; readonly y: number }> {
  const d = W.rows;
  const order = strongestOrder(W);
  const rank = new Int32Array(d);
  order.forEach((v, at) => {
    rank[v] = at;
  });
  const parents = parentsOf(W).map((list, v) => list.filter((p) => rank[p] < rank[v]));
  const children = childrenOf(W).map((list, v) => list.filter((c) => rank[c] > rank[v]));
  const layer = new Int32Array(d);
  for (const v of order) for (const p of parents[v]) layer[v] = Math.max(layer[v], layer[p] + 1);
  // Nodes without parents stand right above their first child rather than at the top.
  for (const v of order) {
    if (parents[v].length === 0 && children[v].length > 0) layer[v] = Math.min(...children[v].map((c) => layer[c])) - 1;
  }
  const depth = Math.max(0, ...layer) + 1;
  const layers: number[][] = Array.from({ length: depth }, () => []);
  for (const v of order) layers[layer[v]].push(v);
  const x = new Float64Array(d);
  const spread = (row: readonly number[]) =>
    row.forEach((v, k) => {
      x[v] = (k + 1) / (row.length + 1);
    });
  layers.forEach(spread);
  for (let sweep = 0; sweep < 8; sweep++) {
    const down = sweep % 2 === 0;
    for (const row of down ? layers : layers.toReversed()) {
      const mean = new Map(
        row.map((v) => {
          const near = down ? parents[v] : children[v];
          return [v, near.length > 0 ? near.reduce((sum, u) => sum + x[u], 0) / near.length : x[v]];
        }),
      );
      row.sort((a, b) => mean.get(a)! - mean.get(b)!);
      spread(row);
    }
  }
  return Array.from({ length: d }, (_, v) => ({ x: x[v], y: (layer[v] + 0.5) / depth }));
}
