import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import type { Divergence, TargetModel } from './targets.ts';

/**
 * The surrogate of a batch at the point where the loss was evaluated: mean over examples of ⟨∇ℓ, f(θ) − z⟩ + D(f(θ),
 * z)/η, which is 0 there. Plus ℓ(z), it majorises the loss for η ≤ 1/L. Counts its evaluations of the model.
 */
export class Surrogate {
  passes = 0;
  private readonly z: Float64Array;
  private readonly v: Float64Array;
  private readonly weights: Float64Array | undefined;

  /** @throws INVALID_PARAMETER if the divergence is undefined for these outputs. */
  constructor(
    private readonly model: TargetModel,
    private readonly batch: Int32Array,
    private readonly z0: Float64Array,
    private readonly slope: Float64Array,
    private readonly eta: number,
    private readonly divergence: Divergence,
  ) {
    this.z = new Float64Array(z0.length);
    this.v = new Float64Array(z0.length);
    if (typeof divergence === 'function') {
      this.weights = new Float64Array(z0.length);
      divergence(z0, batch, this.weights);
      const bad = this.weights.findIndex((w) => !(w > 0 && Number.isFinite(w)));
      if (bad >= 0) {
        fail(
          'INVALID_PARAMETER',
          `Weights of a divergence must be above 0, but that of output ${bad + 1} is ${this.weights[bad]}.`,
        );
      }
    } else if (divergence === 'kl') {
      const bad = z0.findIndex((value) => !(value > 0));
      if (bad >= 0) {
        fail('INVALID_PARAMETER', `The divergence 'kl' needs outputs above 0, but output ${bad + 1} is ${z0[bad]}.`);
      }
    }
  }

  /**
   * Its value at the parameters, and optionally its gradient. Infinite if outputs leave the domain of the divergence.
   */
  evaluate(parameters: Float64Array, gradient?: Float64Array): number {
    const { model, batch, z, z0, slope, eta, v, weights, divergence } = this;
    model.forward(parameters, batch, z);
    this.passes++;
    let value = 0;
    for (let k = 0; k < z.length; k++) {
      const d = z[k] - z0[k];
      if (divergence === 'kl') {
        if (!(z[k] > 0)) return Number.POSITIVE_INFINITY;
        const log = elementary.log(z[k] / z0[k]);
        value += slope[k] * d + (z[k] * log - d) / eta;
        v[k] = slope[k] + log / eta;
      } else {
        const w = weights ? weights[k] : 1;
        value += slope[k] * d + (w * d * d) / (2 * eta);
        v[k] = slope[k] + (w * d) / eta;
      }
    }
    const n = batch.length;
    if (gradient) {
      for (let k = 0; k < v.length; k++) v[k] /= n;
      model.pull(parameters, batch, v, gradient);
      this.passes++;
    }
    return value / n;
  }
}
