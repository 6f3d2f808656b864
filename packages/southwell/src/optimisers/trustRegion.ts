import { checkOptions, fail, numberOption, type OptionsOf, otherOption, type Status } from '@southwell/numerics/core';
import { finiteStart, type GradientIterate } from './descent.ts';
import { ending } from './ending.ts';
import { dot, type GradientOracle, largest } from './oracle.ts';
import { Patience } from './patience.ts';

/** out ← ∇²f(x)·v. Must not retain its arguments. */
export type HessianProduct = (x: Float64Array, v: Float64Array, out: Float64Array) => void;

const trustRecords = {
  /** Default: differences of gradients, accurate to about eight digits; one call of f per product. */
  hessianProduct: otherOption<HessianProduct>('a function'),
  /** Initial trust-region radius. Default 1. */
  radius: numberOption({ min: 0, open: true }),
  /** Maximum radius. Default: unbounded. */
  maxRadius: numberOption({ min: 0, open: true }),
};

export interface TrustRegionOptions extends OptionsOf<typeof trustRecords> {}

export interface TrustRegionIterate extends GradientIterate {
  readonly radius: number;
}

/** Minimum ratio of actual to predicted decrease for accepting a step (η of Nocedal & Wright). */
const TAKEN = 1e-4;

/**
 * Trust-region Newton-CG method: Nocedal & Wright, Algorithm 4.1, with conjugate gradients that end at the boundary or
 * at negative curvature (Steihaug 1983; Algorithm 7.2), to the accuracy min(½, √‖∇f‖)·‖∇f‖ for superlinear convergence.
 * Hessians may be indefinite. The certificate is the largest entry of the gradient, relative to that at the initial
 * point. An iterate is a step, accepted or rejected. Ends with 'converged' if the gradient is 0, 'stalled' if no step
 * moves x, 'diverged' if f is not finite at the initial point, 'unbounded' at −∞.
 *
 * At most 2·size products per step, O(size) each besides the product itself.
 * @throws INVALID_PARAMETER, and NON_FINITE if the initial point is not.
 */
export function* trustRegionIterates(
  f: GradientOracle,
  start: ArrayLike<number>,
  options: TrustRegionOptions = {},
): Generator<TrustRegionIterate> {
  checkOptions('trustRegionIterates', trustRecords, options);
  const { radius: firstRadius = 1, maxRadius = Number.POSITIVE_INFINITY, hessianProduct } = options;
  if (firstRadius > maxRadius) {
    fail('INVALID_PARAMETER', `radius must be at most maxRadius, ${maxRadius}, but is ${firstRadius}.`);
  }
  const x = finiteStart(start);
  const make = () => new Float64Array(x.length);
  let [g, gNext] = [make(), make()];
  const next = make();
  const patience = new Patience();
  let radius = firstRadius;
  let [calls, taken] = [1, true];
  let value = f(x, g);
  const scale = largest(g);
  const differences = gradientDifferences(f, () => calls++);
  const product = hessianProduct
    ? (v: Float64Array, out: Float64Array) => hessianProduct(x, v, out)
    : (v: Float64Array, out: Float64Array) => differences(x, g, v, out);
  const iterate = (iteration: number, done?: Status): TrustRegionIterate => ({
    iteration,
    objective: value,
    certificate: {
      kind: 'gradientNorm',
      value: largest(g),
      relative: scale === 0 ? 0 : largest(g) / scale,
    },
    work: { oracleCalls: calls },
    done,
    radius,
    x,
    snapshot: () => x.slice(),
  });
  for (let iteration = 0; ; iteration++) {
    const done = ending(value, largest(g));
    yield iterate(iteration, done);
    if (done) return;
    const { p, predicted, atBoundary } = steihaug(g, product, radius);
    let moves = false;
    for (let k = 0; k < x.length; k++) {
      next[k] = x[k] + p[k];
      moves ||= next[k] !== x[k];
    }
    if (!moves || (taken && patience.exhausted(value, largest(g)))) {
      yield iterate(iteration, 'stalled');
      return;
    }
    calls++;
    const trial = f(next, gNext);
    const ratio = agreement(value, trial, predicted, dot(g, p) + dot(gNext, p));
    const length = Math.sqrt(dot(p, p));
    if (!(ratio >= 0.25)) radius = 0.25 * length;
    else if (ratio > 0.75 && atBoundary) radius = Math.min(2 * radius, maxRadius);
    taken = ratio > TAKEN;
    if (taken) {
      value = trial;
      x.set(next);
      [g, gNext] = [gNext, g];
    }
  }
}

