import type { Memory } from '../memory.ts';
import type { SparseTensor } from '../sparseTensor.ts';
import { normOf, type Tensor } from '../tensor.ts';
import type { Linearised } from './gaussNewton.ts';
import { type Factor, Halves, sparseMttkrp } from './mttkrp.ts';
import { gramOf, halsColumns, projectedSlope, solveFactor } from './normalEquations.ts';

/** Least-squares approximation of a tensor of unit norm by a CP decomposition. */
export interface CpProblem {
  readonly shape: readonly number[];
  readonly rank: number;
  /**
   * Updates every factor in turn, in place, to its optimum given the others (with non-negativity: improves it). Returns
   * the squared residual afterwards, and an estimate of the gradient norm before.
   */
  sweep(factors: readonly Factor[]): { readonly squares: number; readonly slope: number };
  /** Gradient norm of half the squared residual, as in {@link projectedSlope}. */
  slope(factors: readonly Factor[]): number;
  /** The squared residual at a point. */
  squares(factors: readonly Factor[]): number;
  /** The data of Gauss–Newton steps, and the gradient norm; absent if they are not supported. */
  linearised?(factors: readonly Factor[]): Linearised & { readonly slope: number };
}

/** Squared residuals below this fraction of the squared norm are recomputed entry by entry. */
export const CANCELS = 1e-8;
const HALS_PASSES = 2;

/** Problems without missing values, whose normal equations are the same for all rows. */
abstract class WholeCp implements CpProblem {
  abstract readonly shape: readonly number[];

  constructor(
    readonly rank: number,
    private readonly nonNegative: boolean,
  ) {}

  /** M = unfolding times Khatri–Rao product; modes must be requested in ascending order. */
  protected abstract image(mode: number, factors: readonly Factor[], out: Factor): void;
  protected abstract exactSquares(factors: readonly Factor[]): number | undefined;

  sweep(factors: readonly Factor[]): { readonly squares: number; readonly slope: number } {
    return this.pass(factors, true);
  }

  slope(factors: readonly Factor[]): number {
    return this.pass(factors, false).slope;
  }

  squares(factors: readonly Factor[]): number {
    return this.pass(factors, false).squares;
  }

  linearised(factors: readonly Factor[]): Linearised & { readonly slope: number } {
    const { shape, rank } = this;
    const gradient = new Float64Array(rank * shape.reduce((sum, n) => sum + n, 0));
    const { slope, grams } = this.pass(factors, false, gradient);
    return { shape, rank, factors, grams, gradient, slope };
  }

  private pass(factors: readonly Factor[], update: boolean, into?: Float64Array) {
    const { shape, rank: r, nonNegative } = this;
    let start = 0;
    const grams = factors.map((A, k) => gramOf(A, shape[k], r));
    let [slopes, squares] = [0, 0];
    for (const [mode, A] of factors.entries()) {
      const n = shape[mode];
      const M = new Float64Array(n * r);
      this.image(mode, factors, M);
      const V = new Float64Array(r * r).fill(1);
      for (const [k, gram] of grams.entries()) if (k !== mode) for (let e = 0; e < r * r; e++) V[e] *= gram[e];
      const gradient = gradientOf(A, M, V, n, r);
      slopes += projectedSlope(gradient, A, n, r, nonNegative) ** 2;
      into?.set(gradient, start);
      start += n * r;
      if (update) {
        if (nonNegative) halsColumns(A, M, V, n, r, HALS_PASSES);
        else solveFactor(A, M, V, n, r);
        grams[mode] = gramOf(A, n, r);
      }
      if (mode < factors.length - 1) continue;
      let [inner, model] = [0, 0];
      for (let e = 0; e < n * r; e++) inner += A[e] * M[e];
      for (let e = 0; e < r * r; e++) model += V[e] * grams[mode][e];
      squares = this.own - 2 * inner + model;
    }
    if (!(squares > CANCELS)) squares = this.exactSquares(factors) ?? Math.max(0, squares);
    return { squares, slope: Math.sqrt(slopes), grams };
  }

  /** Squared norm of the tensor: 1, or 0. */
  protected abstract readonly own: number;
}

/** A·V − M. */
function gradientOf(A: Factor, M: Factor, V: Float64Array, n: number, r: number): Float64Array {
  const out = M.map((m) => -m);
  for (let a = 0; a < r; a++) {
    for (let b = 0; b < r; b++) {
      const v = V[b * r + a];
      for (let i = 0; i < n; i++) out[a * n + i] += A[b * n + i] * v;
    }
  }
  return out;
}

export class DenseCp extends WholeCp {
  readonly shape: readonly number[];
  protected readonly own: number;
  private readonly halves: Halves;

  constructor(tensor: Tensor, rank: number, nonNegative: boolean, memory: Memory) {
    super(rank, nonNegative);
    this.shape = tensor.shape;
    this.own = normOf(tensor.data) ** 2;
    this.halves = new Halves(tensor.shape, memory.hold(tensor.data), rank, memory);
  }

  protected image(mode: number, factors: readonly Factor[], out: Factor): void {
    if (mode === 0) this.halves.prepare('left', factors);
    if (mode === this.halves.cut) this.halves.prepare('right', factors);
    this.halves.contract(mode, factors, out);
  }

  protected exactSquares(factors: readonly Factor[]): number {
    return this.halves.residualSquares(factors);
  }
}

/** For a sparse tensor whose other values are zero: relative residuals are accurate only to 1e-8. */
export class SparseCp extends WholeCp {
  readonly shape: readonly number[];
  protected readonly own: number;

  constructor(
    private readonly tensor: SparseTensor,
    rank: number,
    nonNegative: boolean,
  ) {
    super(rank, nonNegative);
    this.shape = tensor.shape;
    this.own = tensor.values.reduce((sum, v) => sum + v * v, 0);
  }

  protected image(mode: number, factors: readonly Factor[], out: Factor): void {
    sparseMttkrp(this.tensor, factors, this.rank, mode, out);
  }

  protected exactSquares(): undefined {
    return undefined;
  }
}
