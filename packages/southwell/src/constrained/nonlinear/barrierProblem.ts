import type { Pattern } from '@southwell/numerics/sparse';

/**
 * The form that the interior point works on: minimise f(x) + costᵀa + ½Σ weight·(w − centre)² over w = (x, a), subject
 * to c(x) + Ea = 0 and lower ≤ w ≤ upper. Every auxiliary variable a belongs to one row of c, with coefficient ±1: the
 * slack of an inequality (−1), and in the restoration phase the positive and negative parts of a violation. They are
 * therefore eliminated from every linear system.
 */
export interface BarrierProblem {
  /** Number of variables x, and of rows of c. */
  readonly n: number;
  readonly m: number;
  /** Bounds of w; −∞ and ∞ where there are none. */
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly auxiliary: Auxiliary;
  readonly proximal?: Proximal;
  objective(x: Float64Array): number;
  /** out ← ∇f(x). */
  gradient(x: Float64Array, out: Float64Array): void;
  /** out ← c(x). */
  constraints(x: Float64Array, out: Float64Array): void;
  /** m × n. */
  readonly jacobian: Pattern;
  jacobianValues(x: Float64Array, values: Float64Array): void;
  /** Lower triangle of the Hessian of sigma·f + multipliersᵀc; absent if there are no second derivatives. */
  readonly hessian?: Pattern;
  hessianValues?(x: Float64Array, sigma: number, multipliers: Float64Array, values: Float64Array): void;
}

export interface Auxiliary {
  readonly row: Int32Array;
  /** 1 or −1. */
  readonly coefficient: Float64Array;
  readonly cost: Float64Array;
}

/** ½·scale·Σ weight·(w − centre)², with a scale that follows the barrier parameter. */
export interface Proximal {
  readonly weight: Float64Array;
  readonly centre: Float64Array;
  scale: number;
}

export const noAuxiliary: Auxiliary = {
  row: new Int32Array(0),
  coefficient: new Float64Array(0),
  cost: new Float64Array(0),
};

/** out ← out + Jᵀy, for the values of a Jacobian in the order of its pattern. */
export function addTransposed(J: Pattern, values: Float64Array, y: Float64Array, out: Float64Array): void {
  const { colPointers, rowIndices, cols } = J;
  for (let j = 0; j < cols; j++) {
    let sum = 0;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) sum += values[k] * y[rowIndices[k]];
    out[j] += sum;
  }
}

/** out ← out + Jx. */
export function addProduct(J: Pattern, values: Float64Array, x: Float64Array, out: Float64Array): void {
  const { colPointers, rowIndices, cols } = J;
  for (let j = 0; j < cols; j++) {
    const v = x[j];
    if (v === 0) continue;
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) out[rowIndices[k]] += values[k] * v;
  }
}
