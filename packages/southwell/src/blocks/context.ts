import { fail, type Random } from '@southwell/numerics/core';
import { factorPositive, largestEigenvalue, type SymmetricFactor } from '@southwell/numerics/linalg';
import type { SeparablePenalty } from '../penalties/index.ts';
import { penaltyDifference } from './penaltyDifference.ts';
import type { BlockProblem, BlockState } from './problem.ts';

/**
 * The state of a run as selection and update rules see it: the problem, the point, the gradient, and block quantities
 * that are computed on demand and, for the blocks of a fixed partition, cached.
 */
export class BlockContext {
  /** Index of the current step, from 0. */
  iteration = 0;
  /** τ of this step. */
  blockSize = 1;
  /** Whether the block must include the current support (`blockSize: 'support+m'`). */
  keepSupport = false;
  /** L_i, or the current estimates of an update that estimates them. */
  lipschitz: Float64Array;
  /** Whether {@link lipschitz} is estimated during the run. */
  estimated = false;
  private readonly bounds = new Map<Int32Array, Float64Array>();
  private readonly factors = new Map<Int32Array, SymmetricFactor>();
  private readonly constants = new Map<Int32Array, number>();
  private readonly fixed: Set<Int32Array>;
  private slopes: Float64Array | undefined;
  private matrix = new Float64Array(0);
  private hessianScratch = new Float64Array(0);
  private readonly step: Float64Array;
  private readonly g: Float64Array;

  constructor(
    readonly problem: BlockProblem,
    readonly state: BlockState,
    readonly penalty: SeparablePenalty | undefined,
    /** The blocks, if they are fixed. */
    readonly partition: readonly Int32Array[] | undefined,
    readonly random: Random,
  ) {
    this.lipschitz = problem.coordinateLipschitz;
    this.fixed = new Set(partition);
    this.step = new Float64Array(problem.dim);
    this.g = new Float64Array(problem.dim);
  }

  get x(): Float64Array {
    return this.state.x;
  }

  /** ∇f(x): a view. */
  gradient(): Float64Array {
    return this.state.gradient();
  }

  /** ∇f(x) or, with a penalty, the distance of −∇_i f to ∂g_i(x_i), by which greedy rules rank coordinates. A view. */
  slope(): Float64Array {
    const g = this.gradient();
    const { penalty, x } = this;
    if (!penalty) return g;
    this.slopes ??= new Float64Array(g.length);
    for (let i = 0; i < g.length; i++) this.slopes[i] = penalty.subdifferentialDistance(i, x[i], g[i]);
    return this.slopes;
  }

  /** ∇_b f(x): a view of a temporary array of length |b|. */
  blockGradient(block: Int32Array): Float64Array {
    const out = this.g.subarray(0, block.length);
    this.state.gradientBlock(block, out);
    return out;
  }

  /**
   * H_b, |b| × |b|: for a variable block a view that the next call overwrites.
   * @throws NOT_SUPPORTED.
   */
  bound(block: Int32Array): Float64Array {
    const kept = this.bounds.get(block);
    if (kept) return kept;
    const { problem } = this;
    if (!problem.boundBlock) {
      fail(
        'NOT_SUPPORTED',
        `The problem "${problem.name}" has no boundBlock, which this rule needs; provide it, or choose GS or GSD with the updates LA, LS or exact.`,
      );
    }
    const size = block.length * block.length;
    if (this.fixed.has(block)) {
      const out = new Float64Array(size);
      problem.boundBlock(block, out);
      this.bounds.set(block, out);
      return out;
    }
    if (this.matrix.length < size) this.matrix = new Float64Array(size);
    const out = this.matrix.subarray(0, size);
    problem.boundBlock(block, out);
    return out;
  }

  /** A factorisation of H_b for solves. */
  factor(block: Int32Array): SymmetricFactor {
    let factor = this.factors.get(block);
    if (!factor) {
      factor = factorPositive(this.bound(block), block.length);
      if (this.fixed.has(block)) this.factors.set(block, factor);
    }
    return factor;
  }

  /**
   * ∇²_bb f(x), |b| × |b|: a view that the next call overwrites.
   * @throws NOT_SUPPORTED.
   */
  hessian(block: Int32Array): Float64Array {
    const { state, problem } = this;
    if (!state.hessianBlock) {
      fail(
        'NOT_SUPPORTED',
        `The problem "${problem.name}" has no hessianBlock, which this rule needs; provide it, or choose the update matrix, Lb or LA.`,
      );
    }
    const size = block.length * block.length;
    if (this.hessianScratch.length < size) this.hessianScratch = new Float64Array(size);
    const out = this.hessianScratch.subarray(0, size);
    state.hessianBlock(block, out);
    return out;
  }

  /** L_b = λ_max(H_b), or the largest estimate in the block if constants are estimated. */
  blockLipschitz(block: Int32Array): number {
    if (this.estimated) {
      let largest = 0;
      for (let a = 0; a < block.length; a++) largest = Math.max(largest, this.lipschitz[block[a]]);
      return largest;
    }
    let constant = this.constants.get(block);
    if (constant === undefined) {
      constant = largestEigenvalue(this.bound(block), block.length);
      if (this.fixed.has(block)) this.constants.set(block, constant);
    }
    return constant;
  }

  /** L_i, raised to a tiny positive number if f does not depend on coordinate i, so that 1/L_i is finite. */
  stepLipschitz(i: number): number {
    return Math.max(this.lipschitz[i], 1e-100);
  }

  /** F(x with x_b ← next) − F(x); x is not changed. */
  trial(block: Int32Array, next: Float64Array): number {
    const penalty = this.penaltyChange(block, next);
    if (penalty === Number.POSITIVE_INFINITY) return penalty;
    return this.state.change(block, this.difference(block, next)) + penalty;
  }

  /** x_b ← next; returns the same value as {@link trial}. */
  move(block: Int32Array, next: Float64Array): number {
    const penalty = this.penaltyChange(block, next);
    const d = this.difference(block, next);
    const change = this.state.change(block, d) + penalty;
    this.state.apply(block, d);
    // x + (next − x) may differ from next by rounding, and violate a bound.
    for (let a = 0; a < block.length; a++) this.x[block[a]] = next[a];
    return change;
  }

  private difference(block: Int32Array, next: Float64Array): Float64Array {
    const d = this.step.subarray(0, block.length);
    for (let a = 0; a < block.length; a++) d[a] = next[a] - this.x[block[a]];
    return d;
  }

  private penaltyChange(block: Int32Array, next: Float64Array): number {
    const { penalty, x } = this;
    if (!penalty) return 0;
    let sum = 0;
    for (let a = 0; a < block.length; a++) {
      const i = block[a];
      sum += penaltyDifference(penalty, i, x[i], next[a]);
    }
    return sum;
  }
}
