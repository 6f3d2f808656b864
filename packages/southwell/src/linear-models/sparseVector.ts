/**
 * Coefficients, most of them zero: only the non-zeros are stored, so that the hundred models of a path do not need a
 * hundred vectors of length p.
 */
export class SparseVector {
  /** Indices of the non-zeros, ascending. */
  readonly indices: Int32Array;
  readonly values: Float64Array;
  readonly length: number;
  private laidOut?: WeakRef<Float64Array>;

  constructor(dense: Float64Array) {
    this.length = dense.length;
    // By index: an iterator would dominate the time to create the model of a short fit.
    let k = 0;
    for (let j = 0; j < dense.length; j++) if (dense[j] !== 0) k++;
    const indices = new Int32Array(k);
    const values = new Float64Array(k);
    for (let j = 0, at = 0; at < k; j++) {
      if (dense[j] === 0) continue;
      indices[at] = j;
      values[at++] = dense[j];
    }
    this.indices = indices;
    this.values = values;
  }

  /** The full vector; the same array as long as it is referenced. O(length) when it is recreated. */
  get dense(): Float64Array {
    const held = this.laidOut?.deref();
    if (held) return held;
    const out = new Float64Array(this.length);
    for (let k = 0; k < this.indices.length; k++) out[this.indices[k]] = this.values[k];
    this.laidOut = new WeakRef(out);
    return out;
  }
}
