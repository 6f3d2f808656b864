import { addProduct, addTransposed, type Columns } from './columns.ts';
import type { Qp } from './problem.ts';
import { WorkingSet } from './workingSet.ts';

/** Sides of constraints: −1 for the lower one, 1 for the upper one, 0 for neither. */
export type Sides = Int8Array;

export interface ActiveSetResult {
  readonly status: 'optimal' | 'infeasible' | 'stalled';
  readonly x: Float64Array;
  readonly rows: Float64Array;
  readonly bounds: Float64Array;
}

/** Violation, in units of a constraint whose normal has norm 1 in the metric of P, that is taken for rounding. */
const VIOLATION = 1e-11;
/** Pivots of P, relative to its largest, from which P counts as positive definite. */
const DEFINITE = 1e-11;
/** Proximal term of a semidefinite P, relative to its largest diagonal entry. */
const PROXIMAL = 1e-5;
const OUTER = 200;
/** Exchanges between looks at the clock. */
const AT_ONCE = 100;

/**
 * The dual active set method of Arnström, Bemporad and Axehill (2022): in u = Rx + R⁻ᵀq, where P = RᵀR, the problem is
 * that of the least norm, and the Gram matrix of the active constraints is kept as LDLᵀ. Everything that depends on P and
 * A alone is computed once. A semidefinite P gets a proximal term, whose centre moves to the solution until it stays.
 */
export class ActiveSetSolver {
  private readonly n: number;
  private readonly count: number;
  /** Whether P needs no proximal term. */
  readonly definite: boolean;
  private readonly shift: number = 0;
  /** R⁻¹ by rows, upper triangular. */
  private readonly inverse: Float64Array;
  /** Rows of the constraints in u, of norm 1; that of variable j is number j. */
  private readonly M: Float64Array;
  /** Norms that the rows had; 0 for those without sides, which are not looked at. */
  private readonly norms: Float64Array;
  /** The first column of each row of M that may not be 0. */
  private readonly first: Int32Array;
  private readonly set: WorkingSet;
  private readonly low: Float64Array;
  private readonly up: Float64Array;
  private readonly v: Float64Array;
  private readonly u: Float64Array;
  private readonly x: Float64Array;
  private readonly centre: Float64Array;
  private readonly q: Float64Array;
  /** Exchanges of all solves. */
  pivots = 0;

  constructor(qp: Qp) {
    const { n, m } = qp;
    [this.n, this.count] = [n, n + m];
    const plain = choleskyInverse(qp.P, 0);
    this.definite = plain !== undefined;
    if (!plain) {
      let most = 0;
      for (const v of qp.P.value) most = Math.max(most, Math.abs(v));
      this.shift = PROXIMAL * (most || 1);
    }
    this.inverse = plain ?? choleskyInverse(qp.P, this.shift) ?? new Float64Array(n * n);
    // In one allocation, which for small problems takes longer than the arithmetic.
    const room = new Float64Array((n + m) * (n + 3) + 5 * n);
    let at = 0;
    const take = (length: number) => room.subarray(at, (at += length));
    [this.M, this.norms, this.low, this.up] = [take((n + m) * n), take(n + m), take(n + m), take(n + m)];
    [this.v, this.u, this.x, this.centre, this.q] = [take(n), take(n), take(n), take(n), take(n)];
    this.first = new Int32Array(n + m).fill(n);
    this.constraints(qp.A);
    this.set = new WorkingSet(this.M, n, n + m);
  }

  private constraints(A: Columns): void {
    const { n, count, M, norms, inverse, first } = this;
    for (let j = 0; j < n; j++) {
      const row = j * n;
      first[j] = j;
      for (let k = j; k < n; k++) M[row + k] = inverse[row + k];
      for (let q = A.start[j]; q < A.start[j + 1]; q++) {
        const c = n + A.index[q];
        const [to, a] = [c * n, A.value[q]];
        if (first[c] === n) first[c] = j;
        for (let k = j; k < n; k++) M[to + k] += a * inverse[row + k];
      }
    }
    for (let c = 0; c < count; c++) {
      const to = c * n;
      let sum = 0;
      for (let k = first[c]; k < n; k++) sum += M[to + k] * M[to + k];
      const norm = Math.sqrt(sum);
      norms[c] = norm;
      if (norm === 0) continue;
      const factor = 1 / norm;
      for (let k = first[c]; k < n; k++) M[to + k] *= factor;
    }
  }

  /** Sets the sides for u, given those of x and v = R⁻ᵀq. */
  private sides(q: Float64Array, qp: Qp): void {
    const { n, count, inverse, v, M, norms, low, up, first } = this;
    v.fill(0);
    for (let j = 0; j < n; j++) {
      const value = q[j];
      if (value !== 0) for (let k = j; k < n; k++) v[k] += inverse[j * n + k] * value;
    }
    for (let c = 0; c < count; c++) {
      const [l, h] = c < n ? [qp.lower[c], qp.upper[c]] : [qp.rowLower[c - n], qp.rowUpper[c - n]];
      if ((l === -Infinity && h === Infinity) || norms[c] === 0) {
        low[c] = -Infinity;
        up[c] = Infinity;
        continue;
      }
      const sum = dotFrom(M, c * n, v, first[c], n);
      low[c] = l / norms[c] + sum;
      up[c] = h / norms[c] + sum;
    }
  }

