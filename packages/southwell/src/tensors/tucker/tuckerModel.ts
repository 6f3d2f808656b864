import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { multiModeProduct } from '../products.ts';
import { advance, checkIndices, distanceOf, normOf, type Shape, Tensor } from '../tensor.ts';

/** A core and a factor for each mode: the tensor is core ×₁ A₁ ×₂ A₂ …, factor k being n_k × r_k. */
export interface TuckerPoint {
  readonly core: Tensor;
  readonly factors: readonly DenseMatrix[];
}

/** The result of {@link TuckerModel.toJSON}. */
export interface TuckerData {
  readonly kind: 'tucker';
  readonly shape: Shape;
  readonly ranks: Shape;
  readonly core: readonly number[];
  /** Column-major. */
  readonly factors: ReadonlyArray<readonly number[]>;
}

/** A tensor in Tucker format. */
export class TuckerModel implements TuckerPoint {
  readonly kind = 'tucker';
  readonly shape: Shape;
  readonly core: Tensor;
  readonly factors: readonly DenseMatrix[];

  /** @throws INVALID_SHAPE. */
  constructor({ core, factors }: TuckerPoint) {
    if (factors.length !== core.order || factors.some(({ cols }, k) => cols !== core.shape[k])) {
      fail(
        'INVALID_SHAPE',
        'There must be a factor for each mode, with as many columns as the size of that mode of the core.',
      );
    }
    this.core = core;
    this.factors = factors;
    this.shape = factors.map(({ rows }) => rows);
  }

  get ranks(): Shape {
    return this.core.shape;
  }

  /** Number of parameters. */
  get parameters(): number {
    return this.core.data.length + this.factors.reduce((sum, { rows, cols }) => sum + rows * cols, 0);
  }

  /** The value at given indices, from 0. O(values of the core). @throws INVALID_PARAMETER. */
  at(indices: readonly number[]): number {
    checkIndices(this.shape, indices);
    const place = this.core.shape.map(() => 0);
    let sum = 0;
    for (const g of this.core.data) {
      let product = g;
      for (let k = 0; k < place.length; k++) product *= this.factors[k].get(indices[k], place[k]);
      sum += product;
      advance(place, this.core.shape);
    }
    return sum;
  }

  reconstruct(): Tensor {
    return multiModeProduct(this.core, this.factors);
  }

  /** ‖tensor − this‖ / ‖tensor‖, computed entry by entry, without missing values. @throws INVALID_SHAPE. */
  relativeError(tensor: Tensor): number {
    return errorBetween(tensor, this.reconstruct());
  }

  toJSON(): TuckerData {
    return {
      ...{ kind: 'tucker', shape: this.shape, ranks: this.ranks, core: [...this.core.data] },
      factors: this.factors.map(({ data }) => [...data]),
    };
  }

  /** @throws INVALID_SHAPE, EMPTY. */
  static fromJSON({ shape, ranks, core, factors }: TuckerData): TuckerModel {
    return new TuckerModel({
      core: Tensor.from(ranks, core),
      factors: factors.map((values, k) => DenseMatrix.fromColumnMajor(values, shape[k], ranks[k])),
    });
  }
}

/** ‖tensor − model‖ / ‖tensor‖ over known entries; 0 if both are zero. @throws INVALID_SHAPE. */
export function errorBetween(tensor: Tensor, model: Tensor): number {
  if (tensor.shape.join() !== model.shape.join()) {
    fail(
      'INVALID_SHAPE',
      `The model has the shape ${model.shape.join(' × ')}, but the tensor ${tensor.shape.join(' × ')}.`,
    );
  }
  const off = distanceOf(tensor.data, model.data);
  return off === 0 ? 0 : off / normOf(tensor.data);
}
