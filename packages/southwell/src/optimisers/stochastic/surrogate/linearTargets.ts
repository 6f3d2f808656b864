import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { type Svd, svd } from '@southwell/numerics/linalg';
import type { TargetModel } from './targets.ts';

/** Singular values below this fraction of the largest are treated as 0. */
const SMALL = 1e-12;

/**
 * The linear model z = Xθ of the rows of X, n × d, with one output per row. Minimum-norm solutions use the singular
 * value decomposition of a batch's rows, which is cached for the last batch. O(|batch|·d) per call, O(|batch|·d·min)
 * for a new decomposition.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function linearTargets(X: MatrixLike): TargetModel {
  const given = asMatrix(X);
  checkFinite(given);
  const dense = given.kind === 'dense' ? given : given.toDense();
  const { rows: n, cols: d, data } = dense;
  // Row-major, since batches consist of rows.
  const rows = new Float64Array(n * d);
  for (let j = 0; j < d; j++) for (let i = 0; i < n; i++) rows[i * d + j] = data[j * n + i];
  let known: { readonly batch: Int32Array; readonly factors: Svd } | undefined;
  return {
    outputs: 1,
    forward(parameters, batch, z) {
      for (let k = 0; k < batch.length; k++) {
        let sum = 0;
        const at = batch[k] * d;
        for (let j = 0; j < d; j++) sum += rows[at + j] * parameters[j];
        z[k] = sum;
      }
    },
    pull(_, batch, v, gradient) {
      gradient.fill(0);
      for (let k = 0; k < batch.length; k++) {
        const at = batch[k] * d;
        for (let j = 0; j < d; j++) gradient[j] += v[k] * rows[at + j];
      }
    },
    solve(batch, v, change) {
      if (!known || known.batch.length !== batch.length || known.batch.some((i, k) => i !== batch[k])) {
        const own = DenseMatrix.create(batch.length, d);
        for (let k = 0; k < batch.length; k++) {
          for (let j = 0; j < d; j++) own.data[k + j * batch.length] = rows[batch[k] * d + j];
        }
        known = { batch: batch.slice(), factors: svd(own) };
        own.free();
      }
      const { U, singularValues, V } = known.factors;
      change.fill(0);
      for (let s = 0; s < singularValues.length && singularValues[s] > SMALL * singularValues[0]; s++) {
        let dot = 0;
        for (let k = 0; k < batch.length; k++) dot += U.get(k, s) * v[k];
        for (let j = 0; j < d; j++) change[j] += (dot / singularValues[s]) * V.get(j, s);
      }
    },
  };
}
