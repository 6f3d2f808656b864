import { fail } from '@southwell/numerics/core';
import type { SparseFunctions } from '@southwell/numerics/expressions';
import type { Pattern } from '@southwell/numerics/sparse';

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

/** Step of central differences, relative to max(1, |x|): the cube root of the rounding error. */
const STEP = Number.EPSILON ** (1 / 3);

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
  const moved = new Float64Array(n);
  /** Calls `add` with the step of each variable between two moved points. */
  const differences = (x: Float64Array, at: (j: number, step: number, sign: 1 | -1) => void): void => {
    moved.set(x);
    for (let j = 0; j < n; j++) {
      const step = STEP * Math.max(1, Math.abs(x[j]));
      // The step as it is after rounding.
      const [up, down] = [x[j] + step, x[j] - step];
      moved[j] = up;
      at(j, up - down, 1);
      moved[j] = down;
      at(j, up - down, -1);
      moved[j] = x[j];
    }
  };
  return {
    variables: n,
    constraints: m,
    objective: (x) => numberOf(given.objective(x)),
    gradient(x, out) {
      if (given.gradient) {
        out.set(checked(given.gradient(x), n, 'gradient'));
        return;
      }
      out.fill(0);
      differences(x, (j, width, sign) => {
        out[j] += (sign * numberOf(given.objective(moved))) / width;
      });
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
      out.fill(0);
      const c = new Float64Array(m);
      differences(x, (j, width, sign) => {
        constraintValues(moved, c);
        for (let i = 0; i < m; i++) out[j * m + i] += (sign * c[i]) / width;
      });
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
