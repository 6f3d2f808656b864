import {
  flagOption,
  limitOption,
  numberOption,
  type OptionsOf,
  otherOption,
  type Status,
} from '@southwell/numerics/core';
import type { LinearIterate } from '@southwell/numerics/iterative';
import type { PreconditionerName, SystemMethod } from './methods.ts';

export const solveRecords = {
  /** Tolerance of iterative solvers: ‖b − Ax‖ relative to ‖b‖; for least squares ‖Aᵀr‖ relative to ‖A‖‖r‖. Default 1e-10. */
  tol: numberOption(
    { min: 0 },
    {
      title: 'Tolerance',
      about: 'tolerance of iterative solvers: ‖b − Ax‖ relative to ‖b‖',
      argument: 'tolerance',
      default: 1e-10,
    },
  ),
  /** Maximum number of iterations of iterative solvers. Default: ten times the number of unknowns, between 100 and 10 000. */
  maxIter: limitOption(0, {
    title: 'Maximum iterations',
    about: 'maximum iterations of iterative solvers',
    otherwise: 'ten times the number of unknowns, between 100 and 10 000',
  }),
  /** Initial x of iterative solvers. Default 0. */
  x0: otherOption<ArrayLike<number>>('a number for each unknown'),
  /** Whether to bound the error of x, of square systems: about ten more solves with factors, one of iterations. Default false. */
  bounds: flagOption(),
};

export interface SolveOptions extends OptionsOf<typeof solveRecords> {
  /** Time limit of iterative solvers, in seconds. */
  readonly timeLimit?: number;
  readonly signal?: AbortSignal;
  readonly onIterate?: (iterate: LinearIterate) => void;
}

export interface SystemSolution {
  readonly x: Float64Array;
  /** `infeasible`: a square system has no solution, and x is a least-squares solution. */
  readonly status: Status;
  /** Whether Ax = b within the tolerance; otherwise x minimises ‖b − Ax‖. */
  readonly kind: 'solution' | 'least-squares';
  /** ‖b − Ax‖/‖b‖, computed from x; 0 for b = 0. */
  readonly residual: number;
  /** ‖Aᵀ(b − Ax)‖/(‖A‖‖b − Ax‖) with the Frobenius norm, for least-squares solutions. */
  readonly normalResidual?: number;
  readonly method: SystemMethod;
  readonly preconditioner: PreconditionerName;
  readonly iterations: number;
  /** Componentwise backward error: relative change of the entries of A and b for which x is exact. With `bounds`. */
  readonly backwardError?: number;
  /**
   * A bound on ‖x − x*‖∞/‖x‖∞, nearly always within a factor of ten. With `bounds`; of iterations an estimate, twice
   * as large as the error that it finds, which nearly singular matrices may hide.
   */
  readonly forwardError?: number;
  readonly seconds: number;
  /** What to try next, if it did not end normally. */
  readonly next?: string;
}
