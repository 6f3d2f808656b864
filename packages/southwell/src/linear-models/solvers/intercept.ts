/** A smooth loss at linear predictors η₁ … η_K that constants may move; v_k = −∂f/∂η_k. */
export interface Centring {
  readonly eta: readonly Float64Array[];
  readonly v: readonly Float64Array[];
  /** Room for a copy of eta. */
  readonly old: readonly Float64Array[];
  /** Refreshes v and the curvatures at eta; returns f. */
  evaluate(): number;
  /** H⁻·sums for the curvature H of the constants at eta; undefined or not finite where there is none. */
  newton(sums: Float64Array): Float64Array | undefined;
}

/**
 * Moves the intercepts until Σv_k = 0 in every channel, by Newton's method with halving: the dual point is then feasible, and
 * the gradient in the coefficients is that of the loss with its intercepts at their best. Changes eta, v and `intercepts`;
 * returns f. `value` is f at eta. O(nK) a step, one or two steps from near by.
 */
export function centreIntercepts(f: Centring, value: number, intercepts: Float64Array): number {
  const { eta, v, old } = f;
  const K = eta.length;
  const sums = new Float64Array(K);
  for (let step = 0; step < 50; step++) {
    if (sumsVanish(v, sums)) break;
    const move = f.newton(sums);
    if (!move?.every(Number.isFinite)) break;
    const before = value;
    for (let k = 0; k < K; k++) old[k].set(eta[k]);
    let t = 1;
    for (let halving = 0; halving < 60; halving++) {
      for (let k = 0; k < K; k++) shift(eta[k], old[k], t * move[k]);
      value = f.evaluate();
      if (value <= before + 1e-14 * Math.abs(before)) break;
      t /= 2;
    }
    for (let k = 0; k < K; k++) intercepts[k] += t * move[k];
    if (value >= before) break; // rounding: as exact as it gets
  }
  return value;
}

/** Fills the sums of v; whether they are zero but for rounding. */
function sumsVanish(v: readonly Float64Array[], sums: Float64Array): boolean {
  let vanish = true;
  for (let k = 0; k < v.length; k++) {
    const x = v[k];
    let sum = 0;
    let size = 0;
    for (let i = 0; i < x.length; i++) {
      sum += x[i];
      size += Math.abs(x[i]);
    }
    sums[k] = sum;
    if (Math.abs(sum) > 1e-13 * size) vanish = false;
  }
  return vanish;
}

function shift(to: Float64Array, from: Float64Array, by: number): void {
  for (let i = 0; i < to.length; i++) to[i] = from[i] + by;
}

/** Newton's move of one intercept under curvatures d. */
export function newtonMove(sums: Float64Array, d: Float64Array): Float64Array | undefined {
  let curvature = 0;
  for (let i = 0; i < d.length; i++) curvature += d[i];
  return curvature > 0 ? Float64Array.of(sums[0] / curvature) : undefined;
}
