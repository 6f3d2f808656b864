import { SouthwellError, type Status } from '@southwell/numerics/core';
import { dot, largest } from '../vectors.ts';
import { type Infeasibility, infeasibility, unboundedRay } from './certificates.ts';
import { addProduct, addTransposed } from './columns.ts';
import { ConeSlacks } from './cones.ts';
import { KktSystem } from './kkt.ts';
import { polish } from './polish.ts';
import type { Qp } from './problem.ts';
import { worstAbsolute, worstRelative } from './residuals.ts';
import { equilibrateProgram, type Scaled } from './scaling.ts';
import { inOriginalUnits, isBetter, type QpState } from './state.ts';

export interface InteriorStep {
  readonly iteration: number;
  readonly best: QpState;
  /** The latest iterate, which tells of an infeasible or unbounded problem. */
  readonly last: QpState;
  readonly done?: Status;
  readonly factorisations: number;
  /** Proofs of the statuses `infeasible` and `unbounded`. */
  readonly infeasibility?: Infeasibility;
  readonly ray?: Float64Array;
}

export interface Manner {
  /** Whether primal and dual variables take steps of the same length. */
  readonly together: boolean;
  /** Whether P is positive semidefinite; if not, a shift gives its matrix the inertia of a convex problem. */
  readonly convex: boolean;
}

/** Absolute residuals that are not reduced further, and relative ones of problems with many rows and variables. */
const ENOUGH = 2e-10;
const ENOUGH_OF_MANY = 1e-12;
const MANY = 10_000;
/** Iterations without a better point before the method gives up, and once the tolerance is met. */
const PATIENCE = 30;
const LATE_PATIENCE = 6;
const MOST = 300;
/** Proximal terms of the scaled problem: to begin with, and the least ones. */
const FIRST = 1e-8;
const LEAST = 1e-15;
/** Part of the step to the boundary of a cone that is taken. */
const NEAR_CONE = 0.99;
/** Largest ratio of a multiplier to its slack that enters the matrix. */
const FARTHEST = 1e20;
/** Relative residual of a solve from which the proximal terms are raised. */
const INEXACT = 1e-6;

/**
 * A primal-dual interior point method with proximal terms: Mehrotra's predictor and corrector (1992) on the
 * optimality system of the proximal method of multipliers, as in Schwan et al. (2023), whose reference point is the
 * iterate itself. The terms make rows that depend on one another and semidefinite P harmless. Cones are scaled as by
 * Nesterov and Todd.
 * @throws NOT_SUPPORTED for factors of more than 4 GiB.
 */
export function* interiorPoint(qp: Qp, tol: number, manner: Manner): Generator<InteriorStep, void, void> {
  const scaled = equilibrateProgram(qp);
  const state = new InteriorState(qp, scaled, manner);
  try {
    state.begin();
    let best = state.original();
    let since = 0;
    let tried = Number.POSITIVE_INFINITY;
    for (let iteration = 0; ; iteration++) {
      const last = iteration === 0 ? best : state.original();
      since++;
      if (isBetter(last, best)) [best, since] = [last, 0];
      const proof = proofAt(qp, last);
      if (proof) {
        yield { iteration, best, last, ...proof, factorisations: state.kkt.factorisations };
        return;
      }
      const reached = worstRelative(best.residuals) <= tol;
      const out = since > (reached ? LATE_PATIENCE : PATIENCE) || iteration >= MOST || state.stuck;
      const error = worstRelative(last.residuals);
      if (
        qp.cones.length === 1 &&
        !isSettled(qp, best) &&
        (out || (error <= Math.max(tol, 1e-7) && error < 0.1 * tried))
      ) {
        tried = error;
        const better = polish(qp, scaled, state.kkt, out ? best : last);
        if (better && isBetter(better, best)) best = better;
      }
      const ended = out || isSettled(qp, best);
      const done = ended ? (worstRelative(best.residuals) <= tol ? 'converged' : 'stalled') : undefined;
      yield { iteration, best, last, done, factorisations: state.kkt.factorisations };
      if (done) return;
      try {
        state.step();
      } catch (error) {
        if (!(error instanceof SouthwellError) || error.code === 'NOT_SUPPORTED') throw error;
        state.stuck = true;
      }
    }
  } finally {
    state.kkt.free();
  }
}

const isSettled = ({ n, m }: Qp, { residuals }: QpState): boolean =>
  worstAbsolute(residuals) <= ENOUGH || (n + m > MANY && worstRelative(residuals) <= ENOUGH_OF_MANY);

/** Relative residuals below which an iterate is not examined as a proof that there is no solution. */
const SMALL = 1e-6;

