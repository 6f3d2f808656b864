import type { MatrixLike } from '@southwell/numerics/arrays';
import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { Model } from '@southwell/numerics/expressions';
import { type Columns, columnsOf, emptyColumns, stacked, toCsc } from './columns.ts';

/** The constraint that Gx + h = (t, u) has t ≥ ‖u‖₂: a second-order cone. */
export interface ConeConstraint {
  /** One row for t, then those of u; as many columns as there are variables. */
  readonly G: MatrixLike;
  readonly h: ArrayLike<number>;
}

/**
 * Minimise ½xᵀPx + qᵀx + constant subject to rowLower ≤ Ax ≤ rowUpper and lower ≤ x ≤ upper. Rows with equal sides are
 * equations; bounds and sides of at least 1e20 in absolute value are absent.
 */
export interface QuadraticProgram {
  /** Symmetric and positive semidefinite, n × n, with both triangles; without it the program is linear. */
  readonly P?: MatrixLike;
  readonly q: ArrayLike<number>;
  /** Rows × n. */
  readonly A?: MatrixLike;
  /** −∞ if absent. */
  readonly rowLower?: ArrayLike<number>;
  /** ∞ if absent. */
  readonly rowUpper?: ArrayLike<number>;
  /** −∞ if absent: variables are free. */
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
  readonly constant?: number;
  readonly cones?: readonly ConeConstraint[];
}
const keys: OptionKeys<QuadraticProgram> = {
  ...{
    P: true,
    q: true,
    A: true,
    rowLower: true,
    rowUpper: true,
    lower: true,
    upper: true,
    constant: true,
    cones: true,
  },
};

/** A checked program: minimise ½xᵀPx + qᵀx + constant. */
export interface Qp {
  readonly n: number;
  readonly m: number;
  readonly P: Columns;
  readonly q: Float64Array;
  readonly A: Columns;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly constant: number;
  /**
   * First rows of the cones, which come after all others, and then m. The sides of such rows are both −h: they are
   * equations Gx = −h up to a slack in the cone.
   */
  readonly cones: Int32Array;
}

const INFINITE = 1e20;

/**
 * Checks a program and copies it.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE.
 */
export function checkProgram(program: QuadraticProgram): Qp {
  knownKeys('the quadratic program', program, keys);
  if (program.q === undefined) fail('INVALID_SHAPE', 'A quadratic program needs q, one number per variable.');
  const n = program.q.length;
  const q = numbers('q', program.q, n, 0);
  checkNumbers('q', q);
  const A = program.A === undefined ? emptyColumns(sidesOf(program), n) : columnsOf(program.A);
  if (A.cols !== n) fail('INVALID_SHAPE', `A has ${A.cols} columns, but q has ${n} entries.`);
  checkEntries('A', A);
  const P = program.P === undefined ? emptyColumns(n, n) : columnsOf(program.P);
  if (P.rows !== n || P.cols !== n)
    fail('INVALID_SHAPE', `P must be ${n} × ${n}, as q has ${n} entries, not ${P.rows} × ${P.cols}.`);
  checkEntries('P', P);
  checkSymmetric(P);
  const { constant = 0 } = program;
  if (!Number.isFinite(constant)) fail('NON_FINITE', `constant must be a finite number, not ${constant}.`);
  const sides = checkSides(program, n, A.rows);
  const linear = { n, m: A.rows, P, q, A, constant, ...sides, cones: Int32Array.of(A.rows) };
  return program.cones && program.cones.length > 0 ? withCones(linear, program.cones) : linear;
}

