/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { minimize } from 'southwell/black-box';

// The lowest point of a function of two coordinates, by a swarm that never asks for a gradient
const rastrigin = (x) => x.reduce((s, v) => s + v * v - 10 * Math.cos(2 * Math.PI * v) + 10, 0);
const found = minimize(rastrigin, { dim: 2, lower: -5, upper: 5, method: 'cbo', budget: 20000, seed: 1 });
console.log(found.point, found.objective, found.message);`;
