/**
 * Coefficients, most of them zero: only the others are kept, so that the hundred models of a path do not hold a hundred
 * vectors of length p.
 */
export class SparseVector {
  /** Where the vector is not zero, ascending. */
  readonly indices: Int32Array;
  readonly values: Float64Array;
  readonly length: number;
  private laidOut?: WeakRef<Float64Array>;

  constructor(dense: Float64Array) {
    this.length = dense.length;
    let k = 0;
    for (const v of dense) if (v !== 0) k++;
    this.indices = new Int32Array(k);
    this.values = new Float64Array(k);
    k = 0;
    for (let j = 0; j < dense.length; j++) {
      if (dense[j] === 0) continue;
      this.indices[k] = j;
      this.values[k++] = dense[j];
    }
  }

  /** The whole vector; the same array as long as somebody holds it. O(length) when it is laid out anew. */
  get dense(): Float64Array {
    const held = this.laidOut?.deref();
    if (held) return held;
    const out = new Float64Array(this.length);
    for (let k = 0; k < this.indices.length; k++) out[this.indices[k]] = this.values[k];
    this.laidOut = new WeakRef(out);
    return out;
  }
}