function withCones(qp: Qp, cones: readonly ConeConstraint[]): Qp {
  const offsets = [qp.m];
  const parts = [qp.A];
  const sides: number[] = [];
  cones.forEach(({ G, h }, k) => {
    const [cone, name] = [columnsOf(G), `cone ${k + 1}`];
    if (cone.rows === 0) fail('INVALID_SHAPE', `The ${name} has no rows; its first row is t, the others are u.`);
    if (cone.cols !== qp.n) fail('INVALID_SHAPE', `G of ${name} has ${cone.cols} columns, but q has ${qp.n} entries.`);
    checkEntries(`G of ${name}`, cone);
    const constants = numbers(`h of ${name}`, h, cone.rows, 0);
    checkNumbers(`h of ${name}`, constants);
    for (const v of constants) sides.push(0 - v);
    parts.push(cone);
    offsets.push(qp.m + sides.length);
  });
  const joined = (linear: Float64Array) => Float64Array.from([...linear, ...sides]);
  return {
    ...{ ...qp, A: stacked(parts), m: qp.m + sides.length, cones: Int32Array.from(offsets) },
    ...{ rowLower: joined(qp.rowLower), rowUpper: joined(qp.rowUpper) },
  };
}

/** The sides and bounds of a program by name. */
export type Sides = Pick<Qp, 'rowLower' | 'rowUpper' | 'lower' | 'upper'>;
/** Lower sides above upper ones by at most this, relative to their size, are put down to rounding. */
export const MEETING = 1e-10;

/**
 * The sides and bounds of a program; those that are not given are `otherwise`, or absent.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function checkSides(
  program: Pick<QuadraticProgram, keyof Sides>,
  n: number,
  m: number,
  otherwise?: Sides,
): Sides {
  const side = (name: keyof Sides, length: number, absent: number): Float64Array => {
    if (program[name] === undefined && otherwise) return otherwise[name];
    const values = numbers(name, program[name], length, absent);
    for (let i = 0; i < length; i++) {
      const v = values[i];
      if (Number.isNaN(v)) fail('NON_FINITE', `${name} holds NaN at entry ${i + 1}; ±Infinity stands for no bound.`);
      if (v >= INFINITE) values[i] = Number.POSITIVE_INFINITY;
      else if (v <= -INFINITE) values[i] = Number.NEGATIVE_INFINITY;
    }
    return values;
  };
  const sides = {
    rowLower: side('rowLower', m, Number.NEGATIVE_INFINITY),
    rowUpper: side('rowUpper', m, Number.POSITIVE_INFINITY),
    lower: side('lower', n, Number.NEGATIVE_INFINITY),
    upper: side('upper', n, Number.POSITIVE_INFINITY),
  };
  [sides.rowLower, sides.rowUpper] = met(sides.rowLower, sides.rowUpper);
  [sides.lower, sides.upper] = met(sides.lower, sides.upper);
  return sides;
}

/**
 * Other sides for a program, whose rows of cones keep theirs.
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function changedSides(qp: Qp, sides: Pick<QuadraticProgram, keyof Sides>): Sides {
  const { n, cones, rowLower } = qp;
  if (cones.length === 1) return checkSides(sides, n, qp.m, qp);
  const ofRows = { rowLower: rowLower.slice(0, cones[0]), rowUpper: qp.rowUpper.slice(0, cones[0]) };
  const changed = checkSides(sides, n, cones[0], { ...qp, ...ofRows });
  const joined = (linear: Float64Array) => Float64Array.from([...linear, ...rowLower.subarray(cones[0])]);
  return { ...changed, rowLower: joined(changed.rowLower), rowUpper: joined(changed.rowUpper) };
}

/** Sides that cross by rounding only are made equal. */
function met(lower: Float64Array, upper: Float64Array): [Float64Array, Float64Array] {
  let [low, up] = [lower, upper];
  for (let i = 0; i < lower.length; i++) {
    if (!(lower[i] > upper[i]) || !(lower[i] - upper[i] <= MEETING * Math.max(1, Math.abs(lower[i])))) continue;
    if (low === lower) [low, up] = [lower.slice(), upper.slice()];
    low[i] = up[i] = (lower[i] + upper[i]) / 2;
  }
  return [low, up];
}

const sidesOf = ({ rowLower, rowUpper }: QuadraticProgram): number => rowLower?.length ?? rowUpper?.length ?? 0;

