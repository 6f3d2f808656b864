import type { Problem } from './problems.ts';

/** A method after an iteration: its best point so far, and what it took. */
export interface Step {
  /** Passes through the network. */
  readonly passes: number;
  /** Points whose value was asked for. */
  readonly points: number;
  /** The objective with the penalty. */
  readonly f: number;
  readonly x: Float64Array;
}

/** Passes that a value and a gradient take: one forward, and one forward and one back. */
export const PASSES = { value: 1, gradient: 2 } as const;

/**
 * The objective with its penalty ‖max(c, 0)‖² and its gradient for methods that know nothing of networks. Counts passes
 * through the network; the value at the point of the last pass is known without another one.
 */
export class Oracle {
  private passes = 0;
  private points = 0;
  private valued: Float64Array | undefined;
  private last: { readonly x: Float64Array; readonly y: Float64Array } | undefined;

  constructor(readonly problem: Problem) {}

  value(x: Float64Array): number {
    if (!this.valued?.every((v, i) => v === x[i])) {
      this.points++;
      this.valued = x.slice();
    }
    return this.penalised(x, this.outputs(x));
  }

  gradient(x: Float64Array): Float64Array {
    const { network, objective, constraints } = this.problem;
    const known = this.last?.x.every((v, i) => v === x[i]);
    const y = this.outputs(x);
    // A gradient pays for its own pass forward, which is the one whose outputs are now known.
    this.passes += known ? PASSES.gradient : PASSES.gradient - PASSES.value;
    const u = Float64Array.from(objective.gradient(y));
    if (!constraints) return Float64Array.from(network.vjp(x, u));
    const outward = Float64Array.from(constraints.value(x, y), (c) => 2 * Math.max(c, 0));
    const [byX, byY] = constraints.vjp(x, y, outward);
    for (let i = 0; i < u.length; i++) u[i] += byY[i];
    return Float64Array.from(network.vjp(x, u), (v, j) => v + byX[j]);
  }

  /** What was asked for so far, with a point. */
  at(f: number, x: Float64Array): Step {
    return { passes: this.passes, points: this.points, f, x };
  }

  /** Φ(x). */
  outputs(x: Float64Array): Float64Array {
    if (!this.last?.x.every((v, i) => v === x[i])) {
      this.passes += PASSES.value;
      this.last = { x: x.slice(), y: Float64Array.from(this.problem.network.value(x)) };
    }
    return this.last!.y;
  }

  private penalised(x: Float64Array, y: Float64Array): number {
    const { objective, constraints } = this.problem;
    let sum = objective.value(y);
    const c = constraints?.value(x, y) ?? [];
    for (let i = 0; i < c.length; i++) sum += Math.max(c[i], 0) ** 2;
    return sum;
  }
}
