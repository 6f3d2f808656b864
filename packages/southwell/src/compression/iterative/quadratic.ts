import { DenseMatrix } from '@southwell/numerics/arrays';

/** What the change of a loss is modelled from, for some weights of a layer. */
export interface Block {
  /** Weights of the dense network, w₀. */
  readonly original: Float64Array;
  /** Weights now, 0 or w₀. */
  readonly current: Float64Array;
  /** Gradient of the loss now. */
  readonly gradient: Float64Array;
  /** Curvature of the loss now, n × n and symmetric. */
  readonly curvature: DenseMatrix;
}

/** Factors of the terms of the model. */
export interface ModelOptions {
  /** α, of the gradient. */
  readonly alpha: number;
  /** λ, of the squared length of the step. */
  readonly ridge: number;
}

/**
 * The second-order model of the change of a loss if the weights of a block become w₀∘(1 − x), x = 1 for those that are removed:
 * α·g'δ + ½·δ'Hδ + λ·‖δ‖² with δ = −(Δw + w₀∘x) and Δw = w − w₀, as constant + x'Qx (iCBS, arXiv 2411.17796):
 * Q = ½·(w₀w₀')∘H + diag(w₀∘HΔw) − α·diag(w₀∘g) + λ·diag(w₀∘(2Δw + w₀)),
 * constant = ½·Δw'HΔw − α·g'Δw + λ·‖Δw‖². O(n²).
 */
export function quadraticModel(
  { original, current, gradient, curvature }: Block,
  { alpha, ridge }: ModelOptions,
): { readonly Q: DenseMatrix; readonly constant: number } {
  const n = original.length;
  const H = curvature.data;
  const Q = DenseMatrix.create(n, n);
  const q = Q.data;
  const dw = current.map((w, i) => w - original[i]);
  let constant = 0;
  for (let j = 0; j < n; j++) {
    let product = 0;
    for (let i = 0; i < n; i++) {
      q[j * n + i] = 0.5 * original[i] * original[j] * H[j * n + i];
      product += H[j * n + i] * dw[i];
    }
    q[j * n + j] += original[j] * (product - alpha * gradient[j] + ridge * (2 * dw[j] + original[j]));
    constant += dw[j] * (0.5 * product - alpha * gradient[j] + ridge * dw[j]);
  }
  return { Q, constant };
}
