import type { BarrierProblem } from './barrierProblem.ts';
import { KktSystem } from './kkt.ts';
import { LimitedMemory } from './limitedMemory.ts';
import type { Point } from './point.ts';

/** Perturbation γ of dependent rows: 1e-8·μ^¼. */
const perturbation = (mu: number): number => 1e-8 * mu ** 0.25;

/** A step of the primal and dual variables. */
export class Step {
  readonly w: Float64Array;
  readonly y: Float64Array;
  readonly zL: Float64Array;
  readonly zU: Float64Array;

  constructor({ lower, m }: BarrierProblem) {
    const make = () => new Float64Array(lower.length);
    [this.w, this.zL, this.zU] = [make(), make(), make()];
    this.y = new Float64Array(m);
  }
}

/** Computes Newton steps of the barrier problem at a point. */
export class Newton {
  readonly kkt: KktSystem;
  /** The Hessian of the Lagrangian, if the problem has no second derivatives. */
  readonly memory: LimitedMemory | undefined;
  private readonly W: Float64Array;
  private readonly sigma: Float64Array;
  private readonly right: Float64Array;

  constructor(private readonly problem: BarrierProblem) {
    // The proximal term of a restoration phase is curvature enough.
    this.memory = problem.hessian || problem.proximal ? undefined : new LimitedMemory();
    this.kkt = new KktSystem(problem, this.memory);
    this.W = new Float64Array(problem.hessian?.rowIndices.length ?? 0);
    [this.sigma, this.right] = [new Float64Array(problem.lower.length), new Float64Array(problem.lower.length)];
  }

  /**
   * The Newton step at a point.
   * @returns false if the system cannot be made regular.
   */
  step(at: Point, mu: number, out: Step): boolean {
    const { problem, kkt, W, sigma, right } = this;
    problem.hessianValues?.(at.w.subarray(0, problem.n), 1, at.y, W);
    at.sigma(sigma);
    if (this.memory) for (let j = 0; j < problem.n; j++) sigma[j] += this.memory.scale;
    const gamma = perturbation(mu);
    if (!kkt.prepare(W, at.J, sigma, gamma)) return false;
    at.barrierGradient(mu, right);
    at.addRows(at.y, right);
    for (let k = 0; k < right.length; k++) right[k] = -right[k];
    const rc = at.c.map((v) => -v);
    while (KktSystem.useless(kkt.solve(right, rc, out.w, out.y))) {
      if (!kkt.strengthen()) return false;
    }
    this.boundSteps(at, mu, out);
    return true;
  }

  /** The step of the same system for other values of c: a second-order correction. */
  corrected(at: Point, mu: number, c: Float64Array, out: Step): boolean {
    const rc = c.map((v) => -v);
    const residual = this.kkt.solve(this.right, rc, out.w, out.y);
    if (KktSystem.useless(residual)) return false;
    this.boundSteps(at, mu, out);
    return true;
  }

  private boundSteps(at: Point, mu: number, out: Step): void {
    const { lower, upper } = this.problem;
    const { w, zL, zU } = at;
    for (let k = 0; k < w.length; k++) {
      out.zL[k] = lower[k] === Number.NEGATIVE_INFINITY ? 0 : (mu - zL[k] * out.w[k]) / (w[k] - lower[k]) - zL[k];
      out.zU[k] = upper[k] === Number.POSITIVE_INFINITY ? 0 : (mu + zU[k] * out.w[k]) / (upper[k] - w[k]) - zU[k];
    }
  }
}

/** Largest α ≤ 1 with w + α·dw at least (1 − tau) of its distance from its bounds away from them. */
export function primalLength({ lower, upper }: BarrierProblem, w: Float64Array, dw: Float64Array, tau: number): number {
  let alpha = 1;
  for (let k = 0; k < w.length; k++) {
    const d = dw[k];
    if (d < 0) {
      const most = -tau * (w[k] - lower[k]);
      if (alpha * d < most) alpha = most / d;
    } else if (d > 0) {
      const most = tau * (upper[k] - w[k]);
      if (alpha * d > most) alpha = most / d;
    }
  }
  return alpha;
}

/** As {@link primalLength}, for multipliers that stay positive. */
export function dualLength(z: Float64Array, dz: Float64Array, tau: number): number {
  let alpha = 1;
  for (let k = 0; k < z.length; k++) if (alpha * dz[k] < -tau * z[k]) alpha = (-tau * z[k]) / dz[k];
  return alpha;
}
