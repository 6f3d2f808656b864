import { fail, type Solution } from '@southwell/numerics/core';
import { normalQuantile } from '@southwell/numerics/special';
import { type Axis, columnsOf, type Entries, type IndicesLike, placeOf } from './axes.ts';
import { contract, type Ends, pairPlaces } from './coupling.ts';
import { KalmanSmoother, type SmoothedPath } from './kalman.ts';
import { type MaternName, matern, SMOOTHNESS } from './matern.ts';
import type { TensorForm, Tried } from './options.ts';
import { packedSize } from './packed.ts';
import { coreCovariance, type FunctionalFactors, type Settings } from './sweeps.ts';

/** A model as plain data, for files. */
export interface PlainFunctionalTucker {
  readonly form: TensorForm;
  readonly rank: number;
  readonly kernel: MaternName;
  readonly axes: ReadonlyArray<{
    /** Coordinates that are scaled to 0 and 1. */
    readonly low: number;
    readonly high: number;
    readonly lengthscale: number;
    readonly variance: number;
    /** Scaled coordinates of the entries, with their messages to the functions there: packed precisions and vectors. */
    readonly places: readonly number[];
    readonly precision: readonly number[];
    readonly vector: readonly number[];
  }>;
  readonly core?: readonly number[];
  /** By packed pairs, without the prior. */
  readonly corePrecision?: readonly number[];
  readonly tau: number;
  readonly mean: number;
  readonly scale: number;
  /** Root mean square of the known noise. */
  readonly noise?: number;
  /** Errors of held-out entries in predicted standard deviations, ascending. */
  readonly scores: readonly number[];
}

export interface FunctionalPrediction {
  readonly mean: Float64Array;
  /** Variance of a new measurement: of the function plus the noise. */
  readonly variance: Float64Array;
}

/** Information about the fit of a model. */
export interface Fitting {
  readonly solution: Solution<FunctionalFactors>;
  /** Length scales that were tried, with their errors; absent if they were given or could not be chosen. */
  readonly tried?: readonly Tried[];
  /**
   * Root mean squared errors on the entries held out for calibration: of the model, and of the mean of the other
   * entries. `entries` are their indices.
   */
  readonly heldOut?: { readonly error: number; readonly mean: number; readonly entries: Int32Array };
}

/** Posterior of a function of K real coordinates: a core over R uncertain functions of each. */
export class FunctionalTuckerModel {
  /** Tucker core, by rows, for scaled values. */
  readonly core: Float64Array | undefined;
  private readonly paths: readonly SmoothedPath[];
  private readonly products: Float64Array | undefined;

  /** @throws INVALID_SHAPE if the sizes of the parts do not match. */
  constructor(
    readonly parts: PlainFunctionalTucker,
    /** Absent for models from a file. */
    readonly fitting?: Fitting,
  ) {
    const { axes, rank: R, kernel, form, core, corePrecision } = parts;
    const S = packedSize(R);
    const K = axes.length;
    const shaped =
      K > 0 &&
      axes.every(
        ({ places: { length: n }, precision, vector }) =>
          n > 0 && precision.length === n * S && vector.length === n * R,
      ) &&
      (form === 'cp' || (core?.length === R ** K && corePrecision?.length === S ** K));
    if (!shaped) fail('INVALID_SHAPE', 'The sizes of the parts of the functional tensor do not match.');
    this.paths = axes.map(({ lengthscale, variance, places, precision, vector }) => {
      const prior = matern(SMOOTHNESS[kernel], { lengthscale, variance });
      const smoother = new KalmanSmoother(prior, R, Float64Array.from(places));
      return smoother.path(Float64Array.from(precision), Float64Array.from(vector));
    });
    if (form === 'tucker') {
      const W = Float64Array.from(core!);
      const pairOf = pairPlaces(R, K);
      const V = coreCovariance(Float64Array.from(corePrecision!), pairOf);
      this.core = W;
      this.products = new Float64Array(S ** K);
      for (let p = 0, at = 0; p < W.length; p++) {
        for (let q = 0; q < W.length; q++, at++) this.products[pairOf[at]] += W[p] * W[q] + V[at];
      }
    }
  }

