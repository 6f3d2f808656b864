import { modelKernels } from '@southwell/kernels/models';
import type { Certificate } from '@southwell/numerics/core';
import type { BoundLoss, Kinks } from '../../losses/index.ts';
import type { PenaltyConjugate } from '../../penalties/index.ts';
import { type ScaledPenalty, stationarityAt, valueAt } from './scaledPenalty.ts';
import type { LinearState } from './state.ts';

/** The objective of a state, and a bound on its suboptimality. */
export interface Appraisal extends Certificate {
  readonly objective: number;
  readonly active: number;
}

/** A bound on the curvature along one coordinate. */
type Curvature = (j: number) => number;

/**
 * Certificates of a {@link LinearState}: the duality gap if the penalty has a conjugate, otherwise the largest distance
 * of the negative gradient to the subdifferential.
 */
export class Certifier {
  private readonly outside: Int32Array;

  /** `curvature` is used for penalties for which zero is always stationary. */
  constructor(
    private readonly state: LinearState,
    private readonly curvature: Curvature = (j) => state.curvatureBound(j),
  ) {
    this.outside = new Int32Array(state.p);
  }

  /**
   * The certificate of the whole problem from the priced gradient; with `kinks`, of the original loss instead of its
   * smooth approximation.
   */
  appraise(kinks?: Kinks): Appraisal {
    const { state } = this;
    const { beta, g, p, loss } = state;
    const { sum, active } = state.penaltySum();
    const lossValue = kinks ? loss.value(state.eta.view) : state.value;
    const objective = lossValue + sum;
    const { conjugate } = state.penalty.penalty;
    const ofLoss = kinks ?? loss;
    if (conjugate) {
      const value = this.gap(conjugate, ofLoss, objective, p, undefined, g) + (state.moments?.uncertainty ?? 0);
      return { kind: 'dualityGap', value, relative: value / state.scale, objective, active };
    }
    let worst = 0;
    for (let j = 0; j < p; j++) worst = Math.max(worst, this.residual(j, beta[j], g[j]));
    const scale = this.gradientScale();
    let relative = scale > 0 ? worst / scale : 0;
    if (kinks) {
      // Distance of v from a subgradient of the loss, by the Fenchel–Young inequality.
      const [v, eta] = [state.v.view, state.eta.view];
      let product = 0;
      for (let i = 0; i < v.length; i++) product += v[i] * eta[i];
      relative = Math.max(relative, (lossValue + kinks.conjugate(v, 1) + product) / state.scale);
    }
    return { kind: 'kktResidual', value: worst, relative, objective, active };
  }

  /**
   * The certificate of the problem restricted to columns[0 … m), from q = X̃ᵀv there; in units of the objective (gap)
   * or its analogue. If it is above `enough` it may be an upper bound.
   */
  restricted(m: number, columns: Int32Array, q: Float64Array, enough?: number): number {
    const { beta, penalty, value, nullValue } = this.state;
    const { conjugate } = penalty.penalty;
    if (conjugate) {
      const primal = penaltyOn(penalty, columns, m, beta, value);
      return this.gap(conjugate, this.state.loss, primal, m, columns, q, enough);
    }
    let worst = 0;
    for (let t = 0; t < m; t++) worst = Math.max(worst, this.residual(columns[t], beta[columns[t]], q[t]));
    return (worst / Math.max(Number.MIN_VALUE, this.gradientScale())) * nullValue;
  }

  /** What an unpenalised coordinate with this gradient may still gain, beyond |pull·b|. */
  private leftover(j: number, pull: number): number {
    const { loss, v, design, scale } = this.state;
    if (!loss.kinks) return pull * pull;
    // The loss with kinks does not scale like the square of the gradient: a fraction of the loss, by the ratio of the
    // gradient to its largest value.
    const longest = design.norms[j] * Math.sqrt(v.view.reduce((sum, x) => sum + x * x, 0));
    return longest > 0 ? (scale * Math.abs(pull)) / longest : 0;
  }

  private gradientScale(): number {
    const { nullGradient } = this.state;
    let scale = 0;
    for (let j = 0; j < nullGradient.length; j++) scale = Math.max(scale, Math.abs(nullGradient[j]));
    return scale;
  }

  /**
   * Stationarity residual of one coordinate; if 0 is always stationary, the distance that a proximal step would move.
   */
  private residual(j: number, b: number, g: number): number {
    const { penalty } = this.state;
    if (penalty.penalty.screenable || b !== 0) return stationarityAt(penalty, j, b, g);
    const curvature = this.curvature(j);
    if (!(curvature > 0)) return 0;
    const kernels = this.state.design.arena.use(modelKernels);
    const { a1, a2, gamma, lower, upper } = penalty;
    const [z, t] = [g / curvature, 1 / curvature];
    return (
      Math.abs(kernels.proximal(penalty.penalty.code, z, t, a1[j], a2[j], gamma[j], lower[j], upper[j])) * curvature
    );
  }

