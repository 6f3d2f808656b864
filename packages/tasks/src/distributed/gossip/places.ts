import type { Graph } from 'southwell/distributed-methods';

const PASSES = 60;

/** Numbers of links between a node and all others, which a connected graph has. O(n + links). */
function hops(start: number, neighbours: readonly number[][]): Int32Array {
  const distance = new Int32Array(neighbours.length).fill(-1);
  distance[start] = 0;
  const queue = [start];
  for (const i of queue) {
    for (const j of neighbours[i]) {
      if (distance[j] >= 0) continue;
      distance[j] = distance[i] + 1;
      queue.push(j);
    }
  }
  return distance;
}

/**
 * Places of nodes at distances close to their numbers of links apart: stress majorisation (Gansner, Koren and North 2004) from a circle on,
 * with weights 1/d². O(n²) a pass, of which there are fewer for large graphs.
 */
export function placesOf({ n, from, to }: Graph): ReadonlyArray<readonly [x: number, y: number]> {
  const neighbours = Array.from({ length: n }, (): number[] => []);
  for (let k = 0; k < from.length; k++) {
    neighbours[from[k]].push(to[k]);
    neighbours[to[k]].push(from[k]);
  }
  const distances = neighbours.map((_, i) => hops(i, neighbours));
  const size = n / 4;
  // Radii that differ keep symmetric graphs from collapsing to a line.
  const x = Float64Array.from({ length: n }, (_, i) => size * Math.cos((2 * Math.PI * i) / n) * (1 + 0.01 * (i % 3)));
  const y = Float64Array.from({ length: n }, (_, i) => size * Math.sin((2 * Math.PI * i) / n) * (1 + 0.01 * (i % 5)));
  const passes = Math.max(4, Math.min(PASSES, Math.round(2e7 / (n * n))));
  for (let pass = 0; pass < passes; pass++) {
    for (let i = 0; i < n; i++) {
      let [sumX, sumY, weights] = [0, 0, 0];
      for (let j = 0; j < n; j++) {
        if (i === j) continue;
        const wanted = distances[i][j];
        const weight = 1 / (wanted * wanted);
        const [dx, dy] = [x[i] - x[j], y[i] - y[j]];
        const stretch = wanted / Math.max(Math.sqrt(dx * dx + dy * dy), 1e-9);
        sumX += weight * (x[j] + stretch * dx);
        sumY += weight * (y[j] + stretch * dy);
        weights += weight;
      }
      x[i] = sumX / weights;
      y[i] = sumY / weights;
    }
  }
  return Array.from(x, (v, i) => [v, y[i]] as const);
}