function proofAt(
  qp: Qp,
  { x, rows, residuals }: QpState,
): Pick<InteriorStep, 'done' | 'infeasibility' | 'ray'> | undefined {
  if (residuals.relative.primal > SMALL) {
    const proof = infeasibility(qp, rows);
    if (proof) return { done: 'infeasible', infeasibility: proof };
  }
  if (residuals.relative.dual > SMALL || residuals.relative.gap > SMALL) {
    const ray = unboundedRay(qp, x);
    if (ray) return { done: 'unbounded', ray };
  }
  return undefined;
}

class InteriorState {
  readonly kkt: KktSystem;
  /** Set when steps have become too short to matter. */
  stuck = false;
  private readonly qp: Qp;
  private readonly held: Uint8Array;
  private readonly out: Uint8Array;
  /** Of each inequality: its variable, or n + row; +1 for a lower bound, −1 for an upper one; and the bound. */
  private readonly owner: Int32Array;
  private readonly sign: Float64Array;
  private readonly bound: Float64Array;
  private readonly x: Float64Array;
  private readonly y: Float64Array;
  private readonly t: Float64Array;
  private readonly l: Float64Array;
  /** x, then Ax. */
  private readonly v: Float64Array;
  private readonly rd: Float64Array;
  private readonly rk: Float64Array;
  private readonly rc: Float64Array;
  private readonly b: Float64Array;
  private readonly d: Float64Array;
  private readonly dv: Float64Array;
  private readonly dt: Float64Array;
  private readonly dl: Float64Array;
  private readonly X: Float64Array;
  private readonly Y: Float64Array;
  private readonly W: Float64Array;
  private readonly g: Float64Array;
  private readonly cones: ConeSlacks;
  private readonly dy: Float64Array;
  private rho = FIRST;
  private delta = FIRST;
  private shortSteps = 0;
  /** Residuals before the last step, and its lengths. */
  private readonly last = { primal: Infinity, dual: Infinity, p: 0, q: 0 };

  constructor(
    private readonly given: Qp,
    private readonly scaled: Scaled,
    private readonly manner: Manner,
  ) {
    const { qp } = scaled;
    const { n, m, lower, upper, rowLower, rowUpper } = qp;
    this.qp = qp;
    this.cones = new ConeSlacks(qp.cones);
    const N = n + this.cones.count;
    this.held = Uint8Array.from({ length: N }, (_, j) => (lower[j] !== undefined && lower[j] === upper[j] ? 1 : 0));
    this.out = Uint8Array.from(rowLower, (v, i) => (v === -Infinity && rowUpper[i] === Infinity ? 1 : 0));
    const [owner, sign, bound]: number[][] = [[], [], []];
    const side = (k: number, low: number, up: number) => {
      if (low === up) return;
      if (low > -Infinity) {
        owner.push(k);
        sign.push(1);
        bound.push(low);
      }
      if (up < Infinity) {
        owner.push(k);
        sign.push(-1);
        bound.push(up);
      }
    };
    for (let j = 0; j < n; j++) side(j, lower[j], upper[j]);
    for (let i = 0; i < m; i++) side(n + i, rowLower[i], rowUpper[i]);
    const count = owner.length;
    [this.owner, this.sign, this.bound] = [Int32Array.from(owner), Float64Array.from(sign), Float64Array.from(bound)];
    const zeros = (length: number) => new Float64Array(length);
    [this.x, this.y, this.t, this.l] = [zeros(n), zeros(m), zeros(count), zeros(count)];
    [this.v, this.dv, this.W, this.g] = Array.from({ length: 4 }, () => zeros(n + m));
    [this.b, this.d, this.dy] = [N + m, N + m, m].map(zeros);
    [this.rd, this.rk, this.rc, this.dt, this.dl] = [n, count, count, count, count].map(zeros);
    [this.X, this.Y] = [zeros(N), zeros(m)];
    this.kkt = new KktSystem(qp.P, qp.A, qp.cones);
  }

  /** The solution of the problem with quadratic penalties for inequalities, moved inside (Vandenberghe 2010). */
  begin(): void {
    const { qp, x, t, l, held, owner, sign, bound, v } = this;
    for (let j = 0; j < qp.n; j++) x[j] = held[j] ? qp.lower[j] : 0;
    t.fill(1);
    l.fill(1);
    this.evaluate();
    // As a Newton step from t = λ = 0, for which t and λ of 1 stand in the matrix.
    this.factorise();
    for (let k = 0; k < t.length; k++) {
      this.rk[k] = sign[k] * (v[owner[k]] - bound[k]);
      this.rc[k] = 0;
    }
    this.y.fill(0);
    this.residualOfDual(true);
    this.solve();
    for (let j = 0; j < qp.n; j++) x[j] += this.d[j];
    this.y.set(this.dy);
    this.evaluate();
    const { cones } = this;
    for (let i = qp.cones[0]; i < qp.m; i++) cones.s[i] = this.missed(i);
    cones.moveInside(cones.s);
    cones.moveInside(this.y);
    let [low, lowest] = [0, 0];
    for (let k = 0; k < t.length; k++) {
      t[k] = sign[k] * (v[owner[k]] - bound[k]);
      l[k] = -t[k];
      low = Math.max(low, -t[k]);
      lowest = Math.max(lowest, -l[k]);
    }
    const size = 1e-8 * Math.max(1, largest(t));
    for (let k = 0; k < t.length; k++) {
      if (low > -size) t[k] += 1 + low;
      if (lowest > -size) l[k] += 1 + lowest;
    }
    this.multipliersOfRows();
  }

