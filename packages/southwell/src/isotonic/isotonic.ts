import {
  checkGiven,
  checkOption,
  choiceOption,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  type OptionsOf,
  only,
  type RunOptions,
  run,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { clamp, type IsotonicBlocks, isotonicBlocks } from '@southwell/numerics/projections';
import {
  argsort,
  badModel,
  boundsRecords,
  checkedBounds,
  checkedDirection,
  checkedWeights,
  directionOption,
  fieldsOf,
  finite,
  gapCertificate,
  numbersOf,
  type Spearman,
  spearman,
  spreadOf,
  VERSION,
} from './data.ts';

const FORMAT = 'southwell-isotonic-model';

export const outOfBoundsOption = choiceOption(
  { clip: 'the nearest fitted', nan: 'none', error: 'tell me' },
  {
    title: 'Predictions out of range',
    about: 'predictions of a saved one-column model outside the range of the training data',
    argument: 'how',
    default: 'clip',
  },
);

/** Prediction outside the range of x: the value at the nearer end, NaN, or an error. */
export type OutOfBounds = NonNullable<OptionsOf<{ how: typeof outOfBoundsOption }>['how']>;

/** A fitted isotonic regression: a monotone piecewise linear function. */
export class IsotonicModel {
  /** @throws INVALID_PARAMETER. */
  constructor(
    /** Strictly increasing thresholds; at least one. */
    readonly x: Float64Array,
    /** Values at the thresholds. */
    readonly y: Float64Array,
    readonly increasing: boolean,
    readonly outOfBounds: OutOfBounds,
  ) {
    checkOption('outOfBounds', outOfBoundsOption, outOfBounds);
  }

  /**
   * Predictions at new x, linear between thresholds; a model with one threshold is constant. O(log thresholds) a row.
   * @throws NON_FINITE, and if outOfBounds is 'error' INVALID_PARAMETER, naming the row.
   */
  predict(x: ArrayLike<number>, outOfBounds: OutOfBounds = this.outOfBounds): Float64Array {
    const at = finite('x', x);
    const { x: xs, y: ys } = this;
    const last = xs.length - 1;
    const out = new Float64Array(at.length);
    for (let i = 0; i < at.length; i++) {
      const v = at[i];
      if (last > 0 && outOfBounds !== 'clip' && (v < xs[0] || v > xs[last])) {
        if (outOfBounds === 'error') {
          fail('INVALID_PARAMETER', `x is ${v} in row ${i + 1}, outside ${xs[0]} … ${xs[last]}, the range of the fit.`);
        }
        out[i] = Number.NaN;
        continue;
      }
      // The first threshold that is at least v.
      let [from, to] = [0, last];
      while (from < to) {
        const middle = (from + to) >> 1;
        if (xs[middle] < v) from = middle + 1;
        else to = middle;
      }
      const [a, b] = [ys[from - 1], ys[from]];
      out[i] =
        from === 0 || v >= xs[from] || a === b
          ? b
          : between(a + (b - a) * ((v - xs[from - 1]) / (xs[from] - xs[from - 1])), a, b);
    }
    return out;
  }

  /** A plain object that JSON preserves exactly, of format 'southwell-isotonic-model', version 1. */
  toPlain(): object {
    const { x, y, increasing, outOfBounds } = this;
    return { format: FORMAT, version: VERSION, increasing, outOfBounds, x: Array.from(x), y: Array.from(y) };
  }

  /** The model from {@link toPlain}, also after JSON; throws INVALID_FORMAT with the reason for anything else. */
  static from(plain: unknown): IsotonicModel {
    const { x, y, increasing, outOfBounds } = fieldsOf(plain, FORMAT);
    const xs = numbersOf('x', x);
    if (xs.length === 0 || xs.some((v, i) => i > 0 && v <= xs[i - 1]))
      return badModel('x must rise, and have a number');
    const ys = numbersOf('y', y, xs.length);
    if (typeof increasing !== 'boolean') return badModel('increasing must be true or false');
    const sign = increasing ? 1 : -1;
    if (ys.some((v, i) => i > 0 && sign * (v - ys[i - 1]) < 0)) return badModel('y must be monotone');
    if (!outOfBoundsOption.allows(outOfBounds)) return badModel(`there is no outOfBounds ${String(outOfBounds)}`);
    return new IsotonicModel(xs, ys, increasing, outOfBounds as OutOfBounds);
  }
}

/** Clips rounding errors to the ends. */
const between = (v: number, a: number, b: number): number => Math.max(Math.min(a, b), Math.min(Math.max(a, b), v));

export const isotonicRecords = {
  ...boundsRecords,
  /** Default 'increasing'. */
  direction: directionOption,
  /** Prediction outside the range of x. Default 'clip'. */
  outOfBounds: outOfBoundsOption,
};

/** Rows of weight 0 are ignored. */
export interface IsotonicOptions extends OptionsOf<typeof isotonicRecords> {}

export interface IsotonicFit {
  readonly model: IsotonicModel;
  /** Length n, in the order of the rows; for rows of weight 0 the prediction of the model, clipped. */
  readonly fitted: Float64Array;
  /** The correlation that determined the direction, if it was 'auto'. */
  readonly spearman?: Spearman;
}

/** Options of a run that is exact and has no checkpoints. */
type ExactOptions = Omit<RunOptions<IsotonicFit>, 'tol' | 'checkpoint'>;
const { tol: _, checkpoint: __, ...exactKeys } = runKeys;

/** Gap relative to the sum of squares about the mean that an exact fit may have by rounding. */
const EXACT = 1e-12;

type Bounds = readonly [number, number];

/** Rows sorted by x, with rows of equal x merged into their weighted mean. */
interface Chain {
  /** Rows in the order of x. */
  readonly order: Int32Array;
  /** Distinct values of x, and the index in `order` at which the rows of each begin; one more at the end. */
  readonly x: Float64Array;
  readonly starts: Int32Array;
  readonly y: Float64Array;
  readonly w: Float64Array;
  /** Σ w (y − its mean at that x)², scaled. */
  readonly within: number;
}

/** If all weights are `equal` to 1, they are not read, and their memory is reused. */
function chainOf(x: Float64Array, y: Float64Array, w: Float64Array, equal: boolean, scale: number): Chain {
  const n = x.length;
  const { order, values } = argsort(x);
  const starts = new Int32Array(n + 1);
  const ys = new Float64Array(n);
  const ws = equal ? w : new Float64Array(n);
  let [m, within] = [0, 0];
  for (let i = 0, j = 0; i < n; i = j, m++) {
    const at = values[i];
    let mean = y[order[i]];
    let weight = equal ? 1 : w[order[i]];
    for (j = i + 1; j < n && values[j] === at; j++) {
      const row = order[j];
      const step = y[row] - mean;
      const added = equal ? 1 : w[row];
      weight += added;
      mean += step * (added / weight);
      within += added * (step * scale) * ((y[row] - mean) * scale);
    }
    starts[m] = i;
    // In place: m never exceeds i.
    values[m] = at;
    ys[m] = mean;
    ws[m] = weight;
  }
  starts[m] = n;
  return { order, starts, x: values.subarray(0, m), y: ys.subarray(0, m), w: ws.subarray(0, m), within };
}

/**
 * Σ w ((z − c)² + 2 (z − c)(c − g)), where z are the blocks' values within the bounds, g the point of the multipliers λ
 * ≥ 0 of the neighbours' constraints, and c the same within the bounds: the duality gap, whose terms are non-negative.
 * O(n).
 */
function chainGap({ y, w }: Chain, { means, ends, count }: IsotonicBlocks, scale: number, [low, high]: Bounds): number {
  let gap = 0;
  for (let b = 0, i = 0; b < count; b++) {
    const mean = means[b];
    const z = clamp(mean, low, high);
    let sum = 0;
    let before = 0;
    for (const end = ends[b]; i < end; i++) {
      sum += w[i] * (y[i] - mean);
      const lambda = i === end - 1 ? 0 : Math.max(0, sum);
      const g = y[i] - (lambda - before) / w[i];
      before = lambda;
      const c = clamp(g, low, high);
      const d = (z - c) * scale;
      gap += w[i] * d * (d + 2 * ((c - g) * scale));
    }
  }
  return gap;
}

/** Thresholds (the first and the last x of each run of equal values) and fitted values, within the bounds. O(n). */
function valuesOf({ order, starts, x }: Chain, { means, ends, count }: IsotonicBlocks, [low, high]: Bounds) {
  const fitted = new Float64Array(order.length);
  const [tx, ty] = [new Float64Array(2 * count), new Float64Array(2 * count)];
  let k = 0;
  for (let b = 0, i = 0; b < count; b++) {
    const value = clamp(means[b], low, high);
    while (b + 1 < count && clamp(means[b + 1], low, high) === value) b++;
    const end = ends[b];
    for (let r = starts[i]; r < starts[end]; r++) fitted[order[r]] = value;
    tx[k] = x[i];
    ty[k++] = value;
    if (end - 1 > i) {
      tx[k] = x[end - 1];
      ty[k++] = value;
    }
    i = end;
  }
  return { x: tx.slice(0, k), y: ty.slice(0, k), fitted };
}

/** Checked data without rows of weight 0; a decreasing fit uses −y, whose increasing fit is its mirror image. */
function prepared(x: ArrayLike<number>, y: ArrayLike<number>, options: IsotonicOptions) {
  const n = x.length;
  if (n === 0) fail('EMPTY', 'There is nothing to fit: x has no rows.');
  const [xs, ys] = [finite('x', x), finite('y', y, n)];
  const { w, unit } = checkedWeights(options.weights, n);
  const [low, high] = checkedBounds(options);
  const { direction = 'increasing', outOfBounds = 'clip' } = options;
  const rank = direction === 'auto' ? spearman(xs, ys) : undefined;
  const increasing = rank ? rank.rho >= 0 : checkedDirection(direction) === 'increasing';
  const kept = options.weights && w.includes(0) ? Int32Array.from(w.keys()).filter((i) => w[i] > 0) : undefined;
  const take = (v: Float64Array) => (kept ? Float64Array.from(kept, (i) => v[i]) : v);
  const turned = increasing ? take(ys) : take(ys).map(mirrored);
  const bounds: Bounds = increasing ? [low, high] : [-high, -low];
  /** The fit of blocks, in the order of all rows and with the sign restored. */
  const fit = (chain: Chain, blocks: IsotonicBlocks): IsotonicFit => {
    const values = valuesOf(chain, blocks, bounds);
    const turn = (v: Float64Array) => (increasing ? v : v.map(mirrored));
    const model = new IsotonicModel(values.x, turn(values.y), increasing, outOfBounds);
    const fitted = turn(values.fitted);
    if (!kept) return { model, fitted, spearman: rank };
    const all = model.predict(xs, 'clip');
    kept.forEach((row, i) => {
      all[row] = fitted[i];
    });
    return { model, fitted: all, spearman: rank };
  };
  const spread = spreadOf(turned, take(w));
  const chain = chainOf(take(xs), turned, take(w), options.weights === undefined, spread.scale);
  return { chain, spread, unit, bounds, fit };
}

// Not -v, which turns 0 into -0.
const mirrored = (v: number): number => 0 - v;

/**
 * The iterates of {@link isotonicRegression}, for `run` and `runAsync`: iteration 0 is the constant fit, iteration 1
 * the exact one by pooling adjacent violators, with its duality gap; `active` is the number of blocks.
 */
export function* isotonicIterates(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: IsotonicOptions = {},
): Generator<Iterate<IsotonicFit>> {
  knownKeys('isotonicIterates', options, keysOf(isotonicRecords));
  checkGiven(isotonicRecords, options);
  const { chain, spread, unit, bounds, fit } = prepared(x, y, options);
  const { mean, scale, total, weight } = spread;
  const constant = clamp(mean, ...bounds);
  yield {
    iteration: 0,
    objective: (total + weight * ((mean - constant) * scale) ** 2) / scale / scale / unit,
    active: 1,
    work: { epochs: 0 },
    snapshot: () => fit(chain, { count: 1, means: Float64Array.of(constant), ends: Int32Array.of(chain.x.length) }),
  };
  const objective = ({ count, means, ends }: IsotonicBlocks): number => {
    let sum = chain.within;
    for (let b = 0, i = 0; b < count; b++) {
      const value = clamp(means[b], ...bounds);
      for (const end = ends[b]; i < end; i++) sum += chain.w[i] * ((chain.y[i] - value) * scale) ** 2;
    }
    return sum / scale / scale / unit;
  };
  const blocks = isotonicBlocks(chain.y, chain.w);
  yield {
    iteration: 1,
    objective: objective(blocks),
    certificate: gapCertificate(chainGap(chain, blocks, scale, bounds), spread, unit),
    active: blocks.count,
    work: { epochs: 1 },
    snapshot: () => fit(chain, blocks),
  };
}

/**
 * Isotonic regression of y on x (n values each): the monotone values that minimise Σ w (y − f(x))², optionally within
 * bounds; between values of x the model is linear. Rows of equal x are merged into their weighted mean. Agrees with
 * scikit-learn's IsotonicRegression, except for x that differ by less than 1e-15, which that merges.
 *
 * Exact, in O(n) after a radix sort; converged with a duality gap of at most 1e-12 of the sum of squares about the
 * mean.
 *
 * Best & Chakravarti (1990), Active set algorithms for isotonic regression.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE (rows from 1) and INVALID_PARAMETER (negative weights, only zeros, bounds).
 */
export function isotonicRegression(
  x: ArrayLike<number>,
  y: ArrayLike<number>,
  options: IsotonicOptions & ExactOptions = {},
): Solution<IsotonicFit> {
  knownKeys('isotonicRegression', options, { ...keysOf(isotonicRecords), ...exactKeys });
  const watch = only<ExactOptions>(options, exactKeys);
  return run(isotonicIterates(x, y, only<IsotonicOptions>(options, keysOf(isotonicRecords))), { ...watch, tol: EXACT });
}
