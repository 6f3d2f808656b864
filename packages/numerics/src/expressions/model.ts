import type { CscMatrix } from '../arrays/index.ts';
import type { Pattern } from '../sparse/index.ts';
import type { ScalarProgram } from './program.ts';

/**
 * The functions of a nonlinear program with sparse derivatives, as its solvers call them: f(x) is minimised, c(x) is
 * constrained. No function may change x. Values that are not defined at x are NaN or infinite.
 */
export interface SparseFunctions {
  readonly variables: number;
  readonly constraints: number;
  objective(x: Float64Array): number;
  /** gradient ← ∇f(x). */
  gradient(x: Float64Array, gradient: Float64Array): void;
  /** values ← c(x). */
  constraintValues(x: Float64Array, values: Float64Array): void;
  /** Pattern of the Jacobian of c, constraints × variables. */
  readonly jacobian: Pattern;
  /** values ← the entries of the Jacobian at x, in the order of its pattern. */
  jacobianValues(x: Float64Array, values: Float64Array): void;
  /** Pattern of the lower triangle of the Hessian of σf + Σ multipliers[i]·cᵢ; absent without second derivatives. */
  readonly hessian?: Pattern;
  /** values ← the entries of that Hessian at x, in the order of its pattern. */
  hessianValues?(x: Float64Array, sigma: number, multipliers: Float64Array, values: Float64Array): void;
}

/** Values that a model file attaches to variables, rows, objectives or the problem. */
export interface Suffix {
  readonly name: string;
  readonly of: 'variables' | 'rows' | 'objectives' | 'problem';
  readonly whole: boolean;
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/**
 * A mathematical program as model files describe it: minimise or maximise f(x) subject to lower ≤ x ≤ upper and
 * rowLower ≤ g(x) ≤ rowUpper, where f = constant + linearᵀx + ½xᵀPx + nonlinear part, and g = Ax + nonlinear parts.
 */
export interface Model {
  readonly name: string;
  readonly variables: {
    readonly names: readonly string[];
    /** −∞ and ∞ for absent bounds. */
    readonly lower: Float64Array;
    readonly upper: Float64Array;
    /** 1 for variables that must be whole numbers. */
    readonly integer: Uint8Array;
    /** Initial point, if the file has one; NaN for variables that it leaves out. */
    readonly start?: Float64Array;
  };
  readonly rows: {
    readonly names: readonly string[];
    readonly lower: Float64Array;
    readonly upper: Float64Array;
    /**
     * Initial multipliers, if the file has them; NaN for rows that it leaves out. By AMPL's sign: the change of the
     * objective per unit of the row's bound.
     */
    readonly multipliers?: Float64Array;
    /** A, rows × variables: the linear part. */
    readonly linear: CscMatrix;
  };
  readonly objective: {
    readonly name: string;
    readonly sense: 'minimize' | 'maximize';
    readonly constant: number;
    readonly linear: Float64Array;
    /** P, symmetric with both triangles, if the file states one. */
    readonly quadratic?: CscMatrix;
  };
  /** Nonlinear parts: output k belongs to row `rows[k]`, or to the objective if that is −1. */
  readonly nonlinear?: { readonly program: ScalarProgram; readonly rows: Int32Array };
  readonly suffixes: readonly Suffix[];
}
