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
  /** ‖∇f − Jᵀy − z‖∞, and the pull of multipliers of sides that there are not. */
  readonly dual: number;
  /** The largest violation of a row or bound. */
  readonly primal: number;
  /** The largest product of a multiplier and the distance from the bound that it belongs to. */
  readonly complementarity: number;
  /**
   * The largest of the three, each relative to the size of the numbers that it is a difference of; the complementarity
   * to that of the objective, whose units it has.
   */
  readonly relative: number;
}

/** How many times the rounding error of a variable an error of the gradient may stand for. */
const ROUNDINGS = 10;

/** Violation of lower ≤ v ≤ upper. */
export const violation = (v: number, lower: number, upper: number): number => Math.max(0, lower - v, v - upper);

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

/**
 * The residuals of a point whose values and derivatives are known.
 * @param rounding Errors of ∇f − Jᵀy − z up to which `relative` leaves its entries out.
 */
export function residualsOf(
  program: CheckedProgram,
  at: Multiplied,
  known: Evaluated,
  rounding?: Float64Array,
): Residuals {
  const { functions, lower, upper, rowLower, rowUpper } = program;
  const { x, rows: y, bounds: z } = at;
  const [n, m] = [functions.variables, functions.constraints];
  const { c, J } = known;
  const gradient = known.gradient.slice();
  const { sizes, rowSizes, pulls, relativePulls } = termSizes(program, at, known);
  const worst = { dual: 0, dualRelative: 0, primal: 0, primalRelative: 0, complementarity: 0 };
  /** A variable or row with its sides and multiplier; the size of its terms, and the terms of ∇L with its multiplier. */
  const check = (v: number, l: number, u: number, multiplier: number, size: number, pull: number, relative: number) => {
    const off = violation(v, l, u);
    worst.primal = Math.max(worst.primal, off);
    worst.primalRelative = Math.max(worst.primalRelative, off / size);
    if (multiplier === 0 || l === u) return;
    const distance = Math.abs(multiplier > 0 ? v - l : u - v);
    if (distance === Number.POSITIVE_INFINITY) {
      worst.dual = Math.max(worst.dual, pull);
      worst.dualRelative = Math.max(worst.dualRelative, relative);
      return;
    }
    worst.complementarity = Math.max(worst.complementarity, Math.abs(multiplier) * distance);
  };
  addTransposed(
    functions.jacobian,
    J,
    y.map((v) => -v),
    gradient,
  );
  for (let j = 0; j < n; j++) {
    const error = Math.abs(gradient[j] - z[j]);
    worst.dual = Math.max(worst.dual, error);
    if (!(error <= (rounding?.[j] ?? 0))) worst.dualRelative = Math.max(worst.dualRelative, error / sizes[j]);
    const pull = Math.abs(z[j]);
    check(x[j], lower[j], upper[j], z[j], Math.max(1, Math.abs(x[j])), pull, pull / sizes[j]);
  }
  for (let i = 0; i < m; i++) {
    const size = Math.max(1, Math.abs(c[i]), rowSizes[i]);
    check(c[i], rowLower[i], rowUpper[i], y[i], size, pulls[i], relativePulls[i]);
  }
  const { dual, primal, complementarity } = worst;
  const products = complementarity / Math.max(1, Math.abs(known.f));
  const relative = Math.max(worst.dualRelative, worst.primalRelative, products);
  return { dual, primal, complementarity, relative };
}

/**
 * Errors of ∇f − Jᵀy that rounding of x alone explains: ε|∇²L||x|, a few times. Undefined without second derivatives.
 */
export function roundingErrors({ functions }: CheckedProgram, { x, rows }: Multiplied): Float64Array | undefined {
  const { hessian } = functions;
  if (!hessian || !functions.hessianValues) return undefined;
  const entries = new Float64Array(hessian.rowIndices.length);
  functions.hessianValues(
    x,
    1,
    rows.map((v) => -v),
    entries,
  );
  const errors = new Float64Array(x.length);
  const { colPointers, rowIndices } = hessian;
  for (let j = 0; j < x.length; j++) {
    for (let k = colPointers[j]; k < colPointers[j + 1]; k++) {
      const i = rowIndices[k];
      const size = ROUNDINGS * Number.EPSILON * Math.abs(entries[k]);
      errors[i] += size * Math.abs(x[j]);
      if (i !== j) errors[j] += size * Math.abs(x[i]);
    }
  }
  return errors;
}

/**
 * The largest terms of ∇f − Jᵀy − z, at least 1, and of the rows, to first order; for each row the largest term of ∇L
 * with its multiplier, and relative to the largest one beside it.
 */
function termSizes({ functions }: CheckedProgram, { x, rows: y, bounds: z }: Multiplied, { gradient, J }: Evaluated) {
  const sizes = gradient.map((v, j) => Math.max(1, Math.abs(v), Math.abs(z[j])));
  const [rowSizes, pulls] = [new Float64Array(y.length), new Float64Array(y.length)];
  const relativePulls = new Float64Array(y.length);
  const { colPointers, rowIndices } = functions.jacobian;
  for (let j = 0; j < sizes.length; j++) {
    const [begin, end] = [colPointers[j], colPointers[j + 1]];
    for (let k = begin; k < end; k++) {
      const i = rowIndices[k];
      const slope = Math.abs(J[k]);
      const pull = slope * Math.abs(y[i]);
      sizes[j] = Math.max(sizes[j], pull);
      pulls[i] = Math.max(pulls[i], pull);
      rowSizes[i] = Math.max(rowSizes[i], slope * Math.abs(x[j]));
    }
    for (let k = begin; k < end; k++) {
      const i = rowIndices[k];
      relativePulls[i] = Math.max(relativePulls[i], (Math.abs(J[k]) * Math.abs(y[i])) / sizes[j]);
    }
  }
  return { sizes, rowSizes, pulls, relativePulls };
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
