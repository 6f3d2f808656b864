import type { DenseMatrix } from '@southwell/numerics/arrays';
import { elementary } from '@southwell/numerics/special';
import { regression } from './orderFactor.ts';

/**
 * The path ends where no correlation exceeds this, or after this number of knots: both as in scikit-learn's
 * LassoLarsIC.
 */
const LEAST = 2 ** -23;
const KNOTS = 500;

/**
 * A column whose conditional variance given the active columns is below this fraction of its own variance is not added.
 */
const DEPENDENT = 1e-12;

/**
 * The adaptive lasso (Zou, JASA 2006) of a column on others: each column is scaled by the absolute value of its weight
 * in the full regression, the knot of the lasso path with the smallest BIC is chosen (with the noise variance of the
 * full regression), and the selected columns are refitted by least squares. The LiNGAM authors' package does the same
 * with LassoLarsIC.
 *
 * Required parents are not penalised: the lasso is on the residuals of the others after regression on them.
 *
 * R is the correlation matrix of n rows. Returns one weight for each parent, in standardised units, 0 for those not
 * selected. Needs n > parents + 1. O(m³) for m parents, and more only where columns leave the path again.
 * @throws SINGULAR.
 */
export function adaptiveLasso(
  R: DenseMatrix,
  n: number,
  target: number,
  parents: readonly number[],
  required: readonly boolean[],
): Float64Array {
  const m = parents.length;
  const full = regression(R, target, parents);
  const left = leftOver(R, [...parents, target], required);
  const free = required.map((_, k) => k).filter((k) => !required[k]);
  const size = free.map((k) => Math.abs(full.weights[k]));
  const A = new Float64Array(free.length ** 2);
  const b = Float64Array.from(free, (k, i) => size[i] * left(k, m));
  free.forEach((k, i) => {
    free.forEach((l, j) => {
      A[i * free.length + j] = size[i] * left(k, l) * size[j];
    });
  });
  let chosen: number[] = [];
  let least = Number.POSITIVE_INFINITY;
  const price = elementary.log(n);
  for (const { explained, active } of lassoKnots(A, b)) {
    const criterion = ((left(m, m) - explained) / full.variance) * (n - m - 1) + price * active.length;
    if (!(criterion < least)) continue;
    least = criterion;
    chosen = active.map((i) => free[i]);
  }
  const support = required.map((must, k) => (must || chosen.includes(k) ? k : -1)).filter((k) => k >= 0);
  const refit = regression(
    R,
    target,
    support.map((k) => parents[k]),
  );
  const weights = new Float64Array(m);
  support.forEach((k, at) => {
    weights[k] = refit.weights[at];
  });
  return weights;
}

/** Conditional covariances of some nodes, by their indices, given the marked ones. O(m²) a marked node. */
function leftOver(
  R: DenseMatrix,
  nodes: readonly number[],
  marked: readonly boolean[],
): (i: number, j: number) => number {
  const m = nodes.length;
  const P = Float64Array.from({ length: m * m }, (_, k) => R.get(nodes[Math.floor(k / m)], nodes[k % m]));
  marked.forEach((mark, k) => {
    if (!mark) return;
    const row = P.slice(k * m, (k + 1) * m);
    for (let i = 0; i < m; i++) {
      const factor = P[i * m + k] / row[k];
      for (let j = 0; j < m; j++) P[i * m + j] -= factor * row[j];
    }
  });
  return (i, j) => P[i * m + j];
}

interface Knot {
  /** Decrease of the mean square relative to w = 0. */
  readonly explained: number;
  readonly active: number[];
}

/**
 * The knots of the path of ½wᵀAw − bᵀw + λ‖w‖₁ as λ decreases, from w = 0: homotopy (Osborne, Presnell & Turlach 2000;
 * least angle regression, Efron et al. 2004), along which columns enter and leave. A is positive semidefinite,
 * row-major. O(m·k) a knot with k active columns.
 */
