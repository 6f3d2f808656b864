import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type Iterate } from '@southwell/numerics/core';
import { exponentialInto } from './acyclicity.ts';
import type { GraphPoint, NodeNetworks } from './estimate.ts';
import { lbfgs } from './lbfgs.ts';

export interface AcyclicOptions {
  /** Ends when h is at most this. Default 1e-8. */
  readonly hTol?: number;
  /** Ends when the weight of h² reaches this. Default 1e16. */
  readonly rhoMax?: number;
}

/** A loss in parameters x that make up a weighted graph. */
export interface AcyclicProblem {
  /** Start; changed in place. */
  readonly x: Float64Array;
  /** Weights of |x|: one, or one an entry. */
  readonly lambda: number | Float64Array;
  /** The graph of the last x: W[i, j] is the weight of i → j, with zeros on the diagonal. */
  readonly W: DenseMatrix;
  /** The loss at x, less the L1 term; W becomes the graph of x and g the gradient. */
  evaluate(x: Float64Array, g: Float64Array): number;
  /** g ← g + factor · ∇h at the last x, where E = e^(W∘W): that is Eᵀ in W∘W. */
  addAcyclicity(E: DenseMatrix, factor: number, g: Float64Array): void;
  /** Where x are weights of networks: these. */
  networks?(x: Float64Array): NodeNetworks;
}

export interface NotearsIterate extends Iterate<GraphPoint> {
  readonly h: number;
  readonly rho: number;
}

/**
 * Minimises the loss under h(W) = tr e^(W∘W) − d = 0: an augmented Lagrangian whose inner problems L-BFGS solves. An
 * iterate is ten steps of L-BFGS; its objective has the L1 term but not those of h. Ends where h ≤ hTol or ρ ≥ rhoMax.
 * Throws INVALID_PARAMETER. O(20d³) a step beside the loss.
 */
export function* acyclicIterates(problem: AcyclicProblem, options: AcyclicOptions): Generator<NotearsIterate> {
  const { hTol = 1e-8, rhoMax = 1e16 } = options;
  const { x, lambda, W } = problem;
  const least = typeof lambda === 'number' ? lambda : lambda.reduce((a, b) => Math.min(a, b), 0);
  if (!(least >= 0 && hTol > 0 && rhoMax > 0)) {
    fail('INVALID_PARAMETER', 'lambda cannot be below 0, and hTol and rhoMax must be above 0.');
  }
  const d = W.rows;
  const make = () => DenseMatrix.create(d, d, { arena: W.arena });
  const [squares, E, spare] = [make(), make(), make()];
  const accepted = x.slice();
  const unused = new Float64Array(x.length);
  let [rho, alpha, h, loss] = [1, 0, Number.POSITIVE_INFINITY, 0];
  let [steps, evaluations] = [0, 0];

  const lagrangian = (at: Float64Array, g: Float64Array): number => {
    loss = problem.evaluate(at, g);
    h = exponentialInto(W, squares, E, spare);
    problem.addAcyclicity(E, rho * h + alpha, g);
    return loss + (rho / 2) * h * h + alpha * h;
  };
  const norm = (v: Float64Array) =>
    v.reduce((sum, value, k) => sum + (typeof lambda === 'number' ? lambda : lambda[k]) * Math.abs(value), 0);
  const iterate = (at: Float64Array, done?: Iterate<GraphPoint>['done']): NotearsIterate => {
    lagrangian(at, unused);
    return {
      iteration: steps,
      objective: loss + norm(at),
      work: { oracleCalls: evaluations },
      done,
      h,
      rho,
      snapshot: () => ({ W: DenseMatrix.fromColumnMajor(W.data, d, d), networks: problem.networks?.(at) }),
    };
  };

  try {
    yield iterate(x);
    let reached = Number.POSITIVE_INFINITY;
    for (let round = 0; round < 100; round++) {
      while (rho < rhoMax) {
        x.set(accepted);
        const before = evaluations;
        for (const state of lbfgs(x, lagrangian, lambda)) {
          steps++;
          evaluations = before + state.evaluations;
          if (steps % 10 === 0) yield iterate(x);
        }
        // The last evaluation may have been a step that was refused.
        lagrangian(x, unused);
        if (h <= 0.25 * reached) break;
        rho *= 10;
      }
      accepted.set(x);
      reached = h;
      alpha += rho * h;
      if (h <= hTol || rho >= rhoMax) break;
    }
    yield iterate(accepted, reached <= hTol ? 'converged' : 'stalled');
  } finally {
    for (const matrix of [squares, E, spare]) matrix.free();
  }
}
