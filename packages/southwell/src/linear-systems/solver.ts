import type { Status } from '@southwell/numerics/core';
import type { SolverOptions } from '@southwell/numerics/iterative';
import type {
  Equilibrated,
  PlainCholesky,
  PlainLdlt,
  PlainLu,
  PlainQr,
  SparseInertia,
} from '@southwell/numerics/sparse';

/** Powers of two by which the rows and columns of a matrix are multiplied. */
export type Scaling = Pick<Equilibrated, 'rows' | 'cols'>;

/** Result of one solve. */
export interface Solved {
  readonly x: Float64Array;
  readonly status: Status;
  readonly iterations: number;
  /** ‖b − Ax‖/‖b‖ as certified by the method; 0 for factorisations, which certify none. */
  readonly residual: number;
  readonly next?: string;
  /** Estimates by the method, such as a condition number. */
  readonly metrics?: Readonly<Record<string, number>>;
}

/** A solver for one matrix, set up for right-hand sides. */
export interface Prepared {
  solve(b: Float64Array, options: SolverOptions): Solved;
  /** A factorisation of a square matrix, for error bounds, determinant and condition number. */
  readonly factor?: Factor;
  /** det A as sign · e^log and as a number, for factored square matrices. */
  determinant?(): Determinant;
  /** The rank, if the method determines it. */
  readonly rank?: number;
  /** Powers of two by which the rows and columns of the matrix were multiplied before the set-up. */
  readonly scaling?: Scaling;
  /** Whether least squares are of the scaled equations. */
  readonly weighted?: boolean;
  /** Number of entries that it stores in addition to the matrix. */
  readonly entries?: number;
  /** Plain data of a direct method, for saving. */
  plain?(): PlainFactor;
  free(): void;
}

export interface Determinant {
  readonly sign: number;
  readonly log: number;
  readonly value: number;
}

export type PlainFactor = PlainCholesky | PlainLdlt | PlainLu | PlainQr;

/** Common interface of dense and sparse factorisations of square matrices. */
export interface Factor {
  readonly n: number;
  readonly oneNorm: number;
  solve(b: Float64Array): Float64Array;
  solveTransposed(b: Float64Array): Float64Array;
  reciprocalCondition(): number;
  inertia?(options: { readonly certain: true }): SparseInertia;
}
