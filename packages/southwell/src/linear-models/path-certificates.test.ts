/** The optimality of every point of a path, computed here from the definitions alone. */

import { CscMatrix, DenseMatrix, type Matrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';
import { describe, expect, test } from 'vitest';
import { logisticRegression, multinomialRegression } from './index.ts';

const [n, p] = [200, 40];
const random = new Random(21);
const TOL = 1e-7;

/** Sparse columns of zeros and ones, columns of few ones among them. */
const x = Array.from({ length: n }, () =>
  Array.from({ length: p }, (_, j) => (random.uniform() < 0.3 / (1 + (j % 7)) ? 1 : 0)),
);
const wide = Array.from({ length: 40 }, () => Array.from({ length: 100 }, () => random.normal()));

const data = {
  sparse: CscMatrix.fromDense(DenseMatrix.fromRows(x)) as Matrix,
  dense: DenseMatrix.fromRows(x) as Matrix,
  wide: DenseMatrix.fromRows(wide) as Matrix,
};

const rowsOf = { sparse: x, dense: x, wide };

/** Standard deviations under weights that sum to 1. */
function deviations(rows: number[][], w: Float64Array): Float64Array {
  return Float64Array.from(rows[0], (_, j) => {
    const mean = rows.reduce((sum, row, i) => sum + w[i] * row[j], 0);
    return Math.sqrt(rows.reduce((sum, row, i) => sum + w[i] * (row[j] - mean) ** 2, 0));
  });
}

const normalised = (weights: Float64Array): Float64Array => {
  const sum = weights.reduce((a, b) => a + b, 0);
  return weights.map((w) => w / sum);
};

const entropy = (t: number): number => (t > 0 ? t * Math.log(t) : 0);

/**
 * The duality gap of min Σ_i w_i(log Σ_k exp η_ik − η_{i,y_i}) + alpha·Σ_jk scale_j|b_jk| with free intercepts, from the
 * residuals e_{y_i} − softmax(η_i) scaled into the box of the dual.
 */
function gapOf(rows: number[][], codes: number[], w: Float64Array, eta: number[][], size: number, limit: Float64Array) {
  const K = eta[0].length;
  const residuals = eta.map((row, i) => {
    const top = Math.max(...row);
    const sum = row.reduce((s, e) => s + Math.exp(e - top), 0);
    return row.map((e, k) => (codes[i] === k ? 1 : 0) - Math.exp(e - top) / sum);
  });
  const loss = eta.reduce((total, row, i) => {
    const top = Math.max(...row);
    return total + w[i] * (Math.log(row.reduce((s, e) => s + Math.exp(e - top), 0)) + top - row[codes[i]]);
  }, 0);
  let scale = 1;
  for (let j = 0; j < limit.length; j++) {
    for (let k = 0; k < K; k++) {
      const g = rows.reduce((sum, row, i) => sum + w[i] * row[j] * residuals[i][k], 0);
      if (limit[j] > 0) scale = Math.min(scale, limit[j] / Math.abs(g));
    }
  }
  const sums = Array.from({ length: K }, (_, k) => residuals.reduce((sum, r, i) => sum + w[i] * r[k], 0));
  const conjugate = residuals.reduce(
    (total, r, i) => total + w[i] * r.reduce((s, e, k) => s + entropy((codes[i] === k ? 1 : 0) - scale * e), 0),
    0,
  );
  return { gap: (offset: number) => loss + size + conjugate + scale * offset, sums, residuals, loss };
}

describe.each(['sparse', 'dense', 'wide'] as const)('paths, %s', (kind) => {
  const X = data[kind];
  const rows = rowsOf[kind];
  const weights = Float64Array.from({ length: X.rows }, (_, i) => (i % 11 === 0 ? 0 : 0.2 + random.uniform()));
  const offset = Float64Array.from({ length: X.rows }, () => 0.5 * random.normal());
  const ones = new Float64Array(X.rows).fill(1);
  const score = rows.map((row) => row.slice(0, 8).reduce((s, v, j) => s + (j % 2 ? -2 : 2) * v, -1.5));
  const cases = [false, true].flatMap((standardize) => [false, true].map((weighted) => ({ standardize, weighted })));

  test.each(cases.flatMap((c) => [true, false].map((shifted) => ({ ...c, shifted }))))(
    'logistic: $standardize $weighted $shifted',
    ({ standardize, weighted, shifted }) => {
      const y = Float64Array.from(score, (s) => (s + 2 * random.normal() > 0 ? 1 : -1));
      const codes = [...y].map((v) => (v > 0 ? 1 : 0));
      const w = normalised(weighted ? weights : ones);
      const path = logisticRegression({ standardize, tol: TOL }).path(X, y, {
        ...(weighted && { sampleWeight: weights }),
        ...(shifted && { offset }),
        nAlphas: 12,
      });
      expect(path.status).toBe('converged');
      const scales = standardize ? deviations(rows, w) : new Float64Array(X.cols).fill(1);
      // The loss of the first model, which has only its intercept.
      let none: number | undefined;
      for (const { coef, intercept, alpha } of path.models) {
        const eta = rows.map((row, i) => [
          0,
          intercept + (shifted ? offset[i] : 0) + row.reduce((s, v, j) => s + v * coef[j], 0),
        ]);
        const size = alpha * coef.reduce((s, b, j) => s + scales[j] * Math.abs(b), 0);
        const limit = scales.map((s) => alpha * s);
        const { gap, sums, residuals, loss } = gapOf(rows, codes, w, eta, size, limit);
        expect(Math.abs(sums[1])).toBeLessThan(1e-12);
        const share = shifted ? residuals.reduce((s, r, i) => s + w[i] * r[1] * offset[i], 0) : 0;
        none ??= loss;
        expect(gap(share)).toBeGreaterThan(-1e-12);
        expect(gap(share)).toBeLessThan(1.01 * TOL * none + 1e-12);
      }
    },
  );

  test.each(cases)('multinomial: $standardize $weighted', ({ standardize, weighted }) => {
    const codes = score.map((s) => {
      const noisy = s + 1.5 * random.normal();
      return noisy > 1 ? 2 : noisy > -1 ? 1 : 0;
    });
    const w = normalised(weighted ? weights : ones);
    const estimator = multinomialRegression({ standardize, tol: TOL });
    const path = estimator.path(X, codes, { ...(weighted && { sampleWeight: weights }), nAlphas: 10 });
    expect(path.status).toBe('converged');
    const scales = standardize ? deviations(rows, w) : new Float64Array(X.cols).fill(1);
    let none: number | undefined;
    for (const { coef, intercepts, alpha } of path.models) {
      const eta = rows.map((row) => coef.map((b, k) => intercepts[k] + row.reduce((s, v, j) => s + v * b[j], 0)));
      const size = alpha * coef.reduce((s, b) => s + b.reduce((t, v, j) => t + scales[j] * Math.abs(v), 0), 0);
      const { gap, sums, loss } = gapOf(
        rows,
        codes,
        w,
        eta,
        size,
        scales.map((s) => alpha * s),
      );
      for (const sum of sums) expect(Math.abs(sum)).toBeLessThan(1e-12);
      none ??= loss;
      expect(gap(0)).toBeGreaterThan(-1e-12);
      expect(gap(0)).toBeLessThan(1.01 * TOL * none + 1e-12);
    }
  });
});
