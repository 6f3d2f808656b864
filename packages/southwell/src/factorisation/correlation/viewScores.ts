/** Scores of centred batches (count × D by rows) under weights (D × k by rows), centred within the batch: count × k. */
export function batchCodes(
  batches: readonly Float64Array[],
  weights: readonly Float64Array[],
  count: number,
  k: number,
): Float64Array[] {
  return batches.map((X, v) => {
    const U = weights[v];
    const d = U.length / k;
    const Z = new Float64Array(count * k);
    for (let i = 0; i < count; i++) {
      for (let j = 0; j < d; j++) {
        const x = X[i * d + j];
        if (x !== 0) for (let c = 0; c < k; c++) Z[i * k + c] += x * U[j * k + c];
      }
    }
    for (let c = 0; c < k; c++) {
      let mean = 0;
      for (let i = 0; i < count; i++) mean += Z[i * k + c] / count;
      for (let i = 0; i < count; i++) Z[i * k + c] -= mean;
    }
    return Z;
  });
}

/** Σ_v α_v UᵀU + (1 − α_v)Var(Z_v): k × k. */
export function withinViews(
  Z: readonly Float64Array[],
  weights: readonly Float64Array[],
  alpha: ArrayLike<number>,
  count: number,
  k: number,
): Float64Array {
  const V = new Float64Array(k * k);
  Z.forEach((z, v) => {
    const U = weights[v];
    for (let a = 0; a < k; a++) {
      for (let b = 0; b <= a; b++) {
        let sum = 0;
        if (alpha[v] < 1) {
          for (let i = 0; i < z.length; i += k) sum += z[i + a] * z[i + b];
          sum *= (1 - alpha[v]) / (count - 1);
        }
        if (alpha[v] > 0) {
          let inner = 0;
          for (let j = 0; j < U.length; j += k) inner += U[j + a] * U[j + b];
          sum += alpha[v] * inner;
        }
        V[a * k + b] += sum;
        if (a !== b) V[b * k + a] += sum;
      }
    }
  });
  return V;
}
