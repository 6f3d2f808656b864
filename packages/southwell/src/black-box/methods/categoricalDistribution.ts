import type { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

const { exp, power } = elementary;

/** Fraction of samples that still differ from the most probable categories after convergence: 1 − 0.73. */
const KEPT = 0.73;
/** Signal-to-noise ratio of the natural gradient at which the step length is kept, α of ASNG. */
const SIGNAL = 1.5;

/**
 * Independent categorical distributions, updated along the natural gradient of the expected rank: Hamano, Saito,
 * Nomura, Uchida and Shirakawa, "CatCMA: stochastic optimization for mixed-category problems" (GECCO 2024, arXiv
 * 2405.09962), sections 3.2 to 3.4. The step length adapts to how steady its direction is (ASNG: Akimoto et al., ICML
 * 2019), and probabilities have a lower bound, so that every category continues to be tried.
 */
export class CategoricalDistribution {
  /** Probabilities of the categories of each coordinate. */
  readonly q: readonly Float64Array[];
  /** Lower bound on the probabilities of each coordinate. */
  readonly margins: readonly number[];
  /** Total number of free parameters. */
  readonly parameters: number;
  /** The path s of normalised gradients, and γ, the weight of the past in it. */
  private path: Float64Array;
  private gamma = 0;
  /** Δ, the inverse of the step length δ in the metric of the distribution. */
  private inverse = 1;
  private delta = 1;

  /**
   * `sizes` are the numbers of categories. Starts uniform, or with probability ½ for the category of each coordinate in
   * `start`.
   */
  constructor(sizes: readonly number[], start?: ArrayLike<number>) {
    this.q = sizes.map((size, i) => {
      const q = new Float64Array(size).fill((start ? 0.5 : 1) / size);
      if (start) q[start[i]] += 0.5;
      return q;
    });
    this.margins = sizes.map((size) => (1 - power(KEPT, 1 / sizes.length)) / (size - 1));
    this.parameters = sizes.reduce((sum, size) => sum + size - 1, 0);
    this.path = new Float64Array(this.parameters);
  }

  sample(random: Random): Int32Array {
    return Int32Array.from(this.q, (q) => {
      const u = random.uniform();
      let sum = 0;
      // The last category takes the rounding error.
      for (let k = 0; k < q.length - 1; k++) if (u < (sum += q[k])) return k;
      return q.length - 1;
    });
  }

  /** The most probable category of each coordinate. */
  mode(): Int32Array {
    return Int32Array.from(this.q, (q) => q.reduce((most, v, k) => (v > q[most] ? k : most), 0));
  }

  /** Update towards the samples, each with its weight; the weights sum to 1. O(Σ categories). */
  update(samples: ReadonlyArray<ArrayLike<number>>, weights: ArrayLike<number>): void {
    // Σ w (c − q), where c is the one-hot vector of a sample.
    const gradient = this.q.map((q, i) => {
      const g = q.map((v) => -v);
      samples.forEach((words, k) => {
        g[words[i]] += weights[k];
      });
      return g;
    });
    const scaled = this.scaled(gradient);
    const length = Math.sqrt(scaled.reduce((sum, v) => sum + v * v, 0));
    const step = length > 0 ? this.delta / length : 0;
    this.q.forEach((q, i) => {
      for (let k = 0; k < q.length; k++) q[k] += step * gradient[i][k];
      keepMargin(q, this.margins[i]);
    });

    this.delta = 1 / this.inverse;
    const beta = Math.min(1, this.delta / Math.sqrt(this.parameters));
    const a = Math.sqrt(beta * (2 - beta)) / (length || 1);
    let energy = 0;
    this.path = this.path.map((s, k) => {
      const next = (1 - beta) * s + a * scaled[k];
      energy += next * next;
      return next;
    });
    this.gamma = (1 - beta) * (1 - beta) * this.gamma + beta * (2 - beta);
    this.inverse *= exp(beta * (this.gamma - energy / SIGNAL));
  }

  /**
   * The gradient times the square root of the Fisher matrix of all categories but the last (Akimoto et al. 2019,
   * appendix B).
   */
  private scaled(gradient: readonly Float64Array[]): Float64Array {
    const out = new Float64Array(this.parameters);
    let at = 0;
    this.q.forEach((q, i) => {
      const last = q.length - 1;
      const shared = -gradient[i][last] / (q[last] + Math.sqrt(q[last]));
      for (let k = 0; k < last; k++) out[at++] = gradient[i][k] / Math.sqrt(q[k]) + shared * Math.sqrt(q[k]);
    });
    return out;
  }
}

/**
 * Raises probabilities below the bound to it, and reduces the others in proportion to their distance from it; in place.
 */
function keepMargin(q: Float64Array, margin: number): void {
  let sum = 0;
  for (let k = 0; k < q.length; k++) sum += q[k] = Math.max(q[k], margin);
  const excess = (sum - 1) / (sum - margin * q.length);
  for (let k = 0; k < q.length; k++) q[k] -= excess * (q[k] - margin);
}
