import { type Iterate, Random } from '@southwell/numerics/core';
import type { Factors } from './alternating.ts';
import { residuals, residualsOf, rotate, spectralStart, tallSvd } from './factors.ts';
import type { Observed } from './observed.ts';
import { type PlacedEntries, withPlaced } from './placed.ts';
import { wholeProduct } from './shares.ts';

/** State after a sweep, as plain data: U diag(d) Vᵀ. */
export interface SoftImputeState {
  readonly iteration: number;
  /** The objective before the last sweep. */
  readonly previous: number;
  readonly U: Float64Array;
  readonly V: Float64Array;
  readonly d: Float64Array;
}

export interface SoftImputeOptions {
  /** State from a checkpoint of a run with the same entries and options. */
  readonly resume?: SoftImputeState;
  /** Initial factors of the given rank, such as those for another λ. */
  readonly from?: Factors;
  /** Maximum number of singular values. */
  readonly rank: number;
  /** Weight of the nuclear norm. */
  readonly lambda: number;
  /** Default 0. */
  readonly seed?: number;
  /** As for alternating minimisation. Default 1e-6. */
  readonly tol?: number;
}

/**
 * Minimises ½‖P(M − Z)‖² + λ‖Z‖_* over Z of at most the given rank, by imputation and shrinkage: the alternating form
 * of Hastie, Mazumder, Lee and Zadeh (2015), which updates one factor at a time and never forms the imputed matrix.
 * O(entries · rank + (rows + cols) rank²) per iterate.
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
  const { rank: k, lambda, seed = 0, tol = 1e-6, resume, from } = options;
  const { byCol, byRow } = observed;
  // Z = U diag(d) Vᵀ; r is its residual on the entries, by columns, and `turned` the same residual by rows.
  let { U, V, d } = resume ?? (from ? split(from, k) : start(observed, placed, k, seed));
  const scaled = (f: Float64Array) => f.map((v, at) => v * d[at % k]);
  const r = new Float64Array(byCol.values.length);
  const turned = new Float64Array(byRow.values.length);
  let previous = resume?.previous ?? Number.NaN;
  /** other ← shrunken regression of the imputed matrix on `own`; returns the new own and other. */
  const half = (own: Float64Array, other: Float64Array, residual: Float64Array, side: 'byCol' | 'byRow') => {
    // (R + Z)ᵀ own = Rᵀ own + other·d, as own is orthonormal.
    const B = wholeProduct(observed[side], placed[side], residual, own);
    for (let at = 0; at < B.length; at++) {
      const size = d[at % k];
      B[at] = size + lambda > 0 ? (B[at] + other[at] * size) * (size / (size + lambda)) : 0;
    }
    const { sizes, Z } = tallSvd(B, k);
    rotate(own, k, Z);
    d = sizes;
    return B;
  };
  for (let iteration = resume?.iteration ?? 0; ; iteration++) {
    let { squares } = residuals(observed, scaled(U), V, k, r);
    if (iteration > (resume?.iteration ?? 0)) {
      // The rotation is in place, and the caller's arrays must not change.
      [U, V] = [U.slice(), V.slice()];
      V = half(U, V, r, 'byCol');
      if (byCol.shared) residualsOf(byRow, V, scaled(U), k, turned);
      else {
        residuals(observed, scaled(U), V, k, r);
        for (let e = 0; e < r.length; e++) turned[e] = r[byRow.order[e]];
      }
      U = half(V, U, turned, 'byRow');
      ({ squares } = residuals(observed, scaled(U), V, k, r));
    }
    // The initial factors are directions only, without a meaningful size.
    const penalty = iteration > 0 || from ? lambda * d.reduce((s, v) => s + v, 0) : 0;
    const objective = 0.5 * squares + penalty;
    const compared = iteration > 1 || (iteration === 1 && from !== undefined);
    const settled = compared && Math.abs(previous - objective) <= tol * previous;
    const exact = iteration === 0 && squares === 0;
    const now = { iteration, previous, U, V, d };
    previous = objective;
    const done = Number.isFinite(objective) ? (settled || exact ? 'converged' : undefined) : 'diverged';
    yield {
      iteration,
      objective,
      work: { epochs: iteration },
      active: iteration > 0 ? d.filter((v) => v > 0).length : undefined,
      mayFail: true,
      done,
      snapshot: () => balancedFactors(now.U, now.d, now.V, k),
      checkpoint: (): SoftImputeState => ({ ...now, U: now.U.slice(), V: now.V.slice() }),
    };
    if (done) return;
  }
}

function start(observed: Observed, placed: PlacedEntries, k: number, seed: number) {
  const { U, sizes } = spectralStart(observed, placed, k, new Random(seed));
  return { U, V: new Float64Array(observed.cols * k), d: sizes };
}

/** Factorises left·rightᵀ as U diag(d) Vᵀ with orthonormal columns. */
function split({ left, right }: Factors, k: number) {
  const V = right.slice();
  const { sizes, Z } = tallSvd(V, k);
  const U = left.slice();
  rotate(U, k, Z);
  for (let at = 0; at < U.length; at++) U[at] *= sizes[at % k];
  const { sizes: d, Z: turn } = tallSvd(U, k);
  rotate(V, k, turn);
  return { U, V, d };
}

/** U diag(d) Vᵀ as factors of equal norms. */
export function balancedFactors(U: Float64Array, d: Float64Array, V: Float64Array, k: number): Factors {
  const root = d.map(Math.sqrt);
  const times = (f: Float64Array) => f.map((v, at) => v * root[at % k]);
  return { left: times(U), right: times(V) };
}
