import { largest } from '../vectors.ts';
import { addTransposed, type BarrierProblem } from './barrierProblem.ts';

/** Weight of the linear terms that keep variables with one bound from running away from it (κ_d). */
const DAMPING = 1e-5;
/** Multipliers beyond this mean size relax the tolerances (s_max). */
const MULTIPLIER_SCALE = 100;

/** The scaled errors of the optimality conditions at a barrier parameter. */
export interface Errors {
  readonly dual: number;
  readonly primal: number;
  readonly complementarity: number;
  /** The largest, with the dual error and the complementarity relative to the size of the multipliers. */
  readonly total: number;
  /** The sum of the mean errors of the three conditions. */
  readonly sum: number;
}

/** A primal–dual point of a barrier problem, with the values and derivatives there. */
export class Point {
  /** w = (x, a), multipliers y of the rows, zL and zU of the bounds. */
  readonly w: Float64Array;
  readonly y: Float64Array;
  readonly zL: Float64Array;
  readonly zU: Float64Array;
  /** f + costᵀa, without proximal and barrier terms. */
  f = Number.NaN;
  readonly gradient: Float64Array;
  readonly c: Float64Array;
  readonly J: Float64Array;
  private readonly x: Float64Array;

  constructor(readonly problem: BarrierProblem) {
    const { n, m, lower, jacobian } = problem;
    const make = () => new Float64Array(lower.length);
    this.w = make();
    [this.zL, this.zU, this.gradient] = [make(), make(), make()];
    [this.y, this.c] = [new Float64Array(m), new Float64Array(m)];
    this.J = new Float64Array(jacobian.rowIndices.length);
    this.x = this.w.subarray(0, n);
  }

  /** Computes f and c at w. Returns whether they are finite. */
  evaluate(): boolean {
    const { problem, w, x, c } = this;
    const { n, auxiliary } = problem;
    const { row, coefficient, cost } = auxiliary;
    let f = problem.objective(x);
    for (let a = 0; a < row.length; a++) f += cost[a] * w[n + a];
    this.f = f;
    if (!Number.isFinite(f)) return false;
    problem.constraints(x, c);
    for (let a = 0; a < row.length; a++) c[row[a]] += coefficient[a] * w[n + a];
    return Number.isFinite(this.theta);
  }

  /** Computes the gradient and the Jacobian at w. */
  differentiate(): void {
    const { problem, x, gradient, J } = this;
    const { n, auxiliary } = problem;
    problem.gradient(x, gradient.subarray(0, n));
    gradient.set(auxiliary.cost, n);
    problem.jacobianValues(x, J);
  }

  /** ‖c‖₁. */
  get theta(): number {
    let sum = 0;
    for (const v of this.c) sum += Math.abs(v);
    return sum;
  }

  /** The barrier objective; infinite outside the bounds. */
  phi(mu: number): number {
    const { w, problem } = this;
    const { lower, upper, proximal } = problem;
    let logs = 0;
    let damping = 0;
    let product = 1;
    for (let k = 0; k < w.length; k++) {
      const below = w[k] - lower[k];
      const above = upper[k] - w[k];
      if (below !== Number.POSITIVE_INFINITY) {
        product *= below;
        if (above === Number.POSITIVE_INFINITY) damping += below;
      }
      if (above !== Number.POSITIVE_INFINITY) {
        product *= above;
        if (below === Number.POSITIVE_INFINITY) damping += above;
      }
      // One logarithm for many factors, as long as their product is far from the ends of the range.
      if (!(product > 1e-150 && product < 1e150)) {
        logs += Math.log(product);
        product = 1;
      }
    }
    logs += Math.log(product);
    return this.f + (proximal ? this.proximal() : 0) - mu * logs + DAMPING * mu * damping;
  }

  private proximal(): number {
    const { weight, centre, scale } = this.problem.proximal!;
    let sum = 0;
    for (let k = 0; k < weight.length; k++) sum += weight[k] * (this.w[k] - centre[k]) ** 2;
    return 0.5 * scale * sum;
  }

