/**
 * argmin ½‖b − z‖² + Σ_k lambda_k|b|_(k), lambda descending and non-negative, by the pool-adjacent-violators algorithm
 * on |z| in descending order minus lambda (Bogdan, van den Berg, Sabatti, Su & Candès 2015, Algorithm 4). O(p log p).
 */
export function proxSortedL1(z: ArrayLike<number>, lambda: ArrayLike<number>, step = 1): Float64Array {
  const p = z.length;
  const order = bySize(z);
  const starts: number[] = [];
  const sums: number[] = [];
  for (let k = 0; k < p; k++) {
    starts.push(k);
    sums.push(Math.abs(z[order[k]]) - step * lambda[k]);
    while (sums.length > 1) {
      const t = sums.length - 1;
      const mean = sums[t] / (k + 1 - starts[t]);
      if (sums[t - 1] / (starts[t] - starts[t - 1]) > mean) break;
      sums[t - 1] += sums[t];
      sums.pop();
      starts.pop();
    }
  }
  const out = new Float64Array(p);
  for (let t = 0; t < sums.length; t++) {
    const end = t + 1 < starts.length ? starts[t + 1] : p;
    const level = Math.max(sums[t] / (end - starts[t]), 0);
    if (level === 0) break;
    for (let k = starts[t]; k < end; k++) out[order[k]] = level * Math.sign(z[order[k]]);
  }
  return out;
}

/** Σ_k lambda_k|b|_(k). */
export function sortedL1(b: ArrayLike<number>, lambda: ArrayLike<number>): number {
  const sizes = Float64Array.from(b, Math.abs).sort().reverse();
  let sum = 0;
  for (let k = 0; k < sizes.length; k++) sum += lambda[k] * sizes[k];
  return sum;
}

/** The dual norm max_k Σ_{i ≤ k}|g|_(i) / Σ_{i ≤ k} lambda_i. */
export function dualSortedL1(g: ArrayLike<number>, lambda: ArrayLike<number>): number {
  const sizes = Float64Array.from(g, Math.abs).sort().reverse();
  let [top, bottom, largest] = [0, 0, 0];
  for (let k = 0; k < sizes.length; k++) {
    top += sizes[k];
    bottom += lambda[k];
    if (top > 0) largest = Math.max(largest, top / bottom);
  }
  return largest;
}

/** Indices by decreasing magnitude. */
export function bySize(z: ArrayLike<number>): Int32Array {
  return Int32Array.from({ length: z.length }, (_, j) => j).sort((a, c) => Math.abs(z[c]) - Math.abs(z[a]));
}
