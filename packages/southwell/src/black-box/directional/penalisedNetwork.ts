import { fail } from '@southwell/numerics/core';
import type { Network } from './attack.ts';

/** A smooth function of the outputs of a network. */
export interface OutputObjective {
  /** f(y). NaN counts as the worst value. */
  value(y: Float64Array): number;
  /** ∇f(y), m numbers. */
  gradient(y: Float64Array): ArrayLike<number>;
}

/** Constraints c(x, Φ(x)) ≤ 0. */
export interface OutputConstraints {
  /** c(x, y): always the same number of values. */
  value(x: Float64Array, y: Float64Array): ArrayLike<number>;
  /** The products wᵀ∂c/∂x, n numbers, and wᵀ∂c/∂y, m numbers. */
  vjp(x: Float64Array, y: Float64Array, w: Float64Array): readonly [x: ArrayLike<number>, y: ArrayLike<number>];
}

/** Thrown instead of a call of the network beyond the budget. */
export class BudgetSpent extends Error {}

/** A point with its outputs. */
export interface Known {
  readonly x: Float64Array;
  readonly outputs: Float64Array;
}

/** Numbers of outputs of the network itself and of calls, and the last point. */
export interface SavedCalls {
  readonly m: number;
  readonly evaluations: number;
  readonly gradientCalls: number;
  readonly last: Known;
}

/**
 * A network with the positive parts z of the constraints as further outputs, and the penalised objective f(y) + ‖z‖² of
 * all of them. Counts the calls of the network; the outputs at the last point and at the one that is held are known
 * without a call.
 */
export class PenalisedNetwork implements Network {
  evaluations = 0;
  gradientCalls = 0;
  private last: Known | undefined;
  private held: Known | undefined;
  /** Numbers of outputs and of constraints, from the first call on. */
  private m = -1;
  private count = -1;

  constructor(
    private readonly network: Network,
    private readonly objective: OutputObjective,
    private readonly constraints: OutputConstraints | undefined,
    private readonly maxEvaluations: number,
  ) {}

  /** What {@link restore} needs beside the point that is held. */
  saved(): SavedCalls {
    const { m, evaluations, gradientCalls } = this;
    const { x, outputs } = this.last!;
    return { m, evaluations, gradientCalls, last: { x: x.slice(), outputs: outputs.slice() } };
  }

  restore(held: Known, { m, last, evaluations, gradientCalls }: SavedCalls): void {
    [this.held, this.last] = [held, last];
    [this.m, this.count] = [m, held.outputs.length - m];
    [this.evaluations, this.gradientCalls] = [evaluations, gradientCalls];
  }

  /** Holds the outputs at x until the next call of this function. */
  hold(x: Float64Array): void {
    this.held = { x, outputs: this.value(x) };
  }

  /**
   * The outputs and the positive parts of the constraints.
   * @throws INVALID_SHAPE if their number changes; BudgetSpent.
   */
  value(x: Float64Array): Float64Array {
    for (const known of [this.last, this.held]) if (known?.x.every((v, i) => v === x[i])) return known.outputs;
    if (this.evaluations >= this.maxEvaluations) throw new BudgetSpent();
    this.evaluations++;
    const y = Float64Array.from(this.network.value(x.slice()));
    const c = this.constraints?.value(x.slice(), y.slice()) ?? [];
    if (this.m < 0) [this.m, this.count] = [y.length, c.length];
    if (y.length !== this.m || c.length !== this.count)
      fail(
        'INVALID_SHAPE',
        `The network has ${y.length} outputs and ${c.length} constraints, but ${this.m} and ${this.count} elsewhere.`,
      );
    const outputs = new Float64Array(y.length + c.length);
    outputs.set(y);
    for (let k = 0; k < c.length; k++) outputs[y.length + k] = Math.max(c[k], 0);
    this.last = { x: x.slice(), outputs };
    return outputs;
  }

  /**
   * The transposed Jacobian of all outputs times u.
   * @throws INVALID_SHAPE for a product of a wrong length; BudgetSpent.
   */
  vjp(x: Float64Array, u: Float64Array): Float64Array {
    const [n, m] = [x.length, this.m];
    const w = u.subarray(0, m).slice();
    const gradient = new Float64Array(n);
    if (this.constraints && this.count > 0) {
      const outputs = this.value(x);
      const active = u.slice(m).map((v, k) => (outputs[m + k] > 0 ? v : 0));
      if (active.some((v) => v !== 0)) {
        const [byX, byY] = this.constraints.vjp(x.slice(), outputs.slice(0, m), active);
        addTo(gradient, byX, 'The product of the constraints with respect to x');
        addTo(w, byY, 'The product of the constraints with respect to y');
      }
    }
    if (w.every((v) => v === 0)) return gradient;
    this.gradientCalls++;
    addTo(gradient, this.network.vjp(x.slice(), w), 'The product of the network');
    return gradient;
  }

  /** The outputs of the network itself. */
  ownOf(outputs: Float64Array): Float64Array {
    return outputs.slice(0, this.m);
  }

  /**
   * The objective without the penalty.
   * @throws OBJECTIVE if it is not a number.
   */
  valueOf(outputs: Float64Array): number {
    const value: unknown = this.objective.value(this.ownOf(outputs));
    if (typeof value !== 'number') fail('OBJECTIVE', `The objective returned ${typeof value} instead of a number.`);
    return value;
  }

  /**
   * The penalised objective, +∞ where it is NaN.
   * @throws OBJECTIVE.
   */
  merit(outputs: Float64Array): number {
    let sum = this.valueOf(outputs);
    for (let k = this.m; k < outputs.length; k++) sum += outputs[k] ** 2;
    return Number.isNaN(sum) ? Number.POSITIVE_INFINITY : sum;
  }

  /** Largest constraint violation. */
  violation(outputs: Float64Array): number {
    return outputs.subarray(this.m).reduce((a, b) => Math.max(a, b), 0);
  }

  /**
   * The direction of the outputs in which the penalised objective decreases fastest, −(∇f(y), 2z).
   * @throws INVALID_SHAPE for a gradient of a wrong length.
   */
  descent(outputs: Float64Array): Float64Array {
    const u = outputs.map((z) => -2 * z);
    const gradient = this.objective.gradient(this.ownOf(outputs));
    if (gradient.length !== this.m)
      fail('INVALID_SHAPE', `The gradient has ${gradient.length} numbers for ${this.m} outputs of the network.`);
    for (let k = 0; k < this.m; k++) u[k] = -gradient[k];
    return u;
  }
}

/** @throws INVALID_SHAPE. */
function addTo(sum: Float64Array, terms: ArrayLike<number>, what: string): void {
  if (terms.length !== sum.length)
    fail('INVALID_SHAPE', `${what} has ${terms.length} numbers instead of ${sum.length}.`);
  for (let i = 0; i < sum.length; i++) sum[i] += terms[i];
}
