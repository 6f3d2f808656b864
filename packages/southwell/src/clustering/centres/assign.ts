import { asMatrix, checkFinite, DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { choleskyInPlace } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import type { Mixture } from './mixture.ts';

const { exp, log } = elementary;

/** New rows as a dense matrix with as many columns as the prototypes have. */
function rowsOf(input: MatrixLike, d: number): DenseMatrix {
  const X = asMatrix(input);
  if (X.cols !== d) fail('INVALID_SHAPE', `The prototypes have ${d} columns, but the rows have ${X.cols}.`);
  checkFinite(X);
  return X.kind === 'dense' ? X : X.toDense();
}

/**
 * The nearest prototype of every row of X (n × d), in case of ties the first. O(nkd).
 * @param prototypes k × d, such as those of k-means.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function nearestPrototypes(X: MatrixLike, prototypes: DenseMatrix): Int32Array {
  const { rows: k, cols: d } = prototypes;
  const rows = rowsOf(X, d);
  const out = new Int32Array(rows.rows);
  for (let p = 0; p < out.length; p++) {
    let least = Number.POSITIVE_INFINITY;
    for (let c = 0; c < k; c++) {
      let distance = 0;
      for (let j = 0; j < d; j++) distance += (rows.get(p, j) - prototypes.get(c, j)) ** 2;
      if (distance < least) {
        least = distance;
        out[p] = c;
      }
    }
  }
  return out;
}

/**
 * The posterior probability of every component at every row of X (n × d): n × k, rows sum to 1. Densities are those
 * that the fit maximised, including the regularisation. A row where all densities underflow belongs to the component
 * with the smallest Mahalanobis distance. O(nkd² + kd³) for matrices, otherwise O(nkd).
 * @throws INVALID_SHAPE, NON_FINITE, NUMERICAL.
 */
export function mixturePosteriors(
  X: MatrixLike,
  { weights, prototypes, covariances, ridge }: Pick<Mixture, 'weights' | 'prototypes' | 'covariances' | 'ridge'>,
): DenseMatrix {
  const { rows: k, cols: d } = prototypes;
  const rows = rowsOf(X, d);
  const n = rows.rows;
  const out = DenseMatrix.create(n, k, { fill: false });
  for (let c = 0; c < k; c++) {
    const logs = out.column(c);
    if (!(weights[c] > 0)) {
      logs.fill(Number.NEGATIVE_INFINITY);
      continue;
    }
    const { whiten, logDet, trace } = whitener(covariances[c], d);
    const peak = log(weights[c]) - (logDet + ridge * trace) / 2;
    const off = new Float64Array(d);
    for (let p = 0; p < n; p++) {
      for (let j = 0; j < d; j++) off[j] = rows.get(p, j) - prototypes.get(c, j);
      logs[p] = peak - whiten(off) / 2;
    }
  }
  for (let p = 0; p < n; p++) {
    let most = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < k; c++) most = Math.max(most, out.get(p, c));
    let total = 0;
    for (let c = 0; c < k; c++) {
      const share = exp(out.get(p, c) - most);
      out.set(p, c, share);
      total += share;
    }
    for (let c = 0; c < k; c++) out.set(p, c, out.get(p, c) / total);
  }
  return out;
}

/** xᵀΣ⁻¹x, which may overwrite x, log |Σ| and tr Σ⁻¹ of a matrix by rows, of d variances, or of a single one. */
function whitener(S: Float64Array, d: number) {
  if (S.length !== d * d || d === 1) {
    const variance = (j: number) => S[S.length === 1 ? 0 : j];
    let [logDet, trace] = [0, 0];
    for (let j = 0; j < d; j++) {
      logDet += log(variance(j));
      trace += 1 / variance(j);
    }
    const whiten = (x: Float64Array) => x.reduce((sum, v, j) => sum + (v * v) / variance(j), 0);
    return { whiten, logDet, trace };
  }
  const L = S.slice();
  if (!choleskyInPlace(L, d)) fail('NUMERICAL', 'A covariance matrix is singular.');
  /** x ← L⁻¹x; returns its squared norm. */
  const whiten = (x: Float64Array) => {
    let sum = 0;
    for (let i = 0; i < d; i++) {
      for (let j = 0; j < i; j++) x[i] -= L[i * d + j] * x[j];
      x[i] /= L[i * d + i];
      sum += x[i] * x[i];
    }
    return sum;
  };
  let [logDet, trace] = [0, 0];
  const unit = new Float64Array(d);
  for (let j = 0; j < d; j++) {
    logDet += 2 * log(L[j * d + j]);
    unit.fill(0);
    unit[j] = 1;
    trace += whiten(unit);
  }
  return { whiten, logDet, trace };
}
