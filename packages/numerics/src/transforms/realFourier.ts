import { fail } from '../core/index.ts';
import { Fourier, roots } from './fourier.ts';

/**
 * Discrete Fourier transforms of n real numbers, planned once for a size: X_k = Σ_j x_j e^(−2πi·jk/n) for the first
 * ⌊n/2⌋ + 1 frequencies, as pairs of real and imaginary parts; the others are their conjugates. By one complex transform,
 * for an even n of half the size. O(n log n).
 */
export class RealFourier {
  /** The number of frequencies, ⌊n/2⌋ + 1. */
  readonly frequencies: number;
  private readonly plan: Fourier;
  private readonly work: Float64Array;
  /** For an even n, e^(−2πi·k/n). */
  private readonly turns: Float64Array;

  /** @throws INVALID_PARAMETER unless n is a whole number of at least 1. */
  constructor(readonly n: number) {
    this.plan = new Fourier(n % 2 === 0 && n > 0 ? n / 2 : n);
    this.frequencies = Math.floor(n / 2) + 1;
    this.work = new Float64Array(2 * this.plan.n);
    this.turns = roots(n);
  }

  /** out ← the frequencies of x. @throws INVALID_SHAPE unless the arrays have lengths n and 2·frequencies. */
  forward(x: Float64Array, out: Float64Array): void {
    const { n, plan, work: z, turns } = this;
    this.check(x, out);
    const h = plan.n;
    if (h === n) {
      for (let j = 0; j < n; j++) {
        z[2 * j] = x[j];
        z[2 * j + 1] = 0;
      }
      plan.forward(z, z);
      for (let k = 0; k < out.length; k++) out[k] = z[k];
      return;
    }
    // Even and odd places are real and imaginary parts, whose transforms are the symmetric and antisymmetric parts.
    plan.forward(x, z);
    out[0] = z[0] + z[1];
    out[1] = 0;
    out[2 * h] = z[0] - z[1];
    out[2 * h + 1] = 0;
    for (let a = 2; a < 2 * h; a += 2) {
      const b = 2 * h - a;
      const evenRe = 0.5 * (z[a] + z[b]);
      const evenIm = 0.5 * (z[a + 1] - z[b + 1]);
      const oddRe = 0.5 * (z[a + 1] + z[b + 1]);
      const oddIm = 0.5 * (z[b] - z[a]);
      const c = turns[a];
      const s = turns[a + 1];
      out[a] = evenRe + c * oddRe - s * oddIm;
      out[a + 1] = evenIm + c * oddIm + s * oddRe;
    }
  }

  /**
   * out ← the real numbers with these frequencies: the inverse of {@link forward}. Imaginary parts of the first frequency,
   * and of the last for an even n, are not read.
   * @throws INVALID_SHAPE unless the arrays have lengths 2·frequencies and n.
   */
  inverse(X: Float64Array, out: Float64Array): void {
    const { n, plan, work: z, turns, frequencies: m } = this;
    this.check(out, X);
    const h = plan.n;
    // A forward transform of the conjugate gives the conjugate of the inverse transform.
    if (h === n) {
      z[0] = X[0];
      z[1] = 0;
      for (let k = 1; k < m; k++) {
        z[2 * k] = X[2 * k];
        z[2 * k + 1] = -X[2 * k + 1];
        z[2 * (n - k)] = X[2 * k];
        z[2 * (n - k) + 1] = X[2 * k + 1];
      }
      plan.forward(z, z);
      for (let j = 0; j < n; j++) out[j] = z[2 * j] / n;
      return;
    }
    z[0] = X[0] + X[2 * h];
    z[1] = X[2 * h] - X[0];
    for (let a = 2; a < 2 * h; a += 2) {
      const b = 2 * h - a;
      const re = X[a] - X[b];
      const im = X[a + 1] + X[b + 1];
      const c = turns[a];
      const s = -turns[a + 1];
      z[a] = X[a] + X[b] - (c * im + s * re);
      z[a + 1] = X[b + 1] - X[a + 1] - (c * re - s * im);
    }
    plan.forward(z, z);
    for (let j = 0; j < h; j++) {
      out[2 * j] = z[2 * j] / n;
      out[2 * j + 1] = -z[2 * j + 1] / n;
    }
  }

  private check(x: Float64Array, X: Float64Array): void {
    if (x.length === this.n && X.length === 2 * this.frequencies) return;
    fail(
      'INVALID_SHAPE',
      `A transform of ${this.n} real numbers takes arrays of ${this.n} and ${2 * this.frequencies}, not ${x.length} and ${X.length}.`,
    );
  }
}