  /** E[τ] in the units of the values; infinite if they are constant. */
  get noisePrecision(): number {
    const { tau, scale } = this.parts;
    return tau / (scale * scale);
  }

  /** Expected log-likelihood of an entry in the fit, for values scaled to unit variance. */
  get score(): number | undefined {
    return this.fitting && -this.fitting.solution.objective;
  }

  /**
   * Mean and variance at coordinates, K numbers per row. Beyond the range of the data predictions revert to the mean of
   * the prior, with increasing variance. O(S^K) per row, with S = R(R + 1)/2; for CP O(KS).
   * @throws INVALID_SHAPE, NON_FINITE.
   */
  predict(indices: IndicesLike): FunctionalPrediction {
    const { axes, rank: R, tau, mean: centre, scale } = this.parts;
    const K = axes.length;
    const S = packedSize(R);
    const columns = columnsOf(indices, K);
    const parts = columns.map((column, k) => this.along(k, column));
    const mean = new Float64Array(indices.length);
    const variance = new Float64Array(indices.length);
    const first: Ends = { lists: parts.map((p) => p.mean), at: new Int32Array(K) };
    const second: Ends = { lists: parts.map((p) => p.second), at: new Int32Array(K) };
    const moment = this.moments(first, second);
    for (let n = 0; n < mean.length; n++) {
      for (let k = 0; k < K; k++) {
        first.at[k] = parts[k].of[n] * R;
        second.at[k] = parts[k].of[n] * S;
      }
      const [one, two] = moment();
      mean[n] = centre + scale * one;
      variance[n] = scale * scale * (Math.max(0, two - one * one) + 1 / tau);
    }
    return { mean, variance };
  }

  /**
   * Prediction intervals of a new measurement with coverage probability `level`: mean ± a number of standard
   * deviations, which is calibrated on held-out entries if there are any.
   * @throws INVALID_PARAMETER, and as {@link predict}.
   */
  interval(indices: IndicesLike, level = 0.9): { readonly low: Float64Array; readonly high: Float64Array } {
    const width = this.deviations(level);
    const { mean, variance } = this.predict(indices);
    return {
      low: mean.map((m, n) => m - width * Math.sqrt(variance[n])),
      high: mean.map((m, n) => m + width * Math.sqrt(variance[n])),
    };
  }

  /**
   * Half-width of intervals of that level, in standard deviations: with n held-out entries the ⌈(n + 1)·level⌉-th
   * smallest score (split conformal prediction); if n is too small, the larger of the largest score and the normal
   * quantile; without calibration that quantile.
   * @throws INVALID_PARAMETER.
   */
  deviations(level: number): number {
    if (!(level > 0 && level < 1)) {
      fail('INVALID_PARAMETER', `The level of intervals must be between 0 and 1, but is ${level}.`);
    }
    const { scores } = this.parts;
    const normal = normalQuantile((1 + level) / 2);
    if (scores.length === 0) return normal;
    const rank = Math.ceil((scores.length + 1) * level);
    return rank <= scores.length ? scores[rank - 1] : Math.max(normal, scores[scores.length - 1]);
  }

  /**
   * The functions of an axis at coordinates in its own units: a list for each function, with standard deviations. They
   * are identified only up to mixing, scaling and rotation, which the core compensates.
   * @throws INVALID_PARAMETER if the axis does not exist; NON_FINITE.
   */
  latent(axis: number, indices: ArrayLike<number>) {
    const { axes, rank: R } = this.parts;
    if (!Number.isInteger(axis) || axis < 0 || axis >= axes.length) {
      fail('INVALID_PARAMETER', `There is no axis ${axis}; there are 0 to ${axes.length - 1}.`);
    }
    const column = Float64Array.from(indices);
    const found = this.paths[axis].at(column.map((value) => placeOf(value, axes[axis])));
    const list = (of: (i: number, r: number) => number) =>
      Array.from({ length: R }, (_, r) => Float64Array.from(column, (__, i) => of(i, r)));
    const S = packedSize(R);
    return {
      mean: list((i, r) => found.mean[i * R + r]),
      sd: list((i, r) => Math.sqrt(found.covariance[i * S + packedSize(r) + r])),
    };
  }