  /** y of rows with sides, from the multipliers of these. */
  private multipliersOfRows(): void {
    const { qp, owner, sign, l, y } = this;
    for (let i = 0; i < qp.m; i++) if (qp.rowLower[i] !== qp.rowUpper[i]) y[i] = 0;
    for (let k = 0; k < l.length; k++) if (owner[k] >= qp.n) y[owner[k] - qp.n] += sign[k] * l[k];
  }

  /** v ← x, Ax. */
  private evaluate(): void {
    const { qp, x, v } = this;
    v.fill(0);
    v.set(x);
    addProduct(qp.A, x, v.subarray(qp.n));
  }

  /** rd ← Px + q − Aᵀy − z; z is left out with `free`. */
  private residualOfDual(free = false): void {
    const { qp, x, y, rd, owner, sign, l, held } = this;
    rd.set(qp.q);
    addProduct(qp.P, x, rd);
    addTransposed(qp.A, y, rd, -1);
    if (!free) for (let k = 0; k < l.length; k++) if (owner[k] < qp.n) rd[owner[k]] -= sign[k] * l[k];
    for (let j = 0; j < qp.n; j++) if (held[j]) rd[j] = 0;
  }

  private factorise(): void {
    const { qp, owner, t, l, W, X, Y, delta, rho } = this;
    W.fill(0);
    for (let k = 0; k < t.length; k++) W[owner[k]] += l[k] / (t[k] + delta * l[k]);
    for (let k = 0; k < W.length; k++) if (W[k] > 0) W[k] = Math.min(FARTHEST, Math.max(1 / FARTHEST, W[k]));
    for (let j = 0; j < qp.n; j++) X[j] = W[j] + rho;
    for (let i = 0; i < qp.m; i++) Y[i] = qp.rowLower[i] === qp.rowUpper[i] ? delta : 1 / W[qp.n + i];
    this.cones.fill(X, Y, this.kkt.coneColumns, delta);
    this.kkt.factorise(X, Y, this.held, this.out);
    if (this.manner.convex) return;
    for (let more = 1e-4; more < FARTHEST && this.kkt.hasExcess(); more *= 10) {
      for (let j = 0; j < qp.n; j++) X[j] += more;
      this.kkt.factorise(X, Y, this.held, this.out);
    }
  }

  /** The direction (d, dv, dt, dl) for the residuals rd, rk, rc at the point; returns its relative error. */
  private solve(): number {
    const { qp, owner, sign, t, l, rk, rc, g, b, d, dv, dy, dt, dl, W, delta, cones, v } = this;
    const { n, m } = qp;
    const N = n + cones.count;
    b.fill(0);
    g.fill(0);
    for (let k = 0; k < t.length; k++) g[owner[k]] += (sign[k] * (rc[k] - l[k] * rk[k])) / (t[k] + delta * l[k]);
    for (let j = 0; j < n; j++) b[j] = g[j] - this.rd[j];
    for (let i = 0; i < m; i++) {
      const side = qp.rowLower[i];
      b[N + i] = side === qp.rowUpper[i] ? side - v[n + i] + cones.correction[i] : g[n + i] / W[n + i];
    }
    const error = this.kkt.solve(b, d);
    dv.fill(0);
    for (let j = 0; j < n; j++) dv[j] = d[j];
    addProduct(qp.A, dv.subarray(0, n), dv.subarray(n));
    for (let i = 0; i < m; i++) dy[i] = -d[N + i];
    for (let i = qp.cones[0]; i < m; i++) cones.ds[i] = dv[n + i] + this.missed(i) + delta * dy[i];
    for (let k = 0; k < t.length; k++) {
      dl[k] = (rc[k] - l[k] * (sign[k] * dv[owner[k]] + rk[k])) / (t[k] + delta * l[k]);
      dt[k] = sign[k] * dv[owner[k]] + rk[k] + delta * dl[k];
    }
    return error;
  }

  /** What an equation lacks, or a row of a cone with its slack. */
  private missed(i: number): number {
    return this.v[this.qp.n + i] - this.qp.rowLower[i] - this.cones.s[i];
  }

