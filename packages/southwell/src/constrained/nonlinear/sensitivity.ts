import { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { refine, sparseLdlt } from '@southwell/numerics/sparse';
import { type CheckedProgram, checkProgram, type NonlinearProgram } from './program.ts';
import type { Multiplied } from './residuals.ts';

/** Derivatives by the active side of a row or the active bound of a variable. */
export interface Sensitivity {
  /** Of the least objective: the multiplier. */
  readonly objective: number;
  /** Of the variables. */
  readonly x: Float64Array;
}

/** Multipliers up to this share of the largest one, at least 1, count as zero. */
const INACTIVE = 1e-7;

/**
 * How the solution of a program changes with the active side of a row, or the active bound of a variable, while the
 * same sides stay active: the derivative of the system of optimality conditions (Fiacco 1983, chapter 3). Zero for
 * sides without a multiplier.
 *
 * One factorisation of a sparse matrix of order variables + active sides.
 * @param at A solution with its multipliers.
 * @throws INVALID_PARAMETER for an index that is none, NOT_SUPPORTED without second derivatives, SINGULAR if the active
 * sides depend on each other or curvature is missing along them, so that the solution has no derivative.
 */
export function sensitivity(
  given: NonlinearProgram,
  at: Multiplied,
  of: { readonly row: number } | { readonly variable: number },
): Sensitivity {
  const program = checkProgram(given);
  const { functions } = program;
  const [n, m] = [functions.variables, functions.constraints];
  const [index, count] = 'row' in of ? [of.row, m] : [of.variable, n];
  if (!(Number.isInteger(index) && index >= 0 && index < count)) {
    fail(
      'INVALID_PARAMETER',
      `There is no ${'row' in of ? 'row' : 'variable'} ${index}: they count from 0 to ${count - 1}.`,
    );
  }
  if (!functions.hessian)
    fail('NOT_SUPPORTED', 'Sensitivities need second derivatives, which the functions do not have.');
  const objective = 'row' in of ? at.rows[index] : at.bounds[index];
  const { place, order } = activeSides(program, at);
  const wanted = place['row' in of ? index : m + index];
  if (wanted < 0) return { objective, x: new Float64Array(n) };
  const K = systemOf(functions, at, place, order);
  const right = new Float64Array(order);
  right[wanted] = 1;
  const factor = sparseLdlt(K);
  const { x, forwardError } = refine(K, factor, right);
  factor.free();
  if (!(forwardError < 1e-3)) {
    fail(
      'SINGULAR',
      'The solution has no derivative: the active rows and bounds depend on each other, or it is not unique.',
    );
  }
  return { objective, x: x.slice(0, n) };
}

const largestOf = (values: Float64Array, least: number): number =>
  values.reduce((most, v) => Math.max(most, Math.abs(v)), least);

/** The places of rows, then of bounds, among the active sides that follow the variables in a system; −1 for others. */
export function activeSides({ functions, lower, upper, rowLower, rowUpper }: CheckedProgram, at: Multiplied) {
  const [n, m] = [functions.variables, functions.constraints];
  const most = largestOf(at.rows, largestOf(at.bounds, 1));
  const active = (multiplier: number, l: number, u: number) => l === u || Math.abs(multiplier) > INACTIVE * most;
  const place = new Int32Array(m + n).fill(-1);
  let order = n;
  for (let i = 0; i < m; i++) if (active(at.rows[i], rowLower[i], rowUpper[i])) place[i] = order++;
  for (let j = 0; j < n; j++) if (active(at.bounds[j], lower[j], upper[j])) place[m + j] = order++;
  return { place, order };
}

/** (H + shift·I Aᵀ; A 0), both triangles, for the Hessian of the Lagrangian and the gradients A of the active sides. */
export function systemOf(
  functions: NonlinearProgram['functions'],
  at: Multiplied,
  place: Int32Array,
  order: number,
  shift = 0,
): CscMatrix {
  const { constraints: m, variables: n, jacobian, hessian } = functions;
  const [is, js, vs]: [number[], number[], number[]] = [[], [], []];
  const add = (i: number, j: number, v: number): void => {
    is.push(i);
    js.push(j);
    vs.push(v);
  };
  const both = (i: number, j: number, v: number): void => {
    add(i, j, v);
    if (i !== j) add(j, i, v);
  };
  const H = new Float64Array(hessian!.rowIndices.length);
  const negated = at.rows.map((v) => -v);
  functions.hessianValues!(at.x, 1, negated, H);
  entriesOf(hessian!, (i, j, k) => both(i, j, H[k]));
  const J = new Float64Array(jacobian.rowIndices.length);
  functions.jacobianValues(at.x, J);
  entriesOf(jacobian, (i, j, k) => {
    if (place[i] >= 0) both(place[i], j, J[k]);
  });
  for (let j = 0; j < n; j++) if (place[m + j] >= 0) both(place[m + j], j, 1);
  if (shift !== 0) for (let j = 0; j < n; j++) add(j, j, shift);
  return CscMatrix.fromTriplets(order, order, is, js, vs);
}

function entriesOf(
  { cols, colPointers, rowIndices }: NonlinearProgram['functions']['jacobian'],
  visit: (i: number, j: number, k: number) => void,
): void {
  for (let j = 0; j < cols; j++) for (let k = colPointers[j]; k < colPointers[j + 1]; k++) visit(rowIndices[k], j, k);
}
