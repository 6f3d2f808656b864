import type { Iterate } from '@southwell/numerics/core';
import type { Loss } from '../../losses/index.ts';
import type { PenaltyName, PenaltySpec, penalties } from '../../penalties/index.ts';
import type { LinearPoint, LinearState } from './state.ts';

/** What a solver may need of a loss beyond values, gradients and curvatures. */
export type LossNeed = 'curvatureBound';
/** What a solver may need of a penalty beyond values and proximal points. */
export type PenaltyNeed = 'conjugate';

/** A loss that satisfies the needs. */
export type LossWith<L extends LossNeed> = Loss<never> & { readonly [N in L]: NonNullable<Loss[N]> };

/** The names of the penalties that satisfy the needs. */
export type PenaltyNameWith<P extends PenaltyNeed> = {
  [N in PenaltyName]: (typeof penalties)[N] extends { readonly [K in P]: object } ? N : never;
}[PenaltyName];

/** The penalties that satisfy the needs. */
export type PenaltyWith<P extends PenaltyNeed> = PenaltySpec<PenaltyNameWith<P>>;

/**
 * A method for Σ w_i ℓ(y_i, η_i) + Σ g_j(b_j). It declares what it needs of loss (L) and penalty (P), so that
 * unsupported pairs are rejected by the compiler, and with an error at run time.
 */
export interface LinearSolver<L extends LossNeed = never, P extends PenaltyNeed = never> {
  readonly name: string;
  /** A short description of the method. */
  readonly summary: string;
  readonly needs: { readonly loss: Readonly<Record<L, true>>; readonly penalty: Readonly<Record<P, true>> };
  /** What an iteration is called, as in `3 working sets`. */
  readonly round: string;
  /** Default number of iterations. */
  readonly maxIter: number;
  /**
   * Whether the solver reads X̃ᵀv and products of columns only through the state, which may take them from `Moments`.
   */
  readonly readsMoments?: true;
  /** Whether rows may be distributed over ranks: sums over all rows are left to the state and the design. */
  readonly splitsRows?: true;
  /** Whether columns may be distributed: all columns are used only through products, and few are read themselves. */
  readonly splitsColumns?: true;
  /** Binds the solver to a state, which it moves; for any number of alphas, each starting from the last solution. */
  start(state: LinearState, loss: LossWith<L>): StartedSolver;
}

export interface StartedSolver {
  /**
   * Iterates until the caller stops, beginning with the current point; ends (`done`) if rounding allows no further
   * progress. Every iterate has the certificate of its point: see {@link Certifier}.
   */
  iterates(tol: number): Generator<Iterate<LinearPoint>>;
  /** Frees memory; the state is kept. */
  release(): void;
}
