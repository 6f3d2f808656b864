/** Code that readers can copy and run; a test runs it. */
export const snippet = `import { DenseMatrix, Random } from 'southwell';
import { factorizeSparseIterates, factorsBytes } from 'southwell/compression';

// A matrix of weights, and how large its inputs are; two of every four entries of the core stay.
const random = new Random(1);
const W = DenseMatrix.create(64, 64);
for (let i = 0; i < W.data.length; i++) W.data[i] = random.normal();
const moments = { samples: 1, diagonal: Float64Array.from({ length: 64 }, () => Math.exp(random.normal())), full: undefined };
for (const { iteration, objective, done, snapshot } of factorizeSparseIterates(W, moments, { blockSize: 16, steps: 200 })) {
  if (iteration % 50 === 0) console.log(iteration, objective);
  if (done) console.log(factorsBytes(snapshot()), 'bytes in place of', 4 * 64 * 64);
}`;
