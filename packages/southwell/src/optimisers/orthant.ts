import { fail } from '@southwell/numerics/core';

/** The penalty Σ λₖ|xₖ| for orthant-wise descent (Andrew & Gao, ICML 2007); no effect if all λ are 0. */
export class Orthant {
  readonly smooth: boolean;
  private readonly lambda: Float64Array;

  /**
   * @param l1 one λ, or one for each of `size` variables.
   * @throws INVALID_PARAMETER.
   */
  constructor(size: number, l1: number | Float64Array) {
    this.lambda = typeof l1 === 'number' ? new Float64Array(size).fill(l1) : l1;
    if (this.lambda.length !== size) {
      fail('INVALID_PARAMETER', `l1 must be one number or ${size}, one a variable, not ${this.lambda.length}.`);
    }
    for (const v of this.lambda) if (!(v >= 0)) fail('INVALID_PARAMETER', `l1 cannot be ${v}: it must be at least 0.`);
    this.smooth = this.lambda.every((v) => v === 0);
  }

  /** Σ λₖ|xₖ|. */
  norm(x: Float64Array): number {
    let sum = 0;
    for (let k = 0; k < x.length; k++) sum += this.lambda[k] * Math.abs(x[k]);
    return sum;
  }

  /** out ← the minimum-norm subgradient, given the gradient of the smooth part. */
  pseudoGradient(x: Float64Array, g: Float64Array, out: Float64Array): void {
    for (let k = 0; k < x.length; k++) {
      const lambda = this.lambda[k];
      if (x[k] !== 0) out[k] = g[k] + lambda * Math.sign(x[k]);
      else if (g[k] + lambda < 0) out[k] = g[k] + lambda;
      else out[k] = Math.max(g[k] - lambda, 0);
    }
  }

  /** Sets to 0 the penalised entries of p that are not descent directions. */
  align(p: Float64Array, pseudo: Float64Array): void {
    for (let k = 0; k < p.length; k++) if (this.lambda[k] > 0 && p[k] * pseudo[k] >= 0) p[k] = 0;
  }

  /**
   * out ← x + αp, with penalised entries clipped at 0, so that they stay in the orthant of x or, if x is 0, of the
   * descent direction. Returns pseudoᵀ(out − x).
   */
  move(x: Float64Array, alpha: number, p: Float64Array, pseudo: Float64Array, out: Float64Array): number {
    let promised = 0;
    for (let k = 0; k < x.length; k++) {
      let v = x[k] + alpha * p[k];
      if (this.lambda[k] > 0 && v * (x[k] !== 0 ? x[k] : -pseudo[k]) < 0) v = 0;
      out[k] = v;
      promised += pseudo[k] * (v - x[k]);
    }
    return promised;
  }
}
