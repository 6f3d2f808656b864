import { largest } from '../vectors.ts';
import { infeasibility, unboundedRay } from './certificates.ts';
import { addProduct } from './columns.ts';
import type { InteriorStep } from './interiorPoint.ts';
import { KktSystem } from './kkt.ts';
import { polish } from './polish.ts';
import type { Qp } from './problem.ts';
import { worstRelative } from './residuals.ts';
import { equilibrateProgram, rescaled, type Scaled } from './scaling.ts';
import { inOriginalUnits, isBetter, type QpState } from './state.ts';

/** Proximal term, over-relaxation and penalties as in OSQP; penalties of equations are larger by a factor. */
const SIGMA = 1e-6;
const RELAXATION = 1.6;
const PENALTY = 0.1;
const EQUATIONS = 1e3;
/** Iterations between looks at the residuals, and in all. */
const LOOK = 20;
const MOST = 20_000;
/** Ratio of primal to dual residual beyond which the penalties change, for which the matrix is factorised again. */
const UNEVEN = 5;
/** Relative residual from which the active set is worth a try. */
const NEAR = 1e-3;

/** Where a solve starts: a point and its multipliers, in the units of the problem. */
export interface SplittingStart {
  readonly x: Float64Array;
  readonly rows: Float64Array;
  readonly bounds: Float64Array;
}

/**
 * Operator splitting (Stellato et al. 2020): the alternating direction method of multipliers on copies of x and Ax
 * within their sides. The matrix depends on P, A and the penalties only, so that one factorisation serves a sequence of
 * problems; a solution on the active set makes the result precise.
 */
export class SplittingSolver {
  private readonly first: Scaled;
  private readonly kkt: KktSystem;
  private polisher: KktSystem | undefined;
  private penalty = PENALTY;
  private readonly X: Float64Array;
  private readonly Y: Float64Array;
  private readonly held: Uint8Array;
  private readonly out: Uint8Array;
  private factorised: Float64Array | undefined;

  constructor(qp: Qp) {
    this.first = equilibrateProgram(qp);
    const { P, A } = this.first.qp;
    this.kkt = new KktSystem(P, A);
    [this.X, this.Y] = [new Float64Array(qp.n), new Float64Array(qp.m)];
    [this.held, this.out] = [new Uint8Array(qp.n), new Uint8Array(qp.m)];
  }

  /** Penalties of copies: those of x, then those of Ax. */
  private penalties({ n, m, lower, upper, rowLower, rowUpper }: Qp): Float64Array {
    const of = (low: number, up: number) =>
      low === up ? EQUATIONS * this.penalty : low === -Infinity && up === Infinity ? SIGMA : this.penalty;
    const out = new Float64Array(n + m);
    for (let j = 0; j < n; j++) out[j] = of(lower[j], upper[j]);
    for (let i = 0; i < m; i++) out[n + i] = of(rowLower[i], rowUpper[i]);
    return out;
  }

  private factorise(penalties: Float64Array): void {
    const { X, Y } = this;
    if (this.factorised?.every((v, k) => v === penalties[k])) return;
    this.factorised = penalties;
    for (let j = 0; j < X.length; j++) X[j] = SIGMA + penalties[j];
    for (let i = 0; i < Y.length; i++) Y[i] = 1 / penalties[X.length + i];
    this.kkt.factorise(X, Y, this.held, this.out);
  }

