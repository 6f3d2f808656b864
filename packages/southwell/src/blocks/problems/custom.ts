import { fail } from '@southwell/numerics/core';
import type { BlockProblem, BlockState } from '../problem.ts';

/** A smooth function in the simplest form: plain functions of x. */
export interface SmoothFunctions {
  readonly name?: string;
  readonly dim: number;
  /** L_i ≥ the curvature along coordinate i. */
  readonly coordinateLipschitz: ArrayLike<number>;
  /** Whether the Hessian is constant and equal to `boundBlock`. */
  readonly quadratic?: boolean;
  value(x: Float64Array): number;
  /** out ← ∇f(x). */
  gradient(x: Float64Array, out: Float64Array): void;
  /** out ← ∇_b f(x); by default extracted from the full gradient. */
  gradientBlock?(x: Float64Array, block: Int32Array, out: Float64Array): void;
  /** out ← ∇²_bb f(x), |b| × |b|. */
  hessianBlock?(x: Float64Array, block: Int32Array, out: Float64Array): void;
  /** out ← H_b ⪰ ∇²_bb f(x) for all x. */
  boundBlock?(block: Int32Array, out: Float64Array): void;
  boundProduct?(d: Float64Array, out: Float64Array): void;
  boundRowSums?(): Float64Array;
}

/**
 * A problem from plain functions. Steps cost a full evaluation of f; write a {@link BlockProblem} with its own {@link
 * BlockState} if incremental updates are cheaper.
 *
 * @throws SouthwellError INVALID_SHAPE, NON_FINITE for invalid `dim` or `coordinateLipschitz`.
 */
export function smoothProblem(functions: SmoothFunctions): BlockProblem {
  const { dim } = functions;
  if (!Number.isInteger(dim) || dim < 1) fail('INVALID_SHAPE', `dim must be a positive whole number, but is ${dim}.`);
  const coordinateLipschitz = Float64Array.from(functions.coordinateLipschitz);
  if (coordinateLipschitz.length !== dim) {
    fail('INVALID_SHAPE', `coordinateLipschitz has ${coordinateLipschitz.length} values for ${dim} coordinates.`);
  }
  const bad = coordinateLipschitz.findIndex((v) => !(v >= 0 && v < Number.POSITIVE_INFINITY));
  if (bad >= 0)
    fail('NON_FINITE', `coordinateLipschitz[${bad}] is ${coordinateLipschitz[bad]}; bounds must be finite and ≥ 0.`);
  return {
    name: functions.name ?? 'user problem',
    dim,
    quadratic: functions.quadratic ?? false,
    coordinateLipschitz,
    start: (x) => new FunctionState(functions, x.slice()),
    boundBlock: functions.boundBlock?.bind(functions),
    boundProduct: functions.boundProduct?.bind(functions),
    boundRowSums: functions.boundRowSums?.bind(functions),
  };
}

class FunctionState implements BlockState {
  private readonly g: Float64Array;
  private stale = true;
  private f: number;
  readonly hessianBlock?: (block: Int32Array, out: Float64Array) => void;

  constructor(
    private readonly functions: SmoothFunctions,
    readonly x: Float64Array,
  ) {
    this.g = new Float64Array(functions.dim);
    this.f = functions.value(x);
    if (functions.hessianBlock) this.hessianBlock = (block, out) => functions.hessianBlock!(x, block, out);
  }

  value(): number {
    return this.f;
  }

  gradient(): Float64Array {
    if (this.stale) {
      this.functions.gradient(this.x, this.g);
      this.stale = false;
    }
    return this.g;
  }

  gradientBlock(block: Int32Array, out: Float64Array): void {
    if (this.stale && this.functions.gradientBlock) this.functions.gradientBlock(this.x, block, out);
    else {
      const g = this.gradient();
      for (let a = 0; a < block.length; a++) out[a] = g[block[a]];
    }
  }

  change(block: Int32Array, d: Float64Array): number {
    const { x } = this;
    const kept = Float64Array.from(block, (i) => x[i]);
    for (let a = 0; a < block.length; a++) x[block[a]] += d[a];
    const f = this.functions.value(x);
    for (let a = 0; a < block.length; a++) x[block[a]] = kept[a];
    return f - this.f;
  }

  apply(block: Int32Array, d: Float64Array): void {
    for (let a = 0; a < block.length; a++) this.x[block[a]] += d[a];
    this.f = this.functions.value(this.x);
    this.stale = true;
  }

  refresh(): number {
    this.f = this.functions.value(this.x);
    this.stale = true;
    return 0;
  }
}
