import { gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix, type MatrixLike } from '../arrays/index.ts';
import { fail, type Iterate, Random, type RunOptions, run, type Solution } from '../core/index.ts';
import { choleskyInPlace, matrixProduct } from '../linalg/index.ts';
import { bestOf, type Clustering, type KMeansStart, kMeansIterates } from './kMeans.ts';
import { checkClusters, Points } from './points.ts';

export type CovarianceKind = 'full' | 'tied' | 'diagonal' | 'spherical';

/** A mixture of normal distributions; `prototypes` are its means, rows of `soft` the posterior probabilities. */
export interface Mixture extends Clustering {
  readonly soft: DenseMatrix;
  /** Shares of the components, k. */
  readonly weights: Float64Array;
  /** Of each component: d × d by rows ('full', and 'tied', where they are all the same), the d variances ('diagonal') or the one ('spherical'). */
  readonly covariances: readonly Float64Array[];
  /** Σ log p(x), without what regularises. */
  readonly logLikelihood: number;
  /** −2 log-likelihood + parameters · log n: the smaller, the better; for the choice of k and of the kind. */
  readonly bic: number;
}

export interface MixtureStart extends KMeansStart {
  /** Default 'full'. */
  readonly covariance?: CovarianceKind;
  /** What is added to variances, as a share of the mean variance of a column. Default 1e-6. */
  readonly regularization?: number;
}

export interface MixtureOptions extends MixtureStart, RunOptions<Mixture> {
  /** Starts; the one of greatest likelihood is kept. Default 3, or 1 with means of one's own. */
  readonly restarts?: number;
}

/** Points of one product. */
const WIDTH = 1024;
const LOG_2PI = Math.log(2 * Math.PI);

/**
 * Expectation–maximisation for a mixture of k normal distributions (Dempster, Laird and Rubin 1977), from the clusters of
 * k-means, on ready points. Densities are N(x; μ, Σ) exp(−ε tr(Σ⁻¹)/2): exactly those whose update is the covariance of
 * the weighted points plus ε on the diagonal. So they are bounded, no component collapses onto a point, and the
 * objective, −Σ log of the mixture, never rises (scikit-learn adds ε too, but leaves it out of the densities). The
 * certificate is the change of the objective a point. A component that has lost all points keeps its place with weight
 * 0. O(nkd²) an iteration for 'full' and 'tied' by matrix products, O(nkd) otherwise; O(nk) memory.
 */
