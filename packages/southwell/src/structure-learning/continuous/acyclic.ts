import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Iterate, numberOption, type OptionsOf } from '@southwell/numerics/core';
import {
  type AugmentedLagrangianState,
  augmentedLagrangianIterates,
  type ConstrainedProblem,
  type Constraints,
  halving,
} from '../../optimisers/index.ts';
import type { GraphPoint, NodeNetworks } from '../estimate.ts';
import { exponentialInto } from './acyclicity.ts';

export const acyclicRecords = {
  /** Tolerance on h. Default 1e-8. */
  hTol: numberOption({ min: 0, open: true }),
  /** Maximum penalty parameter of h². Default 1e16. */
  rhoMax: numberOption({ min: 0, open: true }),
};

export interface AcyclicOptions extends OptionsOf<typeof acyclicRecords> {
  /** State from a checkpoint of an earlier run, for the same data and options. */
  readonly resume?: AugmentedLagrangianState;
}

/** A loss in parameters x that define a weighted graph. */
export interface AcyclicProblem {
  /** Initial point. */
  readonly x: Float64Array;
  /** Weights of |x|: one for all, or one for each entry. */
  readonly lambda: number | Float64Array;
  /** The graph of the last x: W[i, j] is the weight of i → j, with zeros on the diagonal. */
  readonly W: DenseMatrix;
  /** The loss at x, less the L1 term; W becomes the graph of x and g the gradient. */
  evaluate(x: Float64Array, g: Float64Array): number;
  /** g ← g + factor · ∇h at the last x, where E = e^(W∘W): the derivative of h by W∘W is Eᵀ. */
  addAcyclicity(E: DenseMatrix, factor: number, g: Float64Array): void;
  /** Fraction of the predicted decrease that a step must achieve; see {@link halving}. */
  readonly sufficient?: number;
  /** Breaks ties of x in place; see {@link breakTies}. */
  unsettle?(x: Float64Array): void;
  /** The networks at x, where x are the weights of networks. */
  networks?(x: Float64Array): NodeNetworks;
  /** State beyond x on which the bits of values depend. */
  readonly memory?: ConstrainedProblem['memory'];
}

export interface NotearsIterate extends Iterate<GraphPoint> {
  readonly h: number;
  readonly rho: number;
}

/**
 * Minimises the loss subject to h(W) = tr e^(W∘W) − d = 0 by an augmented Lagrangian method with L-BFGS for the inner
 * problems. An iterate is ten steps of L-BFGS; its objective includes the L1 term but not the terms of h. Its
 * certificate is the larger of h and the largest entry of the gradient of the augmented Lagrangian relative to that at
 * the initial point. Ends `converged` where h ≤ hTol, the authors' rule, and `stalled` where ρ reaches rhoMax first.
 * Checkpoints are possible at the start of each inner problem. O(20d³) a step in addition to the loss.
 * @throws INVALID_PARAMETER.
 */
export function* acyclicIterates(problem: AcyclicProblem, options: AcyclicOptions): Generator<NotearsIterate> {
  const { hTol = 1e-8, rhoMax = 1e16, resume } = options;
  const { lambda, W } = problem;
  const d = W.rows;
  const make = () => DenseMatrix.create(d, d, { arena: W.arena });
  const [squares, E, spare] = [make(), make(), make()];
  let h = 0;
  const acyclic: Constraints = {
    count: 1,
    evaluate(_, values) {
      h = exponentialInto(W, squares, E, spare);
      values[0] = h;
    },
    addGradient: ([weight], g) => problem.addAcyclicity(E, weight, g),
  };
  const constrained = {
    objective: problem.evaluate.bind(problem),
    equalities: acyclic,
    memory: problem.memory,
    unsettle: problem.unsettle,
  };
  // Inner problems stop where the authors' L-BFGS-B stops.
  const settings = {
    l1: lambda,
    search: halving({ sufficient: problem.sufficient ?? 1e-4 }),
    feasibility: hTol,
    rhoMax,
    limits: {},
    resume,
  };
  const iterates = augmentedLagrangianIterates(constrained, problem.x, settings);
  let first = true;
  try {
    for (const { iteration, objective, certificate, work, done, rho, x, checkpoint } of iterates) {
      if (iteration % 10 !== 0 && !done && !first) continue;
      first = false;
      yield {
        iteration,
        objective,
        certificate,
        metrics: { h, rho },
        work,
        done,
        h,
        rho,
        checkpoint,
        snapshot: () => ({ W: DenseMatrix.fromColumnMajor(W.data, d, d), networks: problem.networks?.(x) }),
      };
    }
  } finally {
    for (const matrix of [squares, E, spare]) matrix.free();
  }
}

/**
 * Where i → j and j → i have the same weight to 1e-6, favours the edge from the column with the smaller index by a
 * factor of 1.001. Columns that are exchangeable (duplicates, say, or two of the same variance) keep the two directions
 * equal through every step. That is a saddle point, since an acyclic graph has only one of them, and arithmetic that is
 * symmetric to the last bit never leaves it. O(d²).
 */
export function breakTies(w: Float64Array, d: number): void {
  for (let j = 0; j < d; j++) {
    for (let i = 0; i < j; i++) {
      const [forth, back] = [Math.abs(w[j * d + i]), Math.abs(w[i * d + j])];
      if (forth === 0 || Math.abs(forth - back) > 1e-6 * forth) continue;
      w[j * d + i] *= 1.001;
      w[i * d + j] *= 0.999;
    }
  }
}
