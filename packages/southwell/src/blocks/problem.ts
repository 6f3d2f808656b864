import type { CscMatrix } from '@southwell/numerics/arrays';

/**
 * A smooth f on R^dim as block methods use it: global constants, and {@link BlockState}s at a point. Only the methods
 * without `?` are needed by every rule; the others are used by the rules that name them. H denotes a matrix with H ⪰
 * ∇²f(x) for all x; for a quadratic f it is the Hessian.
 */
export interface BlockProblem {
  readonly name: string;
  readonly dim: number;
  /** Whether f is quadratic, so that H is its Hessian. */
  readonly quadratic: boolean;
  /** L_i, the largest curvature along coordinate i; 0 if f does not depend on it. */
  readonly coordinateLipschitz: Float64Array;
  /** A state at (a copy of) x. */
  start(x: Float64Array): BlockState;
  /** out ← H_b, |b| × |b|: a bound on the block Hessian that holds at every x. */
  boundBlock?(block: Int32Array, out: Float64Array): void;
  /** out ← H d, without forming H. Cheap for sparse d. */
  boundProduct?(d: Float64Array, out: Float64Array): void;
  /** Σ_j |H_ij|, for which the diagonal D = diag(Σ_j |H_ij|) ⪰ H by diagonal dominance. Computed once. */
  boundRowSums?(): Float64Array;
  /** For f = ½xᵀAx − bᵀx: A, whose pattern is the graph for tree and colouring rules. */
  readonly graph?: CscMatrix;
}

/** Problems with a graph, as tree rules, colourings and message passing need. */
export interface GraphProblem extends BlockProblem {
  readonly graph: CscMatrix;
}

/** A point of a problem with the quantities that are updated along with it (residual, margins, gradient). */
export interface BlockState {
  /** The point. Modify it only by {@link apply}. */
  readonly x: Float64Array;
  /** f(x). */
  value(): number;
  /** ∇f(x): a view, valid until the next {@link apply}; free if it is up to date. */
  gradient(): Float64Array;
  /** out ← ∇_b f(x), without the rest of the gradient. */
  gradientBlock(block: Int32Array, out: Float64Array): void;
  /** out ← ∇²_bb f(x), |b| × |b|. */
  hessianBlock?(block: Int32Array, out: Float64Array): void;
  /** f(x + U_b d) − f(x), evaluated without cancellation where possible. Does not change x. */
  change(block: Int32Array, d: Float64Array): number;
  /** x ← x + U_b d. */
  apply(block: Int32Array, d: Float64Array): void;
  /** Recomputes incrementally updated quantities from x; returns the largest relative drift. */
  refresh(): number;
  /** Coordinates whose gradient the last {@link apply} changed, if the gradient is updated incrementally. */
  touched?(): { readonly indices: Int32Array; readonly count: number };
}
