import { addTransposed } from './barrierProblem.ts';
import type { CheckedProgram } from './program.ts';

/** A point with multipliers: ∇f − Jᵀrows − bounds = 0 at a solution. */
export interface Multiplied {
  readonly x: Float64Array;
  /**
   * Multipliers of rows: the rate at which the least objective grows with the active side. At least 0 for lower sides,
   * at most 0 for upper ones.
   */
  readonly rows: Float64Array;
  /** Multipliers of bounds, with the same signs. */
  readonly bounds: Float64Array;
}

export interface NonlinearPoint extends Multiplied {
  /** c(x). */
  readonly values: Float64Array;
  readonly residuals: Residuals;
}

/** How far a point is from the first-order optimality conditions of the program as it was stated. */
export interface Residuals {
  /** ‖∇f − Jᵀy − z‖∞. */
  readonly dual: number;
  /** The largest violation of a row or bound. */
  readonly primal: number;
  /** The largest product of a multiplier and the distance from the bound that it belongs to. */
  readonly complementarity: number;
  /** The largest of the three, each relative to the size of the numbers that it is a difference of. */
  readonly relative: number;
}

/** Violation of lower ≤ v ≤ upper. */
const violation = (v: number, lower: number, upper: number): number => Math.max(0, lower - v, v - upper);

/** Values and first derivatives of the functions of a program at a point. */
export interface Evaluated {
  readonly f: number;
  readonly gradient: Float64Array;
  /** c(x), and the values of its Jacobian. */
  readonly c: Float64Array;
  readonly J: Float64Array;
}

export function evaluatedAt({ functions }: CheckedProgram, x: Float64Array): Evaluated {
  const gradient = new Float64Array(functions.variables);
  functions.gradient(x, gradient);
  const J = new Float64Array(functions.jacobian.rowIndices.length);
  functions.jacobianValues(x, J);
  const c = new Float64Array(functions.constraints);
  functions.constraintValues(x, c);
  return { f: functions.objective(x), gradient, c, J };
}

/** Recomputes the optimality conditions from the functions of the program, without scaling. O(one evaluation). */
export const residualsAt = (program: CheckedProgram, at: Multiplied): Residuals =>
  residualsOf(program, at, evaluatedAt(program, at.x));

/** The residuals of a point whose values and derivatives are known. */
export function residualsOf(program: CheckedProgram, at: Multiplied, known: Evaluated): Residuals {
  const { functions, lower, upper, rowLower, rowUpper } = program;
  const { x, rows: y, bounds: z } = at;
  const [n, m] = [functions.variables, functions.constraints];
  const { c, J } = known;
  const gradient = known.gradient.slice();
  let [dual, primal, complementarity] = [0, 0, 0];
  let [dualSize, primalRelative] = [1, 0];
  const sizes = new Float64Array(n);
  for (let j = 0; j < n; j++) sizes[j] = Math.max(Math.abs(gradient[j]), Math.abs(z[j]));
  const { colPointers, rowIndices } = functions.jacobian;
  const rowSize = new Float64Array(m);
  for (let j = 0; j < n; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      sizes[j] = Math.max(sizes[j], Math.abs(J[k] * y[i]));
      rowSize[i] = Math.max(rowSize[i], Math.abs(J[k] * x[j]));
    }
  }
  addTransposed(
    functions.jacobian,
    J,
    y.map((v) => -v),
    gradient,
  );
  for (let j = 0; j < n; j++) {
    dual = Math.max(dual, Math.abs(gradient[j] - z[j]));
    dualSize = Math.max(dualSize, sizes[j]);
    const off = violation(x[j], lower[j], upper[j]);
    primal = Math.max(primal, off);
    primalRelative = Math.max(primalRelative, off / Math.max(1, Math.abs(x[j])));
    complementarity = Math.max(complementarity, product(z[j], x[j] - lower[j], upper[j] - x[j]));
  }
  for (let i = 0; i < m; i++) {
    const off = violation(c[i], rowLower[i], rowUpper[i]);
    primal = Math.max(primal, off);
    primalRelative = Math.max(primalRelative, off / Math.max(1, Math.abs(c[i]), rowSize[i]));
    complementarity = Math.max(complementarity, product(y[i], c[i] - rowLower[i], rowUpper[i] - c[i]));
  }
  const objectiveSize = Math.max(1, Math.abs(known.f));
  const relative = Math.max(Math.max(dual / dualSize, primalRelative), complementarity / objectiveSize);
  return { dual, primal, complementarity, relative };
}

function product(z: number, below: number, above: number): number {
  if (z === 0) return 0;
  const distance = Math.abs(z > 0 ? below : above);
  return Math.abs(z) * distance;
}

export interface Violated {
  readonly name: string;
  readonly kind: 'row' | 'bound';
  readonly value: number;
  readonly lower: number;
  readonly upper: number;
  readonly violation: number;
}

/**
 * Rows and bounds that are violated by more than `tolerance`, relative to the size of the bound; the worst first.
 * @param c The values of the rows at x.
 */
export function violatedAt(
  program: CheckedProgram,
  x: Float64Array,
  c: Float64Array,
  tolerance: number,
): readonly Violated[] {
  const { lower, upper, rowLower, rowUpper, names, rowNames } = program;
  const found: Violated[] = [];
  const look = (
    kind: 'row' | 'bound',
    values: Float64Array,
    l: Float64Array,
    u: Float64Array,
    of: readonly string[],
  ) => {
    for (let k = 0; k < values.length; k++) {
      const off = violation(values[k], l[k], u[k]);
      const size = Math.max(1, Math.abs(values[k] < l[k] ? l[k] : u[k]));
      if (!(off > tolerance * size)) continue;
      found.push({ name: of[k], kind, value: values[k], lower: l[k], upper: u[k], violation: off });
    }
  };
  look('row', c, rowLower, rowUpper, rowNames);
  look('bound', x, lower, upper, names);
  return found.sort((a, b) => b.violation - a.violation);
}
