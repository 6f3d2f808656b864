import { gemmWorkBytes } from '@southwell/kernels';
import { DenseMatrix, type MatrixLike } from '../arrays/index.ts';
import { fail, type Iterate, Random, type RunOptions, run, type Solution } from '../core/index.ts';
import { choleskyInPlace } from '../linalg/index.ts';
import { bestOf, type Clustering, type KMeansStart, kMeansIterates } from './kMeans.ts';
import { checkClusters, Points } from './points.ts';

export type CovarianceKind = 'full' | 'diagonal' | 'spherical';

/** A mixture of normal distributions; `prototypes` are its means, rows of `soft` the posterior probabilities. */
export interface Mixture extends Clustering {
  readonly soft: DenseMatrix;
  /** Shares of the components, k. */
  readonly weights: Float64Array;
  /** Of each component: d × d by rows ('full'), the d variances ('diagonal') or the one ('spherical'). */
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
const WIDTH = 256;
const LOG_2PI = Math.log(2 * Math.PI);

/**
 * Expectation–maximisation for a mixture of k normal distributions (Dempster, Laird and Rubin 1977), from the clusters of
 * k-means, on ready points. Densities are N(x; μ, Σ) exp(−ε tr(Σ⁻¹)/2): exactly those whose update is the covariance of
 * the weighted points plus ε on the diagonal. So they are bounded, no component collapses onto a point, and the
 * objective, −Σ log of the mixture, never rises (scikit-learn adds ε too, but leaves it out of the densities). The
 * certificate is the change of the objective a point. A component that has lost all points keeps its place with weight
 * 0. O(nkd²) an iteration for 'full' by matrix products, O(nkd) otherwise; O(nk) memory.
 */
export function* mixtureIterates(points: Points, k: number, options: MixtureStart = {}): Generator<Iterate<Mixture>> {
  const { covariance: kind = 'full', regularization = 1e-6, ...start } = options;
  const { n, d, norms } = points;
  checkClusters(k, n);
  if (!['full', 'diagonal', 'spherical'].includes(kind)) {
    fail('INVALID_PARAMETER', `covariance must be 'full', 'diagonal' or 'spherical', not '${kind}'.`);
  }
  if (!(regularization > 0 && regularization < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `regularization must be a positive number, not ${regularization}.`);
  }
  const variance = norms.reduce((a, b) => a + b, 0) / n / d;
  const ridge = regularization * (variance || 1);
  const full = kind === 'full';
  const weights = new Float64Array(k);
  const covariances = Array.from({ length: k }, () => new Float64Array(full ? d * d : d));
  // Component by component, so that sums over points run through memory in order.
  const r = new Float64Array(k * n);
  const begun = run(kMeansIterates(points, k, start), { tol: 1e-4, maxIter: 30 }).point;
  begun.assignments.forEach((c, p) => {
    r[c * n + p] = 1;
  });
  // Of clusters without points (there are fewer distinct ones) these stay.
  const means = points.adopt(begun.prototypes, k);
  for (const S of covariances) for (let j = 0; j < d; j++) S[full ? j * d + j : j] = (variance || 1) + ridge;
  // Of each component: log of the density at its mean, with the penalty and without.
  const peaks = new Float64Array(k);
  const plainPeaks = new Float64Array(k);
  const scratch = points.matrix.arena.scratch();

  try {
    const centred = scratch.f64(d * WIDTH);
    const out = scratch.f64(d * Math.max(WIDTH, d));
    const factor = scratch.f64(full ? d * d : d);
    const gram = scratch.f64(full ? d * d : 0);
    const bytes = Math.max(gemmWorkBytes(d, WIDTH, d), gemmWorkBytes(d, d, WIDTH));
    const work = scratch.f64(Math.ceil(bytes / 8));
    const { kernels } = points.matrix.arena;

    /** √w (x − μ) of points in a row, point after point; w may be left out. */
    const centre = (c: number, from: number, count: number, shares?: Float64Array): void => {
      const to = centred.view;
      const { data } = points;
      for (let i = 0; i < count; i++) {
        const s = shares ? Math.sqrt(shares[from + i]) : 1;
        for (let j = 0, at = (from + i) * d; j < d; j++) to[i * d + j] = s * (data[at + j] - means[c * d + j]);
      }
    };

    /** From shares to weights, means and covariances. */
    const maximise = (c: number): void => {
      const shares = r.subarray(c * n, (c + 1) * n);
      const { data } = points;
      let sum = 0;
      for (let p = 0; p < n; p++) sum += shares[p];
      weights[c] = sum / n;
      if (!(sum > 1e-200)) return;
      const mean = means.subarray(c * d, (c + 1) * d).fill(0);
      for (let p = 0; p < n; p++) {
        if (shares[p] > 0) for (let j = 0, at = p * d; j < d; j++) mean[j] += (shares[p] / sum) * data[at + j];
      }
      const S = covariances[c].fill(0);
      for (let from = 0; from < n; from += WIDTH) {
        const count = Math.min(WIDTH, n - from);
        centre(c, from, count, shares);
        if (full) {
          kernels.gemm(
            false,
            true,
            d,
            d,
            count,
            1 / sum,
            centred.pointer,
            d,
            centred.pointer,
            d,
            from === 0 ? 0 : 1,
            gram.pointer,
            d,
            work.pointer,
          );
          continue;
        }
        const z = centred.view;
        for (let i = 0; i < count; i++) for (let j = 0; j < d; j++) S[j] += (z[i * d + j] * z[i * d + j]) / sum;
      }
      if (full) S.set(gram.view);
      if (kind === 'spherical') S.fill(S.reduce((a, b) => a + b, 0) / d);
      for (let j = 0; j < d; j++) S[full ? j * d + j : j] += ridge;
    };

    /** log(w p(x)) of one component into r. */
    const density = (c: number): void => {
      const S = covariances[c];
      const F = factor.view;
      let logDet = 0;
      let trace = 0;
      if (full) {
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
      plainPeaks[c] = Math.log(weights[c]) - (d * LOG_2PI + logDet) / 2;
      peaks[c] = plainPeaks[c] - (ridge * trace) / 2;
      for (let from = 0; from < n; from += WIDTH) {
        const count = Math.min(WIDTH, n - from);
        centre(c, from, count);
        // By rows, L⁻¹ is the transpose of what the product takes it for.
        if (full) {
          kernels.gemm(
            true,
            false,
            d,
            count,
            d,
            1,
            factor.pointer,
            d,
            centred.pointer,
            d,
            0,
            out.pointer,
            d,
            work.pointer,
          );
        }
        const y = full ? out.view : centred.view;
        for (let i = 0; i < count; i++) {
          let square = 0;
          if (full) for (let j = i * d; j < (i + 1) * d; j++) square += y[j] * y[j];
          else for (let j = 0; j < d; j++) square += y[i * d + j] * y[i * d + j] * F[j];
          r[c * n + from + i] = peaks[c] - square / 2;
        }
      }
    };

    /** From log(w p) in r to posterior probabilities; gives Σ log of their sums, with the penalties and without. */
    const expect = (): [number, number] => {
      let total = 0;
      let plain = 0;
      for (let p = 0; p < n; p++) {
        let most = Number.NEGATIVE_INFINITY;
        for (let c = 0; c < k; c++) most = Math.max(most, r[c * n + p]);
        let sum = 0;
        let plainSum = 0;
        for (let c = 0; c < k; c++) {
          const e = Math.exp(r[c * n + p] - most);
          r[c * n + p] = e;
          sum += e;
          if (e > 0) plainSum += e * Math.exp(plainPeaks[c] - peaks[c]);
        }
        for (let c = 0; c < k; c++) r[c * n + p] /= sum;
        total += most + Math.log(sum);
        plain += most + Math.log(plainSum);
      }
      return [total, plain];
    };

    const parameters = k - 1 + k * d + k * { full: (d * (d + 1)) / 2, diagonal: d, spherical: 1 }[kind];
    let before = Number.NaN;
    for (let iteration = 0; ; iteration++) {
      for (let c = 0; c < k; c++) maximise(c);
      for (let c = 0; c < k; c++) density(c);
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
          assignments: largest(r, n, k),
          prototypes: points.restore(means, k),
          soft: DenseMatrix.fromColumnMajor(r, n, k),
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
  }
}

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
