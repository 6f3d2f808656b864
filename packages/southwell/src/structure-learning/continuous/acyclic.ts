import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail, type Iterate, type OptionKeys } from '@southwell/numerics/core';
import {
  type AugmentedLagrangianState,
  augmentedLagrangianIterates,
  type ConstrainedProblem,
  type Constraints,
  halving,
} from '../../optimisers/index.ts';
import type { GraphPoint, NodeNetworks } from '../estimate.ts';
import { exponentialInto } from './acyclicity.ts';

export interface AcyclicOptions {
  /** Tolerance on h. Default 1e-8. */
  readonly hTol?: number;
  /** Maximum penalty parameter of h². Default 1e16. */
  readonly rhoMax?: number;
  /** State from a checkpoint of an earlier run, for the same data and options. */
  readonly resume?: AugmentedLagrangianState;
}

export const acyclicKeys: OptionKeys<AcyclicOptions> = {
  hTol: true,
  rhoMax: true,
  resume: true,
};

/** A loss in parameters x that make up a weighted graph. */
export interface AcyclicProblem {
  /** Start. */
  readonly x: Float64Array;
  /** Weights of |x|: one, or one an entry. */
  readonly lambda: number | Float64Array;
  /** The graph of the last x: W[i, j] is the weight of i → j, with zeros on the diagonal. */
  readonly W: DenseMatrix;
  /** The loss at x, less the L1 term; W becomes the graph of x and g the gradient. */
  evaluate(x: Float64Array, g: Float64Array): number;
  /** g ← g + factor · ∇h at the last x, where E = e^(W∘W): that is Eᵀ in W∘W. */
  addAcyclicity(E: DenseMatrix, factor: number, g: Float64Array): void;
  /** Share of the promised decrease that a step must bring: see {@link halving}. */
  readonly sufficient?: number;
  /** Breaks ties of x in place; see {@link breakTies}. */
  unsettle?(x: Float64Array): void;
  /** Where x are weights of networks: these. */
  networks?(x: Float64Array): NodeNetworks;
  /** What values depend on besides x, to the last bit. */
  readonly memory?: ConstrainedProblem['memory'];
}

export interface NotearsIterate extends Iterate<GraphPoint> {
  readonly h: number;
  readonly rho: number;
}

/**
 * Minimises the loss under h(W) = tr e^(W∘W) − d = 0: an augmented Lagrangian whose inner problems L-BFGS solves. An
 * iterate is ten steps of L-BFGS; its objective has the L1 term but not those of h. Its certificate is the larger of h
 * and the largest entry of the gradient of the augmented Lagrangian, relative to that at the start. Ends `converged`
 * where h ≤ hTol, the authors' rule, `stalled` where ρ ≥ rhoMax short of it. Boundaries for checkpoints are the
 * beginnings of inner problems. O(20d³) a step beside the loss.
 * @throws INVALID_PARAMETER.
 */
export function* acyclicIterates(problem: AcyclicProblem, options: AcyclicOptions): Generator<NotearsIterate> {
  const { hTol = 1e-8, rhoMax = 1e16, resume } = options;
  const { lambda, W } = problem;
  const least = typeof lambda === 'number' ? lambda : lambda.reduce((a, b) => Math.min(a, b), 0);
  if (!(least >= 0 && hTol > 0 && rhoMax > 0)) {
    fail('INVALID_PARAMETER', 'lambda cannot be below 0, and hTol and rhoMax must be above 0.');
  }
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
  // Inner problems end where the authors' L-BFGS-B ends them.
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
 * Where i → j and j → i weigh the same to 1e-6, favours the one from the column that stands first by a thousandth. Columns
 * that can be exchanged (duplicates, say, or two of one variance) keep the two ways equal through every step: a saddle,
 * for a graph without cycles has one of them, and arithmetic that is symmetric to the last bit never leaves it. O(d²).
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
