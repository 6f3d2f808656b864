import { fail } from '@southwell/numerics/core';
import type { SparseFunctions } from '@southwell/numerics/expressions';

/**
 * Minimise f(x) subject to lower ≤ x ≤ upper and rowLower ≤ c(x) ≤ rowUpper. Equal bounds are equalities; bounds of
 * 1e20 and more are absent.
 */
export interface NonlinearProgram {
  readonly functions: SparseFunctions;
  /** Default: no bounds. */
  readonly lower?: ArrayLike<number>;
  readonly upper?: ArrayLike<number>;
  /** Default: 0 and 0, equalities. */
  readonly rowLower?: ArrayLike<number>;
  readonly rowUpper?: ArrayLike<number>;
  /** Initial point; 0 where it is NaN. Default: 0. */
  readonly start?: ArrayLike<number>;
  /** Initial multipliers of rows and bounds, as points have them. */
  readonly startMultipliers?: { readonly rows: ArrayLike<number>; readonly bounds: ArrayLike<number> };
  /** Names for messages and results. Default: x1, x2, … and c1, c2, …. */
  readonly names?: readonly string[];
  readonly rowNames?: readonly string[];
}

/** A program whose data are complete and consistent in shape. */
export interface CheckedProgram {
  readonly functions: SparseFunctions;
  readonly lower: Float64Array;
  readonly upper: Float64Array;
  readonly rowLower: Float64Array;
  readonly rowUpper: Float64Array;
  readonly start: Float64Array;
  readonly startMultipliers?: { readonly rows: Float64Array; readonly bounds: Float64Array };
  readonly names: readonly string[];
  readonly rowNames: readonly string[];
  /** Names of variables and rows whose lower bound is above the upper one. */
  readonly contradictions: readonly string[];
}

/** @throws INVALID_SHAPE, NON_FINITE for bounds or starts that are NaN or infinite on the wrong side. */
export function checkProgram(program: NonlinearProgram): CheckedProgram {
  const { functions } = program;
  const [n, m] = [functions.variables, functions.constraints];
  const lower = vector(program.lower, n, Number.NEGATIVE_INFINITY, 'lower');
  const upper = vector(program.upper, n, Number.POSITIVE_INFINITY, 'upper');
  const rowLower = vector(program.rowLower, m, 0, 'rowLower');
  const rowUpper = vector(program.rowUpper, m, 0, 'rowUpper');
  const names = program.names ?? Array.from({ length: n }, (_, j) => `x${j + 1}`);
  const rowNames = program.rowNames ?? Array.from({ length: m }, (_, i) => `c${i + 1}`);
  const start = vector(program.start, n, 0, 'start').map((v) => (Number.isNaN(v) ? 0 : v));
  const contradictions = [
    ...checkBounds(lower, upper, names, 'variable'),
    ...checkBounds(rowLower, rowUpper, rowNames, 'row'),
  ];
  const infinite = start.findIndex((v) => !Number.isFinite(v));
  if (infinite >= 0) fail('NON_FINITE', `The initial value of '${names[infinite]}' is infinite.`);
  const { startMultipliers } = program;
  return {
    ...{ functions, lower, upper, rowLower, rowUpper, start, names, rowNames, contradictions },
    ...(startMultipliers && {
      startMultipliers: {
        rows: vector(startMultipliers.rows, m, 0, 'startMultipliers.rows'),
        bounds: vector(startMultipliers.bounds, n, 0, 'startMultipliers.bounds'),
      },
    }),
  };
}

function vector(given: ArrayLike<number> | undefined, length: number, absent: number, what: string): Float64Array {
  if (given === undefined) return new Float64Array(length).fill(absent);
  if (given.length !== length) fail('INVALID_SHAPE', `${what} has ${given.length} values, but must have ${length}.`);
  return Float64Array.from(given);
}

/** Bounds from which there are none, as modelling languages write it. */
const ABSENT = 1e20;

/** Removes absent bounds; returns the names of those that contradict each other. */
function checkBounds(
  lower: Float64Array,
  upper: Float64Array,
  names: readonly string[],
  what: string,
): readonly string[] {
  const contradictions: string[] = [];
  for (let k = 0; k < lower.length; k++) {
    if (Number.isNaN(lower[k]) || Number.isNaN(upper[k])) {
      fail('NON_FINITE', `A bound of ${what} '${names[k]}' is NaN: −∞ or ∞ stand for an absent bound.`);
    }
    if (lower[k] === Number.POSITIVE_INFINITY || upper[k] === Number.NEGATIVE_INFINITY) {
      fail(
        'NON_FINITE',
        `${what} '${names[k]}' has a lower bound of ∞ or an upper bound of −∞, so no value is allowed.`,
      );
    }
    if (lower[k] <= -ABSENT) lower[k] = Number.NEGATIVE_INFINITY;
    if (upper[k] >= ABSENT) upper[k] = Number.POSITIVE_INFINITY;
    if (lower[k] > upper[k]) contradictions.push(names[k]);
  }
  return contradictions;
}
