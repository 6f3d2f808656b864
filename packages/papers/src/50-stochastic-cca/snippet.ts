/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { DenseMatrix, Random } from 'southwell';
import { ccaExact, StochasticCca } from 'southwell/factorisation';

// What two tables about the same rows have in common, from batches of ten rows
const random = new Random(1);
const common = Array.from({ length: 3000 }, () => random.normal());
const table = (cols) => DenseMatrix.fromRows(
  common.map((c) => Array.from({ length: cols }, (_, j) => (j === 0 ? c : 0) + random.normal())),
);
const views = [table(6), table(4)];
const found = new StochasticCca({ components: 1, batchSize: 10, epochs: 3, seed: 1 }).fit(views);
console.log(found.status, found.point.eigenvalues, ccaExact(views, { components: 1 }).eigenvalues);`;
