/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { DenseMatrix, Random } from 'southwell';
import { peakHeight, sweepModelSize } from 'southwell/training';

// Twenty points to learn from, two hundred to test on: which side of a circle are they?
const random = new Random(1);
const points = (count) => {
  const rows = Array.from({ length: count }, () => [random.normal(), random.normal(), 1]);
  const signs = rows.map(([x, y]) => [x * x + y * y > 1.4 ? 1 : -1]);
  return { X: DenseMatrix.fromRows(rows), Y: DenseMatrix.fromRows(signs) };
};
const rows = sweepModelSize(points(20), points(200), {
  ratios: [0.25, 0.5, 1, 2, 4],
  solvers: { exact: { solver: 'pinv' }, short: { solver: 'gd-closed', iterations: 100 } },
});
for (const { solver, ratio, testError, testLoss } of rows) console.log(solver, ratio, testError, testLoss);
console.log(peakHeight(rows.filter(({ solver }) => solver === 'exact')));`;
