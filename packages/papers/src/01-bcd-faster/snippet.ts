/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { blockCoordinateDescent, leastSquares } from 'southwell/blocks';
import { DenseMatrix } from 'southwell';

// min ½‖Ax − y‖², two variables at a time, chosen by the greedy rule that divides gradients by curvatures (GSD)
const A = DenseMatrix.fromRows([[2, 1, 0], [1, 3, 1], [0, 1, 4], [1, 0, 1]]);
const problem = leastSquares(A, Float64Array.of(1, 2, 3, 4));
const { x, objective } = blockCoordinateDescent(problem, { selection: 'GSD', update: 'matrix', blockSize: 2, tol: 1e-10 });
console.log(x, objective);`;
