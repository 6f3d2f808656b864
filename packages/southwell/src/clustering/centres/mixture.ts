import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  type Iterate,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsOf,
  only,
  ownColumns,
  type RunOptions,
  run,
  runKeys,
  type Solution,
  type SplitRows,
  wholeColumns,
} from '@southwell/numerics/core';
import { Points } from '@southwell/numerics/neighbours';
import { elementary } from '@southwell/numerics/special';
import { checkClusters } from '../checks.ts';
import { type Clustering, type KMeansStart, kMeansIterates, restartRecords, startRecords } from './kMeans.ts';
import { covariancesOf, covarianceTitles, LOST } from './mixtureCovariances.ts';
import { bestOf, type RestartState } from './restarts.ts';
import { SplitShares } from './splitShares.ts';

const { exp, log } = elementary;

/** A Gaussian mixture; `prototypes` are its means, rows of `soft` the posterior probabilities (responsibilities). */
export interface Mixture extends Clustering {
  readonly soft: DenseMatrix;
  /** Mixture weights, k. */
  readonly weights: Float64Array;
  /**
   * Covariances of each component: d × d by rows ('full', and 'tied', where they are all the same), the d variances
   * ('diagonal') or the single one ('spherical').
   */
  readonly covariances: readonly Float64Array[];
  /** Covariance regularisation, see {@link mixtureIterates}. */
  readonly ridge: number;
  /** Log-likelihood Σ log p(x), without regularisation. */
  readonly logLikelihood: number;
  /** BIC, −2 log-likelihood + parameters · log n: smaller is better; for choosing k and the covariance type. */
  readonly bic: number;
}

export const mixtureRecords = {
  /** Covariance type of the components. Default 'full'. */
  covariance: choiceOption(covarianceTitles, {
    title: 'Covariances',
    about: 'covariance type of the components',
    argument: 'kind',
    default: 'full',
  }),
  /** Regularisation added to variances, relative to the mean variance of the columns. Default 1e-6. */
  regularization: numberOption({ min: 0, open: true, finite: true }),
};

const iteratesRecords = { ...startRecords, ...mixtureRecords };

export interface MixtureStart extends OptionsOf<typeof iteratesRecords> {}

export interface MixtureOptions extends MixtureStart, OptionsOf<typeof restartRecords>, RunOptions<Mixture> {
  /** State from a checkpoint of a run with the same data and options. */
  readonly resume?: RestartState;
  /**
   * Distribution of the rows over ranks: X and the posterior probabilities then have the rows of this rank. Default:
   * all rows are here.
   */
  readonly rows?: SplitRows;
}

const mixtureKeys: OptionKeys<MixtureOptions> = {
  ...keysOf({ ...iteratesRecords, ...restartRecords }),
  ...runKeys,
  resume: true,
  rows: true,
};

/** State of expectation–maximisation, as plain data: of all rows, even if these are distributed over ranks. */
export interface MixtureState {
  readonly iteration: number;
  /** Σ log of the mixture's density, with the penalties and without, and the last change of the former. */
  readonly total: number;
  readonly plain: number;
  readonly change: number;
  readonly weights: Float64Array;
  /** n × k and d × k, by columns. */
  readonly shares: Float64Array;
  readonly means: Float64Array;
  readonly covariances: readonly Float64Array[];
}

const LOG_2PI = log(2 * Math.PI);

/**
 * Expectation–maximisation for a Gaussian mixture with k components (Dempster, Laird and Rubin 1977), from the clusters
 * of k-means, on prepared points. Densities are N(x; μ, Σ) exp(−ε tr(Σ⁻¹)/2), whose update is exactly the covariance of
 * the weighted points plus ε on the diagonal. They are therefore bounded, no component collapses onto a point, and the
 * objective, −Σ log of the mixture, never increases (scikit-learn adds ε too, but does not include it in the
 * densities). The certificate is the change of the objective per point. A component that has lost all points keeps its
 * position with weight 0. An iteration takes O(nkd²) for 'full', O(nd² + nkd) for 'tied', both by matrix products, and
 * O(nkd) otherwise; O(nk) memory.
 * @throws INVALID_PARAMETER.
 */
