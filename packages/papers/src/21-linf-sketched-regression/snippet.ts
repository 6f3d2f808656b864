/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { DenseMatrix, Random } from 'southwell';
import { sketchedLeastSquares } from 'southwell/linear-systems';

// 20,000 rows, 10 columns, and a target with noise
const random = new Random(1);
const A = DenseMatrix.create(20_000, 10);
for (let k = 0; k < A.data.length; k++) A.data[k] = random.normal();
const b = A.column(0).map((v, i) => 3 * v - A.get(i, 4) + random.normal());

const quick = sketchedLeastSquares(A, b, { refine: 'none', epsilon: 0.2 });
console.log(quick.rows, 'rows;', quick.x[0].toFixed(3), '±', quick.coordinateErrors[0].toFixed(3));
const exact = sketchedLeastSquares(A, b);
console.log(exact.x[0].toFixed(6), 'after', exact.passes, 'passes; condition', exact.conditionEstimate.toFixed(2));`;
