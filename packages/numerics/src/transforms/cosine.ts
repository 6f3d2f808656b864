import { fail } from '../core/index.ts';
import { elementary } from '../special/index.ts';
import { Fourier } from './fourier.ts';

/**
 * Orthonormal discrete cosine transforms (DCT-II and its inverse) of n numbers, planned once for a size: X_k = c_k Σ_j
 * x_j cos(π(j + ½)k/n), c_0 = √(1/n), c_k = √(2/n). The matrix is orthogonal, so the inverse is the transpose and norms
 * are preserved. Computed by one complex Fourier transform of size n (Makhoul 1980). O(n log n).
 */
export class Cosine {
  private readonly fourier: Fourier;
  private readonly work: Float64Array;
  /** e^(−πi·k/2n)·c_k, interleaved. */
  private readonly turns: Float64Array;

  /** @throws INVALID_PARAMETER unless n is a whole number of at least 1. */
  constructor(readonly n: number) {
    this.fourier = new Fourier(n);
    this.work = new Float64Array(2 * n);
    this.turns = new Float64Array(2 * n);
    for (let k = 0; k < n; k++) {
      const scale = Math.sqrt((k === 0 ? 1 : 2) / n);
      const angle = (Math.PI * k) / (2 * n);
      this.turns[2 * k] = scale * elementary.cos(angle);
      this.turns[2 * k + 1] = -scale * elementary.sin(angle);
    }
  }

  /** out ← the transform of x (type II); both have length n and may be the same array. */
  forward(x: Float64Array, out: Float64Array): void {
    const { n, work, turns } = this;
    this.check(x, out);
    // Even-indexed values in order, then odd-indexed ones in reverse.
    for (let j = 0; j < n; j++) {
      work[2 * (j % 2 === 0 ? j / 2 : n - (j + 1) / 2)] = x[j];
      work[2 * j + 1] = 0;
    }
    for (let j = 0; j < n; j++) work[2 * j + 1] = 0;
    this.fourier.forward(work, work);
    for (let k = 0; k < n; k++) out[k] = work[2 * k] * turns[2 * k] - work[2 * k + 1] * turns[2 * k + 1];
  }

  /** out ← the inverse, which is the transpose (type III). */
  inverse(X: Float64Array, out: Float64Array): void {
    const { n, work, turns } = this;
    this.check(X, out);
    // V_k = (X_k − i·X_{n−k})·e^(πi·k/2n) without the scale factors; the real parts of its inverse transform are the
    // values.
    for (let k = 0; k < n; k++) {
      const scale = (k === 0 ? n : n / 2) * 1;
      const [c, s] = [turns[2 * k] * scale, -turns[2 * k + 1] * scale];
      const re = X[k];
      const im = k === 0 ? 0 : -X[n - k];
      work[2 * k] = re * c - im * s;
      work[2 * k + 1] = re * s + im * c;
    }
    this.fourier.inverse(work, work);
    for (let j = 0; j < n; j++) out[j] = work[2 * (j % 2 === 0 ? j / 2 : n - (j + 1) / 2)];
  }

  private check(x: Float64Array, out: Float64Array): void {
    const { n } = this;
    if (x.length !== n || out.length !== n) {
      fail(
        'INVALID_SHAPE',
        `A cosine transform of ${n} numbers takes arrays of ${n}, not ${x.length} and ${out.length}.`,
      );
    }
  }
}
