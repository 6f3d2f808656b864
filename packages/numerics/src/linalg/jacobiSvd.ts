import { fail } from '../core/index.ts';

/** A = Σ_k sizes[k] · left[k] right[k]ᵀ. */
export interface SingularValues {
  /** Descending; there are min(m, n). */
  readonly sizes: Float64Array;
  /** Orthonormal vectors of length m, one per singular value; those of zero singular values complete the basis. */
  readonly left: readonly Float64Array[];
  /** Orthonormal vectors of length n. */
  readonly right: readonly Float64Array[];
}

/** Maximum number of sweeps; about ten suffice, because convergence is quadratic. */
const SWEEPS = 60;

/**
 * All singular values and vectors of a dense row-major matrix: QR with column pivoting, then one-sided Jacobi rotations
 * (Hestenes 1958) of the rows of R, which need few sweeps and give every singular value with high relative accuracy as
 * far as the column scaling allows (Drmač and Veselić, SIAM J. Matrix Anal. Appl. 2008). `svd`, in contrast, is
 * accurate only relative to the largest singular value. Compared with `svd`, this function is three times as fast for 5
 * rows and sixteen times as slow for 160. O(mn·min(m, n) + sweeps · min(m, n)³).
 * @throws INVALID_SHAPE, NON_FINITE.
 */
export function jacobiSvd(a: ArrayLike<number>, m: number, n: number): SingularValues {
  if (a.length !== m * n) fail('INVALID_SHAPE', `${m} × ${n} needs ${m * n} values, but ${a.length} were given.`);
  // Columns of the matrix or of its transpose, whichever is tall, divided by the largest entry so that squares neither
  // overflow nor underflow.
  const tall = m >= n;
  const [long, short] = tall ? [m, n] : [n, m];
  let largest = 0;
  for (let k = 0; k < a.length; k++) {
    if (!Number.isFinite(a[k])) fail('NON_FINITE', `The matrix holds ${a[k]}.`);
    largest = Math.max(largest, Math.abs(a[k]));
  }
  const scale = largest > 0 ? largest : 1;
  const columns = Array.from({ length: short }, (_, j) =>
    Float64Array.from({ length: long }, (_, i) => (tall ? a[i * n + j] : a[j * n + i]) / scale),
  );
  const { reflectors, order: exchanges } = pivotedQr(columns, long);
  // AΠ = QR and Rᵀ = WSJᵀ give A = QJ · S · (ΠW)ᵀ.
  const W = columns.map((_, i) => Float64Array.from({ length: short }, (_, j) => (j < i ? 0 : columns[j][i])));
  const J = W.map((_, j) => {
    const axis = new Float64Array(short);
    axis[j] = 1;
    return axis;
  });
  makeOrthogonal(W, J);
  const lengths = W.map((w) => Math.sqrt(dot(w, w)));
  const order = lengths.map((_, k) => k).sort((x, y) => lengths[y] - lengths[x]);
  const sizes = Float64Array.from(order, (k) => lengths[k] * scale);
  const outer = order.map((k) => {
    const u = new Float64Array(long);
    u.set(J[k]);
    for (let r = short - 1; r >= 0; r--) reflect(reflectors[r], u, r);
    return u;
  });
  // A column at rounding level has no meaningful direction; any direction orthogonal to the others will do.
  const none = Number.EPSILON * long * (lengths[order[0]] ?? 0);
  const inner: Float64Array[] = [];
  order.forEach((k, at) => {
    if (lengths[k] > none) inner.push(W[k].map((v) => v / lengths[k]));
    else {
      sizes[at] = 0;
      inner.push(completion(inner, short));
    }
  });
  const across = inner.map((w) => {
    const v = new Float64Array(short);
    for (let j = 0; j < short; j++) v[exchanges[j]] = w[j];
    return v;
  });
  return tall ? { sizes, left: outer, right: across } : { sizes, left: across, right: outer };
}

/**
 * QR with column pivoting (Businger and Golub 1965): overwrites the columns by R on and above the diagonal; returns the
 * unit Householder vectors and the column permutation.
 */
