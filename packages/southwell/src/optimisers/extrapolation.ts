/**
 * Anderson's weights for points x_0 … x_K of a fixed-point iteration (Bertrand & Massias 2021): they sum to 1 and
 * minimise ‖Σ c_i (x_i − x_{i−1})‖. Undefined if the system is singular. O(K²n).
 */
export function extrapolationWeights(points: readonly Float64Array[]): number[] | undefined {
  const K = points.length - 1;
  const steps = points.slice(1).map((x, i) => difference(x, points[i]));
  const A = steps.map((a) => [...steps.map((c) => dot(a, c)), 1]);
  const trace = A.reduce((sum, row, i) => sum + row[i], 0);
  for (let i = 0; i < K; i++) A[i][i] += 1e-12 * trace;
  for (let c = 0; c < K; c++) {
    for (let r = c + 1; r < K; r++) {
      const f = A[r][c] / A[c][c];
      for (let e = c; e <= K; e++) A[r][e] -= f * A[c][e];
    }
  }
  const z = new Array<number>(K).fill(0);
  for (let c = K - 1; c >= 0; c--) {
    let sum = A[c][K];
    for (let e = c + 1; e < K; e++) sum -= A[c][e] * z[e];
    z[c] = sum / A[c][c];
  }
  const total = z.reduce((sum, v) => sum + v, 0);
  const weights = z.map((v) => v / total);
  return weights.every(Number.isFinite) ? weights : undefined;
}

function difference(x: Float64Array, y: Float64Array): Float64Array {
  const out = new Float64Array(x.length);
  for (let j = 0; j < x.length; j++) out[j] = x[j] - y[j];
  return out;
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let j = 0; j < x.length; j++) sum += x[j] * y[j];
  return sum;
}

/** Σ c_i x_{i+1}. */
export function weightedSum(points: readonly Float64Array[], c: readonly number[]): Float64Array {
  const out = new Float64Array(points[0].length);
  c.forEach((w, i) => {
    const x = points[i + 1];
    for (let j = 0; j < out.length; j++) out[j] += w * x[j];
  });
  return out;
}
