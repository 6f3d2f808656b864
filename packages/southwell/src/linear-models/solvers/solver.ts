import type { Iterate } from '@southwell/numerics/core';
import type { Loss } from '../../losses/index.ts';
import type { PenaltyName, PenaltySpec, penalties } from '../../penalties/index.ts';
import type { LinearPoint, LinearState } from './state.ts';

/** What a solver may need of a loss beyond values, gradients and curvatures. */
export type LossNeed = 'curvatureBound';
/** What a solver may need of a penalty beyond values and proximal points. */
export type PenaltyNeed = 'conjugate';

/** A loss that has what is needed. */
export type LossWith<L extends LossNeed> = Loss<never> & { readonly [N in L]: NonNullable<Loss[N]> };

/** The names of the penalties that have what is needed. */
export type PenaltyNameWith<P extends PenaltyNeed> = {
  [N in PenaltyName]: (typeof penalties)[N] extends { readonly [K in P]: object } ? N : never;
}[PenaltyName];

/** The penalties that have what is needed. */
export type PenaltyWith<P extends PenaltyNeed> = PenaltySpec<PenaltyNameWith<P>>;

/**
 * A method for Σ w_i ℓ(y_i, η_i) + Σ g_j(b_j). It names what it needs of loss (L) and penalty (P), so that the compiler
 * refuses a pair that cannot work, and a sentence does at run time.
 */
export interface LinearSolver<L extends LossNeed = never, P extends PenaltyNeed = never> {
  readonly name: string;
  /** How it works, in half a sentence. */
  readonly summary: string;
  readonly needs: { readonly loss: Readonly<Record<L, true>>; readonly penalty: Readonly<Record<P, true>> };
  /** What an iteration is, as `3 working sets` has it. */
  readonly round: string;
  /** Iterations by default. */
  readonly maxIter: number;
  /** Reads X̃ᵀv and products of columns through the state, which may have them of `Moments`. */
  readonly readsMoments?: true;
  /** Works where rows are spread over ranks: asks the state and the design for whatever is of all rows. */
  readonly splitsRows?: true;
  /** Works where columns are: reads all columns through products alone, and few of them themselves. */
  readonly splitsColumns?: true;
  /** Starts on a state, which it moves; any number of alphas after that, each from where the last one ended. */
  start(state: LinearState, loss: LossWith<L>): StartedSolver;
}

export interface StartedSolver {
  /**
   * Iterates until the caller stops, the present point first; ends by itself (`done`) where rounding allows no further
   * progress. Every iterate has the certificate of its point: see {@link Certifier}.
   */
  iterates(tol: number): Generator<Iterate<LinearPoint>>;
  /** Gives memory back; the state stays. */
  release(): void;
}