function numbers(name: string, given: ArrayLike<number> | undefined, length: number, otherwise: number): Float64Array {
  if (given === undefined) return new Float64Array(length).fill(otherwise);
  if (given.length !== length) fail('INVALID_SHAPE', `${name} has ${given.length} entries, but must have ${length}.`);
  // Several times faster than Float64Array.from.
  return new Float64Array(given);
}

/** @throws NON_FINITE. */
export function checkNumbers(name: string, values: Float64Array): void {
  const bad = values.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) fail('NON_FINITE', `${name} holds ${values[bad]} at entry ${bad + 1}; it must be finite.`);
}

function checkEntries(name: string, { cols, start, index, value }: Columns): void {
  for (let j = 0; j < cols; j++) {
    for (let k = start[j]; k < start[j + 1]; k++) {
      if (Number.isFinite(value[k])) continue;
      fail('NON_FINITE', `${name} holds ${value[k]} in row ${index[k] + 1}, column ${j + 1}; it must be finite.`);
    }
  }
}

/** Relative difference of entries across the diagonal that is taken for rounding. */
const ROUNDING = 1e-10;

function checkSymmetric({ cols, start, index, value }: Columns): void {
  if (value.length === cols * cols && isSymmetric(cols, value)) return;
  const next = start.slice(0, cols);
  let most = 0;
  for (let k = 0; k < value.length; k++) most = Math.max(most, Math.abs(value[k]));
  // Row j of the upper triangle meets column j of the lower one in the same order.
  for (let j = 0; j < cols; j++) {
    for (let k = start[j]; k < start[j + 1]; k++) {
      const i = index[k];
      if (i === j) continue;
      while (next[i] < start[i + 1] && index[next[i]] < j) next[i]++;
      const other = next[i] < start[i + 1] && index[next[i]] === j ? value[next[i]] : 0;
      if (Math.abs(other - value[k]) > ROUNDING * Math.max(Math.abs(value[k]), most * 1e-6)) {
        const [row, column] = [Math.max(i, j) + 1, Math.min(i, j) + 1];
        fail(
          'INVALID_PARAMETER',
          `P must be symmetric with both triangles, but its entries (${row}, ${column}) and (${column}, ${row}) differ.`,
        );
      }
    }
  }
}

/** Whether a matrix without zeros is symmetric to the last bit. */
function isSymmetric(n: number, value: Float64Array): boolean {
  for (let j = 0; j < n; j++) for (let i = 0; i < j; i++) if (value[j * n + i] !== value[i * n + j]) return false;
  return true;
}

/** A program as the solver sees a model: maximisation is minimisation of the opposite. */
export interface ModelProgram {
  readonly program: QuadraticProgram;
  /** −1 if the model is maximised: its objective and multipliers are these times those of the program. */
  readonly sign: 1 | -1;
}

/**
 * The quadratic program of a model without nonlinear parts and integers.
 * @throws NOT_SUPPORTED.
 */
export function programOf({ variables, rows, objective, nonlinear }: Model): ModelProgram {
  if (nonlinear && nonlinear.rows.length > 0) {
    fail('NOT_SUPPORTED', 'The model has nonlinear parts; a quadratic program has none.');
  }
  const whole = variables.integer.indexOf(1);
  if (whole >= 0) {
    fail(
      'NOT_SUPPORTED',
      `${variables.names[whole]} must be a whole number; quadratic programs here have real variables only.`,
    );
  }
  const sign = objective.sense === 'maximize' ? -1 : 1;
  const P = objective.quadratic && columnsOf(objective.quadratic);
  const program = {
    P: P && { ...P, value: P.value.map((v) => sign * v) },
    q: objective.linear.map((v) => sign * v),
    constant: sign * objective.constant,
  };
  const sides = { rowLower: rows.lower, rowUpper: rows.upper, lower: variables.lower, upper: variables.upper };
  return { program: { ...program, P: program.P && toCsc(program.P), A: rows.linear, ...sides }, sign };
}
