import { type Iterate, Random } from '@southwell/numerics/core';
import type { Factors } from './alternating.ts';
import { orthonormalise, residuals, rotate, spectralStart, tallSvd } from './factors.ts';
import type { Observed } from './observed.ts';
import { type PlacedEntries, withPlaced } from './placed.ts';

export interface ThresholdingOptions {
  /** At most so many singular values. */
  readonly rank: number;
  /** How much comes off the singular values. Default 5 of their mean size, as estimated from the entries. */
  readonly threshold?: number;
  /** Default 0. */
  readonly seed?: number;
  /** Ends when the residual of the entries is at most this share of their size. Default 1e-4. */
  readonly tol?: number;
}

/**
 * Singular value thresholding (Cai, Candès and Shen 2010): of all matrices with the observed entries, that of least
 * τ‖X‖_* + ½‖X‖². Dual ascent Y ← Y + δ P(M − X) with X the shrunken Y, which is as sparse as the entries; its leading
 * singular vectors follow by subspace iteration from the last ones. δ begins at 1.2 over the share of observed entries,
 * as there, and is halved, to no less than 1, when residuals rise: below 2 convergence is certain.
 * O(entries · rank + (rows + cols) rank²) an iterate.
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
  const { rank: k, seed = 0, tol = 1e-4 } = options;
  const { rows, cols, byCol, byRow } = observed;
  const random = new Random(seed);
  const n = byCol.values.length;
  const size = byCol.values.reduce((s, v) => s + v * v, 0);
  let delta = (1.2 * rows * cols) / n;
  let last = size;
  const tau = options.threshold ?? 5 * Math.sqrt((size / n) * ((rows * cols) / k));
  let U: Float64Array = new Float64Array(rows * k);
  let V: Float64Array = new Float64Array(cols * k);
  let d: Float64Array = new Float64Array(k);
  const scaled = (f: Float64Array) => f.map((v, at) => v * d[at % k]);
  const snapshot = (): Factors => {
    const root = d.map(Math.sqrt);
    const times = (f: Float64Array) => f.map((v, at) => v * root[at % k]);
    return { left: times(U), right: times(V) };
  };
  const zero = size === 0;
  yield { iteration: 0, objective: 0.5 * size, work: { epochs: 0 }, done: zero ? 'converged' : undefined, snapshot };
  if (zero) return;
  const start = spectralStart(observed, placed, k, random);
  U = start.U;
  // The largest singular value of the entries themselves: until Y reaches τ, X is zero and steps are known beforehand.
  const largest = start.sizes.reduce((a, b) => Math.max(a, b), 0) * (n / (rows * cols));
  const y = byCol.values.map((v) => v * delta * Math.max(1, Math.ceil(tau / (delta * largest))));
  const turned = new Float64Array(n);
  const r = new Float64Array(n);
  for (let iteration = 1; ; iteration++) {
    for (let e = 0; e < n; e++) turned[e] = y[byRow.order[e]];
    V = placed.byCol.product(y, U);
    orthonormalise(V, k, random);
    U = placed.byRow.product(turned, V);
    // Y ≈ U Vᵀ with V orthonormal: the singular values are those of U.
    const { sizes, Z } = tallSvd(U, k);
    rotate(V, k, Z);
    d = sizes.map((s) => Math.max(0, s - tau));
    const { squares } = residuals(observed, scaled(U), V, k, r);
    if (squares > last) delta = Math.max(1, 0.5 * delta);
    last = squares;
    for (let e = 0; e < n; e++) y[e] += delta * r[e];
    const done = !Number.isFinite(squares) || squares > 1e12 * size ? 'diverged' : undefined;
    const settled = squares <= tol * tol * size;
    yield {
      iteration,
      objective: 0.5 * squares,
      work: { epochs: iteration },
      active: d.filter((v) => v > 0).length,
      done: done ?? (settled ? 'converged' : undefined),
      snapshot,
    };
    if (done || settled) return;
    // Directions that fell away may come back.
    for (let a = 0; a < k; a++) if (sizes[a] === 0) for (let i = 0; i < rows; i++) U[i * k + a] = random.normal();
  }
}