  /**
   * For the features listed in `outside`: the scale that makes the dual point feasible, the scale that brings it into
   * the box, and the contribution of unpenalised features, which are removed from the list.
   */
  private limits(
    conjugate: PenaltyConjugate,
    candidates: number,
    columns: Int32Array | undefined,
    g: Float64Array,
  ): { readonly count: number; readonly scale: number; readonly shrunk: number; readonly unpenalised: number } {
    const { outside } = this;
    const { penalty, beta } = this.state;
    const { a1, a2, gamma, lower, upper, threshold } = penalty;
    let scale = 1;
    let shrunk = 1;
    let unpenalised = 0;
    let count = 0;
    for (let u = 0; u < candidates; u++) {
      const t = outside[u];
      const j = columns ? columns[t] : t;
      if (conjugate.free(a1[j], a2[j], gamma[j], lower[j], upper[j])) {
        // Dual feasibility is an equation here; violating it by rounding costs |g·b| to first order.
        const pull = stationarityAt(penalty, j, beta[j], g[t]);
        unpenalised += 2 * Math.abs(pull * beta[j]) + this.leftover(j, pull);
        continue;
      }
      outside[count++] = t;
      scale = Math.min(scale, conjugate.feasibleScale(g[t], a1[j], a2[j], gamma[j], lower[j], upper[j]));
      // Even if no scaling is needed, scaling the point into the box may give a smaller gap.
      if (threshold[j] > 0) shrunk = Math.min(shrunk, threshold[j] / Math.abs(g[t]));
    }
    return { count, scale, shrunk, unpenalised };
  }

  /**
   * The duality gap over k features (all others fixed at zero), for the better of two scalings of the dual point.
   * `columns` lists the features, or is undefined for all; g[t] = X̃ᵀv.
   */
  private gap(
    conjugate: PenaltyConjugate,
    loss: Pick<BoundLoss, 'conjugate'>,
    primal: number,
    k: number,
    columns: Int32Array | undefined,
    g: Float64Array,
    enough?: number,
  ): number {
    const { state, outside } = this;
    const { penalty } = state;
    // Only features outside their box [−threshold, threshold] have a positive conjugate or limit the scaling.
    const candidates = columns ? outsideOf(penalty, g, k, columns, outside) : outsideAll(penalty, g, k, outside);
    const { count, scale, shrunk, unpenalised } = this.limits(conjugate, candidates, columns, g);
    const penaltyAt = (s: number): number => conjugateOn(conjugate, penalty, outside, count, columns, g, s);
    if (enough !== undefined && !state.loss.quadratic && !state.loss.kinks && shrunk >= scale) {
      // Computing the loss's conjugate takes logarithms for every row, and is only done if bounds do not suffice.
      const [least, most] = state.conjugateBounds(scale);
      const rest = primal + penaltyAt(scale) + unpenalised;
      if (rest + least > enough || rest + most <= enough) return Math.max(rest + most, 0);
    }
    const dual = (s: number): number => -(state.conjugateAt(s, loss) + penaltyAt(s));
    let best = dual(scale);
    if (shrunk < scale) best = Math.max(best, dual(shrunk));
    const gap = primal - best + unpenalised;
    return Number.isNaN(gap) ? Number.POSITIVE_INFINITY : Math.max(gap, 0);
  }
}

/** Lists the t < k with |g[t]| outside [−threshold[columns[t]], threshold[columns[t]]]; returns how many. */
function outsideOf(
  { threshold }: ScaledPenalty,
  g: Float64Array,
  k: number,
  columns: Int32Array,
  out: Int32Array,
): number {
  let count = 0;
  for (let t = 0; t < k; t++) if (Math.abs(g[t]) > threshold[columns[t]] * (1 + 1e-12)) out[count++] = t;
  return count;
}

/** As {@link outsideOf} for all features in order: the most frequently executed loop. */
function outsideAll({ threshold }: ScaledPenalty, g: Float64Array, p: number, out: Int32Array): number {
  let count = 0;
  for (let j = 0; j < p; j++) if (Math.abs(g[j]) > threshold[j] * (1 + 1e-12)) out[count++] = j;
  return count;
}

/** `value` and the penalty of b at columns[0 … m). */
function penaltyOn(P: ScaledPenalty, columns: Int32Array, m: number, beta: Float64Array, value: number): number {
  for (let t = 0; t < m; t++) value += valueAt(P, columns[t], beta[columns[t]]);
  return value;
}

/** The penalty's conjugate at s·g over the features listed in outside[0 … count). */
function conjugateOn(
  conjugate: PenaltyConjugate,
  { a1, a2, gamma, lower, upper, threshold }: ScaledPenalty,
  outside: Int32Array,
  count: number,
  columns: Int32Array | undefined,
  g: Float64Array,
  s: number,
): number {
  let sum = 0;
  for (let u = 0; u < count; u++) {
    const t = outside[u];
    const j = columns ? columns[t] : t;
    // With a small tolerance, so that rounding does not make a feasible point infinite.
    if (Math.abs(s * g[t]) <= threshold[j] * (1 + 1e-12)) continue;
    sum += conjugate.value(s * g[t], a1[j], a2[j], gamma[j], lower[j], upper[j]);
  }
  return sum;
}
