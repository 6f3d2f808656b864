import type { Arena } from '@southwell/kernels';

/** Magnitude above which a vector is rescaled during back-substitution. */
const LARGE = 1e100;
const TINY = 2 ** -1022 / Number.EPSILON;

/**
 * Right eigenvectors of the real Schur form T, n × n at `T`, as the upper triangle of the n × n matrix at `X`, zero
 * below: for a complex pair, the real part in the first column and the imaginary part, for the eigenvalue with positive
 * imaginary part, in the second. By back-substitution, replacing divisors near zero by a rounding-level perturbation of
 * the eigenvalue (LAPACK's dtrevc). Not normalised. O(n³/3).
 */
export function triangularVectors(
  arena: Arena,
  T: number,
  n: number,
  real: Float64Array,
  imaginary: Float64Array,
  X: number,
): void {
  const { kernels } = arena;
  const heap = arena.f64;
  const get = (i: number, j: number) => heap[T / 8 + j * n + i];
  const x = X / 8;
  heap.fill(0, x, x + n * n);
  for (let k = n - 1; k >= 0; k--) {
    const w = Math.abs(imaginary[k]);
    const wr = real[k];
    const pair = imaginary[k] !== 0;
    const [re, im] = pair ? [x + (k - 1) * n, x + k * n] : [x + k * n, -1];
    const smallest = Math.max(Number.EPSILON * (Math.abs(wr) + w), TINY);
    let top = k - 1;
    if (pair) {
      if (Math.abs(get(k - 1, k)) >= Math.abs(get(k, k - 1))) {
        heap[re + k - 1] = 1;
        heap[im + k] = w / get(k - 1, k);
      } else {
        heap[re + k - 1] = -w / get(k, k - 1);
        heap[im + k] = 1;
      }
      for (let i = 0; i < k - 1; i++) {
        heap[re + i] = -heap[re + k - 1] * get(i, k - 1);
        heap[im + i] = -heap[im + k] * get(i, k);
      }
      top = k - 2;
    } else {
      heap[re + k] = 1;
      for (let i = 0; i < k; i++) heap[re + i] = -get(i, k);
    }
    const rescale = (factor: number): void => {
      for (let i = 0; i <= k; i++) {
        heap[re + i] *= factor;
        if (pair) heap[im + i] *= factor;
      }
    };
    const size = (j: number) => Math.abs(heap[re + j]) + (pair ? Math.abs(heap[im + j]) : 0);
    /** Subtracts column j of T, times entry j, from the entries above row `rows`. */
    const eliminate = (j: number, rows: number): void => {
      kernels.axpy(rows, -heap[re + j], T + 8 * j * n, 8 * re);
      if (pair) kernels.axpy(rows, -heap[im + j], T + 8 * j * n, 8 * im);
    };
    /** Rescales if a right-hand side is so large relative to the divisor that the quotient would overflow. */
    const guard = (b: number, divisor: number): void => {
      if (divisor < 1 && b > divisor * LARGE) rescale(1 / b);
    };
    for (let j = top; j >= 0; j--) {
      if (j > 0 && get(j, j - 1) !== 0) {
        const p = j - 1;
        guard(size(p) + size(j), Math.max(smallest, Math.abs(get(p, j)), Math.abs(get(j, p))));
        solveBlock(p);
        if (Math.max(size(p), size(j)) > LARGE) rescale(1 / Math.max(size(p), size(j)));
        eliminate(j, p);
        eliminate(p, p);
        j--;
        continue;
      }
      let d = get(j, j) - wr;
      if (Math.abs(d) + w < smallest) d = smallest;
      guard(size(j), Math.abs(d) + w);
      if (pair) {
        // Solves (d − iw)x = b.
        const [u, v] = divide(heap[re + j], heap[im + j], d, -w);
        heap[re + j] = u;
        heap[im + j] = v;
      } else heap[re + j] /= d;
      if (size(j) > LARGE) rescale(1 / size(j));
      eliminate(j, j);
    }
    if (pair) k--;

    /** Solves the 2 × 2 system of rows p and p + 1. */
    function solveBlock(p: number): void {
      const q = p + 1;
      const rhs = [p, q].map((i) => [heap[re + i], pair ? heap[im + i] : 0]);
      const [z, y] = solveTwo(
        { a: [get(p, p) - wr, -w], b: [get(p, q), 0], r: rhs[0] },
        { a: [get(q, p), 0], b: [get(q, q) - wr, -w], r: rhs[1] },
        smallest,
      );
      heap[re + p] = z[0];
      heap[re + q] = y[0];
      if (!pair) return;
      heap[im + p] = z[1];
      heap[im + q] = y[1];
    }
  }
}

/** A complex equation az + by = r. */
interface Equation {
  readonly a: readonly [number, number];
  readonly b: readonly [number, number];
  readonly r: readonly number[];
}

/**
 * Solves two equations for z and y, by elimination with the larger pivot of the first column; pivots below `smallest`
 * are replaced by it.
 */
function solveTwo(one: Equation, other: Equation, smallest: number): [[number, number], [number, number]] {
  const abs = ([s, t]: readonly number[]) => Math.abs(s) + Math.abs(t);
  const [first, second] = abs(other.a) > abs(one.a) ? [other, one] : [one, other];
  const m = divide(second.a[0], second.a[1], first.a[0], first.a[1]);
  const less = (u: readonly number[], v: readonly number[]): [number, number] => [
    u[0] - (m[0] * v[0] - m[1] * v[1]),
    u[1] - (m[0] * v[1] + m[1] * v[0]),
  ];
  let d = less(second.b, first.b);
  if (abs(d) < smallest) d = [smallest, 0];
  const r = less(second.r, first.r);
  const y = divide(r[0], r[1], d[0], d[1]);
  const [br, bi] = first.b;
  const rest = [first.r[0] - (br * y[0] - bi * y[1]), first.r[1] - (br * y[1] + bi * y[0])];
  return [divide(rest[0], rest[1], first.a[0], first.a[1]), y];
}

/** (a + ib)/(c + id), by Smith's method. */
function divide(a: number, b: number, c: number, d: number): [number, number] {
  if (Math.abs(d) < Math.abs(c)) {
    const e = d / c;
    const f = c + d * e;
    return [(a + b * e) / f, (b - a * e) / f];
  }
  const e = c / d;
  const f = d + c * e;
  return [(b + a * e) / f, (b * e - a) / f];
}
