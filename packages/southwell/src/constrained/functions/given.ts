import { fail } from '@southwell/numerics/core';
import type { SparseFunctions } from '@southwell/numerics/expressions';
import type { Pattern } from '@southwell/numerics/sparse';
import { differenceBy } from './differences.ts';

/** The functions of a program as plain functions of a point. Derivatives that are left out are computed by differences. */
export interface GivenFunctions {
  /** Number of variables. */
  readonly variables: number;
  objective(x: Float64Array): number;
  gradient?(x: Float64Array): ArrayLike<number>;
  /** Number of constraints. Default 0. */
  readonly constraints?: number;
  constraintValues?(x: Float64Array): ArrayLike<number>;
  /** One row per constraint. */
  jacobian?(x: Float64Array): ArrayLike<ArrayLike<number>>;
  /** The Hessian of sigma·f + Σ multipliers[i]·cᵢ, one row per variable. Without it, it is approximated by BFGS. */
  hessian?(x: Float64Array, sigma: number, multipliers: Float64Array): ArrayLike<ArrayLike<number>>;
}

/**
 * Sparse functions for solvers of nonlinear programs, from plain functions; their derivatives are dense. Differences
 * are central ones, of 2·variables evaluations, and accurate to about ten digits.
 *
 * @example nonlinearProgram({ functions: functionsFrom({ variables: 2, objective: ([x, y]) => (x - 1) ** 2 + y ** 4 }) });
 * @throws INVALID_PARAMETER for counts that are none; the functions throw INVALID_SHAPE for results of a wrong length.
 */
export function functionsFrom(given: GivenFunctions): SparseFunctions {
  const { variables: n, constraints: m = 0 } = given;
  for (const [what, count] of [
    ['variables', n],
    ['constraints', m],
  ] as const) {
    if (!(Number.isInteger(count) && count >= 0)) {
      fail('INVALID_PARAMETER', `${what} must be a whole number of at least 0, not ${count}.`);
    }
  }
  if (m > 0 && !given.constraintValues) {
    fail('INVALID_PARAMETER', `There are ${m} constraints, but no function constraintValues.`);
  }
  const constraintValues = (x: Float64Array, out: Float64Array): void => {
    if (m > 0) out.set(checked(given.constraintValues!(x), m, 'constraintValues'));
  };
  const value = (x: Float64Array, out: Float64Array): void => {
    out[0] = numberOf(given.objective(x));
  };
  const moved = new Float64Array(n);
  return {
    variables: n,
    constraints: m,
    objective: (x) => numberOf(given.objective(x)),
    gradient(x, out) {
      if (given.gradient) {
        out.set(checked(given.gradient(x), n, 'gradient'));
        return;
      }
      moved.set(x);
      const [above, below] = [new Float64Array(1), new Float64Array(1)];
      for (let j = 0; j < n; j++) {
        differenceBy(value, moved, j, above, below);
        out[j] = above[0];
      }
    },
    constraintValues,
    jacobian: densePattern(m, n),
    jacobianValues(x, out) {
      if (m === 0) return;
      if (given.jacobian) {
        const rows = checked(given.jacobian(x), m, 'jacobian');
        for (let i = 0; i < m; i++) {
          const row = checked(rows[i], n, `row ${i + 1} of jacobian`);
          for (let j = 0; j < n; j++) out[j * m + i] = row[j];
        }
        return;
      }
      moved.set(x);
      const below = new Float64Array(m);
      for (let j = 0; j < n; j++) differenceBy(constraintValues, moved, j, out.subarray(j * m, (j + 1) * m), below);
    },
    ...(given.hessian && {
      hessian: lowerPattern(n),
      hessianValues(x: Float64Array, sigma: number, multipliers: Float64Array, out: Float64Array) {
        const rows = checked(given.hessian!(x, sigma, multipliers), n, 'hessian');
        let at = 0;
        for (let j = 0; j < n; j++) {
          for (let i = j; i < n; i++) out[at++] = checked(rows[i], n, `row ${i + 1} of hessian`)[j];
        }
      },
    }),
  };
}

function numberOf(value: unknown): number {
  if (typeof value !== 'number') fail('INVALID_SHAPE', `objective must return a number, not ${describe(value)}.`);
  return value;
}

function checked<T>(values: ArrayLike<T>, length: number, what: string): ArrayLike<T> {
  if (values?.length !== length) {
    fail('INVALID_SHAPE', `${what} must return ${length} values, but returned ${describe(values)}.`);
  }
  return values;
}

const describe = (value: unknown): string => {
  const { length } = (value ?? {}) as { readonly length?: unknown };
  return typeof length === 'number' ? String(length) : value instanceof Promise ? 'a promise' : typeof value;
};

const densePattern = (rows: number, cols: number): Pattern => ({
  ...{ rows, cols },
  colPointers: Int32Array.from({ length: cols + 1 }, (_, j) => j * rows),
  rowIndices: Int32Array.from({ length: rows * cols }, (_, k) => k % rows),
});

function lowerPattern(n: number): Pattern {
  const colPointers = new Int32Array(n + 1);
  const rowIndices = new Int32Array((n * (n + 1)) / 2);
  let at = 0;
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) rowIndices[at++] = i;
    colPointers[j + 1] = at;
  }
  return { rows: n, cols: n, colPointers, rowIndices };
}
