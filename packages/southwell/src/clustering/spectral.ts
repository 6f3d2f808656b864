import { DenseMatrix } from '@southwell/numerics/arrays';
import { leadingEigenspace } from '@southwell/numerics/krylov';
import { unitRows } from './fewShot.ts';
import { type KMeansOptions, kMeans } from './kMeans.ts';
import { type Affinity, checkAffinity } from './neighbours.ts';
import { checkClusters } from './points.ts';

/**
 * Spectral clustering of Ng, Jordan and Weiss (2001): k-means on the rows, scaled to length 1, of the k leading
 * eigenvectors of D^−½ W D^−½, W symmetric, D its row sums. The eigenvectors to a residual of 1e-4, in at most 100 cycles;
 * yields the residual after each. Throws INVALID_PARAMETER, INVALID_SHAPE. O(edges·k + n·k²) a cycle.
 */
export function* spectralSteps(W: Affinity, k: number, options: KMeansOptions = {}): Generator<number, Int32Array> {
  const { n, pointers, indices, weights } = W;
  checkClusters(k, n);
  checkAffinity(W, n);
  const root = new Float64Array(n);
  for (let p = 0; p < n; p++) {
    let degree = 0;
    for (let t = pointers[p]; t < pointers[p + 1]; t++) degree += weights[t];
    root[p] = degree > 0 ? 1 / Math.sqrt(degree) : 0;
  }
  const product = (v: Float64Array, out: Float64Array): void => {
    for (let p = 0; p < n; p++) {
      let sum = 0;
      for (let t = pointers[p]; t < pointers[p + 1]; t++) sum += weights[t] * root[indices[t]] * v[indices[t]];
      // Half the identity more: the most negative eigenvalues must not compete.
      out[p] = (root[p] * sum + v[p]) / 2;
    }
  };
  let cycles = 0;
  for (const { vectors, residual } of leadingEigenspace(product, n, k, options.seed)) {
    yield residual;
    if (residual > 1e-4 && ++cycles < 100) continue;
    const rows = DenseMatrix.create(n, vectors.length);
    vectors.forEach((v, c) => {
      rows.column(c).set(v);
    });
    unitRows(rows);
    return kMeans(rows, k, options).point.assignments;
  }
  throw new Error('An endless generator has ended.');
}