export function* mixtureIterates(points: Points, k: number, options: MixtureStart = {}): Generator<Iterate<Mixture>> {
  const { covariance: kind = 'full', regularization = 1e-6, ...start } = options;
  const { n, d, norms } = points;
  checkClusters(k, n);
  if (!['full', 'tied', 'diagonal', 'spherical'].includes(kind)) {
    fail('INVALID_PARAMETER', `covariance must be 'full', 'tied', 'diagonal' or 'spherical', not '${kind}'.`);
  }
  if (!(regularization > 0 && regularization < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `regularization must be a positive number, not ${regularization}.`);
  }
  const variance = norms.reduce((a, b) => a + b, 0) / n / d;
  const ridge = regularization * (variance || 1);
  const whole = kind === 'full' || kind === 'tied';
  const weights = new Float64Array(k);
  const sizes = new Float64Array(k);
  const covariances = Array.from({ length: k }, () => new Float64Array(whole ? d * d : d));
  const { matrix } = points;
  const { arena } = matrix;
  const { kernels } = arena;
  // Shares of components in points, log densities in between.
  const r = DenseMatrix.create(n, k, { arena });
  const scratch = arena.scratch();
  const means = DenseMatrix.create(d, k, { arena });
  const sums = DenseMatrix.create(d, k, { arena });
  const factor = DenseMatrix.create(d, whole ? d : 1, { arena });
  const term = DenseMatrix.create(d, whole ? d : 1, { arena });
  const [block, ones, shift, ratios] = [d * WIDTH, d, d, k].map((size) => scratch.f64(size));
  const work = scratch.f64(Math.ceil(Math.max(gemmWorkBytes(d, WIDTH, d), gemmWorkBytes(d, d, WIDTH)) / 8));
  const plainSum = scratch.f64(1);
  try {
    ones.view.fill(1);
    const begun = run(kMeansIterates(points, k, start), { tol: 1e-4, maxIter: 30 }).point;
    // Of clusters without points (there are fewer distinct ones) these means and covariances stay.
    means.data.set(points.adopt(begun.prototypes, k));
    for (const S of covariances) for (let j = 0; j < d; j++) S[whole ? j * d + j : j] = (variance || 1) + ridge;
    begun.assignments.forEach((c, p) => {
      r.data[c * n + p] = 1;
    });
    // Of each component: log of the density at its mean, with the penalty and without.
    const peaks = new Float64Array(k);
    const plainPeaks = new Float64Array(k);
    const meanOf = (c: number) => means.pointer + 8 * c * d;
    const sharesOf = (c: number) => r.pointer + 8 * c * n;

    /** From shares to weights and means. */
    const findMeans = (): void => {
      matrixProduct(matrix, r, sums);
      for (let c = 0; c < k; c++) {
        sizes[c] = r.column(c).reduce((a, b) => a + b, 0);
        weights[c] = sizes[c] / n;
        if (!(sizes[c] > LOST)) continue;
        const [mean, sum] = [means.column(c), sums.column(c)];
        for (let j = 0; j < d; j++) mean[j] = sum[j] / sizes[c];
      }
    };

    /** S gets Σ shares · (x − μ)(x − μ)ᵀ, or its diagonal, of the points and one component added. */
    const addScatter = (c: number, S: Float64Array): void => {
      if (!whole) {
        term.data.fill(0);
        kernels.addWeightedSquares(d, n, matrix.pointer, meanOf(c), sharesOf(c), term.pointer);
        for (let j = 0; j < d; j++) S[j] += term.data[j];
        return;
      }
      for (let from = 0; from < n; from += WIDTH) {
        const at = matrix.pointer + 8 * from * d;
        const shares = sharesOf(c) + 8 * from;
        const count = kernels.centreWeighted(d, Math.min(WIDTH, n - from), at, meanOf(c), shares, block.pointer);
        if (count === 0) continue;
        kernels.syrk(true, d, count, block.pointer, d, term.pointer, d, work.pointer);
        const add = term.data;
        for (let t = 0; t < S.length; t++) S[t] += add[t];
      }
    };

    const findCovariances = (): void => {
      const shared = new Float64Array(kind === 'tied' ? d * d : 0);
      for (let c = 0; c < k; c++) {
        if (!(sizes[c] > LOST)) continue;
        if (kind === 'tied') {
          addScatter(c, shared);
          continue;
        }
        const S = covariances[c].fill(0);
        addScatter(c, S);
        for (let t = 0; t < S.length; t++) S[t] /= sizes[c];
        if (kind === 'spherical') S.fill(S.reduce((a, b) => a + b, 0) / d);
        for (let j = 0; j < d; j++) S[whole ? j * d + j : j] += ridge;
      }
      if (kind !== 'tied') return;
      for (let t = 0; t < shared.length; t++) shared[t] /= n;
      for (let j = 0; j < d; j++) shared[j * d + j] += ridge;
      for (const S of covariances) S.set(shared);
    };

    /** The inverse of the covariance's Cholesky factor, by rows, or of the variances, in `factor`. */
    const factorise = (S: Float64Array): { readonly logDet: number; readonly trace: number } => {
      const F = factor.data;
      let [logDet, trace] = [0, 0];
      if (whole) {
        F.set(S);
        if (!choleskyInPlace(F, d)) fail('NUMERICAL', 'A covariance matrix is singular; raise regularization.');
        for (let j = 0; j < d; j++) logDet += 2 * Math.log(F[j * d + j]);
        invertLower(F, d);
        for (const v of F) trace += v * v;
      } else {
        for (let j = 0; j < d; j++) {
          logDet += Math.log(S[j]);
          F[j] = 1 / S[j];
          trace += F[j];
        }
      }
      return { logDet, trace };
    };

    /** log(w p(x)) of one component into r. */
    const density = (c: number, { logDet, trace }: { readonly logDet: number; readonly trace: number }): void => {
      plainPeaks[c] = Math.log(weights[c]) - (d * LOG_2PI + logDet) / 2;
      peaks[c] = plainPeaks[c] - (ridge * trace) / 2;
      if (!whole) {
        kernels.logDensities(d, n, matrix.pointer, meanOf(c), factor.pointer, peaks[c], sharesOf(c));
        return;
      }
      // ‖L⁻¹x − L⁻¹μ‖². By rows, L⁻¹ is the transpose of what the product takes it for.
      const times = (count: number, at: number, out: number) =>
        kernels.gemm(true, false, d, count, d, 1, factor.pointer, d, at, d, 0, out, d, work.pointer);
      times(1, meanOf(c), shift.pointer);
      for (let from = 0; from < n; from += WIDTH) {
        const count = Math.min(WIDTH, n - from);
        times(count, matrix.pointer + 8 * from * d, block.pointer);
        const out = sharesOf(c) + 8 * from;
        kernels.logDensities(d, count, block.pointer, shift.pointer, ones.pointer, peaks[c], out);
      }
    };

    /** From log(w p) in r to posterior probabilities; gives Σ log of their sums, with the penalties and without. */
    const expect = (): [number, number] => {
      // Penalties times the largest of their inverses, which might overflow.
      const most = plainPeaks.reduce((m, v, c) => (weights[c] > 0 ? Math.max(m, v - peaks[c]) : m), 0);
      for (let c = 0; c < k; c++) ratios.view[c] = weights[c] > 0 ? Math.exp(plainPeaks[c] - peaks[c] - most) : 0;
      const total = kernels.posteriors(n, k, r.pointer, ratios.pointer, plainSum.pointer);
      return [total, plainSum.view[0] + n * most];
    };

    const entries = { full: k * ((d * (d + 1)) / 2), tied: (d * (d + 1)) / 2, diagonal: k * d, spherical: k }[kind];
    const parameters = k - 1 + k * d + entries;
    let before = Number.NaN;
    for (let iteration = 0; ; iteration++) {
      findMeans();
      findCovariances();
      let what = factorise(covariances[0]);
      for (let c = 0; c < k; c++) {
        if (c > 0 && kind !== 'tied') what = factorise(covariances[c]);
        density(c, what);
      }
      const [total, plain] = expect();
      const value = Math.abs(total - before);
      before = total;
      yield {
        iteration,
        objective: -total,
        certificate: iteration > 0 ? { kind: 'objectiveGap', value, relative: value / n } : undefined,
        work: { epochs: iteration + 1 },
        done: value === 0 ? 'converged' : undefined,
        snapshot: () => ({
          assignments: largest(r.data, n, k),
          prototypes: points.restore(means.data.slice(), k),
          soft: DenseMatrix.fromColumnMajor(r.data, n, k),
          weights: weights.slice(),
          covariances: covariances.map((S) => (kind === 'spherical' ? S.slice(0, 1) : S.slice())),
          logLikelihood: plain,
          bic: parameters * Math.log(n) - 2 * plain,
        }),
      };
      if (value === 0) return;
    }
  } finally {
    scratch.release();
    for (const M of [r, means, sums, factor, term]) M.free();
  }
}