  /** Solves with the linear part and sides of a program with the same P and A, from an active set if there is one. */
  *solve(qp: Qp, from: Sides | undefined): Generator<number, ActiveSetResult, void> {
    const { n, set, shift, centre, x } = this;
    if (from === undefined) set.clear();
    else set.become(from);
    centre.fill(0);
    const { q } = this;
    for (let outer = 0; ; outer++) {
      for (let j = 0; j < n; j++) q[j] = qp.q[j] - shift * centre[j];
      this.sides(q, qp);
      if (set.size > 0) set.begin(this.low, this.up);
      let status = this.exchange(AT_ONCE);
      for (let left = 20 * this.count; status === undefined; left -= AT_ONCE) {
        if (left <= 0) status = 'stalled';
        else {
          yield this.pivots;
          status = this.exchange(AT_ONCE);
        }
      }
      this.point();
      let [moved, size] = [0, 1];
      for (let j = 0; j < n; j++) {
        moved = Math.max(moved, Math.abs(x[j] - centre[j]));
        size = Math.max(size, Math.abs(x[j]));
      }
      if (status !== 'optimal' || shift === 0 || moved <= 1e-13 * size || outer >= OUTER)
        return this.result(qp, status);
      centre.set(x);
    }
  }

  /** Exchanges of the dual active set method, at most as many as stated; undefined if there are more to come. */
  private exchange(most: number): ActiveSetResult['status'] | undefined {
    const { set, low, up } = this;
    for (let turn = 0; turn < most; turn++) {
      this.pivots++;
      if (set.singular) {
        if (!set.alongNull(low, up)) return 'infeasible';
        continue;
      }
      if (!set.towardsOptimum(low, up)) continue;
      set.combine(this.u);
      const worst = this.mostViolated();
      if (worst === 0) return 'optimal';
      set.add(Math.abs(worst) - 1, worst > 0 ? 1 : -1);
    }
    return undefined;
  }

  /** 1 + the number of the constraint that u violates most, negative for its lower side; 0 if there is none. */
  private mostViolated(): number {
    const { n, count, M, u, low, up, set, first } = this;
    let [most, found] = [VIOLATION, 0];
    for (let c = 0; c < count; c++) {
      if (set.side[c] !== 0 || (low[c] === -Infinity && up[c] === Infinity)) continue;
      const sum = dotFrom(M, c * n, u, first[c], n);
      if (sum - up[c] > most * (1 + Math.abs(up[c]))) {
        most = (sum - up[c]) / (1 + Math.abs(up[c]));
        found = c + 1;
      } else if (low[c] - sum > most * (1 + Math.abs(low[c]))) {
        most = (low[c] - sum) / (1 + Math.abs(low[c]));
        found = -c - 1;
      }
    }
    return found;
  }

  /** x ← R⁻¹(u − v). */
  private point(): void {
    const { n, inverse, u, v, x } = this;
    for (let k = 0; k < n; k++) u[k] -= v[k];
    for (let j = 0; j < n; j++) {
      let sum = 0;
      for (let k = j; k < n; k++) sum += inverse[j * n + k] * u[k];
      x[j] = sum;
    }
  }

  /** A correction of the last solution by its residuals, on the same active set. */
  refined(qp: Qp, { x, rows, bounds }: ActiveSetResult): ActiveSetResult {
    const { n, inverse, v, u, M, norms, set, first } = this;
    const { direction } = set;
    const left = qp.q.slice();
    addProduct(qp.P, x, left);
    addTransposed(qp.A, rows, left, -1);
    const Ax = new Float64Array(qp.m);
    addProduct(qp.A, x, Ax);
    v.fill(0);
    for (let j = 0; j < n; j++) {
      const value = left[j] - bounds[j];
      for (let k = j; k < n; k++) v[k] += inverse[j * n + k] * value;
    }
    for (let k = 0; k < set.size; k++) {
      const c = set.members[k];
      const upper = set.side[c] === 1;
      const off =
        c < n ? (upper ? qp.upper : qp.lower)[c] - x[c] : (upper ? qp.rowUpper : qp.rowLower)[c - n] - Ax[c - n];
      direction[k] = -off / norms[c] - dotFrom(M, c * n, v, first[c], n);
    }
    set.solve(direction);
    set.combine(u, direction);
    const next = { status: 'optimal' as const, x: x.slice(), rows: rows.slice(), bounds: bounds.slice() };
    for (let j = 0; j < n; j++) {
      for (let k = j; k < n; k++) next.x[j] += inverse[j * n + k] * (u[k] - v[k]);
    }
    for (let k = 0; k < set.size; k++) {
      const c = set.members[k];
      if (c >= n) next.rows[c - n] -= direction[k] / norms[c];
      else {
        next.bounds[c] -= direction[k] / norms[c];
        next.x[c] = set.side[c] === 1 ? qp.upper[c] : qp.lower[c];
      }
    }
    return next;
  }

