import { type Iterate, Random } from '@southwell/numerics/core';
import type { Factors } from './alternating.ts';
import { orthonormalise, residuals, rotate, spectralStart, tallSvd } from './factors.ts';
import type { Observed } from './observed.ts';
import { type PlacedEntries, withPlaced } from './placed.ts';
import { balancedFactors } from './softImpute.ts';

/** State after a step, as plain data. */
export interface ThresholdingState {
  readonly iteration: number;
  /** Y ≈ U diag(sizes) Vᵀ, and Y itself on the entries, by columns. */
  readonly U: Float64Array;
  readonly V: Float64Array;
  readonly sizes: Float64Array;
  readonly y: Float64Array;
  readonly delta: number;
  /** Sum of squared residuals. */
  readonly squares: number;
  readonly random: readonly number[];
}

export interface ThresholdingOptions {
  /** State from a checkpoint of a run with the same entries and options. */
  readonly resume?: ThresholdingState;
  /** Maximum number of singular values. */
  readonly rank: number;
  /** Threshold subtracted from the singular values. Default: five times their mean, as estimated from the entries. */
  readonly threshold?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Relative residual of the entries at or below which the run stops. Default 1e-4. */
  readonly tol?: number;
}

/**
 * Singular value thresholding (Cai, Candès and Shen 2010): among all matrices with the observed entries, the one that
 * minimises τ‖X‖_* + ½‖X‖². Dual ascent Y ← Y + δ P(M − X) with X the thresholded Y, which is as sparse as the entries;
 * its leading singular vectors are computed by subspace iteration from the previous ones. δ starts at 1.2 divided by
 * the fraction of observed entries, as in the paper, and is halved, to no less than 1, when residuals increase: below 2
 * convergence is guaranteed. O(entries · rank + (rows + cols) rank²) per iterate.
 */
export const thresholding = (
  observed: Observed,
  options: ThresholdingOptions,
): Generator<Iterate<Factors>, void, undefined> =>
  withPlaced(observed, options.rank, (placed) => iterates(observed, placed, options));

function* iterates(
  observed: Observed,
  placed: PlacedEntries,
  options: ThresholdingOptions,
): Generator<Iterate<Factors>, void, undefined> {
  const { rank: k, seed = 0, tol = 1e-4, resume } = options;
  const { rows, cols, byCol, byRow } = observed;
  const random = new Random(seed);
  if (resume) random.restore(resume.random);
  const n = byCol.values.length;
  const size = byCol.values.reduce((s, v) => s + v * v, 0);
  const tau = options.threshold ?? 5 * Math.sqrt((size / n) * ((rows * cols) / k));
  let { U, V, sizes, y, delta, squares } = resume
    ? { ...resume, U: resume.U.slice(), y: resume.y.slice() }
    : start(observed, placed, k, tau, size, random);
  const turned = new Float64Array(n);
  const r = new Float64Array(n);
  for (let iteration = resume?.iteration ?? 0; ; iteration++) {
    if (iteration > (resume?.iteration ?? 0)) {
      for (let e = 0; e < n; e++) turned[e] = y[byRow.order[e]];
      V = placed.byCol.product(y, U);
      orthonormalise(V, k, random);
      U = placed.byRow.product(turned, V);
      // Y ≈ U Vᵀ with V orthonormal: the singular values are those of U.
      const found = tallSvd(U, k);
      sizes = found.sizes;
      rotate(V, k, found.Z);
      const last = squares;
      const shrunken = U.map((v, at) => v * Math.max(0, sizes[at % k] - tau));
      ({ squares } = residuals(observed, shrunken, V, k, r));
      if (squares > last) delta = Math.max(1, 0.5 * delta);
      for (let e = 0; e < n; e++) y[e] += delta * r[e];
    }
    const now = { iteration, U, V, sizes, delta, squares };
    const d = sizes.map((s) => Math.max(0, s - tau));
    const off = Math.sqrt(squares);
    const lost = !Number.isFinite(squares) || squares > 1e12 * size;
    const done = lost ? 'diverged' : squares <= tol * tol * size ? 'converged' : undefined;
    yield {
      iteration,
      objective: 0.5 * squares,
      // X is always the thresholded Y, so that the remaining optimality condition is feasibility on the entries.
      certificate: { kind: 'kktResidual', value: off, relative: size > 0 ? off / Math.sqrt(size) : 0 },
      work: { epochs: iteration },
      active: iteration > 0 ? d.filter((v) => v > 0).length : undefined,
      mayFail: true,
      done,
      snapshot: () => balancedFactors(now.U, d, now.V, k),
      checkpoint: (): ThresholdingState => ({
        ...now,
        ...{ U: now.U.slice(), V: now.V.slice(), y: y.slice(), random: random.state() },
      }),
    };
    if (done) return;
    // Directions that have been dropped may be needed again.
    for (let a = 0; iteration > 0 && a < k; a++) {
      if (sizes[a] === 0) for (let i = 0; i < rows; i++) U[i * k + a] = random.normal();
    }
  }
}

function start(
  observed: Observed,
  placed: PlacedEntries,
  k: number,
  tau: number,
  size: number,
  random: Random,
): Omit<ThresholdingState, 'iteration' | 'random'> {
  const { rows, cols, byCol } = observed;
  const n = byCol.values.length;
  const delta = (1.2 * rows * cols) / n;
  const zero = { V: new Float64Array(cols * k), sizes: new Float64Array(k), delta, squares: size };
  if (size === 0) return { ...zero, U: new Float64Array(rows * k), y: new Float64Array(n) };
  const { U, sizes } = spectralStart(observed, placed, k, random);
  // The largest singular value of the entries alone: X is zero until Y reaches τ, so that the first steps are known in
  // advance.
  const largest = sizes.reduce((a, b) => Math.max(a, b), 0) * (n / (rows * cols));
  const y = byCol.values.map((v) => v * delta * Math.max(1, Math.ceil(tau / (delta * largest))));
  return { ...zero, U, y };
}
