import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { svd } from '@southwell/numerics/linalg';
import { Memory } from '../memory.ts';
import { multiModeProduct } from '../products.ts';
import type { SparseTensor } from '../sparseTensor.ts';
import { advance, checkIndices, normOf, type Shape, sizeOf, Tensor } from '../tensor.ts';
import { errorBetween } from '../tucker/tuckerModel.ts';
import { type Flat, factorsOf } from './accelerated.ts';
import { cutOf, khatriRaoInto } from './mttkrp.ts';

/**
 * Σ over components of weight · the outer product of a column of each factor; factor k is n_k × rank with columns of
 * unit norm.
 */
export interface CpPoint {
  /** Positive, descending; 0 for a component that vanishes. */
  readonly weights: Float64Array;
  readonly factors: readonly DenseMatrix[];
}

/** The result of {@link CpModel.toJSON}. */
export interface CpData {
  readonly kind: 'cp';
  readonly shape: Shape;
  readonly weights: readonly number[];
  /** Column-major. */
  readonly factors: ReadonlyArray<readonly number[]>;
}

/** A tensor as a sum of outer products of vectors. */
export class CpModel implements CpPoint {
  readonly kind = 'cp';
  readonly shape: Shape;
  readonly weights: Float64Array;
  readonly factors: readonly DenseMatrix[];

  /** @throws INVALID_SHAPE. */
  constructor({ weights, factors }: CpPoint) {
    if (factors.length === 0 || factors.some(({ cols }) => cols !== weights.length)) {
      fail('INVALID_SHAPE', `Every factor must have ${weights.length} columns, one for each component.`);
    }
    this.weights = weights;
    this.factors = factors;
    this.shape = factors.map(({ rows }) => rows);
  }

  get rank(): number {
    return this.weights.length;
  }

  /** Number of parameters. */
  get parameters(): number {
    return this.rank * this.shape.reduce((sum, n) => sum + n, 0);
  }

  /** The value at given indices, from 0. @throws INVALID_PARAMETER. */
  at(indices: readonly number[]): number {
    checkIndices(this.shape, indices);
    let sum = 0;
    for (let a = 0; a < this.rank; a++) {
      sum += this.factors.reduce((product, factor, k) => product * factor.get(indices[k], a), this.weights[a]);
    }
    return sum;
  }

  reconstruct(): Tensor {
    const { shape, rank, factors, weights } = this;
    const columns = factors.map(({ data }) => data.slice());
    for (let a = 0; a < rank; a++) for (let i = 0; i < shape[0]; i++) columns[0][a * shape[0] + i] *= weights[a];
    const cut = shape.length > 1 ? cutOf(shape) : 0;
    const [L, R] = [sizeOf(shape.slice(0, cut)), sizeOf(shape.slice(cut))];
    const memory = new Memory((L + R) * rank + L * R);
    try {
      const [left, right, out] = [memory.room(L * rank), memory.room(R * rank), memory.room(L * R)];
      khatriRaoInto(shape.slice(0, cut), columns.slice(0, cut), rank, left.data);
      khatriRaoInto(shape.slice(cut), columns.slice(cut), rank, right.data);
      memory.gemm([false, true], [R, L, rank], [right.pointer, R], [left.pointer, L], [out.pointer, R]);
      return new Tensor(shape, out.data.slice(0, L * R));
    } finally {
      memory.free();
    }
  }

  /** ‖tensor − this‖ / ‖tensor‖, computed entry by entry, without missing values. @throws INVALID_SHAPE. */
  relativeError(tensor: Tensor | SparseTensor): number {
    if (tensor.kind === 'dense') return errorBetween(tensor, this.reconstruct());
    if (!tensor.missing) return errorBetween(tensor.toDense(), this.reconstruct());
    const off = tensor.values.map((v, e) => v - this.at(tensor.indices.map((of) => of[e])));
    const size = normOf(off);
    return size === 0 ? 0 : size / normOf(tensor.values);
  }

  /**
   * The product of cosines of largest magnitude between two components: near 1 they share a direction in every mode,
   * near −1 they cancel, and the rank is too high (Mitchell and Burdick 1994). 0 for a single component.
   */
  get congruence(): number {
    let most = 0;
    for (let a = 0; a < this.rank; a++) {
      for (let b = 0; b < a; b++) {
        let product = 1;
        for (const factor of this.factors) {
          const [x, y] = [factor.column(a), factor.column(b)];
          product *= x.reduce((sum, v, i) => sum + v * y[i], 0);
        }
        if (Math.abs(product) > Math.abs(most)) most = product;
      }
    }
    return most;
  }

