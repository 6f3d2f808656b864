// Code that readers can copy and run. A test of the workbench runs each of them.
export const snippets: Readonly<Record<number, string>> = {
  1: `import { blockCoordinateDescent, leastSquares } from 'southwell/blocks';
import { DenseMatrix } from 'southwell';

// min ½‖Ax − y‖², two variables at a time, chosen by the greedy rule that divides gradients by curvatures (GSD)
const A = DenseMatrix.fromRows([[2, 1, 0], [1, 3, 1], [0, 1, 4], [1, 0, 1]]);
const problem = leastSquares(A, Float64Array.of(1, 2, 3, 4));
const { x, objective } = blockCoordinateDescent(problem, { selection: 'GSD', update: 'matrix', blockSize: 2, tol: 1e-10 });
console.log(x, objective);`,
  4: `import { Random } from 'southwell';
import { supervisedDictionary } from 'southwell/factorisation';

// Two patterns that rebuild samples and tell their labels
const random = new Random(1);
const parts = [[1, 2, 3, 0, 0, 0], [0, 0, 0, 3, 2, 1]];
const weights = Array.from({ length: 200 }, () => [random.uniform(), random.uniform()]);
const X = weights.map(([a, b]) => parts[0].map((v, i) => a * v + b * parts[1][i] + 0.1 * random.uniform()));
const y = weights.map(([a, b]) => (a > b ? 'first' : 'second'));
const fit = supervisedDictionary({ rank: 2, xi: 1 }).fit(X.slice(0, 150), y.slice(0, 150));
const right = fit.predict(X.slice(150)).filter((label, s) => label === y[150 + s]).length;
console.log(right + ' of 50 right', fit.reconstructionError);`,
  5: `import { Random } from 'southwell';
import { adjustedRandIndex, laplacianClustering } from 'southwell/clustering';

// Three groups in the plane, by means and a graph of neighbours
const random = new Random(1);
const truth = Int32Array.from({ length: 300 }, (_, p) => p % 3);
const rows = Array.from(truth, (g) => [3 * Math.cos(2 * g) + random.normal(), 3 * Math.sin(2 * g) + random.normal()]);
const found = laplacianClustering(rows, 3, { lambda: 1, seed: 1 });
console.log(adjustedRandIndex(truth, found.point.assignments));`,
  6: `import { minimize } from 'southwell/black-box';

// The lowest point of a function of two coordinates, by a swarm that never asks for a gradient
const rastrigin = (x) => x.reduce((s, v) => s + v * v - 10 * Math.cos(2 * Math.PI * v) + 10, 0);
const found = minimize(rastrigin, { dim: 2, lower: -5, upper: 5, method: 'cbo', budget: 20000, seed: 1 });
console.log(found.point, found.objective, found.message);`,
  7: `import { simulateGraph, simulateSem, topo } from 'southwell/structure-learning';

// The graph behind a table, by swapping places in an order of the variables while that pays
const truth = simulateGraph({ nodes: 8, edges: 10, seed: 1 });
const X = simulateSem(truth, { n: 1000, variances: 1, seed: 2 });
const found = topo(X);
console.log(found.order, found.objective);`,
  14: `import { DenseMatrix, Random } from 'southwell';
import { onlineOrthogonalDictionary, recoveryError } from 'southwell/factorisation';
import { polarFactor } from '@southwell/numerics/linalg';

// A rotation in which samples are sparse, from a stream that nobody stores
const random = new Random(1);
const n = 10;
const truth = DenseMatrix.fromColumnMajor(polarFactor(Float64Array.from({ length: n * n }, () => random.normal()), n), n, n);
const learner = onlineOrthogonalDictionary({ dim: n, seed: 2 });
for (let t = 0; t < 3000; t++) {
  const sample = new Float64Array(n);
  for (let j = 0; j < n; j++) if (random.uniform() < 0.2) {
    const code = random.normal();
    truth.column(j).forEach((v, i) => { sample[i] += code * v; });
  }
  learner.update([sample]);
}
console.log(recoveryError(learner.dictionary(), truth), learner.gap);`,
  16: `import { Random } from 'southwell';
import { completeMatrix, observedMatrix } from 'southwell/factorisation';

// A 30 × 30 table of products of two numbers, of which a third is known
const random = new Random(1);
const [a, b] = [0, 1].map(() => Array.from({ length: 30 }, () => 1 + random.uniform()));
const rows = [], cols = [], values = [];
for (let i = 0; i < 30; i++) for (let j = 0; j < 30; j++) {
  if (random.uniform() < 1 / 3) { rows.push(i); cols.push(j); values.push(a[i] * b[j]); }
}
const completed = completeMatrix(observedMatrix(30, 30, rows, cols, values), { rank: 1 });
console.log(completed.predict(4, 7), a[4] * b[7], completed.trainError);`,
  17: `import { colide, edgesOf, graphMetrics, simulateGraph, simulateSem } from 'southwell/structure-learning';

// Who acts on whom, learned together with the size of the noise
const truth = simulateGraph({ nodes: 8, edges: 10, seed: 1 });
const X = simulateSem(truth, { n: 1000, variances: 0.5, noise: 'laplace', seed: 2 });
const learned = colide(X, { variance: 'equal' });
console.log(edgesOf(learned.dag), graphMetrics(truth, learned.dag));`,
  50: `import { DenseMatrix, Random } from 'southwell';
import { ccaExact, StochasticCca } from 'southwell/factorisation';

// What two tables about the same rows have in common, from batches of ten rows
const random = new Random(1);
const common = Array.from({ length: 3000 }, () => random.normal());
const table = (cols) => DenseMatrix.fromRows(
  common.map((c) => Array.from({ length: cols }, (_, j) => (j === 0 ? c : 0) + random.normal())),
);
const views = [table(6), table(4)];
const found = new StochasticCca({ components: 1, batchSize: 10, epochs: 3, seed: 1 }).fit(views);
console.log(found.eigenvalues, ccaExact(views, { components: 1 }).eigenvalues);`,
};

export const snippetOf = (paper: number): string | undefined => snippets[paper];
