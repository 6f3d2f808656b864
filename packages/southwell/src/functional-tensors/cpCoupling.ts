import type { Entries } from './axes.ts';
import type { Coupling, Moments } from './coupling.ts';
import { packedSize } from './packed.ts';

/**
 * The sum of products of CP: a is the product of the other means, B that of the other moments, entry by entry. O(K² N
 * S).
 */
export class CpCoupling implements Coupling {
  private readonly S: number;
  private readonly a: Float64Array;
  private readonly B: Float64Array;
  private readonly last: { readonly precision: Float64Array; readonly vector: Float64Array };

  constructor(
    private readonly entries: Entries,
    private readonly R: number,
  ) {
    this.S = packedSize(R);
    this.a = new Float64Array(R);
    this.B = new Float64Array(this.S);
    const n = entries.axes[0].places.length;
    this.last = { precision: new Float64Array(n * this.S), vector: new Float64Array(n * R) };
  }

  sums(k: number, moments: readonly Moments[], precision: Float64Array, vector: Float64Array): void {
    const { entries, R, S, a, B } = this;
    const { axes, values, weights } = entries;
    precision.fill(0);
    vector.fill(0);
    const { of } = axes[k];
    const K = axes.length;
    for (let n = 0; n < values.length; n++) {
      const w = weights ? weights[n] : 1;
      a.fill(w * values[n]);
      B.fill(w);
      for (let j = 0; j < K; j++) {
        if (j === k) continue;
        const i = axes[j].of[n];
        const { mean, second } = moments[j];
        for (let r = 0, at = i * R; r < R; r++, at++) a[r] *= mean[at];
        for (let s = 0, at = i * S; s < S; s++, at++) B[s] *= second[at];
      }
      for (let r = 0, at = of[n] * R; r < R; r++, at++) vector[at] += a[r];
      for (let s = 0, at = of[n] * S; s < S; s++, at++) precision[at] += B[s];
    }
  }

  settle(moments: readonly Moments[]): number {
    const { R, S, entries, last } = this;
    const { values, weights } = entries;
    const { precision, vector } = last;
    this.sums(0, moments, precision, vector);
    let sum = 0;
    for (let n = 0; n < values.length; n++) sum += (weights ? weights[n] : 1) * values[n] * values[n];
    const { mean, second } = moments[0];
    for (let at = 0; at < vector.length; at++) sum -= 2 * mean[at] * vector[at];
    for (let at = 0; at < precision.length; at += S) {
      for (let r = 0, s = at; r < R; r++) {
        for (let c = 0; c <= r; c++, s++) sum += (c === r ? 1 : 2) * precision[s] * second[s];
      }
    }
    return Math.max(0, sum);
  }
}