  private result({ lower, upper, A }: Qp, status: ActiveSetResult['status']): ActiveSetResult {
    const { n, set, norms } = this;
    const m = A.rows;
    // One allocation is faster than three.
    const values = new Float64Array(2 * n + m);
    const [x, rows, bounds] = [values.subarray(0, n), values.subarray(n, n + m), values.subarray(n + m)];
    x.set(this.x);
    for (let k = 0; k < set.size; k++) {
      const c = set.members[k];
      const value = -(status === 'infeasible' ? set.direction[k] : set.multipliers[k]) / norms[c];
      if (c >= n) rows[c - n] = value;
      else {
        bounds[c] = value;
        if (status === 'optimal') x[c] = set.side[c] === 1 ? upper[c] : lower[c];
      }
    }
    return { status, x, rows, bounds };
  }
}

/** Σ M[at + k]·x[k] for k from `first` to n − 1: in two sums, which do not wait for each other. */
function dotFrom(M: Float64Array, at: number, x: Float64Array, first: number, n: number): number {
  let [one, two] = [0, 0];
  let k = first;
  for (; k + 1 < n; k += 2) {
    one += M[at + k] * x[k];
    two += M[at + k + 1] * x[k + 1];
  }
  return k < n ? one + two + M[at + k] * x[k] : one + two;
}

/** R⁻¹ by rows for P + shift·I = RᵀR; undefined unless it is positive definite. */
function choleskyInverse(P: Columns, shift: number): Float64Array | undefined {
  const n = P.cols;
  const R = new Float64Array(n * n);
  for (let j = 0; j < n; j++) {
    for (let k = P.start[j]; k < P.start[j + 1]; k++) if (P.index[k] >= j) R[j * n + P.index[k]] = P.value[k];
    R[j * n + j] += shift;
  }
  for (let i = 0; i < n; i++) {
    const row = i * n;
    const own = R[row + i];
    subtractRows(R, n, i);
    const pivot = R[row + i];
    // Relative to what the pivot was: what is left of it by cancellation is no sign of definiteness.
    if (!(pivot > DEFINITE * own)) return undefined;
    const factor = 1 / Math.sqrt(pivot);
    for (let j = i; j < n; j++) R[row + j] *= factor;
  }
  // Rows of the inverse from the last one up.
  const next = new Float64Array(n);
  for (let i = n - 1; i >= 0; i--) {
    const row = i * n;
    next.fill(0, i);
    // Row i of R holds the factors; the rows below are those of the inverse already.
    for (let k = i + 1; k < n; k += 4) {
      const last = Math.min(k + 4, n);
      if (last - k === 4) addFourRows(R, n, row, k, next);
      else {
        for (let l = k; l < last; l++) {
          const f = R[row + l];
          for (let j = l; j < n; j++) next[j] -= f * R[l * n + j];
        }
      }
    }
    const d = 1 / R[row + i];
    for (let j = i + 1; j < n; j++) R[row + j] = d * next[j];
    R[row + i] = d;
  }
  return R;
}

/** R[i, j] −= Σ R[k, i]·R[k, j] for k < i and j ≥ i, four rows at a time. */
function subtractRows(R: Float64Array, n: number, i: number): void {
  const at = i * n;
  let k = 0;
  for (; k + 3 < i; k += 4) {
    const [a, b, c, d] = [k * n, (k + 1) * n, (k + 2) * n, (k + 3) * n];
    const [p, q, r, s] = [R[a + i], R[b + i], R[c + i], R[d + i]];
    for (let j = i; j < n; j++) R[at + j] -= p * R[a + j] + q * R[b + j] + (r * R[c + j] + s * R[d + j]);
  }
  for (; k < i; k++) {
    const p = R[k * n + i];
    for (let j = i; j < n; j++) R[at + j] -= p * R[k * n + j];
  }
}

/** next −= Σ R[row + l]·(row l of the inverse) for l from k to k + 3; left of the diagonal R is not part of it. */
function addFourRows(R: Float64Array, n: number, row: number, k: number, next: Float64Array): void {
  const [p, q, r, s] = [R[row + k], R[row + k + 1], R[row + k + 2], R[row + k + 3]];
  const [a, b, c, d] = [k * n, (k + 1) * n, (k + 2) * n, (k + 3) * n];
  next[k] -= p * R[a + k];
  next[k + 1] -= p * R[a + k + 1] + q * R[b + k + 1];
  next[k + 2] -= p * R[a + k + 2] + q * R[b + k + 2] + r * R[c + k + 2];
  for (let j = k + 3; j < n; j++) next[j] -= p * R[a + j] + q * R[b + j] + (r * R[c + j] + s * R[d + j]);
}

/** The constraints that a solution holds with equality, in the order bounds, rows. */
export function sidesAt(bounds: Int8Array, rows: Int8Array): Sides {
  const sides = new Int8Array(bounds.length + rows.length);
  sides.set(bounds);
  sides.set(rows, bounds.length);
  return sides;
}