/** A component with shares of less than this altogether has lost its points. */
const LOST = 1e-200;

/** L⁻¹ in place of L, d × d by rows, with zeros above the diagonal. O(d³/6). */
function invertLower(L: Float64Array, d: number): void {
  for (let i = 0; i < d; i++) {
    const inverse = 1 / L[i * d + i];
    for (let j = 0; j < i; j++) {
      let sum = 0;
      // Rows above are inverted already; entries of this one are read before they are overwritten.
      for (let t = j; t < i; t++) sum += L[i * d + t] * L[t * d + j];
      L[i * d + j] = -inverse * sum;
    }
    L[i * d + i] = inverse;
    L.fill(0, i * d + i + 1, (i + 1) * d);
  }
}

/** The component of greatest probability of each point; of equal ones the first. */
function largest(r: Float64Array, n: number, k: number): Int32Array {
  return Int32Array.from({ length: n }, (_, p) => {
    let best = 0;
    for (let c = 1; c < k; c++) if (r[c * n + p] > r[best * n + p]) best = c;
    return best;
  });
}

/**
 * A mixture of k normal distributions fitted to the rows of X (n × d, any matrix) by {@link mixtureIterates}: the best of
 * several starts. Defaults: `tol` 1e-6 (change of the log-likelihood a point), `maxIter` 500. Throws EMPTY, NON_FINITE,
 * INVALID_PARAMETER (k outside 1 … n, other kinds, regularization ≤ 0), INVALID_SHAPE (means of another shape).
 */
export function gaussianMixture(X: MatrixLike, k: number, options: MixtureOptions = {}): Solution<Mixture> {
  const { covariance, regularization, init, seed = 0, restarts, tol = 1e-6, maxIter = 500, ...rest } = options;
  const starts = restarts ?? (init === undefined || typeof init === 'string' ? 3 : 1);
  if (!Number.isInteger(starts) || starts < 1) {
    fail('INVALID_PARAMETER', `restarts must be a whole number of at least 1, not ${starts}.`);
  }
  const points = Points.from(X);
  try {
    return bestOf(starts, rest.signal, (start) =>
      run(
        mixtureIterates(points, k, {
          covariance,
          regularization,
          init,
          seed: start === 0 ? seed : new Random(seed).split(start).integer(2 ** 32),
        }),
        { ...rest, tol, maxIter },
      ),
    );
  } finally {
    points.matrix.free();
  }
}
