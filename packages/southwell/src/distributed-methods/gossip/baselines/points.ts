import { fail, type Iterate, type Status } from '@southwell/numerics/core';
import type { Graph } from '../../graphs/index.ts';
import type { DadaoPoint } from '../problem.ts';

/** Functions of the nodes of a graph, whose conjugates have gradients at hand. */
export interface DualProblem {
  readonly local: ReadonlyArray<DualClient>;
  readonly graph: Graph;
  /** All f_i are μ-strongly convex, μ > 0, and have L-Lipschitz gradients. */
  readonly mu: number;
  readonly L: number;
  /** The number of variables. */
  readonly length: number;
}

export interface DualClient {
  /** Writes ∇f_i*(y), the point at which ∇f_i is y, into all of `into`. Must not change y. */
  conjugate(y: Float64Array, into: Float64Array): void;
}

/** Points of all nodes one after the other, and what it took to find them. */
export interface Counted {
  readonly iteration: number;
  readonly x: Float64Array;
  readonly gradients: number;
  readonly communications: number;
  readonly time: number;
}

export const meanSquare = (x: Float64Array, from: ArrayLike<number>): number => {
  const d = from.length;
  let sum = 0;
  for (let k = 0; k < x.length; k++) sum += (x[k] - from[k % d]) ** 2;
  return (sum * d) / x.length;
};

/** Makes iterates of points as those of DADAO, with Σ‖x_i − x*‖² / n as the certificate if the optimum is known. */
export class Iterates {
  private scale = Number.NaN;

  /** @throws INVALID_PARAMETER for an optimum of another length. */
  constructor(
    private readonly d: number,
    private readonly optimum: ArrayLike<number> | undefined,
  ) {
    if (optimum && optimum.length !== d) {
      fail('INVALID_PARAMETER', `The optimum has ${optimum.length} entries, and points ${d}.`);
    }
  }

  of({ iteration, x, gradients, communications, time }: Counted): Iterate<DadaoPoint, undefined> {
    const { d, optimum } = this;
    const n = x.length / d;
    const mean = new Float64Array(d);
    for (let k = 0; k < x.length; k++) mean[k % d] += x[k] / n;
    const value = optimum && meanSquare(x, optimum);
    if (Number.isNaN(this.scale)) this.scale = value ?? Number.NaN;
    const spread = meanSquare(x, mean);
    const diverged = !Number.isFinite(spread) || (value !== undefined && !Number.isFinite(value));
    return {
      iteration,
      objective: undefined,
      ...(value !== undefined &&
        !diverged && {
          certificate: { kind: 'squaredDistance', value, relative: this.scale > 0 ? value / this.scale : 0 },
        }),
      metrics: { time, gradients, communications, spread },
      work: { oracleCalls: gradients, messages: 2 * communications },
      mayFail: 'diverge',
      ...(diverged && { done: 'diverged' as Status }),
      snapshot: () => ({ x: Array.from({ length: n }, (_, i) => x.slice(i * d, (i + 1) * d)), mean }),
    };
  }
}

/** Writes the Laplacian with rate 1 of each link, divided by a number, times x, into `into`. */
export function laplacianTimes(
  { from, to }: Graph,
  x: Float64Array,
  d: number,
  scale: number,
  into: Float64Array,
): void {
  into.fill(0);
  const factor = 1 / scale;
  for (let k = 0; k < from.length; k++) {
    const [i, j] = [from[k] * d, to[k] * d];
    for (let a = 0; a < d; a++) {
      const difference = (x[i + a] - x[j + a]) * factor;
      into[i + a] += difference;
      into[j + a] -= difference;
    }
  }
}

/** @throws INVALID_PARAMETER. */
export function checkDual({ local, graph, mu, L, length }: DualProblem): void {
  if (graph.n !== local.length) {
    fail(
      'INVALID_PARAMETER',
      `The graph has ${graph.n} nodes, and there are ${local.length} functions: give one a node.`,
    );
  }
  local.forEach((client, i) => {
    if (typeof client?.conjugate !== 'function') {
      fail('INVALID_PARAMETER', `Function ${i} of ${local.length} has no function 'conjugate'.`);
    }
  });
  if (!(mu > 0 && L >= mu && L < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `mu is ${mu} and L is ${L}: give finite numbers with 0 < mu ≤ L.`);
  }
  if (!(Number.isInteger(length) && length >= 1)) {
    fail('INVALID_PARAMETER', `length is ${length}: give the number of variables, at least 1.`);
  }
  if (graph.n < 2) fail('INVALID_PARAMETER', 'Dual methods need at least two nodes.');
}
