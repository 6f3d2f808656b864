import { CscMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { type Model, parseExpression, programOf } from '@southwell/numerics/expressions';

/** A nonlinear program as text over x1, x2, …: minimise the objective where `zero` are 0 and `notNegative` at least 0. */
export interface ProgramText {
  readonly name: string;
  readonly objective: string;
  readonly zero?: readonly string[];
  readonly notNegative?: readonly string[];
  readonly lower?: readonly number[];
  readonly upper?: readonly number[];
  readonly start: readonly number[];
  /** The best known objective. */
  readonly best: number;
  /** The objective of another local minimum, at which methods may end from this start. */
  readonly otherMinimum?: number;
}

/**
 * The model of a program as text; all of its functions are in the nonlinear part.
 * @throws INVALID_FORMAT for text that is not an expression; INVALID_PARAMETER for other variables than x1 … xn, or for
 * lists of bounds of another length than the start.
 */
export function modelOfText({ name, objective, zero = [], notNegative = [], lower, upper, start }: ProgramText): Model {
  const n = start.length;
  for (const bounds of [lower, upper])
    if (bounds && bounds.length !== n)
      fail('INVALID_PARAMETER', `${name} has ${n} variables, but ${bounds.length} bounds.`);
  const names = start.map((_, j) => `x${j + 1}`);
  const rows = [...zero, ...notNegative];
  const program = programOf(
    [objective, ...rows].map((text) => parseExpression(text)),
    names,
  );
  return {
    name,
    variables: {
      names,
      lower: Float64Array.from(start, (_, j) => lower?.[j] ?? Number.NEGATIVE_INFINITY),
      upper: Float64Array.from(start, (_, j) => upper?.[j] ?? Number.POSITIVE_INFINITY),
      integer: new Uint8Array(n),
      start: Float64Array.from(start),
    },
    rows: {
      names: rows.map((_, i) => `c${i + 1}`),
      lower: new Float64Array(rows.length),
      upper: Float64Array.from(rows, (_, i) => (i < zero.length ? 0 : Number.POSITIVE_INFINITY)),
      linear: CscMatrix.fromTriplets(rows.length, n, [], [], []),
    },
    objective: { name: 'f', sense: 'minimize', constant: 0, linear: new Float64Array(n) },
    nonlinear: { program, rows: Int32Array.from({ length: rows.length + 1 }, (_, k) => k - 1) },
    suffixes: [],
  };
}
