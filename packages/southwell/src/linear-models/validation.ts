import { arenaFor } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { type AnyMatrix, type AnyMatrixLike, asMatrix, checkFinite } from '@southwell/numerics/arrays';
import { fail, inOnePlace, largestOf, type SplitRows, sumOfRows } from '@southwell/numerics/core';

/** A matrix, and how its rows are distributed. */
interface Data {
  readonly matrix: AnyMatrix;
  readonly rows: SplitRows;
}

/**
 * A matrix with at least one row and column, or the rows of it on this rank (default: all). Its values are not checked.
 * @throws EMPTY, INVALID_SHAPE.
 */
export function filledData(X: AnyMatrixLike, given?: SplitRows): Data {
  const matrix = asMatrix(X);
  const rows = given ?? inOnePlace(matrix.rows);
  if (rows.own !== matrix.rows) {
    fail('INVALID_SHAPE', `X has ${matrix.rows} rows, but ${rows.own} of the rows are on this rank.`);
  }
  if (rows.all === 0) fail('EMPTY', 'X has no rows: there is nothing to fit.');
  if (matrix.cols === 0) fail('EMPTY', 'X has no columns: give at least one feature.');
  return { matrix, rows };
}

/** As {@link filledData}, and checks that all values are finite. */
export function checkedData(X: AnyMatrixLike, given?: SplitRows): Data {
  const data = filledData(X, given);
  checkFinite(data.matrix, 'X', data.rows.first);
  return data;
}

/**
 * Weights normalised to sum to 1; uniform if none are given.
 * @throws on negative or non-finite weights, or all zero.
 */
export function checkedWeights(rows: SplitRows, weights?: ArrayLike<number>): Float64Array {
  const n = rows.own;
  if (weights === undefined) return new Float64Array(n).fill(1 / rows.all);
  if (weights.length !== n) fail('INVALID_SHAPE', `There are ${n} rows but ${weights.length} sample weights.`);
  let largest = 0;
  for (let i = 0; i < n; i++) {
    if (!(weights[i] >= 0 && weights[i] < Number.POSITIVE_INFINITY)) {
      fail(
        'INVALID_PARAMETER',
        `Sample weights must be finite and at least 0; row ${rows.first + i + 1} has ${weights[i]}.`,
      );
    }
    largest = Math.max(largest, weights[i]);
  }
  largest = largestOf(rows, largest);
  if (largest === 0) fail('INVALID_PARAMETER', 'All sample weights are 0: there is nothing to fit.');
  const out = new Float64Array(n);
  for (let i = 0; i < n; i++) out[i] = weights[i] / largest; // no overflow in the sum
  const sum = sumOfRows(rows, out);
  for (let i = 0; i < n; i++) out[i] /= sum;
  return out;
}

/** @throws INVALID_SHAPE. */
export function checkedLength(what: string, length: number, n: number): void {
  if (length !== n) fail('INVALID_SHAPE', `X has ${n} rows but ${what} has ${length} values.`);
}

/** @throws NON_FINITE. */
export function checkedOffset(rows: SplitRows, offset?: ArrayLike<number>): Float64Array | undefined {
  if (offset === undefined) return undefined;
  checkedLength('the offset', offset.length, rows.own);
  const out = Float64Array.from(offset);
  const bad = out.findIndex((v) => !Number.isFinite(v));
  if (bad >= 0) fail('NON_FINITE', `The offset holds ${out[bad]} in row ${rows.first + bad + 1}.`);
  return out;
}

/**
 * Two classes as −1 and +1; the second in sorted order is +1. Labels may be numbers, strings or booleans.
 * @throws NON_FINITE, INVALID_TARGET.
 */
export function checkedClasses(
  y: ArrayLike<number | string | boolean>,
  rows: SplitRows,
): {
  signs: Float64Array;
  classes: ReadonlyArray<number | string | boolean>;
} {
  const numbers = y instanceof Float64Array ? twoNumbers(y) : undefined;
  const seen = new Set(rows.tell([...(numbers?.classes ?? labelsAmong(y, rows))]).flat());
  // The two classes on this rank are those of all ranks.
  if (numbers && seen.size === 2) return numbers;
  const classes = [...seen].sort((a, b) => (a < b ? -1 : a > b ? 1 : 0));
  if (classes.length === 1) {
    fail('INVALID_TARGET', `The target has only one class, ${String(classes[0])}: a classifier needs two.`);
  }
  if (classes.length > 2) {
    const shown = classes.slice(0, 5).map(String).join(', ');
    fail(
      'INVALID_TARGET',
      `The target has ${seen.size >= 12 ? 'more than ten' : classes.length} classes (${shown}, …), but this model supports ` +
        'two. Use multinomial for more classes, or a regression for numbers.',
    );
  }
  return { signs: Float64Array.from({ length: y.length }, (_, i) => (y[i] === classes[1] ? 1 : -1)), classes };
}

/**
 * The distinct labels of the rows on this rank, at most a dozen.
 * @throws NON_FINITE.
 */
function labelsAmong(y: ArrayLike<number | string | boolean>, rows: SplitRows): Set<number | string | boolean> {
  const seen = new Set<number | string | boolean>();
  for (let i = 0; i < y.length; i++) {
    const label = y[i];
    if (typeof label === 'number' && !Number.isFinite(label)) {
      fail('NON_FINITE', `The target holds ${label} in row ${rows.first + i + 1}.`);
    }
    if (seen.size < 12) seen.add(label);
  }
  return seen;
}

/** {@link checkedClasses} for numbers that are all on this rank, if they are of two classes. O(n). */
function twoNumbers(y: Float64Array): ReturnType<typeof checkedClasses> | undefined {
  const arena = arenaFor(16 * y.length);
  const scratch = arena.scratch();
  try {
    const [values, signs, classes] = [scratch.f64(y.length), scratch.f64(y.length), scratch.f64(2)];
    values.view.set(y);
    if (arena.use(modelKernels).signsOf(y.length, values.pointer, signs.pointer, classes.pointer) !== 2)
      return undefined;
    return { signs: signs.view.slice(), classes: Array.from(classes.view, (v) => v + 0) };
  } finally {
    scratch.release();
  }
}

/** @throws unless an initial point has `count` finite numbers. */
export function checkedStart(values: ArrayLike<number>, count: number): void {
  if (values.length !== count) {
    fail('INVALID_SHAPE', `The initial point has ${values.length} values, but must have ${count}.`);
  }
  for (let j = 0; j < count; j++) {
    if (!Number.isFinite(values[j])) fail('NON_FINITE', `Entry ${j + 1} of the initial point is ${values[j]}.`);
  }
}
