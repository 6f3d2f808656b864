import { knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { factorPositive } from '@southwell/numerics/linalg';
import type { SeparablePenalty } from '../penalties/index.ts';

export interface SubproblemOptions {
  /** Of the KKT residual, relative. Default 1e-13. */
  readonly tol?: number;
  /** Default 500. */
  readonly maxRounds?: number;
}

const subproblemKeys: OptionKeys<SubproblemOptions> = { tol: true, maxRounds: true };

const SWEEPS_A_ROUND = 5;

/**
 * next ← argmin_u ½(u−x)ᵀH(u−x) + gᵀ(u−x) + Σ_a g_{b_a}(u_a), for a small dense positive semi-definite H (m × m): sweeps
 * of coordinate descent find the support, a Newton step on the support finishes (one step where the g are piecewise
 * linear or quadratic). Ends when the KKT residual is ≤ tol times its scale, or when nothing moves any more.
 *
 * @param block the coordinate of the whole problem that each row stands for; x and g have length m, too.
 * @returns the relative KKT residual reached. O(rounds · (m² + |support|³)).
 */
export function solveQuadraticSubproblem(
  H: Float64Array,
  g: Float64Array,
  block: Int32Array,
  x: ArrayLike<number>,
  penalty: SeparablePenalty,
  next: Float64Array,
  options: SubproblemOptions = {},
): number {
  knownKeys('solveQuadraticSubproblem', options, subproblemKeys);
  const { tol = 1e-13, maxRounds = 500 } = options;
  const m = block.length;
  const slope = new Float64Array(m); // g + H(u − x), kept up to date
  let scale = 0;
  for (let a = 0; a < m; a++) {
    next[a] = x[a];
    slope[a] = g[a];
    scale = Math.max(scale, Math.abs(g[a]));
  }
  const step = new Float64Array(m);
  const support = new Int32Array(m);
  let residual = Number.POSITIVE_INFINITY;

  const kkt = (): number => {
    let largest = 0;
    for (let a = 0; a < m; a++) {
      largest = Math.max(largest, penalty.subdifferentialDistance(block[a], next[a], slope[a]));
    }
    return scale > 0 ? largest / scale : largest;
  };
  const move = (a: number, value: number): void => {
    const d = value - next[a];
    if (d === 0) return;
    next[a] = value;
    const at = a * m;
    for (let b = 0; b < m; b++) slope[b] += d * H[at + b];
  };
  /** Recomputes the slope: rounding of many small moves must not pass for a gradient. */
  const renew = (): void => {
    for (let a = 0; a < m; a++) {
      let sum = g[a];
      let size = Math.abs(g[a]);
      for (let b = 0; b < m; b++) {
        const t = H[a * m + b] * (next[b] - x[b]);
        sum += t;
        size = Math.max(size, Math.abs(t));
      }
      slope[a] = sum;
      scale = Math.max(scale, size);
    }
  };

  for (let round = 0; round < maxRounds; round++) {
    let moved = false;
    for (let sweep = 0; sweep < SWEEPS_A_ROUND; sweep++) {
      for (let a = 0; a < m; a++) {
        const L = Math.max(H[a * m + a], 1e-100);
        const before = next[a];
        move(a, penalty.prox(block[a], before - slope[a] / L, 1 / L));
        if (next[a] !== before) moved = true;
      }
    }
    renew();
    residual = kkt();
    if (residual <= tol || !moved) break;
    if (newtonOnSupport()) {
      renew();
      residual = kkt();
      if (residual <= tol) break;
    }
  }
  return residual;

  /** A step on the smooth piece that the support lies in; shortened until it stays there and lowers the model. */
  function newtonOnSupport(): boolean {
    let count = 0;
    for (let a = 0; a < m; a++) if (penalty.inSupport(block[a], next[a])) support[count++] = a;
    if (count === 0) return false;
    const M = new Float64Array(count * count);
    for (let s = 0; s < count; s++) {
      const a = support[s];
      for (let t = 0; t < count; t++) M[s * count + t] = H[a * m + support[t]];
      M[s * count + s] += penalty.curvature(block[a], next[a]);
      step[s] = -(slope[a] + penalty.derivative(block[a], next[a]));
    }
    factorPositive(M, count).solve(step.subarray(0, count));
    // Hstep = H d on the support, for the exact change of the model along d.
    let linear = 0;
    let curved = 0;
    for (let s = 0; s < count; s++) {
      const a = support[s];
      linear += slope[a] * step[s];
      let product = 0;
      for (let t = 0; t < count; t++) product += H[a * m + support[t]] * step[t];
      curved += step[s] * product;
    }
    for (let alpha = 1; alpha > 1e-3; alpha /= 2) {
      let change = alpha * linear + 0.5 * alpha * alpha * curved;
      for (let s = 0; s < count; s++) {
        const j = block[support[s]];
        const from = next[support[s]];
        const value = penalty.value(j, from + alpha * step[s]);
        if (value === Number.POSITIVE_INFINITY) {
          change = value;
          break;
        }
        change += value - penalty.value(j, from);
      }
      // At rounding level the change may come out as a tiny positive number although the step is right.
      if (change <= 1e-14 * Math.abs(linear)) {
        for (let s = 0; s < count; s++) next[support[s]] += alpha * step[s];
        return true;
      }
    }
    return false;
  }
}
