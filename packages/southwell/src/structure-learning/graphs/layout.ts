import type { DenseMatrix } from '@southwell/numerics/arrays';
import { childrenOf, parentsOf, strongestOrder } from './graphs.ts';

export interface Place {
  readonly x: number;
  readonly y: number;
}

export interface GraphLayout {
  readonly nodes: readonly Place[];
  /** Points through which edges that span several layers pass, at from · d + to. */
  readonly bends: ReadonlyMap<number, readonly Place[]>;
}

/**
 * Positions for the nodes of a graph in the unit square, causes at the top: layers by longest paths, and within layers
 * by the mean positions of neighbours, in a few sweeps up and down (Sugiyama, Tagawa & Toda 1981). Edges that close
 * cycles may point up and have no bends. O(d² + edges · layers).
 */
export function layeredLayout(W: DenseMatrix): GraphLayout {
  const d = W.rows;
  const order = strongestOrder(W);
  const rank = new Int32Array(d);
  order.forEach((v, at) => {
    rank[v] = at;
  });
  const causes = parentsOf(W).map((list, v) => list.filter((p) => rank[p] < rank[v]));
  const effects = childrenOf(W).map((list, v) => list.filter((c) => rank[c] > rank[v]));
  const layer: number[] = new Array(d).fill(0);
  for (const v of order) for (const p of causes[v]) layer[v] = Math.max(layer[v], layer[p] + 1);
  // Nodes without causes are placed directly above their first effect rather than at the top.
  for (const v of order) {
    if (causes[v].length === 0 && effects[v].length > 0) layer[v] = Math.min(...effects[v].map((c) => layer[c])) - 1;
  }
  const depth = Math.max(0, ...layer) + 1;

  // Every edge becomes a chain with a point in each layer that it passes; points from d on are bends.
  const above: number[][] = Array.from({ length: d }, () => []);
  const below: number[][] = Array.from({ length: d }, () => []);
  const chains = new Map<number, number[]>();
  for (const v of order) {
    for (const c of effects[v]) {
      let last = v;
      const chain: number[] = [];
      for (let l = layer[v] + 1; l < layer[c]; l++) {
        const bend = layer.push(l) - 1;
        above.push([last]);
        below.push([]);
        below[last].push(bend);
        chain.push(bend);
        last = bend;
      }
      below[last].push(c);
      above[c].push(last);
      if (chain.length > 0) chains.set(v * d + c, chain);
    }
  }
  const layers: number[][] = Array.from({ length: depth }, () => []);
  for (const v of order) layers[layer[v]].push(v);
  for (let v = d; v < layer.length; v++) layers[layer[v]].push(v);
  const x = new Float64Array(layer.length);
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
          const near = down ? above[v] : below[v];
          return [v, near.length > 0 ? near.reduce((sum, u) => sum + x[u], 0) / near.length : x[v]];
        }),
      );
      row.sort((a, b) => mean.get(a)! - mean.get(b)!);
      spread(row);
    }
  }
  const place = (v: number): Place => ({ x: x[v], y: (layer[v] + 0.5) / depth });
  return {
    nodes: Array.from({ length: d }, (_, v) => place(v)),
    bends: new Map(Array.from(chains, ([edge, chain]) => [edge, chain.map(place)])),
  };
}
