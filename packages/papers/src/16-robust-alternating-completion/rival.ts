import type { Random } from 'southwell';
import type { Factors, Observed, ObservedRows } from 'southwell/factorisation';

/**
 * Alternating minimisation with exact regressions (Jain, Netrapalli and Sanghavi 2013), by independent code: the
 * reference for the library. Factors are row-major, like the library's.
 */

/** One regression: values ≈ rows `indices` of the factor times x. */
export interface Line {
  readonly indices: Int32Array;
  readonly values: Float64Array;
}

/** x ← the solution for a line with an n × k factor; returns the multiply-adds or steps that it counts. */
export type Solve = (line: Line, factor: Float64Array, k: number, x: Float64Array) => number;

export interface RivalSweep {
  readonly iteration: number;
  /** The total of all solves so far. */
  readonly spent: number;
  snapshot(): Factors;
}

/** Makes the columns orthonormal in place, by modified Gram–Schmidt, twice. */
export function orthonormalColumns(f: Float64Array, k: number): void {
  for (let pass = 0; pass < 2; pass++) {
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < a; b++) {
        let along = 0;
        for (let i = 0; i < f.length; i += k) along += f[i + a] * f[i + b];
        for (let i = 0; i < f.length; i += k) f[i + a] -= along * f[i + b];
      }
      let size = 0;
      for (let i = a; i < f.length; i += k) size += f[i] ** 2;
      for (let i = a; i < f.length; i += k) f[i] /= Math.sqrt(size);
    }
  }
}

/** Normal equations plus ½λ‖x‖²; a line that does not determine x gets a small multiple of λ. Returns multiply-adds. */
export const normalEquations =
  (lambda = 0): Solve =>
  ({ indices, values }, factor, k, x) => {
    const G = new Float64Array(k * k);
    x.fill(0);
    for (let e = 0; e < indices.length; e++) {
      const u = indices[e] * k;
      for (let a = 0; a < k; a++) {
        const v = factor[u + a];
        for (let b = 0; b <= a; b++) G[a * k + b] += v * factor[u + b];
        x[a] += v * values[e];
      }
    }
    let trace = 0;
    for (let a = 0; a < k; a++) trace += G[a * k + a];
    const ridge = lambda > 0 || indices.length >= k ? lambda : 1e-12 * trace;
    if (!(trace + ridge > 0)) return 0;
    for (let a = 0; a < k; a++) G[a * k + a] += ridge;
    // Elimination without pivots, G being positive definite: G = L D Lᵀ over its lower triangle.
    for (let a = 0; a < k; a++) {
      for (let b = a + 1; b < k; b++) {
        const share = G[b * k + a] / G[a * k + a];
        for (let c = b; c < k; c++) G[c * k + b] -= share * G[c * k + a];
        x[b] -= share * x[a];
      }
    }
    for (let a = k - 1; a >= 0; a--) {
      for (let b = a + 1; b < k; b++) x[a] -= G[b * k + a] * x[b];
      x[a] /= G[a * k + a];
    }
    return indices.length * ((k * (k + 1)) / 2 + k) + (k * k * k) / 6 + k ** 2;
  };

/** QR factorisation by Gram–Schmidt, for factors of any condition. */
export const triangular: Solve = ({ indices, values }, factor, k, x) => {
  const Q = Float64Array.from(
    { length: indices.length * k },
    (_, t) => factor[indices[Math.floor(t / k)] * k + (t % k)],
  );
  const A = Q.slice();
  orthonormalColumns(Q, k);
  const R = new Float64Array(k * k);
  x.fill(0);
  for (let e = 0; e < indices.length; e++) {
    for (let a = 0; a < k; a++) {
      for (let b = a; b < k; b++) R[a * k + b] += Q[e * k + a] * A[e * k + b];
      x[a] += Q[e * k + a] * values[e];
    }
  }
  for (let a = k - 1; a >= 0; a--) {
    for (let b = a + 1; b < k; b++) x[a] -= R[a * k + b] * x[b];
    x[a] /= R[a * k + a];
  }
  return 0;
};

/**
 * Conjugate gradients from zero until the gradient has been reduced by `tol`, at most 2k + 10 steps. Returns the number
 * of steps.
 */
