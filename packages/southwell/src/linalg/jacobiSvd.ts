import { fail } from '../core/index.ts';

/** A = Σ_k sizes[k] · left[k] right[k]ᵀ. */
export interface SingularValues {
  /** Descending, min(m, n) of them. */
  readonly sizes: Float64Array;
  /** Orthonormal, of length m, one a singular value; those of zero values complete the others. */
  readonly left: readonly Float64Array[];
  /** Orthonormal, of length n. */
  readonly right: readonly Float64Array[];
}

/** Sweeps at most; quadratic convergence needs about ten. */
const SWEEPS = 60;

/**
 * All singular values and vectors of a dense matrix of row-major values, by one-sided Jacobi rotations (Hestenes 1958;
 * Golub & Van Loan, §8.6.3): slow beside Golub–Kahan, but every singular value is accurate relative to itself as far as
 * columns allow. For small matrices. Throws INVALID_SHAPE, NON_FINITE. O(sweeps · mn·min(m, n)).
 */
export function jacobiSvd(a: ArrayLike<number>, m: number, n: number): SingularValues {
  if (a.length !== m * n) fail('INVALID_SHAPE', `${m} × ${n} needs ${m * n} values, but ${a.length} were given.`);
  // Columns of the taller side, divided by the largest entry so that squares neither overflow nor vanish.
  const tall = m >= n;
  const [long, short] = tall ? [m, n] : [n, m];
  let largest = 0;
  for (let k = 0; k < a.length; k++) {
    if (!Number.isFinite(a[k])) fail('NON_FINITE', `The matrix holds ${a[k]}.`);
    largest = Math.max(largest, Math.abs(a[k]));
  }
  const scale = largest > 0 ? largest : 1;
  const U = Array.from({ length: short }, (_, j) =>
    Float64Array.from({ length: long }, (_, i) => (tall ? a[i * n + j] : a[j * n + i]) / scale),
  );
  const V = Array.from({ length: short }, (_, j) => Float64Array.from({ length: short }, (_, i) => (i === j ? 1 : 0)));
  const tiny = Number.MIN_VALUE / Number.EPSILON;
  for (let sweep = 0, turned = true; turned && sweep < SWEEPS; sweep++) {
    turned = false;
    for (let p = 0; p < short; p++) {
      for (let q = p + 1; q < short; q++) {
        const alpha = dot(U[p], U[p]);
        const beta = dot(U[q], U[q]);
        const gamma = dot(U[p], U[q]);
        if (Math.abs(gamma) <= Number.EPSILON * Math.sqrt(alpha) * Math.sqrt(beta) + tiny) continue;
        turned = true;
        const zeta = (beta - alpha) / (2 * gamma);
        const t = Math.sign(zeta || 1) / (Math.abs(zeta) + Math.hypot(1, zeta));
        const c = 1 / Math.hypot(1, t);
        rotate(U[p], U[q], c, c * t);
        rotate(V[p], V[q], c, c * t);
      }
    }
  }
  const lengths = U.map((u) => Math.sqrt(dot(u, u)));
  const order = lengths.map((_, k) => k).sort((x, y) => lengths[y] - lengths[x]);
  const sizes = Float64Array.from(order, (k) => lengths[k] * scale);
  const right = order.map((k) => V[k]);
  // What is left of a column of size zero is rounding: its direction is free, but must be orthogonal to the others.
  const none = Number.EPSILON * long * (lengths[order[0]] ?? 0);
  const left: Float64Array[] = [];
  order.forEach((k, at) => {
    if (lengths[k] > none) left.push(U[k].map((v) => v / lengths[k]));
    else {
      sizes[at] = 0;
      left.push(completion(left, long));
    }
  });
  return tall ? { sizes, left, right } : { sizes, left: right, right: left };
}

/** A unit vector orthogonal to the given ones: the coordinate axis farthest from them, less its part among them. */
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
