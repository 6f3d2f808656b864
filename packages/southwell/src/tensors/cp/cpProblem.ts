import type { Memory } from '../memory.ts';
import type { SparseTensor } from '../sparseTensor.ts';
import { normOf, type Tensor } from '../tensor.ts';
import type { Linearised } from './gaussNewton.ts';
import { type Factor, Halves, sparseMttkrp } from './mttkrp.ts';
import { gramOf, halsColumns, projectedSlope, solveFactor } from './normalEquations.ts';

/** Least squares of a tensor of norm one by a sum of products of columns. */
export interface CpProblem {
  readonly shape: readonly number[];
  readonly rank: number;
  /**
   * Updates every factor in turn, in place, each the best while the others stay (or with no entry below zero: a better one). Gives
   * the squared residual then, and about the gradient before.
   */
  sweep(factors: readonly Factor[]): { readonly squares: number; readonly slope: number };
  /** The size of the gradient of half the squared residual, as {@link projectedSlope} has it. */
  slope(factors: readonly Factor[]): number;
  /** The squared residual of a point. */
  squares(factors: readonly Factor[]): number;
  /** What steps for all factors at once need, and the gradient's size; absent where there are none. */
  linearised?(factors: readonly Factor[]): Linearised & { readonly slope: number };
}

/** Squared residuals below this share of the tensor's squares are added up value by value. */
const CANCELS = 1e-8;
const HALS_PASSES = 2;

/** Problems whose normal equations are of all rows at once: nothing is missing. */
abstract class WholeCp implements CpProblem {
  abstract readonly shape: readonly number[];

  constructor(
    readonly rank: number,
    private readonly nonNegative: boolean,
  ) {}

  /** M = unfolding times Khatri–Rao product; modes are asked for from first to last. */
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

  /** Squares of the tensor: 1, or 0. */
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

/** Of a sparse tensor whose other values are zero: small residuals are known to 1e-8 alone. */
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
