import { checkGiven, keysOf, knownKeys, limitOption, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { factorPositive } from '@southwell/numerics/linalg';
import type { SeparablePenalty } from '../penalties/index.ts';

const subproblemRecords = {
  /** Relative tolerance on the KKT residual. Default 1e-13. */
  tol: numberOption({ min: 0 }),
  /** Default 500. */
  maxRounds: limitOption(0),
};

export interface SubproblemOptions extends OptionsOf<typeof subproblemRecords> {}

// Kept, since a method may solve a subproblem in every step.
const subproblemKeys = keysOf(subproblemRecords);

const SWEEPS_A_ROUND = 5;

/**
 * next ← argmin_u ½(u−x)ᵀH(u−x) + gᵀ(u−x) + Σ_a g_{b_a}(u_a), for a small dense positive semi-definite H (m × m):
 * sweeps of coordinate descent find the support, and Newton steps on the support follow (a single step if the g are
 * piecewise linear or quadratic). Ends when the KKT residual is ≤ tol times its scale, or when nothing changes any
 * more.
 *
 * @param block the coordinate of the whole problem of each row; x and g have length m, too.
 * @returns the relative KKT residual. O(rounds · (m² + |support|³)).
 * @throws INVALID_PARAMETER.
 */
export function solveQuadraticSubproblem(
  H: Float64Array,
  g: Float64Array,
  block: Int32Array,
  x: ArrayLike<number>,
  penalty: SeparablePenalty,
  next: Float64Array,
  options?: SubproblemOptions,
): number {
  if (options) {
    knownKeys('solveQuadraticSubproblem', options, subproblemKeys);
    checkGiven(subproblemRecords, options);
  }
  const { tol = 1e-13, maxRounds = 500 } = options ?? {};
  const model = new Subproblem(H, g, block, x, penalty, next);
  let residual = Number.POSITIVE_INFINITY;
  for (let round = 0; round < maxRounds; round++) {
    let moved = false;
    for (let sweep = 0; sweep < SWEEPS_A_ROUND; sweep++) if (model.sweep()) moved = true;
    model.renew();
    residual = model.kkt();
    if (residual <= tol || !moved) break;
    if (model.newtonOnSupport()) {
      model.renew();
      residual = model.kkt();
      if (residual <= tol) break;
    }
  }
  return residual;
}

/** The model at `next`, which changes, with its gradient. */
class Subproblem {
  /** g + H(u − x), updated incrementally. */
  private readonly slope: Float64Array;
  private scale = 0;
  private readonly step: Float64Array;
  private readonly support: Int32Array;

  constructor(
    private readonly H: Float64Array,
    private readonly g: Float64Array,
    private readonly block: Int32Array,
    private readonly x: ArrayLike<number>,
    private readonly penalty: SeparablePenalty,
    private readonly next: Float64Array,
  ) {
    const m = block.length;
    this.slope = new Float64Array(m);
    this.step = new Float64Array(m);
    this.support = new Int32Array(m);
    for (let a = 0; a < m; a++) {
      next[a] = x[a];
      this.slope[a] = g[a];
      this.scale = Math.max(this.scale, Math.abs(g[a]));
    }
  }

  /** The largest relative distance from a subdifferential. */
  kkt(): number {
    const { block, penalty, next, slope, scale } = this;
    let largest = 0;
    for (let a = 0; a < block.length; a++) {
      largest = Math.max(largest, penalty.subdifferentialDistance(block[a], next[a], slope[a]));
    }
    return scale > 0 ? largest / scale : largest;
  }

  /** Minimises over each coordinate in turn; returns whether any changed. */
  sweep(): boolean {
    const { H, block, penalty, next, slope } = this;
    const m = block.length;
    let moved = false;
    for (let a = 0; a < m; a++) {
      const at = a * m;
      const L = Math.max(H[at + a], 1e-100);
      const before = next[a];
      const value = penalty.prox(block[a], before - slope[a] / L, 1 / L);
      const d = value - before;
      if (d === 0) continue;
      next[a] = value;
      for (let b = 0; b < m; b++) slope[b] += d * H[at + b];
      if (value !== before) moved = true;
    }
    return moved;
  }

  /** Recomputes the gradient, since rounding errors of many small moves accumulate. */
  renew(): void {
    const { H, g, block, x, next, slope } = this;
    const m = block.length;
    for (let a = 0; a < m; a++) {
      let sum = g[a];
      let size = Math.abs(g[a]);
      for (let b = 0; b < m; b++) {
        const t = H[a * m + b] * (next[b] - x[b]);
        sum += t;
        size = Math.max(size, Math.abs(t));
      }
      slope[a] = sum;
      this.scale = Math.max(this.scale, size);
    }
  }

  /** A Newton step on the smooth piece of the support, shortened until it stays there and decreases the model. */
  newtonOnSupport(): boolean {
    const { H, block, penalty, next, slope, support, step } = this;
    const m = block.length;
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
      // At rounding level the computed change may be a tiny positive number although the step is correct.
      if (change <= 1e-14 * Math.abs(linear)) {
        for (let s = 0; s < count; s++) next[support[s]] += alpha * step[s];
        return true;
      }
    }
    return false;
  }
}