export const conjugateGradients =
  (tol: number): Solve =>
  ({ indices, values }, factor, k, x) => {
    const r = values.slice();
    const along = new Float64Array(r.length);
    const s = new Float64Array(k);
    const gradient = () => {
      s.fill(0);
      for (let e = 0; e < r.length; e++) for (let a = 0; a < k; a++) s[a] += factor[indices[e] * k + a] * r[e];
      return squares(s);
    };
    x.fill(0);
    const first = gradient();
    const p = s.slice();
    let steps = 0;
    for (let now = first; now > tol ** 2 * first && steps < 2 * k + 10; steps++) {
      along.fill(0);
      for (let e = 0; e < r.length; e++) for (let a = 0; a < k; a++) along[e] += factor[indices[e] * k + a] * p[a];
      const step = now / squares(along);
      for (let a = 0; a < k; a++) x[a] += step * p[a];
      for (let e = 0; e < r.length; e++) r[e] -= step * along[e];
      const next = gradient();
      for (let a = 0; a < k; a++) p[a] = s[a] + (next / now) * p[a];
      now = next;
    }
    return steps;
  };

const squares = (v: Float64Array): number => v.reduce((sum, w) => sum + w * w, 0);

/** Solves all lines of one side, into `out`. Returns the total count. */
export function solveLines(
  rows: ObservedRows,
  factor: Float64Array,
  k: number,
  out: Float64Array,
  solve: Solve,
): number {
  let counted = 0;
  for (let j = 0; j < rows.count; j++) {
    const [from, to] = [rows.pointers[j], rows.pointers[j + 1]];
    const line = { indices: rows.indices.subarray(from, to), values: rows.values.subarray(from, to) };
    counted += solve(line, factor, k, out.subarray(j * k, j * k + k));
  }
  return counted;
}

/** Leading left singular vectors of the zero-filled matrix, by ten steps of subspace iteration. */
function start({ rows, cols, byCol, byRow }: Observed, k: number, random: Random): Float64Array {
  const times = (side: ObservedRows, f: Float64Array, count: number) => {
    const out = new Float64Array(count * k);
    for (let j = 0; j < count; j++) {
      for (let e = side.pointers[j]; e < side.pointers[j + 1]; e++) {
        for (let a = 0; a < k; a++) out[j * k + a] += side.values[e] * f[side.indices[e] * k + a];
      }
    }
    orthonormalColumns(out, k);
    return out;
  };
  let U = Float64Array.from({ length: rows * k }, () => random.normal());
  for (let step = 0; step < 10; step++) U = times(byRow, times(byCol, U, cols), rows);
  return U;
}

export interface RivalOptions {
  readonly rank: number;
  readonly random: Random;
  readonly solve?: Solve;
  /** Initial factor, instead of the singular vectors of the entries. */
  readonly left?: Float64Array;
  /** Orthonormalises factors between half-steps. Default true; with a λ their scale matters. */
  readonly orthonormal?: boolean;
}

/** An infinite sequence of sweeps; sweep 0 is the initial point. */
export function* exactSweeps(observed: Observed, options: RivalOptions): Generator<RivalSweep, void, undefined> {
  const { rank: k, random, solve = normalEquations(), left, orthonormal = true } = options;
  const U = left?.slice() ?? start(observed, k, random);
  const V = new Float64Array(observed.cols * k);
  let spent = 0;
  for (let iteration = 0; ; iteration++) {
    yield { iteration, spent, snapshot: () => ({ left: U.slice(), right: V.slice() }) };
    if (orthonormal) orthonormalColumns(U, k);
    spent += solveLines(observed.byCol, U, k, V, solve);
    if (orthonormal) orthonormalColumns(V, k);
    spent += solveLines(observed.byRow, V, k, U, solve);
  }
}

/** The mean, and the deviations of rows and columns as damped means of the residuals, in turn (Koren 2010). */
export function ratingBiases(
  rows: number,
  cols: number,
  { user, item, value }: { readonly user: Int32Array; readonly item: Int32Array; readonly value: Float64Array },
): (i: number, j: number) => number {
  const mean = value.reduce((sum, v) => sum + v, 0) / value.length;
  const [row, col] = [new Float64Array(rows), new Float64Array(cols)];
  const settle = (own: Float64Array, at: Int32Array, other: Float64Array, across: Int32Array) => {
    const sums = new Float64Array(own.length);
    const counts = new Float64Array(own.length).fill(5);
    for (let e = 0; e < value.length; e++) {
      sums[at[e]] += value[e] - mean - other[across[e]];
      counts[at[e]]++;
    }
    for (let t = 0; t < own.length; t++) own[t] = sums[t] / counts[t];
  };
  for (let sweep = 0; sweep < 20; sweep++) {
    settle(col, item, row, user);
    settle(row, user, col, item);
  }
  return (i, j) => mean + row[i] + col[j];
}