  /** Moments of the functions of an axis at the distinct coordinates of a column, and the index of that of each row. */
  private along(k: number, column: Float64Array) {
    const R = this.parts.rank;
    const at = new Map<number, number>();
    const of = new Int32Array(column.length);
    for (let n = 0; n < column.length; n++) {
      const known = at.get(column[n]);
      of[n] = known ?? at.size;
      if (known === undefined) at.set(column[n], at.size);
    }
    const distinct = Float64Array.from(at.keys(), (value) => placeOf(value, this.parts.axes[k]));
    const { mean, covariance } = this.paths[k].at(distinct);
    const second = covariance;
    for (let i = 0, to = 0; to < second.length; i += R) {
      for (let r = 0; r < R; r++) for (let s = 0; s <= r; s++, to++) second[to] += mean[i + r] * mean[i + s];
    }
    return { of, mean, second };
  }

  /** E f and E f² at the coordinates given by the ends. */
  private moments(first: Ends, second: Ends): () => readonly [number, number] {
    const { rank: R } = this.parts;
    const { core, products } = this;
    const K = first.lists.length;
    if (!core || !products)
      return () => [sumOfProducts(first, R, () => 1), sumOfProducts(second, packedSize(R), twice)];
    const whole = (tensor: Float64Array, side: number, ends: Ends) => {
      const scratch = Array.from({ length: K }, (_, j) => new Float64Array(side ** (j + 1)));
      const rest: Ends = { lists: ends.lists.slice(1), at: new Int32Array(K - 1) };
      const along = new Float64Array(side);
      return () => {
        for (let k = 1; k < K; k++) rest.at[k - 1] = ends.at[k];
        along.fill(0);
        contract(tensor, side, rest, scratch, along, 0, 1);
        let sum = 0;
        for (let j = 0; j < side; j++) sum += along[j] * ends.lists[0][ends.at[0] + j];
        return sum;
      };
    };
    const [one, two] = [whole(core, R, first), whole(products, packedSize(R), second)];
    return () => [one(), two()];
  }
}

/** Multiplicity of a packed entry: two off the diagonal. */
function twice(at: number): number {
  let [row, left] = [0, at];
  while (left > row) {
    row++;
    left -= row;
  }
  return left === row ? 1 : 2;
}

function sumOfProducts({ lists, at }: Ends, size: number, weight: (j: number) => number): number {
  let sum = 0;
  for (let j = 0; j < size; j++) {
    let product = weight(j);
    for (let k = 0; k < lists.length; k++) product *= lists[k][at[k] + j];
    sum += product;
  }
  return sum;
}

/** The parts of a model from what was fitted. */
export function partsOf(
  { axes, mean, scale, noise }: Entries,
  { form, rank, kernel, lengthscales, variances }: Settings,
  factors: FunctionalFactors,
  scores: readonly number[],
): PlainFunctionalTucker {
  const plain = ({ low, high, places }: Axis, k: number) => ({
    ...{ low, high, lengthscale: lengthscales[k], variance: variances[k] },
    places: [...places],
    precision: [...factors.axes[k].precision],
    vector: [...factors.axes[k].vector],
  });
  return {
    ...{ form, rank, kernel, axes: axes.map(plain) },
    ...(factors.core && { core: [...factors.core.mean], corePrecision: [...factors.core.precision] }),
    ...{ tau: factors.tau, mean, scale, scores },
    ...(noise !== undefined && { noise }),
  };
}
