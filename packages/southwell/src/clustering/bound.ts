import { elementary } from '@southwell/numerics/special';
import type { Affinity } from './affinity.ts';

const { exp, log } = elementary;

/** Soft assignments of n points to k clusters, by rows: z_p = softmax(u_p), log z_p = u_p − logSum[p]. */
interface State {
  readonly z: Float64Array;
  readonly u: Float64Array;
  readonly logSum: Float64Array;
}

/**
 * Bound updates of soft assignments for fixed prototypes: minimises
 *
 *   F(Z) = Σ_pk z_pk (log z_pk + a_pk) − (λ/2) Σ_pq W_pq z_p·z_q
 *
 * over rows z_p of the simplex, with the rows of known labels fixed by `fixed`. A pass updates all points at once, z_p
 * ← softmax(−a_p + λ Σ_q W_pq z_q), and minimises an upper bound of F if W is symmetric and λ times its most negative
 * eigenvalue is at least −2 (the entropy compensates down to there). If F increases nevertheless, the pass is undone,
 * and it and all later ones are mirror-descent steps with a step size that cannot increase F for symmetric W; both have
 * the same fixed points.
 */
export class BoundUpdates {
  private front: State;
  private back: State;
  private spare: State;
  private step = 1;
  private readonly safeStep: number;
  /** F at {@link z}. */
  energy: number;

  /** @param a costs of the assignments, n × k by rows. @param fixed the labels of fixed points, −1 for others. */
  constructor(
    private readonly a: Float64Array,
    private readonly k: number,
    private readonly W: Affinity,
    private readonly lambda: number,
    private readonly fixed?: Int32Array,
  ) {
    const { n, pointers, weights } = W;
    const state = (): State => ({
      z: new Float64Array(n * k),
      u: new Float64Array(n * k),
      logSum: new Float64Array(n),
    });
    [this.front, this.back, this.spare] = [state(), state(), state()];
    let degree = 0;
    for (let p = 0; p < n; p++) {
      for (let c = 0; c < k; c++) this.front.u[p * k + c] = -a[p * k + c];
      this.normalise(this.front, p);
      let sum = 0;
      for (let t = pointers[p]; t < pointers[p + 1]; t++) sum += weights[t];
      degree = Math.max(degree, sum);
    }
    this.safeStep = 1 / (1 + (lambda * degree) / 2);
    this.energy = this.pass(this.front, this.back);
  }

  /** The assignments, n × k by rows; a view that is invalid after the next pass. */
  get z(): Float64Array {
    return this.front.z;
  }

  /** One pass; returns |ΔF|/|F|. O((n + edges)·k). */
  next(): number {
    const before = this.energy;
    let after = this.pass(this.back, this.spare);
    if (after > before + 1e-12 * Math.abs(before) && this.step > this.safeStep) {
      this.step = this.safeStep;
      this.pass(this.front, this.back);
      after = this.pass(this.back, this.spare);
    }
    [this.front, this.back, this.spare] = [this.back, this.spare, this.front];
    this.energy = after;
    return Math.abs(before - after) / Math.max(Math.abs(before), Number.MIN_VALUE);
  }

  /** F of a state, and the next state: points are updated simultaneously. */
  private pass(from: State, to: State): number {
    const { n } = this.W;
    let energy = 0;
    for (let p = 0; p < n; p++) energy += this.updatePoint(p, from, to);
    return energy;
  }

  /** The contribution of point p to F(from), and its new row in `to`. */
  private updatePoint(p: number, from: State, to: State): number {
    const { a, k, lambda, step, fixed } = this;
    const { pointers, indices, weights } = this.W;
    const { z, u } = from;
    const at = p * k;
    const next = to.u;
    for (let c = 0; c < k; c++) next[at + c] = 0;
    for (let t = pointers[p]; t < pointers[p + 1]; t++) {
      const w = lambda * weights[t];
      const qt = indices[t] * k;
      for (let c = 0; c < k; c++) next[at + c] += w * z[qt + c];
    }
    const held = fixed !== undefined && fixed[p] >= 0;
    const logSum = from.logSum[p];
    let share = 0;
    for (let c = 0; c < k; c++) {
      const pull = next[at + c];
      const v = z[at + c];
      // z log z is 0 at 0.
      if (v > 0) share += v * (a[at + c] - pull / 2 + (held ? 0 : u[at + c] - logSum));
      next[at + c] = step === 1 ? pull - a[at + c] : (1 - step) * (u[at + c] - logSum) + step * (pull - a[at + c]);
    }
    this.normalise(to, p);
    return share;
  }

  private normalise({ z, u, logSum }: State, p: number): void {
    const { k, fixed } = this;
    const at = p * k;
    if (fixed !== undefined && fixed[p] >= 0) {
      for (let c = 0; c < k; c++) z[at + c] = c === fixed[p] ? 1 : 0;
      return;
    }
    let largest = u[at];
    for (let c = 1; c < k; c++) if (u[at + c] > largest) largest = u[at + c];
    let sum = 0;
    for (let c = 0; c < k; c++) {
      const e = exp(u[at + c] - largest);
      z[at + c] = e;
      sum += e;
    }
    for (let c = 0; c < k; c++) z[at + c] /= sum;
    logSum[p] = largest + log(sum);
  }
}
