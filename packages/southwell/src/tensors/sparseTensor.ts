import { fail } from '@southwell/numerics/core';
import { checkIndices, checkShape, type Shape, shapeText, sizeOf, Tensor } from './tensor.ts';

/**
 * A tensor by its listed entries: all others are zero, or with `missing` unknown. Each entry is listed once, in any
 * order.
 */
export class SparseTensor {
  readonly kind = 'sparse';
  readonly shape: Shape;

  /**
   * @param indices A list for each mode, counted from 0: entry e is at (indices[0][e], indices[1][e], …).
   * @throws INVALID_SHAPE, EMPTY, NON_FINITE, and INVALID_PARAMETER for indices outside of the shape or entries listed
   * twice.
   */
  constructor(
    shape: Shape,
    readonly indices: readonly Int32Array[],
    readonly values: Float64Array,
    /** Whether entries that are not listed are unknown instead of zero. */
    readonly missing = false,
  ) {
    checkShape(shape);
    this.shape = [...shape];
    if (indices.length !== shape.length || indices.some((of) => of.length !== values.length)) {
      fail(
        'INVALID_SHAPE',
        `A tensor of ${shapeText(shape)} needs ${shape.length} lists of indices, as long as the values.`,
      );
    }
    indices.forEach((of, k) => {
      const e = of.findIndex((i) => i < 0 || i >= shape[k]);
      if (e < 0) return;
      fail(
        'INVALID_PARAMETER',
        `Entry ${e + 1} has index ${of[e]} in mode ${k + 1}, which has indices from 0 to ${shape[k] - 1}.`,
      );
    });
    const e = values.findIndex((v) => !Number.isFinite(v));
    if (e >= 0) fail('NON_FINITE', `Entry ${e + 1} is ${values[e]}: correct it, or leave it out.`);
    this.checkTwice();
  }

  private checkTwice(): void {
    const { shape, indices, values } = this;
    const exact = sizeOf(shape) <= Number.MAX_SAFE_INTEGER;
    const seen = new Map<number | string, number>();
    for (let e = 0; e < values.length; e++) {
      const place = exact
        ? indices.reduce((at, of, k) => at * shape[k] + of[e], 0)
        : indices.map((of) => of[e]).join(' ');
      const before = seen.get(place);
      if (before !== undefined) {
        fail('INVALID_PARAMETER', `Entries ${before + 1} and ${e + 1} have the same indices: keep one of them.`);
      }
      seen.set(place, e);
    }
  }

  get order(): number {
    return this.shape.length;
  }

  get count(): number {
    return this.values.length;
  }

  /** The known values of a tensor. @throws EMPTY if there are none, NON_FINITE. */
  static known({ shape, data, strides }: Tensor): SparseTensor {
    const places = Int32Array.from(data.keys()).filter((e) => !Number.isNaN(data[e]));
    const indices = shape.map((n, k) => places.map((e) => Math.floor(e / strides[k]) % n));
    return new SparseTensor(
      shape,
      indices,
      Float64Array.from(places, (e) => data[e]),
      true,
    );
  }

  /**
   * The value at given indices: for entries that are not listed 0, or NaN if they are missing. O(entries). @throws
   * INVALID_PARAMETER.
   */
  at(indices: readonly number[]): number {
    checkIndices(this.shape, indices);
    for (let e = 0; e < this.count; e++) if (indices.every((i, k) => this.indices[k][e] === i)) return this.values[e];
    return this.missing ? Number.NaN : 0;
  }

  /** The dense tensor; missing values are NaN. @throws INVALID_SHAPE if it is too large for an array. */
  toDense(): Tensor {
    const size = sizeOf(this.shape);
    if (size > 2 ** 31) fail('INVALID_SHAPE', `${shapeText(this.shape)} values are too many for a dense tensor.`);
    const out = Tensor.zeros(this.shape);
    if (this.missing) out.data.fill(Number.NaN);
    for (let e = 0; e < this.count; e++) {
      out.data[this.indices.reduce((at, of, k) => at + of[e] * out.strides[k], 0)] = this.values[e];
    }
    return out;
  }
}