/**
 * The ratio of actual to predicted decrease; negative if the trial is not finite. If the decrease is within rounding of
 * the values, it is computed from the slopes at both ends, whose negated mean is the decrease to second order.
 *
 * @param slopes the sum of the two.
 */
function agreement(value: number, trial: number, predicted: number, slopes: number): number {
  if (trial === Number.NEGATIVE_INFINITY) return 1;
  if (!Number.isFinite(trial) || !Number.isFinite(slopes)) return -1;
  const noise = 1e-13 * Math.abs(value);
  if (predicted > noise) return (value - trial) / predicted;
  return trial <= value + noise ? -slopes / 2 / predicted : -1;
}

interface ModelStep {
  readonly p: Float64Array;
  /** The decrease of the model. */
  readonly predicted: number;
  readonly atBoundary: boolean;
}

/** Minimises gᵀp + ½pᵀBp approximately within ‖p‖ ≤ radius. */
function steihaug(g: Float64Array, product: (v: Float64Array, out: Float64Array) => void, radius: number): ModelStep {
  const size = g.length;
  const p = new Float64Array(size);
  const residual = g.slice();
  const d = g.map((v) => -v);
  const Bd = new Float64Array(size);
  const first = Math.sqrt(dot(g, g));
  const enough = Math.min(0.5, Math.sqrt(first)) * first;
  let square = first * first;
  let predicted = 0;
  for (let step = 0; step < 2 * size; step++) {
    product(d, Bd);
    const measured = dot(d, Bd);
    // If Hessian products are not finite, only the gradient is used: the radius then adapts.
    const curvature = Number.isFinite(measured) ? measured : 0;
    const alpha = square / curvature;
    const inside = curvature > 0 && lengthAfter(p, alpha, d) < radius;
    const along = inside ? alpha : toBoundary(p, d, radius);
    // The model decreases by αrᵀr − ½α²dᵀBd along d, where gᵀd = −rᵀr throughout for the residual.
    predicted += along * square - 0.5 * along * along * curvature;
    for (let k = 0; k < size; k++) p[k] += along * d[k];
    if (!inside) return { p, predicted, atBoundary: true };
    for (let k = 0; k < size; k++) residual[k] += alpha * Bd[k];
    const before = square;
    square = dot(residual, residual);
    if (!(Math.sqrt(square) > enough)) break;
    for (let k = 0; k < size; k++) d[k] = (square / before) * d[k] - residual[k];
  }
  return { p, predicted, atBoundary: false };
}

function lengthAfter(p: Float64Array, alpha: number, d: Float64Array): number {
  let sum = 0;
  for (let k = 0; k < p.length; k++) sum += (p[k] + alpha * d[k]) ** 2;
  return Math.sqrt(sum);
}

/** The τ ≥ 0 with ‖p + τd‖ = radius, given ‖p‖ < radius. */
function toBoundary(p: Float64Array, d: Float64Array, radius: number): number {
  const [pp, pd, dd] = [dot(p, p), dot(p, d), dot(d, d)];
  const root = Math.sqrt(pd * pd + dd * (radius * radius - pp));
  // The same root by the formula without cancellation.
  return pd > 0 ? (radius * radius - pp) / (pd + root) : (root - pd) / dd;
}

/** ∇²f(x)·v by a forward difference of gradients, with a step of √ε relative to the size of x. */
function gradientDifferences(
  f: GradientOracle,
  count: () => void,
): (x: Float64Array, g: Float64Array, v: Float64Array, out: Float64Array) => void {
  return (x, g, v, out) => {
    const length = Math.sqrt(dot(v, v));
    const step = (2 ** -26 * (1 + Math.sqrt(dot(x, x)))) / length;
    const near = x.map((value, k) => value + step * v[k]);
    count();
    f(near, out);
    for (let k = 0; k < out.length; k++) out[k] = (out[k] - g[k]) / step;
  };
}
