import {
  flagOption,
  keysOf,
  limitOption,
  numberOption,
  type OptionsOf,
  otherOption,
  type Status,
} from '@southwell/numerics/core';
import type { Verification } from './check.ts';
import type { Conflict, HighsProgress, Side } from './messages.ts';

/** The command that installs HiGHS. */
export const HIGHS_COMMAND = 'npm install highs@1.15';

/** A basis of the simplex method: for each variable and row 0 at its lower bound, 1 basic, 2 at its upper bound, 3 free at zero. */
export interface HighsBasis {
  readonly variables: Int32Array;
  readonly rows: Int32Array;
}

interface Start {
  /** A point; NaN for variables that it leaves open. */
  readonly x?: ArrayLike<number>;
  /** The basis of an earlier solve, of a linear program with as many variables and rows. */
  readonly basis?: HighsBasis;
}

const aFunction = (value: unknown): boolean => typeof value === 'function';

export const highsRecords = {
  /** Seconds after which the best solution so far is returned. */
  timeLimit: limitOption(0),
  /** Ends the solve at once; the best solution so far is returned. */
  signal: otherOption<AbortSignal>('an AbortSignal'),
  /** Where to start: a point, a basis, or both. */
  start: otherOption<Start>('a point or a basis'),
  /** Relative gap between objective and bound at which a mixed-integer program is solved. Default 1e-4, that of HiGHS. */
  mipGap: numberOption({ min: 0 }),
  /** Errors of rows, bounds and reduced costs up to which they count as met. Default 1e-7, that of HiGHS. */
  tolerance: numberOption({ min: 1e-10 }),
  /** Whether an infeasible program is explained by an irreducible conflict. Default false. */
  explain: flagOption(),
  /** Receives the state of the solve, a few times a second. */
  onProgress: otherOption<(progress: HighsProgress) => void>('a function', aFunction),
  /** Receives every better solution of a mixed-integer program. */
  onIncumbent: otherOption<(x: Float64Array, progress: HighsProgress) => void>('a function', aFunction),
  /**
   * Module of HiGHS. Default: the installed package `highs`; in a page `engines/highs.mjs` beside the folder of its
   * scripts, where the workbench serves it. `highs.wasm` lies in the same folder.
   */
  module: otherOption<string>('a URL or the name of a package', (value) => typeof value === 'string'),
};

export const highsKeys = keysOf(highsRecords);

/** Options of {@link solveWithHighs}. */
export type HighsOptions = OptionsOf<typeof highsRecords>;

/** A member of a conflict. */
interface Member {
  readonly name: string;
  readonly side: Side;
}

/** The result of {@link solveWithHighs}. */
export interface HighsResult {
  /** `converged` means optimal, within `mipGap` if variables are whole. */
  readonly status: Status;
  /** A sentence about what the status does not say. */
  readonly message?: string;
  /** The best point found, if there is one. */
  readonly x?: Float64Array;
  /** The objective at x. */
  readonly objective?: number;
  /** The best proven bound on the objective. */
  readonly bound?: number;
  /** Multipliers y of the rows (the derivative of the optimal objective in the active bound); none with whole variables. */
  readonly rowMultipliers?: Float64Array;
  /** c + Px − Aᵀy. */
  readonly reducedCosts?: Float64Array;
  readonly basis?: HighsBasis;
  /**
   * Of an infeasible linear program the weights of the rows whose sum no point satisfies (Farkas), of an unbounded one
   * the direction in which the objective improves without end.
   */
  readonly ray?: Float64Array;
  /**
   * Rows and bounds, by name, that no point satisfies together, though all but any one of them can be satisfied; if
   * `explain` asked for it.
   */
  readonly conflict?: { readonly rows: readonly Member[]; readonly bounds: readonly Member[] };
  /** How far x and the multipliers are from what the status says, computed from the model. */
  readonly verification: Verification;
  readonly iterations: number;
  readonly nodes: number;
}

/** A conflict with names instead of indices. */
export const named = (
  { rows, bounds }: Conflict,
  of: { readonly rows: readonly string[]; readonly variables: readonly string[] },
): NonNullable<HighsResult['conflict']> => ({
  rows: rows.map(({ index, side }) => ({ name: of.rows[index], side })),
  bounds: bounds.map(({ index, side }) => ({ name: of.variables[index], side })),
});
