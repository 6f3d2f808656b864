/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { DenseMatrix, Random } from 'southwell';
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
console.log(recoveryError(learner.dictionary(), truth), learner.gap);`;
