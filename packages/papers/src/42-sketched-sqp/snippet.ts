/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { functionsFrom, sketchedSqp } from 'southwell/constrained';

// The point of the sphere with the least sum of its coordinates.
const functions = functionsFrom({
  variables: 3,
  constraints: 1,
  objective: (x) => x[0] + x[1] + x[2],
  gradient: () => [1, 1, 1],
  constraintValues: (x) => [x[0] ** 2 + x[1] ** 2 + x[2] ** 2 - 1],
  jacobian: (x) => [x.map((v) => 2 * v)],
  hessian: (_, sigma, [v]) => [[2 * v, 0, 0], [0, 2 * v, 0], [0, 0, 2 * v]],
});
const { point, iterations } = sketchedSqp({ functions, start: [-1, -0.5, -0.2] });
console.log([...point.x].map((v) => v.toFixed(4)).join(' '), 'after', iterations, 'steps');`;
