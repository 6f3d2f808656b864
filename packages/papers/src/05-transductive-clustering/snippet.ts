/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { Random } from 'southwell';
import { adjustedRandIndex, laplacianClustering } from 'southwell/clustering';

// Three groups in the plane, by means and a graph of neighbours
const random = new Random(1);
const truth = Int32Array.from({ length: 300 }, (_, p) => p % 3);
const rows = Array.from(truth, (g) => [3 * Math.cos(2 * g) + random.normal(), 3 * Math.sin(2 * g) + random.normal()]);
const found = laplacianClustering(rows, 3, { lambda: 1, seed: 1 });
console.log(adjustedRandIndex(truth, found.point.assignments));`;