function pivotedQr(columns: Float64Array[], m: number): { reflectors: Float64Array[]; order: number[] } {
  const n = columns.length;
  const order = columns.map((_, j) => j);
  const reflectors: Float64Array[] = [];
  for (let r = 0; r < n; r++) {
    let [pivot, most] = [r, -1];
    for (let j = r; j < n; j++) {
      const square = tailDot(columns[j], columns[j], r);
      if (square > most) [pivot, most] = [j, square];
    }
    [columns[r], columns[pivot]] = [columns[pivot], columns[r]];
    [order[r], order[pivot]] = [order[pivot], order[r]];
    const column = columns[r];
    const v = new Float64Array(m);
    const length = Math.sqrt(most);
    if (length > 0) {
      for (let i = r; i < m; i++) v[i] = column[i] / length;
      v[r] += v[r] >= 0 ? 1 : -1;
      const norm = Math.sqrt(tailDot(v, v, r));
      for (let i = r; i < m; i++) v[i] /= norm;
      for (let j = r; j < n; j++) reflect(v, columns[j], r);
    }
    reflectors.push(v);
  }
  return { reflectors, order };
}

/** x ← (I − 2vvᵀ)x for v of unit norm or 0, where v is zero before `from`. */
function reflect(v: Float64Array, x: Float64Array, from: number): void {
  const twice = 2 * tailDot(v, x, from);
  for (let i = from; i < x.length; i++) x[i] -= twice * v[i];
}

function tailDot(x: Float64Array, y: Float64Array, from: number): number {
  let sum = 0;
  for (let i = from; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

/** Rotates pairs of vectors of W, and those of J with them, until all of W are orthogonal. */
function makeOrthogonal(W: Float64Array[], J: Float64Array[]): void {
  const n = W.length;
  const level = Number.EPSILON * Math.sqrt(n);
  const tiny = Number.MIN_VALUE / Number.EPSILON;
  const squares = new Float64Array(n);
  for (let sweep = 0, turned = true; turned && sweep < SWEEPS; sweep++) {
    turned = false;
    for (let j = 0; j < n; j++) squares[j] = dot(W[j], W[j]);
    for (let p = 0; p < n; p++) {
      for (let q = p + 1; q < n; q++) {
        const gamma = dot(W[p], W[q]);
        if (Math.abs(gamma) <= level * Math.sqrt(squares[p]) * Math.sqrt(squares[q]) + tiny) continue;
        turned = true;
        const zeta = (squares[q] - squares[p]) / (2 * gamma);
        const t = (zeta >= 0 ? 1 : -1) / (Math.abs(zeta) + Math.sqrt(1 + zeta * zeta));
        const c = 1 / Math.sqrt(1 + t * t);
        rotate(W[p], W[q], c, c * t);
        rotate(J[p], J[q], c, c * t);
        squares[p] = Math.max(0, squares[p] - t * gamma);
        squares[q] += t * gamma;
      }
    }
  }
}

/**
 * A unit vector orthogonal to the given ones: the coordinate axis farthest from their span, minus its projection onto
 * it.
 */
function completion(basis: readonly Float64Array[], n: number): Float64Array {
  let axis = 0;
  let least = Number.POSITIVE_INFINITY;
  for (let i = 0; i < n; i++) {
    const inside = basis.reduce((sum, u) => sum + u[i] ** 2, 0);
    if (inside < least) [axis, least] = [i, inside];
  }
  const v = new Float64Array(n);
  v[axis] = 1;
  for (let pass = 0; pass < 2; pass++) {
    for (const u of basis) {
      const s = dot(u, v);
      for (let i = 0; i < n; i++) v[i] -= s * u[i];
    }
    const length = Math.sqrt(dot(v, v));
    for (let i = 0; i < n; i++) v[i] /= length;
  }
  return v;
}

function dot(x: Float64Array, y: Float64Array): number {
  let sum = 0;
  for (let i = 0; i < x.length; i++) sum += x[i] * y[i];
  return sum;
}

function rotate(x: Float64Array, y: Float64Array, c: number, s: number): void {
  for (let i = 0; i < x.length; i++) {
    const xi = x[i];
    x[i] = c * xi - s * y[i];
    y[i] = s * xi + c * y[i];
  }
}
