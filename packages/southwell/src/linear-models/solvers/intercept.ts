import { largestOf, type SplitRows } from '@southwell/numerics/core';

/** A smooth loss of linear predictors η₁ … η_K with free intercepts; v_k = −∂f/∂η_k. */
export interface Centring {
  readonly eta: readonly Float64Array[];
  readonly v: readonly Float64Array[];
  /** Workspace for a copy of eta. */
  readonly old: readonly Float64Array[];
  /** Updates v and the curvatures at eta; returns f. */
  evaluate(): number;
  /** H⁻·sums for the curvature H of the intercepts at eta; undefined or not finite if it does not exist. */
  newton(sums: Float64Array): Float64Array | undefined;
  readonly rows: SplitRows;
  /**
   * If |f‴| ≤ f″ along constants: v ← v − d·move for the curvatures d of the last `evaluate`, the change of v by a move
   * of its only intercept, to first order. Without it v is always evaluated.
   */
  follow?(move: number): void;
  /** The sums of v and |v|, for a single channel whose `evaluate` computes them anyway. */
  sums?(): readonly [sum: number, size: number];
}

/** The curvatures change by this fraction at most, so that v is linear in the move up to its square, 1e-14. */
const LINEAR = 1e-7;

/**
 * Moves the intercepts until Σv_k = 0 in every channel, by Newton's method with halving. The dual point is then
 * feasible, and the gradient in the coefficients is that of the loss minimised over its intercepts. Changes eta, v and
 * `intercepts`; returns f. `value` is f at eta. O(nK) per step, one or two steps if near the optimum.
 */
export function centreIntercepts(f: Centring, value: number, intercepts: Float64Array): number {
  const { eta, v, old } = f;
  const K = eta.length;
  const sums = new Float64Array(K);
  const after = new Float64Array(K);
  for (let step = 0; step < 50; step++) {
    if (sumsVanish(v, sums, f)) break;
    const move = f.newton(sums);
    if (!move?.every(Number.isFinite)) break;
    if (f.follow && Math.abs(move[0]) <= LINEAR) {
      shift(eta[0], eta[0], move[0]);
      f.follow(move[0]);
      intercepts[0] += move[0];
      return value - 0.5 * sums[0] * move[0];
    }
    const before = value;
    for (let k = 0; k < K; k++) old[k].set(eta[k]);
    let t = 1;
    let nearer = false;
    for (let halving = 0; halving < 60; halving++) {
      for (let k = 0; k < K; k++) shift(eta[k], old[k], t * move[k]);
      value = f.evaluate();
      if (value <= before + 1e-14 * Math.abs(before)) break;
      // Near the optimum, rounding of the value over many rows hides its decrease, but not that of the sums.
      nearer = halving === 0 && (sumsVanish(v, after, f) || largest(after) < 0.1 * largest(sums));
      if (nearer) break;
      t /= 2;
    }
    for (let k = 0; k < K; k++) intercepts[k] += t * move[k];
    if (value >= before && !nearer) break; // rounding: as exact as it gets
  }
  return value;
}

/**
 * The same for one convex channel by doubling and bisection, if Newton's method has failed: O(n) per step, about sixty
 * steps.
 */
export function bisectIntercept(f: Centring, value: number, intercepts: Float64Array): number {
  const { eta, v, old } = f;
  const sums = new Float64Array(1);
  // Of v itself.
  const over = { rows: f.rows };
  if (sumsVanish(v, sums, over)) return value;
  old[0].set(eta[0]);
  const at = (move: number): number => {
    shift(eta[0], old[0], move);
    value = f.evaluate();
    return sumsVanish(v, sums, over) ? 0 : sums[0];
  };
  const sign = Math.sign(sums[0]);
  let size = 0;
  for (let i = 0; i < eta[0].length; i++) size = Math.max(size, Math.abs(eta[0][i]));
  let [low, high] = [0, sign * 1e-6 * (largestOf(f.rows, size) || 1)];
  let there = at(high);
  while (there * sign > 0 && Number.isFinite(high)) {
    low = high;
    high *= 4;
    there = at(high);
  }
  let move = high;
  while (Number.isFinite(there) && there !== 0) {
    move = low + (high - low) / 2;
    if (move === low || move === high) break;
    there = at(move);
    if (there * sign > 0) low = move;
    else high = move;
  }
  intercepts[0] += move;
  return value;
}

const largest = (sums: Float64Array): number => sums.reduce((most, sum) => Math.max(most, Math.abs(sum)), 0);

/** Computes the sums of v; returns whether they are zero up to rounding. */
function sumsVanish(v: readonly Float64Array[], sums: Float64Array, f: Pick<Centring, 'rows' | 'sums'>): boolean {
  if (f.sums) {
    const [sum, size] = f.sums();
    sums[0] = sum;
    return !(Math.abs(sum) > 1e-13 * size);
  }
  const K = v.length;
  const both = new Float64Array(2 * K);
  f.rows.sum(both, (_, from, to, part) => {
    for (let k = 0; k < K; k++) {
      const x = v[k];
      let sum = 0;
      let size = 0;
      for (let i = from; i < to; i++) {
        sum += x[i];
        size += Math.abs(x[i]);
      }
      part[k] = sum;
      part[K + k] = size;
    }
  });
  sums.set(both.subarray(0, K));
  return sums.every((sum, k) => !(Math.abs(sum) > 1e-13 * both[K + k]));
}

function shift(to: Float64Array, from: Float64Array, by: number): void {
  for (let i = 0; i < to.length; i++) to[i] = from[i] + by;
}

/** The Newton step of one intercept, from the sums of v and of the curvatures. */
export const newtonMove = (sum: number, curvature: number): Float64Array | undefined =>
  curvature > 0 ? Float64Array.of(sum / curvature) : undefined;
