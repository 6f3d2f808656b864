import { generalisedEigen } from '@southwell/numerics/krylov';
import { type CanonicalVariates, variates } from './cca.ts';
import { batchCodes } from './viewScores.ts';
import type { Views } from './views.ts';

/** Solves the CCA problem on these rows within the span of the weights, cols × k by rows. */
export function orderVariates(
  views: Views,
  weights: readonly Float64Array[],
  alpha: ArrayLike<number>,
  k: number,
): CanonicalVariates {
  const { wide, rows } = views;
  const order = Int32Array.from({ length: rows }, (_, i) => i);
  const M = wide.length;
  const n = M * k;
  const A = new Float64Array(n * n);
  const B = new Float64Array(n * n);
  const Z = batchCodes(gather(views, order, 0, rows), weights, rows, k);
  for (let a = 0; a < M; a++) {
    for (let b = 0; b < M; b++) {
      for (let p = 0; p < k; p++) {
        for (let q = 0; q < k; q++) {
          let cov = 0;
          for (let i = 0; i < rows; i++) cov += Z[a][i * k + p] * Z[b][i * k + q];
          cov /= rows - 1;
          const at = (a * k + p) * n + b * k + q;
          if (a !== b) A[at] = cov;
          else {
            let inner = 0;
            for (let j = 0; j < weights[a].length; j += k) inner += weights[a][j + p] * weights[a][j + q];
            B[at] = (1 - alpha[a]) * cov + alpha[a] * inner;
          }
        }
      }
    }
  }
  const { values, vectors } = generalisedEigen(A, B, n, k);
  const joint = vectors.map((g) => {
    const out = new Float64Array(weights.reduce((s, U) => s + U.length / k, 0));
    let at = 0;
    weights.forEach((U, v) => {
      for (let j = 0; j < U.length; j += k) {
        let sum = 0;
        for (let c = 0; c < k; c++) sum += U[j + c] * g[v * k + c];
        out[at++] = sum;
      }
    });
    return out;
  });
  return variates(views, alpha, values, joint);
}

/** Rows of each view, one after the other. */
export function gather(views: Views, order: Int32Array, from: number, count: number): Float64Array[] {
  return views.wide.map((X) => {
    const d = X.rows;
    const { data } = X;
    const out = new Float64Array(count * d);
    for (let i = 0; i < count; i++) out.set(data.subarray(order[from + i] * d, order[from + i] * d + d), i * d);
    return out;
  });
}