  /** The largest step, at most `most`, that keeps u + step · du positive. */
  private static longest(u: Float64Array, du: Float64Array, most: number): number {
    let step = most;
    for (let k = 0; k < u.length; k++) if (du[k] < 0 && u[k] + step * du[k] < 0) step = -u[k] / du[k];
    return step;
  }

  /** Lengths of the primal and dual steps: this part of those that lead to the boundary, at most 1. */
  private lengths(near: number): [number, number] {
    const { t, dt, l, dl, y, dy, cones } = this;
    // In a cone, a full step must not end at the boundary either.
    const most = cones.count > 0 ? 1 / near : 1;
    const part = (step: number) => (step < most ? Math.min(1, near * step) : 1);
    const p = part(cones.longest(cones.s, cones.ds, InteriorState.longest(t, dt, most)));
    const q = part(cones.longest(y, dy, InteriorState.longest(l, dl, most)));
    return this.manner.together ? [Math.min(p, q), Math.min(p, q)] : [p, q];
  }

  /** Relaxes a proximal term that holds up a residual, which a step of length a should leave at 1 − a of its size. */
  private adapt(): void {
    const { qp, rk, rd, v, last } = this;
    let primal = largest(rk);
    for (let i = 0; i < qp.m; i++) {
      if (qp.rowLower[i] === qp.rowUpper[i]) primal = Math.max(primal, Math.abs(this.missed(i)));
    }
    const dual = largest(rd);
    const held = (now: number, before: number, step: number, size: number) =>
      step > 0.3 && now > 1e-13 * size && now > (1.05 - 0.9 * step) * before;
    if (held(primal, last.primal, last.p, 1 + largest(v))) this.delta = Math.max(LEAST, 0.01 * this.delta);
    // Steps of different lengths leave a part of PΔx behind.
    if (Math.abs(last.p - last.q) < 0.05 && held(dual, last.dual, last.q, 1 + largest(this.y)))
      this.rho = Math.max(LEAST, 0.01 * this.rho);
    last.primal = primal;
    last.dual = dual;
  }

  step(): void {
    const { qp, x, y, t, l, d, dt, dl, dy, rc, rk, owner, sign, bound, v, cones } = this;
    const count = t.length;
    const degree = count + cones.count;
    const mu = degree === 0 ? 0 : (dot(t, l) + dot(cones.s, y)) / degree;
    this.evaluate();
    this.residualOfDual();
    for (let k = 0; k < count; k++) {
      rk[k] = sign[k] * (v[owner[k]] - bound[k]) - t[k];
      rc[k] = -t[k] * l[k];
    }
    this.adapt();
    cones.scale(y);
    cones.correction.fill(0);
    this.factorise();
    for (let turn = 0; this.solve() > INEXACT && turn < 3; turn++) {
      if (this.delta < FIRST || this.rho < FIRST || !this.kkt.tighten()) {
        this.delta = Math.min(FIRST, 100 * this.delta);
        this.rho = Math.min(FIRST, 100 * this.rho);
      }
      this.factorise();
    }

    if (degree > 0) {
      const [a, b] = this.lengths(1);
      let after = cones.productAfter(y, dy, a, b);
      for (let k = 0; k < count; k++) after += (t[k] + a * dt[k]) * (l[k] + b * dl[k]);
      const sigma = Math.min(1, Math.max(0, after / degree / mu)) ** 3;
      for (let k = 0; k < count; k++) rc[k] = sigma * mu - t[k] * l[k] - dt[k] * dl[k];
      cones.correct(dy, sigma * mu);
      this.solve();
    }
    const [p, q] = this.lengths(cones.count > 0 ? NEAR_CONE : Math.max(0.995, 1 - mu));
    [this.last.p, this.last.q] = [p, q];
    for (let j = 0; j < qp.n; j++) x[j] += p * d[j];
    for (let i = 0; i < qp.cones[0]; i++) y[i] += q * dy[i];
    cones.advance(cones.s, cones.ds, p);
    cones.advance(y, dy, q);
    for (let k = 0; k < count; k++) {
      t[k] = Math.max(t[k] + p * dt[k], 1e-300);
      l[k] = Math.max(l[k] + q * dl[k], 1e-300);
    }
    this.multipliersOfRows();
    this.shortSteps = Math.max(p, q) < 1e-6 ? this.shortSteps + 1 : 0;
    this.stuck = this.shortSteps >= 4 || !Number.isFinite(largest(x));
  }

  /** The point in the units of the problem. */
  original(): QpState {
    const { qp, owner, sign, l, given } = this;
    const z = new Float64Array(qp.n);
    for (let k = 0; k < l.length; k++) if (owner[k] < qp.n) z[owner[k]] += sign[k] * l[k];
    return inOriginalUnits(given, this.scaled, this.x, this.y, z, this.held);
  }
}
