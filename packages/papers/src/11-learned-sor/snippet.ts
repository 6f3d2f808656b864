/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { CscMatrix, DenseMatrix } from 'southwell';
import { sor } from '@southwell/numerics/iterative';
import { tuneAcrossSequence } from 'southwell/linear-systems';

// −u'' + c·u = 1 on 60 places, for shifts c that come one after the other
const places = Array.from({ length: 60 }, (_, i) => i);
const shifted = (c) =>
  CscMatrix.fromDense(
    DenseMatrix.fromRows(places.map((i) => places.map((j) => (i === j ? 2 + c : Math.abs(i - j) === 1 ? -1 : 0)))),
  );

const tuner = tuneAcrossSequence({ arms: [1, 1.2, 1.4, 1.6, 1.8, 1.9], learner: 'cheb-cb', contextRange: [0, 0.2] });
for (let t = 0; t < 300; t++) {
  const c = 0.1 + 0.1 * Math.sin(t);
  const { value: omega } = tuner.choose(c);
  tuner.report(sor(shifted(c), new Float64Array(60).fill(1), { omega }).count);
}
const { totalCost, rounds } = tuner.summary();
console.log((totalCost / rounds).toFixed(1), 'sweeps a system');`;