export function* mixtureIterates(
  points: Points,
  k: number,
  options: MixtureStart & { readonly resume?: MixtureState } = {},
): Generator<Iterate<Mixture>> {
  const { resume, ...settings } = options;
  checkOptions('mixtureIterates', iteratesRecords, settings);
  const { covariance: kind = 'full', regularization = 1e-6, ...start } = settings;
  const { n, d, rows, matrix } = points;
  checkClusters(k, rows.all);
  const variance = points.total() / rows.all / d || 1;
  const ridge = regularization * variance;
  const { arena } = matrix;
  const r = DenseMatrix.create(n, k, { arena });
  const means = DenseMatrix.create(d, k, { arena });
  const sums = DenseMatrix.create(d, k, { arena });
  const sizes = new Float64Array(k);
  const weights = new Float64Array(k);
  const covariances = covariancesOf(kind, { points, r, means, sizes, variance, ridge });
  const scratch = arena.scratch();
  const [ratios, plainSum] = [scratch.f64(k), scratch.f64(1)];
  const shares = new SplitShares(points, r, sums, scratch);
  try {
    if (resume) {
      means.data.set(resume.means);
      r.data.set(ownColumns(rows, resume.shares, k));
      weights.set(resume.weights);
      for (const [c, S] of covariances.values.entries()) S.set(resume.covariances[c]);
    } else startFromKMeans(points, k, start, means, r);
    // Of each component: log of the density at its mean, with the penalty and without.
    const peaks = new Float64Array(k);
    const plainPeaks = new Float64Array(k);

    /** M step: weights, means and covariances from responsibilities. */
    const maximise = (): void => {
      shares.sum(sizes);
      for (let c = 0; c < k; c++) {
        weights[c] = sizes[c] / rows.all;
        if (!(sizes[c] > LOST)) continue;
        const [mean, sum] = [means.column(c), sums.column(c)];
        for (let j = 0; j < d; j++) mean[j] = sum[j] / sizes[c];
      }
      covariances.update();
    };

    /** E step: responsibilities; returns Σ log of the mixture's density, with the penalties and without. */
    const expect = (): [number, number] => {
      covariances.densities((c, logDet, trace) => {
        plainPeaks[c] = log(weights[c]) - (d * LOG_2PI + logDet) / 2;
        peaks[c] = plainPeaks[c] - (ridge * trace) / 2;
        return peaks[c];
      });
      // Inverse penalties relative to the largest, to avoid overflow.
      const most = plainPeaks.reduce((m, v, c) => (weights[c] > 0 ? Math.max(m, v - peaks[c]) : m), 0);
      for (let c = 0; c < k; c++) ratios.view[c] = weights[c] > 0 ? exp(plainPeaks[c] - peaks[c] - most) : 0;
      return shares.posteriors(ratios.pointer, plainSum, most);
    };

    const parameters = k - 1 + k * d + covariances.parameters;
    let [total, plain, value] = resume ? [resume.total, resume.plain, resume.change] : [Number.NaN, Number.NaN, 0];
    for (let iteration = resume?.iteration ?? 0; ; iteration++) {
      if (iteration !== resume?.iteration) {
        const before = total;
        maximise();
        [total, plain] = expect();
        value = Math.abs(total - before);
      }
      const at = { iteration, total, plain, change: value };
      yield {
        iteration,
        objective: -total,
        certificate: iteration > 0 ? { kind: 'objectiveGap', value, relative: value / rows.all } : undefined,
        work: { epochs: iteration + 1 },
        done: value === 0 ? 'converged' : undefined,
        snapshot: () => ({
          assignments: largest(r.data, n, k),
          prototypes: points.restore(means.data.slice(), k),
          soft: DenseMatrix.fromColumnMajor(r.data, n, k),
          weights: weights.slice(),
          covariances: covariances.values.map((S) => (kind === 'spherical' ? S.slice(0, 1) : S.slice())),
          ridge,
          logLikelihood: at.plain,
          bic: parameters * log(rows.all) - 2 * at.plain,
        }),
        checkpoint: (): MixtureState => ({
          ...at,
          weights: weights.slice(),
          shares: wholeColumns(rows, r.data, k),
          means: means.data.slice(),
          covariances: covariances.values.map((S) => S.slice()),
        }),
      };
      if (value === 0) return;
    }
  } finally {
    scratch.release();
    for (const used of [r, means, sums, covariances]) used.free();
  }
}

/** Means and one-hot responsibilities from the clusters of k-means. */
function startFromKMeans(points: Points, k: number, start: KMeansStart, means: DenseMatrix, r: DenseMatrix): void {
  const { prototypes, assignments } = run(kMeansIterates(points, k, start), { tol: 1e-4, maxIter: 30 }).point;
  // Clusters without points, where there are fewer than k distinct ones, keep these means.
  means.data.set(points.adopt(prototypes, k));
  assignments.forEach((c, p) => {
    r.data[c * points.n + p] = 1;
  });
}

/** The most probable component of each point; in case of ties the first. */
function largest(r: Float64Array, n: number, k: number): Int32Array {
  return Int32Array.from({ length: n }, (_, p) => {
    let best = 0;
    for (let c = 1; c < k; c++) if (r[c * n + p] > r[best * n + p]) best = c;
    return best;
  });
}

/**
 * Fits a mixture of k normal distributions to the rows of X (n × d, any matrix) by {@link mixtureIterates}: the best of
 * several initialisations. Defaults: `tol` 1e-6 (change of the log-likelihood per point), `maxIter` 500.
 * @throws EMPTY, NON_FINITE, INVALID_PARAMETER (k outside 1 … n, other kinds, regularization ≤ 0), INVALID_SHAPE (means
 * of another shape).
 */
export function gaussianMixture(X: MatrixLike, k: number, options: MixtureOptions = {}): Solution<Mixture> {
  knownKeys('gaussianMixture', options, mixtureKeys);
  const { covariance, regularization, init, seed = 0, restarts, tol = 1e-6, maxIter = 500, rows, ...rest } = options;
  const watch = only<RunOptions<Mixture>>(rest, runKeys);
  const starts = restarts ?? (init === undefined || typeof init === 'string' ? 3 : 1);
  const points = Points.from(X, undefined, rows);
  try {
    return bestOf<Mixture, MixtureState>(starts, seed, { ...rest, rows: points.rows }, ({ seed, resume, checkpoint }) =>
      run(mixtureIterates(points, k, { covariance, regularization, init, seed, resume }), {
        ...watch,
        tol,
        maxIter,
        checkpoint,
      }),
    );
  } finally {
    points.matrix.free();
  }
}