function* lassoKnots(A: Float64Array, b: Float64Array): Generator<Knot> {
  const m = b.length;
  const w = new Float64Array(m);
  /** Covariances with the residual of w. */
  const c = b.slice();
  const out = new Set<number>();
  const factor = new ActiveFactor(A, m);
  const { active } = factor;
  const knot = (): Knot => {
    let explained = 0;
    for (const i of active) explained += w[i] * (b[i] + c[i]);
    return { explained, active: active.filter((i) => w[i] !== 0) };
  };
  yield knot();
  let next = largest(c);
  let lambda = next < 0 ? 0 : Math.abs(c[next]);
  for (let knots = 0; lambda > LEAST && knots < KNOTS; knots++) {
    if (next >= 0 && !factor.append(next)) out.add(next);
    const direction = factor.solve(active.map((i) => Math.sign(c[i])));
    let step = lambda;
    let leaves = -1;
    next = -1;
    active.forEach((i, k) => {
      const t = -w[i] / direction[k];
      if (t > 0 && t < step) [step, leaves] = [t, k];
    });
    for (let j = 0; j < m; j++) {
      if (out.has(j) || active.includes(j)) continue;
      let a = 0;
      active.forEach((i, k) => {
        a += A[j * m + i] * direction[k];
      });
      for (const sign of [1, -1]) {
        const closing = 1 - sign * a;
        const t = closing > 0 ? Math.max(lambda - sign * c[j], 0) / closing : step;
        if (t < step) [step, next, leaves] = [t, j, -1];
      }
    }
    active.forEach((i, k) => {
      w[i] += step * direction[k];
    });
    lambda -= step;
    if (leaves >= 0) w[active[leaves]] = 0;
    for (let j = 0; j < m; j++) {
      c[j] = b[j];
      for (const i of active) c[j] -= A[j * m + i] * w[i];
    }
    yield knot();
    if (leaves >= 0) factor.remove(leaves);
  }
}

function largest(values: Float64Array): number {
  let at = -1;
  for (let j = 0; j < values.length; j++) if (at < 0 || Math.abs(values[j]) > Math.abs(values[at])) at = j;
  return at;
}

/** A row-major Cholesky factor of the active rows and columns of A. */
class ActiveFactor {
  readonly active: number[] = [];
  private readonly L: Float64Array;

  constructor(
    private readonly A: Float64Array,
    private readonly m: number,
  ) {
    this.L = new Float64Array(m * m);
  }

  /** Returns false, and changes nothing, if the column is linearly dependent on the active ones. O(k²). */
  append(j: number): boolean {
    this.active.push(j);
    if (this.row(this.active.length - 1)) return true;
    this.active.pop();
    return false;
  }

  /** Removes the column at a position. O(k³) at most. */
  remove(position: number): void {
    this.active.splice(position, 1);
    // Removing a column cannot make the others dependent.
    for (let p = position; p < this.active.length; p++) this.row(p);
  }

  private row(p: number): boolean {
    const { A, L, m, active } = this;
    const at = p * m;
    for (let q = 0; q < p; q++) {
      let sum = A[active[p] * m + active[q]];
      for (let k = 0; k < q; k++) sum -= L[at + k] * L[q * m + k];
      L[at + q] = sum / L[q * m + q];
    }
    const own = A[active[p] * m + active[p]];
    let left = own;
    for (let k = 0; k < p; k++) left -= L[at + k] ** 2;
    if (!(left > DEPENDENT * own)) return false;
    L[at + p] = Math.sqrt(left);
    return true;
  }

  /** The solution for the active part of A. O(k²). */
  solve(right: readonly number[]): Float64Array {
    const { L, m } = this;
    const x = Float64Array.from(right);
    const k = x.length;
    for (let p = 0; p < k; p++) {
      for (let q = 0; q < p; q++) x[p] -= L[p * m + q] * x[q];
      x[p] /= L[p * m + p];
    }
    for (let p = k - 1; p >= 0; p--) {
      for (let q = p + 1; q < k; q++) x[p] -= L[q * m + p] * x[q];
      x[p] /= L[p * m + p];
    }
    return x;
  }
}
