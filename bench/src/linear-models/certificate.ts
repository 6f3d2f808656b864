// The judge: one duality gap for all contenders, in plain loops over the arrays, without any code in common with them.
import type { Matrix } from 'southwell';

/**
 * min f(Xb) + alpha Σ_g ‖b_g‖₂ over contiguous groups of `groupSize` columns; size 1 is the L1 penalty. No intercept.
 */
export interface Model {
  /** f = (1/2n)‖y − Xb‖² or (1/n) Σ log(1 + exp(−y xᵀb)) with y = ±1. */
  readonly loss: 'squared' | 'logistic';
  readonly groupSize: number;
}

export interface Certified {
  readonly primal: number;
  readonly dual: number;
  /** (primal − dual) / objective at b = 0; non-negative up to rounding. */
  readonly relativeGap: number;
}

export function objectiveAtZero(model: Model, y: Float64Array): number {
  if (model.loss === 'logistic') return Math.LN2;
  let sum = 0;
  for (const v of y) sum += v * v;
  return sum / (2 * y.length);
}

/** The smallest alpha at which b = 0 is optimal. O(entries of X). */
export function alphaMax(model: Model, X: Matrix, y: Float64Array): number {
  const scale = (model.loss === 'logistic' ? 0.5 : 1) / y.length;
  return scale * dualNorm(model, X, y);
}

/**
 * The gap between the primal value at b and the dual value at the residual, scaled to be feasible: Massias, Vaiter,
 * Gramfort, Salmon (2020), Dual extrapolation for sparse generalized linear models, section 2. For the squared loss the
 * scale is the optimal one (Bonnefoy, Emiya, Ralaivola, Gribonval (2015), equation 10). O(entries of X).
 */
export function certify(model: Model, X: Matrix, y: Float64Array, alpha: number, b: Float64Array): Certified {
  const n = y.length;
  const eta = product(X, b);
  let penalty = 0;
  for (let g = 0; g < b.length; g += model.groupSize) {
    let square = 0;
    for (let j = g; j < g + model.groupSize; j++) square += b[j] * b[j];
    penalty += Math.sqrt(square);
  }
  // −n ∂f/∂η: the dual point up to its scale.
  const u = new Float64Array(n);
  let loss = 0;
  for (let i = 0; i < n; i++) {
    if (model.loss === 'squared') {
      u[i] = y[i] - eta[i];
      loss += (u[i] * u[i]) / 2;
    } else {
      const margin = y[i] * eta[i];
      u[i] = y[i] / (1 + Math.exp(margin));
      loss += margin > 0 ? Math.log1p(Math.exp(-margin)) : Math.log1p(Math.exp(margin)) - margin;
    }
  }
  const primal = loss / n + alpha * penalty;
  const limit = (alpha * n) / dualNorm(model, X, u);
  let dual = 0;
  if (model.loss === 'squared') {
    let uy = 0;
    let uu = 0;
    for (let i = 0; i < n; i++) {
      uy += u[i] * y[i];
      uu += u[i] * u[i];
    }
    const s = uu > 0 ? Math.max(-limit, Math.min(limit, uy / uu)) : 0;
    dual = (s * uy - (s * s * uu) / 2) / n;
  } else {
    const s = Math.min(1, limit);
    for (let i = 0; i < n; i++) {
      const t = Math.min(1, s * Math.abs(u[i]));
      dual -= xlogx(t) + xlogx(1 - t);
    }
    dual /= n;
  }
  return { primal, dual, relativeGap: (primal - dual) / objectiveAtZero(model, y) };
}

const xlogx = (t: number): number => (t > 0 ? t * Math.log(t) : 0);

function product(X: Matrix, b: Float64Array): Float64Array {
  const out = new Float64Array(X.rows);
  for (let j = 0; j < X.cols; j++) {
    if (b[j] === 0) continue;
    if (X.kind === 'dense') {
      const x = X.column(j);
      for (let i = 0; i < x.length; i++) out[i] += b[j] * x[i];
    } else {
      for (let k = X.colPointers[j]; k < X.colPointers[j + 1]; k++) out[X.rowIndices[k]] += b[j] * X.values[k];
    }
  }
  return out;
}

/** max over groups of ‖X_gᵀv‖₂. */
function dualNorm(model: Model, X: Matrix, v: Float64Array): number {
  let largest = 0;
  const data = X.kind === 'dense' ? X.data : X.values;
  const pointers = X.kind === 'dense' ? undefined : X.colPointers;
  const indices = X.kind === 'dense' ? undefined : X.rowIndices;
  for (let g = 0; g < X.cols; g += model.groupSize) {
    let square = 0;
    for (let j = g; j < g + model.groupSize; j++) {
      let dot = 0;
      if (pointers && indices) for (let k = pointers[j]; k < pointers[j + 1]; k++) dot += data[k] * v[indices[k]];
      else for (let i = 0, k = j * X.rows; i < v.length; i++, k++) dot += data[k] * v[i];
      square += dot * dot;
    }
    largest = Math.max(largest, square);
  }
  return Math.sqrt(largest);
}
