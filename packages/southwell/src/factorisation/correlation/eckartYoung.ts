import { batchCodes, withinViews } from './viewScores.ts';

/**
 * −2 tr C[Z] + ⟨V[Z], V[Z′]⟩ of the scores of two batches, which may be the same: the Eckart–Young loss of the
 * generalised eigenproblem of the views. Two independent batches make the estimate unbiased.
 */
export function eyLoss(
  first: readonly Float64Array[],
  second: readonly Float64Array[],
  weights: readonly Float64Array[],
  alpha: ArrayLike<number>,
  count: number,
  k: number,
): number {
  const Z = batchCodes(first, weights, count, k);
  const W = second === first ? Z : batchCodes(second, weights, count, k);
  const V = withinViews(Z, weights, alpha, count, k);
  const V2 = second === first ? V : withinViews(W, weights, alpha, count, k);
  let between = 0;
  for (let at = 0; at < count * k; at++) {
    let sum = 0;
    for (const z of Z) {
      sum += z[at];
      between -= z[at] * z[at];
    }
    between += sum * sum;
  }
  let within = 0;
  for (let at = 0; at < k * k; at++) within += V[at] * V2[at];
  return (-2 * between) / (count - 1) + within;
}

/**
 * The gradient of {@link eyLoss} with respect to the weights of each view, and tr V of the first batch. O(count · k ·
 * ΣD).
 */
export function eyGradient(
  first: readonly Float64Array[],
  second: readonly Float64Array[],
  weights: readonly Float64Array[],
  alpha: ArrayLike<number>,
  count: number,
  k: number,
): { readonly gradients: Float64Array[]; readonly within: number } {
  const Z = batchCodes(first, weights, count, k);
  const same = second === first;
  const W = same ? Z : batchCodes(second, weights, count, k);
  const V = withinViews(Z, weights, alpha, count, k);
  const V2 = same ? V : withinViews(W, weights, alpha, count, k);
  const all = new Float64Array(count * k);
  for (const z of Z) for (let at = 0; at < all.length; at++) all[at] += z[at];
  const gradients = weights.map((U, v) => {
    const d = U.length / k;
    const g = new Float64Array(U.length);
    // The derivative with respect to the scores of a row: −4(ΣZ − Z) + 2(1 − α) Z V′, and for the other batch 2(1 − α)
    // Z′ V.
    const pull = new Float64Array(count * k);
    const pull2 = new Float64Array(count * k);
    const share = 2 * (1 - alpha[v]);
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < k; c++) {
        let [own, other] = [0, 0];
        for (let b = 0; b < k; b++) {
          own += Z[v][i * k + b] * V2[b * k + c];
          other += W[v][i * k + b] * V[b * k + c];
        }
        pull[i * k + c] = (-4 * (all[i * k + c] - Z[v][i * k + c]) + share * own) / (count - 1);
        pull2[i * k + c] = (share * other) / (count - 1);
      }
    }
    if (same) for (let at = 0; at < pull.length; at++) pull[at] += pull2[at];
    for (const [X, p] of same
      ? [[first[v], pull] as const]
      : [[first[v], pull] as const, [second[v], pull2] as const]) {
      for (let i = 0; i < count; i++) {
        for (let j = 0; j < d; j++) {
          const x = X[i * d + j];
          if (x !== 0) for (let c = 0; c < k; c++) g[j * k + c] += x * p[i * k + c];
        }
      }
    }
    if (alpha[v] > 0) {
      for (let j = 0; j < d; j++) {
        for (let c = 0; c < k; c++) {
          let sum = 0;
          for (let b = 0; b < k; b++) sum += U[j * k + b] * (V[b * k + c] + V2[b * k + c]);
          g[j * k + c] += 2 * alpha[v] * sum;
        }
      }
    }
    return g;
  });
  let within = 0;
  for (let a = 0; a < k; a++) within += V[a * k + a];
  return { gradients, within };
}
