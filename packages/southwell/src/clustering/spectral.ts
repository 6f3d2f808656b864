import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Iterate, knownKeys } from '@southwell/numerics/core';
import { leadingEigenspace } from '@southwell/numerics/krylov';
import { type Affinity, checkAffinity } from './affinity.ts';
import { type KMeansOptions, kMeans, kMeansKeys } from './centres/kMeans.ts';
import { checkClusters } from './checks.ts';
import { unitRows } from './fewShot.ts';

/** There is no objective; the point is the cluster of every point, 0 … k − 1, from the present eigenvectors. */
export type SpectralIterate = Iterate<Int32Array, undefined>;

/**
 * Spectral clustering of Ng, Jordan and Weiss (2001): k-means on the normalised rows of the k leading eigenvectors of
 * D^−½ W D^−½, where W is symmetric and D has its row sums. Each iterate is a cycle of the eigensolver, whose residual
 * is the certificate; ends at 1e-4 with the status of k-means, or as `iteration-limit` after 100 cycles. O(edges·k +
 * n·k²) a cycle.
 * @throws INVALID_PARAMETER, INVALID_SHAPE.
 */
export function* spectralIterates(W: Affinity, k: number, options: KMeansOptions = {}): Generator<SpectralIterate> {
  knownKeys('spectralIterates', options, kMeansKeys);
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
      // Shifted by half the identity, so that the most negative eigenvalues do not compete.
      out[p] = (root[p] * sum + v[p]) / 2;
    }
  };
  let iteration = 0;
  for (const { vectors, residual } of leadingEigenspace(product, n, k, options.seed)) {
    iteration++;
    const small = residual <= RESIDUAL;
    const last = small || iteration === CYCLES;
    const found = last ? ofVectors(vectors, k, options) : undefined;
    yield {
      iteration,
      objective: undefined,
      certificate: { kind: 'kktResidual', value: residual, relative: residual },
      work: {},
      done: found && (small ? found.status : 'iteration-limit'),
      snapshot: () => (found ?? ofVectors(vectors, k, options)).point.assignments,
    };
    if (last) return;
  }
}

const RESIDUAL = 1e-4;
const CYCLES = 100;

function ofVectors(vectors: readonly Float64Array[], k: number, options: KMeansOptions) {
  const rows = DenseMatrix.fromColumns(vectors);
  unitRows(rows);
  return kMeans(rows, k, options);
}