  toJSON(): CpData {
    return {
      ...{ kind: 'cp', shape: this.shape, weights: [...this.weights] },
      factors: this.factors.map(({ data }) => [...data]),
    };
  }

  /** @throws INVALID_SHAPE. */
  static fromJSON({ shape, weights, factors }: CpData): CpModel {
    return new CpModel({
      weights: Float64Array.from(weights),
      factors: factors.map((values, k) => DenseMatrix.fromColumnMajor(values, shape[k], weights.length)),
    });
  }
}

/**
 * Core consistency, in per cent (Bro and Kiers 2003): how close the least-squares Tucker core for the factors of a CP
 * decomposition is to the superdiagonal core, 100 if equal. Values far below 100, or negative, indicate too many
 * components. Missing values are replaced by the model. O(rank · values).
 * @throws INVALID_SHAPE.
 */
export function coreConsistency(tensor: Tensor | SparseTensor, model: CpModel): number {
  const dense = tensor.kind === 'sparse' ? tensor.toDense() : tensor;
  const { weights, factors } = model;
  const gaps = dense.data.some(Number.isNaN);
  const filled = gaps ? model.reconstruct().data : undefined;
  const known = filled
    ? new Tensor(
        dense.shape,
        dense.data.map((v, e) => (Number.isNaN(v) ? filled[e] : v)),
      )
    : dense;
  const inverses = factors.map(pseudoInverse);
  const core = multiModeProduct(known, inverses);
  for (const inverse of inverses) inverse.free();
  // Weights are distributed evenly over the modes, so that the core of the decomposition has ones on its superdiagonal.
  const sizes = Float64Array.from(weights, (w) => (w > 0 ? w ** (1 / core.order) : 1));
  const at = core.shape.map(() => 0);
  let [off, count] = [0, 0];
  for (const g of core.data) {
    const one = weights[at[0]] > 0 && at.every((a) => a === at[0]) ? 1 : 0;
    count += one;
    off += (at.reduce((v, a) => v / sizes[a], g) - one) ** 2;
    advance(at, core.shape);
  }
  return count === 0 ? 100 : 100 * (1 - off / count);
}

function pseudoInverse(A: DenseMatrix): DenseMatrix {
  const { U, singularValues, V } = svd(A);
  const out = DenseMatrix.create(A.cols, A.rows);
  const floor = 1e-12 * (singularValues[0] ?? 0);
  for (let k = 0; k < singularValues.length; k++) {
    if (!(singularValues[k] > floor)) continue;
    for (let i = 0; i < A.rows; i++) {
      const u = U.get(i, k) / singularValues[k];
      for (let a = 0; a < A.cols; a++) out.set(a, i, out.get(a, i) + V.get(a, k) * u);
    }
  }
  for (const spent of [U, V]) spent.free();
  return out;
}

/**
 * Columns of unit norm, components in order of decreasing weight, with signs such that the largest entry is positive in
 * every mode but the last (for non-negative factors, in that too).
 */
export function pointOf(flat: Flat, shape: Shape, rank: number, unit: number): CpPoint {
  const columns = factorsOf(flat, shape, rank).map((A, k) =>
    Array.from({ length: rank }, (_, a) => A.slice(a * shape[k], (a + 1) * shape[k])),
  );
  const weights = new Float64Array(rank).fill(unit);
  for (let a = 0; a < rank; a++) {
    let sign = 1;
    columns.forEach((of, k) => {
      const column = of[a];
      const length = normOf(column);
      weights[a] *= length;
      const peak = column.reduce((most, v) => (Math.abs(v) > Math.abs(most) ? v : most), 0);
      const last = k === shape.length - 1;
      const own = last ? sign : peak < 0 ? -1 : 1;
      if (!last) sign *= own;
      for (let i = 0; i < column.length; i++) column[i] = length > 0 ? (own * column[i]) / length : 0;
    });
  }
  const order = [...weights.keys()].sort((a, b) => weights[b] - weights[a]);
  return {
    weights: Float64Array.from(order, (a) => weights[a]),
    factors: columns.map((of) => DenseMatrix.fromColumns(order.map((a) => of[a]))),
  };
}
