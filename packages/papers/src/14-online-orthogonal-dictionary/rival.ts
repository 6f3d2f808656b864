import { elementary } from '@southwell/numerics/special';
import type { DenseMatrix } from 'southwell';

/**
 * Matching, stretching and projection (Zhai et al. 2020) on stored samples, and metrics of dictionaries, in plain
 * arrays. Square matrices are column-major.
 */

/**
 * Sweeps D ← polar of Y|DᵀY|^(p−1)sign(DᵀY)ᵀ from D, until no entry changes by more than 1e-9. Samples as rows. O(nN² +
 * N³).
 */
export function msp(Y: DenseMatrix, D: Float64Array, power: 3 | 4, sweeps = 100): { D: Float64Array; sweeps: number } {
  const { rows, cols: n } = Y;
  const samples = new Float64Array(rows * n);
  for (let j = 0; j < n; j++) {
    Y.column(j).forEach((v, i) => {
      samples[i * n + j] = v;
    });
  }
  let now = D.slice();
  const z = new Float64Array(n);
  for (let sweep = 1; sweep <= sweeps; sweep++) {
    const G = new Float64Array(n * n);
    for (let i = 0; i < rows; i++) {
      const y = samples.subarray(i * n, (i + 1) * n);
      for (let k = 0; k < n; k++) {
        let dot = 0;
        for (let j = 0; j < n; j++) dot += y[j] * now[k * n + j];
        z[k] = power === 3 ? dot * Math.abs(dot) : dot * dot * dot;
      }
      for (let k = 0; k < n; k++) for (let j = 0; j < n; j++) G[k * n + j] += z[k] * y[j];
    }
    const next = polar(G, n);
    const moved = next.reduce((most, v, at) => Math.max(most, Math.abs(v - now[at])), 0);
    now = next;
    if (moved < 1e-9) return { D: now, sweeps: sweep };
  }
  return { D: now, sweeps };
}

/** The orthogonal polar factor of an invertible matrix, by Newton's iteration (Higham 1986). O(n³) per step. */
export function polar(A: Float64Array, n: number): Float64Array<ArrayBuffer> {
  let X = Float64Array.from(A);
  for (let step = 0; step < 100; step++) {
    const inverse = inverted(X, n);
    const [a, b] = [X, inverse].map((M) => Math.sqrt(M.reduce((sum, v) => sum + v * v, 0)));
    // Scaled while it is far from orthogonal.
    const scale = step < 8 ? Math.sqrt(b / a) : 1;
    let moved = 0;
    const next = X.map((v, at) => {
      const [j, i] = [Math.floor(at / n), at % n];
      const value = 0.5 * (scale * v + inverse[i * n + j] / scale);
      moved = Math.max(moved, Math.abs(value - v));
      return value;
    });
    X = next;
    if (step >= 8 && moved < 1e-15) break;
  }
  return X;
}

/** By Gauss–Jordan elimination with pivoting. */
function inverted(A: Float64Array, n: number): Float64Array {
  const [M, out] = [A.slice(), new Float64Array(n * n)];
  for (let i = 0; i < n; i++) out[i * n + i] = 1;
  // The column operations that reduce A to the identity turn the identity into the inverse.
  for (let p = 0; p < n; p++) {
    let best = p;
    for (let c = p + 1; c < n; c++) if (Math.abs(M[c * n + p]) > Math.abs(M[best * n + p])) best = c;
    for (const X of [M, out]) {
      const held = X.slice(p * n, (p + 1) * n);
      X.copyWithin(p * n, best * n, (best + 1) * n);
      X.set(held, best * n);
    }
    const pivot = M[p * n + p];
    for (const X of [M, out]) for (let i = 0; i < n; i++) X[p * n + i] /= pivot;
    for (let c = 0; c < n; c++) {
      const factor = M[c * n + p];
      if (c === p || factor === 0) continue;
      for (const X of [M, out]) for (let i = 0; i < n; i++) X[c * n + i] -= factor * X[p * n + i];
    }
  }
  return out;
}

/** 1 − ‖DᵀD*‖₄⁴/N: zero if D has the atoms of D*, in any order and with any signs. */
export function recoveryError(D: Float64Array, truth: Float64Array, n: number): number {
  let sum = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      let dot = 0;
      for (let i = 0; i < n; i++) dot += D[a * n + i] * truth[b * n + i];
      sum += dot * dot * (dot * dot);
    }
  }
  return 1 - sum / n;
}

/** ‖A‖₂, by powers of AᵀA, to about 1e-14. */
export function spectralNorm(A: Float64Array, n: number): number {
  let M = new Float64Array(n * n);
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) for (let i = 0; i < n; i++) M[a * n + b] += A[a * n + i] * A[b * n + i];
  }
  let log = 0;
  // ‖(AᵀA)^(2^k)‖_F^(1/2^k) is within a factor n^(1/2^(k + 1)) of ‖AᵀA‖₂.
  for (let k = 1, share = 1; k <= 50; k++) {
    const size = Math.sqrt(M.reduce((sum, v) => sum + v * v, 0));
    log += elementary.log(size) * share;
    share /= 2;
    const next = new Float64Array(n * n);
    for (let a = 0; a < n; a++) {
      for (let b = 0; b < n; b++) {
        for (let i = 0; i < n; i++) next[a * n + b] += (M[i * n + a] / size) * (M[i * n + b] / size);
      }
    }
    M = next;
  }
  return elementary.exp(log / 2);
}

/** ‖DᵀD − I‖_F. */
export function fromOrthogonal(D: Float64Array, n: number): number {
  let sum = 0;
  for (let a = 0; a < n; a++) {
    for (let b = 0; b < n; b++) {
      let dot = a === b ? -1 : 0;
      for (let i = 0; i < n; i++) dot += D[a * n + i] * D[b * n + i];
      sum += dot * dot;
    }
  }
  return Math.sqrt(sum);
}
