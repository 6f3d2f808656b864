/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { randK, solveVI } from 'southwell/distributed-methods';

// Two devices; min over x, max over y of the mean of x²/2 + a·x·y − y²/2 + b·x, with other a and b on each.
const operatorOf = (a, b) => (z) => Float64Array.of(z[0] + a * z[1] + b, z[1] - a * z[0]);
const problem = { operators: [operatorOf(1, 3), operatorOf(2, -1)], z0: [0, 0] };

for (const method of ['masha1', 'ceg']) {
  const { point, status } = solveVI(problem, { method, uplink: randK(1), maxIter: 2000 });
  console.log(method, status, point.z); // compression of differences converges, that of values does not
}`;
