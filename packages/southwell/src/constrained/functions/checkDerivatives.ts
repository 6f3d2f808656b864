import type { SparseFunctions } from '@southwell/numerics/expressions';
import { addTransposed } from '../nonlinear/barrierProblem.ts';
import { differenceBy } from './differences.ts';

/** A derivative that differs from what differences of the functions say. */
export interface DerivativeMismatch {
  readonly of: 'objective' | 'constraint';
  /** Number of the constraint, from 0. */
  readonly row?: number;
  /** Numbers of the variables, from 0: one for a first derivative, two for a second one. */
  readonly variables: readonly number[];
  readonly given: number;
  readonly byDifferences: number;
}

/** Largest difference, relative to the size of the derivatives. */
const TOLERANCE = 1e-5;

/**
 * Compares derivatives with central differences at a point: first derivatives with those of the values and, if they
 * agree, second derivatives with those of the first ones. Entries that are missing in a pattern count as zero.
 * 4·variables evaluations.
 * @returns The derivatives that differ by more than 1e-5 of their size, the worst first.
 */
export function checkDerivatives(functions: SparseFunctions, x: ArrayLike<number>): readonly DerivativeMismatch[] {
  const at = Float64Array.from(x);
  const first = new Comparison();
  compareFirst(functions, at, first);
  if (first.found.length > 0 || !functions.hessian) return first.sorted();
  const second = new Comparison();
  compareSecond(functions, at, second);
  return second.sorted();
}

class Comparison {
  readonly found: Array<DerivativeMismatch & { readonly error: number }> = [];

  /** Adds a derivative if it differs. Below `size`, differences cannot tell. */
  add(function_: number, variables: readonly number[], given: number, byDifferences: number, size: number): void {
    const error = errorOf(given, byDifferences, size);
    if (error <= TOLERANCE) return;
    const of = function_ < 0 ? ({ of: 'objective' } as const) : ({ of: 'constraint', row: function_ } as const);
    this.found.push({ ...of, variables, given, byDifferences, error });
  }

  sorted(): readonly DerivativeMismatch[] {
    return this.found.sort((a, b) => b.error - a.error).map(({ error: _, ...rest }) => rest);
  }
}

function errorOf(given: number, byDifferences: number, size: number): number {
  const error = Math.abs(given - byDifferences) / Math.max(1, size, Math.abs(given), Math.abs(byDifferences));
  return Number.isNaN(error) ? Number.POSITIVE_INFINITY : error;
}

/** The size below which rounding errors of a value hide a derivative. */
const hidden = (value: number, step: number): number => (Math.abs(value) * Number.EPSILON) / step / TOLERANCE;

/** Functions are numbered from −1: the objective, then the constraints. */
function compareFirst(functions: SparseFunctions, x: Float64Array, comparison: Comparison): void {
  const { variables: n, constraints: m, jacobian } = functions;
  const gradient = new Float64Array(n);
  functions.gradient(x, gradient);
  const J = new Float64Array(jacobian.rowIndices.length);
  functions.jacobianValues(x, J);
  const values = (at: Float64Array, out: Float64Array) => {
    functions.constraintValues(at, out.subarray(0, m));
    out[m] = functions.objective(at);
  };
  const here = new Float64Array(m + 1);
  values(x, here);
  const [by, below, column] = [new Float64Array(m + 1), new Float64Array(m + 1), new Float64Array(m)];
  for (let j = 0; j < n; j++) {
    const step = differenceBy(values, x, j, by, below);
    comparison.add(-1, [j], gradient[j], by[m], hidden(here[m], step));
    column.fill(0);
    for (let k = jacobian.colPointers[j]; k < jacobian.colPointers[j + 1]; k++) column[jacobian.rowIndices[k]] = J[k];
    for (let i = 0; i < m; i++) comparison.add(i, [j], column[i], by[i], hidden(here[i], step));
  }
}

/** One combination of all functions is compared by all variables, and where it differs every function by itself. */
function compareSecond(functions: SparseFunctions, x: Float64Array, comparison: Comparison): void {
  const { variables: n, constraints: m } = functions;
  // Weights in [1, 2) without a pattern, so that errors do not cancel.
  const weights = Float64Array.from({ length: m }, (_, i) => 1 + (((i + 1) * Math.SQRT2) % 1));
  const suspects: number[] = [];
  compareColumns(functions, x, 1, weights, range(n), (_, j, error) => {
    if (error > TOLERANCE && suspects.at(-1) !== j) suspects.push(j);
  });
  for (let i = -1; i < m && suspects.length > 0; i++) {
    const multipliers = new Float64Array(m);
    if (i >= 0) multipliers[i] = 1;
    compareColumns(functions, x, i < 0 ? 1 : 0, multipliers, suspects, (k, j, _, given, by, size) =>
      comparison.add(i, [j, k], given, by, size),
    );
  }
}

const range = (n: number): readonly number[] => Array.from({ length: n }, (_, j) => j);

/** Compares columns of the lower triangle of the Hessian of sigma·f + multipliersᵀc. */
function compareColumns(
  functions: SparseFunctions,
  x: Float64Array,
  sigma: number,
  multipliers: Float64Array,
  columns: readonly number[],
  add: (k: number, j: number, error: number, given: number, by: number, size: number) => void,
): void {
  const { variables: n, jacobian, hessian } = functions;
  const H = new Float64Array(hessian!.rowIndices.length);
  functions.hessianValues!(x, sigma, multipliers, H);
  const J = new Float64Array(jacobian.rowIndices.length);
  const gradient = (at: Float64Array, out: Float64Array) => {
    functions.gradient(at, out);
    for (let k = 0; k < n; k++) out[k] *= sigma;
    functions.jacobianValues(at, J);
    addTransposed(jacobian, J, multipliers, out);
  };
  const [here, by, below, column] = Array.from({ length: 4 }, () => new Float64Array(n));
  gradient(x, here);
  for (const j of columns) {
    const step = differenceBy(gradient, x, j, by, below);
    column.fill(0, j);
    for (let p = hessian!.colPointers[j]; p < hessian!.colPointers[j + 1]; p++) column[hessian!.rowIndices[p]] = H[p];
    for (let k = j; k < n; k++) {
      const size = hidden(here[k], step);
      add(k, j, errorOf(column[k], by[k], size), column[k], by[k], size);
    }
  }
}