  /** out ← the gradient of the barrier objective. */
  barrierGradient(mu: number, out: Float64Array): void {
    const { lower, upper } = this.problem;
    this.smoothGradient(out);
    for (let k = 0; k < out.length; k++) {
      const hasLower = lower[k] !== Number.NEGATIVE_INFINITY;
      const hasUpper = upper[k] !== Number.POSITIVE_INFINITY;
      if (hasLower) out[k] -= mu / (this.w[k] - lower[k]);
      if (hasUpper) out[k] += mu / (upper[k] - this.w[k]);
      if (hasLower !== hasUpper) out[k] += hasLower ? DAMPING * mu : -DAMPING * mu;
    }
  }

  /** out ← the gradient of the objective with its proximal terms. */
  private smoothGradient(out: Float64Array): void {
    out.set(this.gradient);
    const { proximal } = this.problem;
    if (!proximal) return;
    const { weight, centre, scale } = proximal;
    for (let k = 0; k < weight.length; k++) out[k] += scale * weight[k] * (this.w[k] - centre[k]);
  }

  /** out ← out + (J E)ᵀy. */
  addRows(y: Float64Array, out: Float64Array): void {
    const { n, jacobian, auxiliary } = this.problem;
    addTransposed(jacobian, this.J, y, out);
    const { row, coefficient } = auxiliary;
    for (let a = 0; a < row.length; a++) out[n + a] += coefficient[a] * y[row[a]];
  }

  errors(mu: number): Errors {
    const { w, y, zL, zU, problem } = this;
    const { lower, upper } = problem;
    const gradient = new Float64Array(w.length);
    this.smoothGradient(gradient);
    this.addRows(y, gradient);
    let [dual, complementarity, zSum, bounds] = [0, 0, 0, 0];
    let [duals, products] = [0, 0];
    for (let k = 0; k < w.length; k++) {
      const error = Math.abs(gradient[k] - zL[k] + zU[k]);
      dual = Math.max(dual, error);
      duals += error;
      if (lower[k] !== Number.NEGATIVE_INFINITY) {
        const product = Math.abs((w[k] - lower[k]) * zL[k] - mu);
        complementarity = Math.max(complementarity, product);
        products += product;
        zSum += zL[k];
        bounds++;
      }
      if (upper[k] !== Number.POSITIVE_INFINITY) {
        const product = Math.abs((upper[k] - w[k]) * zU[k] - mu);
        complementarity = Math.max(complementarity, product);
        products += product;
        zSum += zU[k];
        bounds++;
      }
    }
    let ySum = 0;
    for (const v of y) ySum += Math.abs(v);
    const relative = (sum: number, count: number) =>
      count === 0 ? 1 : Math.max(MULTIPLIER_SCALE, sum / count) / MULTIPLIER_SCALE;
    const primal = largest(this.c);
    const total = Math.max(
      dual / relative(ySum + zSum, y.length + bounds),
      primal,
      complementarity / relative(zSum, bounds),
    );
    const sum = duals / Math.max(1, w.length) + this.theta / Math.max(1, y.length) + products / Math.max(1, bounds);
    return { dual, primal, complementarity, total: Number.isNaN(total) ? Number.POSITIVE_INFINITY : total, sum };
  }

  /** Σ = zL/(w − lower) + zU/(upper − w), with the proximal terms. */
  sigma(out: Float64Array): void {
    const { w, zL, zU, problem } = this;
    const { lower, upper, proximal } = problem;
    for (let k = 0; k < w.length; k++) {
      out[k] = 0;
      if (lower[k] !== Number.NEGATIVE_INFINITY) out[k] += zL[k] / (w[k] - lower[k]);
      if (upper[k] !== Number.POSITIVE_INFINITY) out[k] += zU[k] / (upper[k] - w[k]);
      if (proximal) out[k] += proximal.scale * proximal.weight[k];
    }
  }

  copyFrom(other: Point): void {
    this.w.set(other.w);
    this.y.set(other.y);
    this.zL.set(other.zL);
    this.zU.set(other.zU);
    this.gradient.set(other.gradient);
    this.c.set(other.c);
    this.J.set(other.J);
    this.f = other.f;
  }
}
