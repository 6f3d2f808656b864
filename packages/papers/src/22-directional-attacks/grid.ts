import * as ad from '@southwell/autodiff';
import type { Random } from '@southwell/numerics/core';
import { multilayer, networkOf, randomLayers } from './networks.ts';
import type { Problem } from './problems.ts';

/** Costs of the cells of a square grid, row by row, and a path through it as cells. */
export interface Counterfactual extends Problem {
  readonly side: number;
  /** The cheapest path at x0, and the one that is to become cheap. */
  readonly before: readonly number[];
  readonly wanted: readonly number[];
  costs(x: Float64Array): Float64Array;
}

/** Weights of sums of costs, and of constraints, in the code of the paper. */
const [TOTAL, LIMIT] = [100, 10];
/** How many times as expensive the former path must be at least. */
const TIMES = 2;

/**
 * The cheapest path from the first cell of a square grid to the last, by Dijkstra's method: a step goes to one of four
 * neighbours and costs what that cell does.
 */
export function cheapestPath(costs: Float64Array): number[] {
  const side = Math.sqrt(costs.length);
  const distance = new Float64Array(costs.length).fill(Number.POSITIVE_INFINITY);
  const from = new Int32Array(costs.length).fill(-1);
  const open = new Set(costs.keys());
  distance[0] = costs[0];
  while (open.size > 0) {
    let nearest = -1;
    for (const cell of open) if (nearest < 0 || distance[cell] < distance[nearest]) nearest = cell;
    open.delete(nearest);
    const column = nearest % side;
    const neighbours = [nearest - side, nearest + side];
    if (column > 0) neighbours.push(nearest - 1);
    if (column < side - 1) neighbours.push(nearest + 1);
    for (const cell of neighbours) {
      if (!open.has(cell) || distance[nearest] + costs[cell] >= distance[cell]) continue;
      distance[cell] = distance[nearest] + costs[cell];
      from[cell] = nearest;
    }
  }
  const path = [];
  for (let cell = costs.length - 1; cell >= 0; cell = from[cell]) path.unshift(cell);
  return path;
}

export const costOf = (path: readonly number[], costs: Float64Array): number =>
  path.reduce((sum, cell) => sum + costs[cell], 0);

/** A random point at the distance √n from the origin. */
function latent(n: number, random: Random): Float64Array {
  const x = Float64Array.from({ length: n }, () => random.normal());
  const size = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0) / n);
  return x.map((v) => v / size);
}

/**
 * A change of x that is as small as possible, on average over the costs too, and makes another path at most half as
 * expensive as the cheapest one at x0. Outputs are x and the costs, between 1 and 9, that a random network gives the cells.
 */
export function counterfactual(side: number, n: number, random: Random): Counterfactual {
  const cells = side * side;
  const layers = multilayer(randomLayers([n, 2 * cells, cells], random), 'tanh');
  const costsOf = (x: ad.Tensor) =>
    ad.add(ad.mul(ad.sigmoid(ad.mul(ad.squeeze(layers(ad.expandDims(x, 0))), 3)), 8), 1);
  const network = networkOf(n, (x) => ad.concat([x, costsOf(x)]));
  const costs = (x: Float64Array) => Float64Array.from(network.value(x)).subarray(n);
  const x0 = latent(n, random);
  const before = cheapestPath(costs(x0));
  let wanted = before;
  while (wanted.join() === before.join()) wanted = cheapestPath(costs(latent(n, random)));
  const total = costs(x0).reduce((a, b) => a + b, 0);
  const excess = (y: Float64Array) => (y.subarray(n).reduce((a, b) => a + b, 0) - total) / TOTAL;
  return {
    name: 'grid counterfactual',
    ...{ network, side, before, wanted, costs, x0 },
    objective: {
      value: (y) => x0.reduce((sum, v, j) => sum + (y[j] - v) ** 2, excess(y) ** 2),
      gradient(y) {
        const byCost = (2 * excess(y)) / TOTAL;
        return y.map((v, j) => (j < n ? 2 * (v - x0[j]) : byCost));
      },
    },
    constraints: {
      // √n − 1 ≤ ‖x‖ ≤ √n + 1, as a product.
      value(x, y) {
        const size = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
        const paid = y.subarray(n);
        const ring = (size - Math.sqrt(n)) ** 2 - 1;
        return Float64Array.of(ring / LIMIT, (TIMES * costOf(wanted, paid) - costOf(before, paid)) / LIMIT);
      },
      vjp(x, _, [ring, paths]) {
        const size = Math.sqrt(x.reduce((sum, v) => sum + v * v, 0));
        const byY = new Float64Array(n + cells);
        for (const cell of wanted) byY[n + cell] += (TIMES * paths) / LIMIT;
        for (const cell of before) byY[n + cell] -= paths / LIMIT;
        return [x.map((v) => ((2 * ring) / LIMIT) * (1 - Math.sqrt(n) / size) * v), byY];
      },
    },
    radii: { first: 1, attack: [1e-5, 5], poll: [1e-4, 200] },
  };
}
