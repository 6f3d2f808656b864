/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { DenseMatrix, Random } from 'southwell';
import { stabilityAnalysis } from 'southwell/diagnostics';

// The derivative of the outputs at a solution that fits 12 examples: a row for each
const random = new Random(1);
const values = Float64Array.from({ length: 12 * 36 }, () => random.normal());
const jacobian = DenseMatrix.fromColumnMajor(values, 12, 36);
for (const batch of [1, 4, Infinity]) {
  const { criticalRate, bounds } = stabilityAnalysis(jacobian, { batch });
  console.log('batches of', batch, 'stay up to a rate of', criticalRate, 'bounds', bounds);
}`;
