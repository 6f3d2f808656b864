import { type Iterate, Random } from '@southwell/numerics/core';
import type { Factors } from './alternating.ts';
import { residuals, rotate, spectralStart, tallSvd } from './factors.ts';
import type { Observed } from './observed.ts';
import { type PlacedEntries, type PlacedLines, withPlaced } from './placed.ts';

export interface SoftImputeOptions {
  /** At most so many singular values. */
  readonly rank: number;
  /** Weight of the nuclear norm. */
  readonly lambda: number;
  /** Default 0. */
  readonly seed?: number;
  /** As in alternating minimisation. Default 1e-6. */
  readonly tol?: number;
}

/**
 * Minimises ½‖P(M − Z)‖² + λ‖Z‖_* over Z of at most the rank, by filling in and shrinking: the alternating form of
 * Hastie, Mazumder, Lee and Zadeh (2015), in which one factor at a time sees the filled-in matrix and neither is ever
 * formed. O(entries · rank + (rows + cols) rank²) an iterate.
 */
export const softImpute = (
  observed: Observed,
  options: SoftImputeOptions,
): Generator<Iterate<Factors>, void, undefined> =>
  withPlaced(observed, options.rank, (placed) => iterates(observed, placed, options));

function* iterates(
  observed: Observed,
  placed: PlacedEntries,
  options: SoftImputeOptions,
): Generator<Iterate<Factors>, void, undefined> {
  const { rank: k, lambda, seed = 0, tol = 1e-6 } = options;
  const { cols, byCol, byRow } = observed;
  // Z = U diag(d) Vᵀ; r is its residual on the entries, by columns, and `turned` the same by rows.
  let { U, sizes: d }: { U: Float64Array; sizes: Float64Array } = spectralStart(observed, placed, k, new Random(seed));
  let V: Float64Array = new Float64Array(cols * k);
  const scaled = (f: Float64Array) => f.map((v, at) => v * d[at % k]);
  const r = new Float64Array(byCol.values.length);
  const turned = new Float64Array(r.length);
  const nuclear = () => d.reduce((s, v) => s + v, 0);
  let { squares } = residuals(observed, scaled(U), V, k, r);
  const snapshot = (): Factors => {
    const root = d.map(Math.sqrt);
    const times = (f: Float64Array) => f.map((v, at) => v * root[at % k]);
    return { left: times(U), right: times(V) };
  };
  let objective = 0.5 * squares;
  const zero = squares === 0;
  yield { iteration: 0, objective, work: { epochs: 0 }, done: zero ? 'converged' : undefined, snapshot };
  if (zero) return;
  /** other ← shrunken regression of the filled-in matrix on `own`; gives new own, other. */
  const half = (own: Float64Array, other: Float64Array, residual: Float64Array, lines: PlacedLines) => {
    // (R + Z)ᵀ own = Rᵀ own + other·d, as own is orthonormal.
    const B = lines.product(residual, own);
    for (let at = 0; at < B.length; at++) {
      const size = d[at % k];
      B[at] = size + lambda > 0 ? (B[at] + other[at] * size) * (size / (size + lambda)) : 0;
    }
    const { sizes, Z } = tallSvd(B, k);
    rotate(own, k, Z);
    d = sizes;
    return B;
  };
  for (let iteration = 1; ; iteration++) {
    V = half(U, V, r, placed.byCol);
    residuals(observed, scaled(U), V, k, r);
    for (let e = 0; e < r.length; e++) turned[e] = r[byRow.order[e]];
    U = half(V, U, turned, placed.byRow);
    ({ squares } = residuals(observed, scaled(U), V, k, r));
    const next = 0.5 * squares + lambda * nuclear();
    const settled = iteration > 1 && Math.abs(objective - next) <= tol * objective;
    objective = next;
    const done = Number.isFinite(objective) ? (settled ? 'converged' : undefined) : 'diverged';
    yield { iteration, objective, work: { epochs: iteration }, active: d.filter((v) => v > 0).length, done, snapshot };
    if (done) return;
  }
}
