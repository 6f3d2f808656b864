import { type Choose, type RivalIterate, variable } from './rival.ts';
import { largest, nonNegativeMinimiser, type Smooth, solved } from './rivalFunctions.ts';

/** Descent on the sum of a smooth function and a penalty, by independent code. */

/** Soft thresholding after full gradient steps 1/L, for f + λ‖x‖₁. */
export function* thresholdedDescent(f: Smooth, lambda: number, L: number): Generator<RivalIterate, void, undefined> {
  let x: Float64Array = new Float64Array(f.curvature.length);
  for (let iteration = 0; ; iteration++) {
    yield { iteration, x };
    const g = f.gradient(x);
    x = x.map((v, i) => {
      const z = v - g[i] / L;
      return Math.sign(z) * Math.max(0, Math.abs(z) - lambda / L);
    });
  }
}

/** The τ coordinates with the largest predicted decrease by a projected step 1/L_i of each alone. */
export const promising = ({ curvature }: Smooth, lambda: number, tau: number): Choose =>
  variable(tau, (i, { x, g }) => {
    const d = Math.max(-(g[i] + lambda) / (curvature[i] || 1), -x[i]);
    return -((g[i] + lambda) * d + 0.5 * curvature[i] * d * d);
  });

/** The new values of a block from the current ones, the slopes of f + λΣx_i there and the Hessian (or its bound). */
export type NonNegativeStep = (x: Float64Array, slope: Float64Array, H: Float64Array) => Float64Array;

/** Along −slope by 1/λ_max. */
export const projectedStep: NonNegativeStep = (x, slope, H) => {
  const L = largest(H, x.length) || 1;
  return x.map((v, a) => Math.max(0, v - slope[a] / L));
};

/** To the minimiser of the quadratic over x ≥ 0. */
export const newtonOfBlock: NonNegativeStep = (x, slope, H) => {
  const m = x.length;
  const change = (z: Float64Array, a: number) => z.reduce((sum, v, c) => sum + H[a * m + c] * (v - x[c]), 0);
  const model = {
    curvature: Float64Array.from(x, (_, a) => H[a * m + a]),
    gradient: (z: Float64Array) => z.map((_, a) => slope[a] + change(z, a)),
    block: (b: ArrayLike<number>) =>
      Float64Array.from(Array.from(b).flatMap((a) => Array.from(b, (c) => H[a * m + c]))),
  };
  return nonNegativeMinimiser(model, 0);
};

/**
 * Two metrics (Gafni & Bertsekas 1984): coordinates at the bound that would leave it take steps of 1/ΣL_i, the others
 * Newton steps; halved and projected until the quadratic decreases by 1e-10 of the prediction.
 */
export const twoMetrics: NonNegativeStep = (x, slope, H) => {
  const m = x.length;
  const index = Array.from(x, (_, a) => a);
  const held = index.filter((a) => x[a] < 1e-4 && slope[a] > 0);
  const free = index.filter((a) => !held.includes(a));
  const d = new Float64Array(m);
  const sum = held.reduce((s, a) => s + H[a * m + a], 0) || 1;
  for (const a of held) d[a] = -slope[a] / sum;
  const block = Float64Array.from(free.flatMap((a) => free.map((c) => H[a * m + c])));
  solved(
    block,
    free.map((a) => -slope[a]),
  ).forEach((v, s) => void (d[free[s]] = v));
  for (let share = 1; share > 1e-12; share /= 2) {
    const to = x.map((v, a) => Math.max(0, v + share * d[a]));
    const move = to.map((v, a) => v - x[a]);
    const bend = (a: number) => move.reduce((s, v, c) => s + H[a * m + c] * v, 0);
    const fall = move.reduce((s, v, a) => s + v * (slope[a] + 0.5 * bend(a)), 0);
    const promised = index.reduce((s, a) => s + slope[a] * (held.includes(a) ? move[a] : share * d[a]), 0);
    if (fall <= 1e-10 * promised) return to;
  }
  return x;
};

/** Descent on f + λΣx_i over x ≥ 0 from zero, without an end. */
export function* nonNegativeDescent(
  f: Smooth,
  lambda: number,
  choose: Choose,
  step: NonNegativeStep,
): Generator<RivalIterate, void, undefined> {
  const x = new Float64Array(f.curvature.length);
  for (let iteration = 0; ; iteration++) {
    yield { iteration, x };
    const g = f.gradient(x);
    const b = choose({ x, g, iteration });
    const at = Float64Array.from(b, (i) => x[i]);
    const slope = Float64Array.from(b, (i) => g[i] + lambda);
    step(at, slope, f.block(b)).forEach((v, a) => void (x[b[a]] = v));
  }
}
