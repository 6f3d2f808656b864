import type { ErrorCode, Status } from '@southwell/numerics/core';

/** A sparse matrix by columns, as plain arrays that can be sent to a worker. */
export interface Columns {
  readonly starts: Int32Array;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** A linear, mixed-integer or convex quadratic program as plain arrays. */
export interface Problem {
  readonly variables: number;
  readonly rows: number;
  readonly maximize: boolean;
  readonly offset: number;
  readonly cost: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly matrix: Columns;
  /** 1 for whole variables; absent if there are none. */
  readonly integer?: Uint8Array;
  /** The lower triangle of P in the objective's ½xᵀPx. */
  readonly hessian?: Columns;
}

/** What a solve is asked for, apart from the problem. */
export interface Settings {
  readonly timeLimit?: number;
  readonly mipGap?: number;
  readonly tolerance?: number;
  readonly explain?: boolean;
  readonly x?: Float64Array;
  readonly basis?: { readonly variables: Int32Array; readonly rows: Int32Array };
}

/** Side of a row or a variable in a conflict. */
export type Side = 'lower' | 'upper' | 'both';

/** Rows and bounds that have no common point, by index. */
export interface Conflict {
  readonly rows: ReadonlyArray<{ readonly index: number; readonly side: Side }>;
  readonly bounds: ReadonlyArray<{ readonly index: number; readonly side: Side }>;
}

/** The state of a solve that is under way. */
export interface HighsProgress {
  /** Seconds since the solver started. */
  readonly seconds: number;
  readonly iterations: number;
  /** Nodes of the search tree. */
  readonly nodes: number;
  /** The best objective so far, of a mixed-integer program. */
  readonly objective?: number;
  /** The best proven bound on the objective. */
  readonly bound?: number;
}

/** What HiGHS answers. */
export interface Answer {
  readonly status: Status;
  readonly x?: Float64Array;
  readonly rowMultipliers?: Float64Array;
  readonly reducedCosts?: Float64Array;
  readonly bound?: number;
  readonly basis?: { readonly variables: Int32Array; readonly rows: Int32Array };
  /** Of rows for an infeasible program, of variables for an unbounded one. */
  readonly ray?: Float64Array;
  readonly conflict?: Conflict;
  readonly iterations: number;
  readonly nodes: number;
}

export interface Request {
  /** Where the package `highs` is loaded from. */
  readonly module: string;
  readonly problem: Problem;
  readonly settings: Settings;
}

export type Reply =
  | { readonly type: 'progress'; readonly progress: HighsProgress }
  | { readonly type: 'incumbent'; readonly x: Float64Array; readonly progress: HighsProgress }
  | { readonly type: 'done'; readonly answer: Answer }
  | { readonly type: 'error'; readonly code: ErrorCode; readonly message: string };