  /** Solves a program with the same P and A. */
  *solve(given: Qp, tol: number, start: SplittingStart | undefined): Generator<InteriorStep, void, void> {
    const scaled = rescaled(this.first, given);
    const { qp, D, E, c } = scaled;
    const { n, m } = qp;
    const before = this.kkt.factorisations;
    const x = new Float64Array(n);
    // Copies of x and Ax, and their multipliers with the sign of the splitting.
    const [w, y] = [new Float64Array(n + m), new Float64Array(n + m)];
    if (start) {
      for (let j = 0; j < n; j++) [x[j], y[j]] = [start.x[j] / D[j], -start.bounds[j] * c * D[j]];
      for (let i = 0; i < m; i++) y[n + i] = (-start.rows[i] * c) / E[i];
    }
    w.set(x);
    addProduct(qp.A, x, w.subarray(n));
    const low = joined(qp.lower, qp.rowLower);
    const up = joined(qp.upper, qp.rowUpper);
    for (let k = 0; k < n + m; k++) w[k] = Math.min(up[k], Math.max(low[k], w[k]));
    let penalties = this.penalties(qp);
    this.factorise(penalties);
    const [b, d, v, previous] = [0, 1, 2, 3].map(() => new Float64Array(n + m));
    const old = { x: new Float64Array(n), y: new Float64Array(n + m) };
    let best: QpState | undefined;
    let tried = Number.POSITIVE_INFINITY;
    for (let iteration = 0; ; iteration++) {
      if (iteration % LOOK === 0) {
        const last = stateOf(given, scaled, x, y);
        if (!best || isBetter(last, best)) best = last;
        const error = worstRelative(last.residuals);
        if (error <= Math.max(NEAR, tol) && error < 0.3 * tried) {
          tried = error;
          this.polisher ??= new KktSystem(qp.P, qp.A);
          const better = polish(given, scaled, this.polisher, last);
          if (better && isBetter(better, best)) best = better;
        }
        const proof = iteration > 0 ? differences(given, scaled, x, y, old, last) : undefined;
        const converged = worstRelative(best.residuals) <= tol;
        const done = proof?.done ?? (converged ? 'converged' : iteration >= MOST ? 'stalled' : undefined);
        yield { iteration, best, last, ...proof, done, factorisations: this.kkt.factorisations - before };
        if (done) return;
        old.x.set(x);
        old.y.set(y);
        const { primal, dual } = last.residuals.relative;
        const ratio = Math.sqrt(primal / Math.max(dual, 1e-300));
        if (iteration > 0 && (ratio > UNEVEN || ratio < 1 / UNEVEN)) {
          this.penalty = Math.min(1e6, Math.max(1e-6, this.penalty * Math.min(100, Math.max(0.01, ratio))));
          penalties = this.penalties(qp);
          this.factorise(penalties);
        }
      }
      for (let j = 0; j < n; j++) b[j] = SIGMA * x[j] - qp.q[j] + penalties[j] * w[j] - y[j];
      for (let i = n; i < n + m; i++) b[i] = w[i] - y[i] / penalties[i];
      this.kkt.solve(b, d, undefined, undefined, 1);
      for (let j = 0; j < n; j++) v[j] = d[j];
      v.fill(0, n);
      addProduct(qp.A, d.subarray(0, n), v.subarray(n));
      previous.set(w);
      for (let j = 0; j < n; j++) x[j] += RELAXATION * (d[j] - x[j]);
      for (let k = 0; k < n + m; k++) {
        const mixed = RELAXATION * v[k] + (1 - RELAXATION) * previous[k];
        const wanted = mixed + y[k] / penalties[k];
        w[k] = Math.min(up[k], Math.max(low[k], wanted));
        y[k] = penalties[k] * (wanted - w[k]);
      }
    }
  }
}

function joined(one: Float64Array, other: Float64Array): Float64Array {
  const out = new Float64Array(one.length + other.length);
  out.set(one);
  out.set(other, one.length);
  return out;
}

function stateOf(given: Qp, scaled: Scaled, x: Float64Array, y: Float64Array): QpState {
  const { n, lower, upper } = scaled.qp;
  const held = Uint8Array.from(lower, (v, j) => (v === upper[j] ? 1 : 0));
  const opposite = y.map((v) => -v);
  return inOriginalUnits(given, scaled, x, opposite.subarray(n), opposite.subarray(0, n), held);
}

/** The differences of iterates tend to a proof if there is no solution (Banjac et al. 2019). */
function differences(
  given: Qp,
  { D, E, qp }: Scaled,
  x: Float64Array,
  y: Float64Array,
  old: { readonly x: Float64Array; readonly y: Float64Array },
  { residuals }: QpState,
): Pick<InteriorStep, 'done' | 'infeasibility' | 'ray'> | undefined {
  if (residuals.relative.primal > 1e-6 && largest(y) > 0) {
    const proof = infeasibility(
      given,
      E.map((e, i) => e * (old.y[qp.n + i] - y[qp.n + i])),
    );
    if (proof) return { done: 'infeasible', infeasibility: proof };
  }
  // Only a feasible problem is unbounded.
  if (residuals.relative.primal <= 1e-6 && residuals.relative.dual > 1e-6) {
    const ray = unboundedRay(
      given,
      x.map((v, j) => D[j] * (v - old.x[j])),
    );
    if (ray) return { done: 'unbounded', ray };
  }
  return undefined;
}
