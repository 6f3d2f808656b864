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
    // By number: an iterator would take most of the time of a short fit's model.
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
