import { asMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { type MonotoneState, Problem, solve } from './chainDescent.ts';
import {
  badModel,
  boundsRecords,
  checkedBounds,
  checkedDirection,
  checkedWeights,
  type Direction,
  fieldsOf,
  finite,
  numbersOf,
  type Spearman,
  spearman,
  VERSION,
} from './data.ts';
import { type Order, orderOfColumns, orderOfPairs } from './orders.ts';

const FORMAT = 'southwell-monotone-model';

/** A fitted monotone regression: values at rows, monotone in every column. */
export class MonotoneModel {
  constructor(
    /** For each column, whether the values increase along it (otherwise they decrease). */
    readonly increasing: readonly boolean[],
    /** Corners of the fit, row by row: rows that are minimal or maximal among those of their value. */
    readonly rows: Float64Array,
    /** Value of each corner. */
    readonly values: Float64Array,
  ) {}

  /**
   * Predictions at new rows (m × d): the midpoint of the largest value of a corner below the row and the smallest of
   * one above it in the partial order; if there is none below (above), the smallest (largest) value of all is used. The
   * prediction is monotone in every column, and equals the fitted values at the rows of the fit. O(m · corners · d).
   * @throws INVALID_SHAPE, NON_FINITE.
   */
  predict(X: MatrixLike): Float64Array {
    const { increasing, rows, values } = this;
    const d = increasing.length;
    const columns = columnsOf(X, increasing);
    const sign = increasing.map((up) => (up ? 1 : -1));
    let [least, most] = [values[0], values[0]];
    for (const v of values) [least, most] = [Math.min(least, v), Math.max(most, v)];
    const out = new Float64Array(columns[0].length);
    for (let i = 0; i < out.length; i++) {
      let [low, high] = [least, most];
      for (let c = 0; c < values.length; c++) {
        const v = values[c];
        // Only corners that could narrow the interval are compared.
        if (v <= low && v >= high) continue;
        let [below, above] = [v > low, v < high];
        for (let j = 0; j < d && (below || above); j++) {
          const [at, corner] = [columns[j][i], sign[j] * rows[c * d + j]];
          if (corner > at) below = false;
          else if (corner < at) above = false;
        }
        if (below) low = v;
        if (above) high = v;
      }
      out[i] = low === high ? low : 0.5 * low + 0.5 * high;
    }
    return out;
  }

  /** A plain object that JSON preserves exactly, of format 'southwell-monotone-model', version 1. */
  toPlain(): object {
    const { increasing, rows, values } = this;
    return {
      format: FORMAT,
      version: VERSION,
      increasing: [...increasing],
      rows: Array.from(rows),
      values: Array.from(values),
    };
  }

  /** The model from {@link toPlain}, also after JSON; throws INVALID_FORMAT with the reason for anything else. */
  static from(plain: unknown): MonotoneModel {
    const { increasing, rows, values } = fieldsOf(plain, FORMAT);
    if (!Array.isArray(increasing) || increasing.length === 0 || increasing.some((v) => typeof v !== 'boolean')) {
      return badModel('increasing must be true or false for each column');
    }
    const found = numbersOf('values', values);
    if (found.length === 0) return badModel('it has no values');
    return new MonotoneModel(increasing, numbersOf('rows', rows, found.length * increasing.length), found);
  }
}

/**
 * Copies of the columns of X, negated where the fit decreases along them. O(nd).
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE.
 */
export function columnsOf(X: MatrixLike, increasing: readonly boolean[]): Float64Array[] {
  return rawColumns(X, increasing.length).map((column, j) => (increasing[j] ? column : column.map((v) => 0 - v)));
}

/**
 * Copies of the columns of X. O(nd).
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE (rows from 1).
 */
export function rawColumns(X: MatrixLike, expected?: number): Float64Array[] {
  const matrix = asMatrix(X);
  const dense = matrix.kind === 'dense' ? matrix : matrix.toDense();
  try {
    if (dense.rows === 0 || dense.cols === 0) fail('EMPTY', `X is empty: ${dense.rows} × ${dense.cols}.`);
    if (expected !== undefined && dense.cols !== expected) {
      fail('INVALID_SHAPE', `The model was fitted on ${expected} columns but X has ${dense.cols}.`);
    }
    return Array.from({ length: dense.cols }, (_, j) => finite(`Column ${j + 1} of X`, dense.column(j).slice()));
  } finally {
    if (dense !== X) dense.free();
    if (matrix !== X && matrix !== dense) matrix.free();
  }
}

export interface PartialOrderOptions extends OptionsOf<typeof boundsRecords> {
  /** State from a checkpoint of a run with the same data and options. */
  readonly resume?: MonotoneState;
}

const monotoneRecords = {
  ...boundsRecords,
  /** Direction in all columns, or in each. Default 'increasing'. */
  direction: otherOption<Direction | readonly Direction[]>('a direction, or one for each column'),
};

export interface MonotoneOptions extends OptionsOf<typeof monotoneRecords>, PartialOrderOptions {}

const partialOrderKeys: OptionKeys<PartialOrderOptions> = { ...keysOf(boundsRecords), resume: true };
const monotoneKeys: OptionKeys<MonotoneOptions> = { ...keysOf(monotoneRecords), resume: true };

export interface PartialOrderFit {
  /** Length n. */
  readonly fitted: Float64Array;
}

export interface MonotoneFit extends PartialOrderFit {
  readonly model: MonotoneModel;
  /** The correlation of each column whose direction was 'auto'. */
  readonly spearman: ReadonlyArray<Spearman | undefined>;
}

/** Defaults of `tol` and `maxIter`. */
const TOLERANCE = 1e-10;
const LIMIT = 10_000;

const atRows = ({ nodeOf }: Order, values: Float64Array): Float64Array => Float64Array.from(nodeOf, (v) => values[v]);

/**
 * The iterates of {@link partialOrderRegression}, for `run` and `runAsync`.
 * @throws EMPTY, INVALID_PARAMETER.
 */
export function* partialOrderIterates(
  y: ArrayLike<number>,
  pairs: ArrayLike<ArrayLike<number>>,
  options: PartialOrderOptions = {},
): Generator<Iterate<PartialOrderFit>> {
  knownKeys('partialOrderIterates', options, partialOrderKeys);
  checkGiven(boundsRecords, options);
  const n = y.length;
  if (n === 0) fail('EMPTY', 'There is nothing to fit: y has no rows.');
  const ys = finite('y', y);
  const { w, unit } = checkedWeights(options.weights, n);
  const zero = w.indexOf(0);
  if (zero >= 0) {
    fail(
      'INVALID_PARAMETER',
      `The weight of row ${zero + 1} is 0: leave the row out, and relate the rows below it to those above it.`,
    );
  }
  const order = orderOfPairs(n, pairs);
  const problem = new Problem(order, ys, w, unit, checkedBounds(options));
  for (const iterate of solve(problem, options.resume)) {
    yield { ...iterate, snapshot: () => ({ fitted: atRows(order, iterate.snapshot()) }) };
  }
}

/** Whether values increase along each column, with the correlations that determined it. */
function directionsOf(columns: readonly Float64Array[], y: Float64Array, given: MonotoneOptions['direction']) {
  const each = Array.isArray(given) ? (given as readonly Direction[]) : undefined;
  if (each && each.length !== columns.length) {
    fail(
      'INVALID_SHAPE',
      `There are ${each.length} directions for ${columns.length} columns of X: pass one, or one for each.`,
    );
  }
  const of = (j: number): Direction => each?.[j] ?? (given as Direction | undefined) ?? 'increasing';
  const ranks = columns.map((column, j) => (of(j) === 'auto' ? spearman(column, y) : undefined));
  const increasing = ranks.map((rank, j) => (rank ? rank.rho >= 0 : checkedDirection(of(j)) === 'increasing'));
  return { ranks, increasing };
}

/** The iterates of {@link monotoneRegression}, for `run` and `runAsync`. */
export function* monotoneIterates(
  X: MatrixLike,
  y: ArrayLike<number>,
  options: MonotoneOptions = {},
): Generator<Iterate<MonotoneFit>> {
  knownKeys('monotoneIterates', options, monotoneKeys);
  checkGiven(monotoneRecords, options);
  const columns = rawColumns(X);
  const n = columns[0].length;
  const ys = finite('y', y, n);
  const { w, unit } = checkedWeights(options.weights, n);
  const bounds = checkedBounds(options);
  const { ranks, increasing } = directionsOf(columns, ys, options.direction);
  const kept = w.includes(0) ? Int32Array.from(w.keys()).filter((i) => w[i] > 0) : undefined;
  const take = (v: Float64Array) => (kept ? Float64Array.from(kept, (i) => v[i]) : v);
  const turned = columns.map((column, j) => (increasing[j] ? take(column) : take(column).map((v) => 0 - v)));
  const order = orderOfColumns(turned);
  const fit = (values: Float64Array): MonotoneFit => {
    const model = modelOf(order, turned, increasing, values);
    const fitted = atRows(order, values);
    if (!kept) return { model, fitted, spearman: ranks };
    const all = new Float64Array(n);
    const dropped = Int32Array.from(w.keys()).filter((i) => w[i] === 0);
    const predicted = model.predict(Array.from(dropped, (i) => columns.map((column) => column[i])));
    kept.forEach((row, i) => {
      all[row] = fitted[i];
    });
    dropped.forEach((row, i) => {
      all[row] = predicted[i];
    });
    return { model, fitted: all, spearman: ranks };
  };
  const problem = new Problem(order, take(ys), take(w), unit, bounds);
  for (const iterate of solve(problem, options.resume)) {
    yield { ...iterate, snapshot: () => fit(iterate.snapshot()) };
  }
}

/** Of nodes that share a value with one below and one above, only the ends matter for other rows. O(relations). */
function modelOf(
  { nodes, pointers, to, rows }: ReturnType<typeof orderOfColumns>,
  columns: readonly Float64Array[],
  increasing: readonly boolean[],
  values: Float64Array,
): MonotoneModel {
  const [same, above] = [new Uint8Array(nodes), new Uint8Array(nodes)];
  for (let v = 0; v < nodes; v++) {
    for (let e = pointers[v]; e < pointers[v + 1]; e++) {
      if (values[to[e]] === values[v]) same[to[e]] = above[v] = 1;
    }
  }
  const corners = Int32Array.from(values.keys()).filter((v) => !(same[v] && above[v]));
  const flat = new Float64Array(corners.length * columns.length);
  corners.forEach((v, c) => {
    columns.forEach((column, j) => {
      flat[c * columns.length + j] = increasing[j] ? column[rows[v]] : 0 - column[rows[v]];
    });
  });
  return new MonotoneModel(
    increasing,
    flat,
    Float64Array.from(corners, (v) => values[v]),
  );
}

/**
 * Monotone regression: the values at the rows of X (n × d) that minimise Σ w (y − f)², where f must not decrease when
 * some columns increase and none decreases (with `direction`, likewise), optionally within bounds. Equal rows have one
 * value; rows of weight 0 are ignored, and get the prediction of the model.
 *
 * Block coordinate ascent in the dual, with the duality gap as its certificate, relative to the sum of squares about
 * the mean, and `metrics.kktResidual` in units of y. Defaults: `tol` 1e-10, `maxIter` 10,000. Once the blocks of equal
 * values are found, the fit is exact up to rounding, whatever the gap. The covering pairs of the rows' order are found
 * first, in O((n + pairs) log n) for two columns and O(n² d) for more (at most 50,000 distinct rows); an iteration is
 * O(pairs). Two random columns have about n log n pairs.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER, and NOT_SUPPORTED for orders that are too large.
 */
export function monotoneRegression(
  X: MatrixLike,
  y: ArrayLike<number>,
  options: MonotoneOptions & RunOptions<MonotoneFit> = {},
): Solution<MonotoneFit> {
  knownKeys('monotoneRegression', options, { ...monotoneKeys, ...runKeys });
  const watch = only<RunOptions<MonotoneFit>>(options, runKeys);
  const { tol = TOLERANCE, maxIter = LIMIT } = watch;
  return run(monotoneIterates(X, y, only<MonotoneOptions>(options, monotoneKeys)), { ...watch, tol, maxIter });
}

/**
 * Isotonic regression on a partial order: the values f of n rows that minimise Σ w (y − f)² with f_i ≤ f_j for every
 * pair [i, j] of row indices (from 0). Rows on a cycle of relations are equal. Method, certificate and defaults are
 * those of {@link monotoneRegression}; weights must be positive.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, and INVALID_PARAMETER (a row index outside 0 … n−1; weights; bounds).
 */
export function partialOrderRegression(
  y: ArrayLike<number>,
  pairs: ArrayLike<ArrayLike<number>>,
  options: PartialOrderOptions & RunOptions<PartialOrderFit> = {},
): Solution<PartialOrderFit> {
  knownKeys('partialOrderRegression', options, { ...partialOrderKeys, ...runKeys });
  const watch = only<RunOptions<PartialOrderFit>>(options, runKeys);
  const { tol = TOLERANCE, maxIter = LIMIT } = watch;
  return run(partialOrderIterates(y, pairs, only<PartialOrderOptions>(options, partialOrderKeys)), {
    ...watch,
    tol,
    maxIter,
  });
}
