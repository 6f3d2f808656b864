import { elementary } from '@southwell/numerics/special';
import type { CscMatrix } from 'southwell';

const { exp, log } = elementary;

/**
 * The functions of the paper's problems in their plainest form, by independent code: used for measuring errors, and
 * minimised by the rivals (`rival.ts`).
 */

/** A smooth function of as many variables as `curvature` has values. */
export interface Smooth {
  value(x: Float64Array): number;
  gradient(x: Float64Array): Float64Array;
  /** A bound on the Hessian of a block, |b| × |b|; with a point, the Hessian there. */
  block(b: ArrayLike<number>, x?: Float64Array): Float64Array;
  /** The diagonal of the bound. */
  readonly curvature: Float64Array;
  /** dᵀHd, if H is constant. */
  square?(d: Float64Array): number;
}

/** Ax. */
function product({ rows, cols, colPointers, rowIndices, values }: CscMatrix, x: Float64Array): Float64Array {
  const z = new Float64Array(rows);
  for (let j = 0; j < cols; j++) {
    if (x[j] !== 0) for (let e = colPointers[j]; e < colPointers[j + 1]; e++) z[rowIndices[e]] += x[j] * values[e];
  }
  return z;
}

/** A sum over the rows of Ax, from the value, slope and curvature of each. */
function ofRows(
  A: CscMatrix,
  most: number,
  row: (z: number, i: number) => readonly [value: number, slope: number, curvature: number],
): Smooth {
  const { rows, cols, colPointers, rowIndices, values } = A;
  const times = (x: Float64Array) => product(A, x);
  const curvature = new Float64Array(cols);
  for (let j = 0; j < cols; j++)
    for (let e = colPointers[j]; e < colPointers[j + 1]; e++) curvature[j] += most * values[e] ** 2;
  return {
    curvature,
    value: (x) => times(x).reduce((sum, z, i) => sum + row(z, i)[0], 0),
    gradient(x) {
      const slope = times(x).map((z, i) => row(z, i)[1]);
      const g = new Float64Array(cols);
      for (let j = 0; j < cols; j++)
        for (let e = colPointers[j]; e < colPointers[j + 1]; e++) g[j] += values[e] * slope[rowIndices[e]];
      return g;
    },
    block(b, x) {
      const weights = x && times(x).map((z, i) => row(z, i)[2]);
      const H = new Float64Array(b.length ** 2);
      const column = new Float64Array(rows);
      for (let s = 0; s < b.length; s++) {
        column.fill(0);
        for (let e = colPointers[b[s]]; e < colPointers[b[s] + 1]; e++) {
          const i = rowIndices[e];
          column[i] = values[e] * (weights ? weights[i] : most);
        }
        for (let t = 0; t <= s; t++) {
          let sum = 0;
          for (let e = colPointers[b[t]]; e < colPointers[b[t] + 1]; e++) sum += values[e] * column[rowIndices[e]];
          H[s * b.length + t] = H[t * b.length + s] = sum;
        }
      }
      return H;
    },
  };
}

/** ½‖Ax − y‖². */
export const squaredLoss = (A: CscMatrix, y: Float64Array): Smooth => ({
  ...ofRows(A, 1, (z, i) => [0.5 * (z - y[i]) ** 2, z - y[i], 1]),
  square: (d) => product(A, d).reduce((sum, z) => sum + z * z, 0),
});

/** Σ log(1 + exp(−y_i z_i)), y = ±1. */
export const logisticLoss = (A: CscMatrix, y: Float64Array): Smooth =>
  ofRows(A, 0.25, (z, i) => {
    const m = -y[i] * z;
    const p = 1 / (1 + exp(-m));
    return [Math.max(m, 0) + log(1 + exp(-Math.abs(m))), -y[i] * p, p * (1 - p)];
  });

/**
 * Σ_r log Σ_c exp(a_rᵀx_c) − a_rᵀx_{y_r} for k classes; coordinate f·k + c belongs to feature f and class c. The bound
 * is Böhning's (1992), with the classes outside the block merged into one.
 */
export function softmaxLoss(A: CscMatrix, labels: ArrayLike<number>, k: number): Smooth {
  const { rows, cols, colPointers, rowIndices, values } = A;
  /** For each row, the logarithm of the sum and the probability of each class. */
  const shares = (x: Float64Array) => {
    const P = new Float64Array(rows * k);
    for (let f = 0; f < cols; f++)
      for (let e = colPointers[f]; e < colPointers[f + 1]; e++)
        for (let c = 0; c < k; c++) P[rowIndices[e] * k + c] += values[e] * x[f * k + c];
    let value = 0;
    for (let r = 0; r < rows; r++) {
      const row = P.subarray(r * k, (r + 1) * k);
      const top = row.reduce((m, z) => Math.max(m, z), -Infinity);
      const own = row[labels[r]];
      let sum = 0;
      for (let c = 0; c < k; c++) sum += row[c] = exp(row[c] - top);
      value += log(sum) + top - own;
      for (let c = 0; c < k; c++) row[c] /= sum;
    }
    return { P, value };
  };
  const curvature = new Float64Array(cols * k);
  for (let f = 0; f < cols; f++)
    for (let e = colPointers[f]; e < colPointers[f + 1]; e++)
      for (let c = 0; c < k; c++) curvature[f * k + c] += 0.25 * values[e] ** 2;
  return {
    curvature,
    value: (x) => shares(x).value,
    gradient(x) {
      const { P } = shares(x);
      for (let r = 0; r < rows; r++) P[r * k + labels[r]] -= 1;
      const g = new Float64Array(cols * k);
      for (let f = 0; f < cols; f++)
        for (let e = colPointers[f]; e < colPointers[f + 1]; e++)
          for (let c = 0; c < k; c++) g[f * k + c] += values[e] * P[rowIndices[e] * k + c];
      return g;
    },
    block(b, x) {
      const P = x && shares(x).P;
      const members = Array.from(b, (i) => ({ feature: Math.floor(i / k), c: i % k }));
      const away = 1 / Math.min(k, 1 + new Set(members.map((m) => m.c)).size);
      const column = new Float64Array(rows);
      return Float64Array.from(
        members.flatMap((s) => {
          column.fill(0);
          for (let e = colPointers[s.feature]; e < colPointers[s.feature + 1]; e++) column[rowIndices[e]] = values[e];
          return members.map((t) => {
            const same = s.c === t.c ? 1 : 0;
            let sum = 0;
            for (let e = colPointers[t.feature]; e < colPointers[t.feature + 1]; e++) {
              const at = rowIndices[e] * k;
              const weight = P ? P[at + s.c] * (same - P[at + t.c]) : 0.5 * (same - away);
              sum += weight * values[e] * column[rowIndices[e]];
            }
            return sum;
          });
        }),
      );
    },
  };
}

/** ½xᵀQx − bᵀx. */
export interface Quadratic extends Smooth {
  readonly Q: ReadonlyArray<ReadonlyMap<number, number>>;
  readonly b: Float64Array;
  /** Qx. */
  times(x: Float64Array): Float64Array;
}

/** ½ Σ w_ij (x_i − x_j)² over the edges of a graph, with labelled nodes fixed; the variables are the other nodes. */
export function labelsOnGraph(W: CscMatrix, labels: Float64Array): Quadratic {
  const place = new Map<number, number>();
  labels.forEach((v, i) => void (Number.isNaN(v) && place.set(i, place.size)));
  const Q = Array.from(place, () => new Map<number, number>());
  const b = new Float64Array(Q.length);
  for (const [i, at] of place) {
    let degree = 0;
    for (let e = W.colPointers[i]; e < W.colPointers[i + 1]; e++) {
      const [j, w] = [W.rowIndices[e], W.values[e]];
      degree += w;
      const other = place.get(j);
      if (other === undefined) b[at] += w * labels[j];
      else Q[at].set(other, -w);
    }
    Q[at].set(at, degree);
  }
  const lists = Q.map((row) => ({ at: Int32Array.from(row.keys()), values: Float64Array.from(row.values()) }));
  const times = (x: Float64Array) => {
    const out = new Float64Array(x.length);
    lists.forEach(({ at, values }, i) => {
      for (let e = 0; e < at.length; e++) out[i] += values[e] * x[at[e]];
    });
    return out;
  };
  return {
    Q,
    b,
    times,
    square: (d) => times(d).reduce((sum, q, i) => sum + q * d[i], 0),
    curvature: Float64Array.from(Q, (row, i) => row.get(i)!),
    value: (x) => times(x).reduce((sum, q, i) => sum + x[i] * (0.5 * q - b[i]), 0),
    gradient: (x) => times(x).map((q, i) => q - b[i]),
    block(block) {
      const members = Array.from(block);
      return Float64Array.from(members.flatMap((i) => members.map((j) => Q[i].get(j) ?? 0)));
    },
  };
}

/** The minimiser of a quadratic by conjugate gradients, restarted until there is no further progress. */
export function quadraticMinimiser({ times, gradient, b }: Quadratic): Float64Array {
  const dot = (u: Float64Array, v: Float64Array) => u.reduce((sum, w, i) => sum + w * v[i], 0);
  const x = new Float64Array(b.length);
  for (let round = 0; round < 4; round++) {
    const r = gradient(x).map((v) => -v);
    let p = r.slice();
    const first = dot(r, r);
    let now = first;
    for (let step = 0; step < 10 * b.length && now > 1e-28 * first; step++) {
      const Qp = times(p);
      const alpha = now / dot(p, Qp);
      for (let i = 0; i < x.length; i++) {
        x[i] += alpha * p[i];
        r[i] -= alpha * Qp[i];
      }
      const next = dot(r, r);
      p = p.map((v, i) => r[i] + (next / now) * v);
      now = next;
    }
  }
  return x;
}

/**
 * H⁻¹g for a positive definite H by elimination, after scaling to a unit diagonal; a relative ridge of 10⁻¹³ keeps
 * pivots positive.
 */
export function solved(H: Float64Array, g: ArrayLike<number>): Float64Array {
  const m = g.length;
  const root = Float64Array.from({ length: m }, (_, a) => Math.sqrt(H[a * m + a]) || 1);
  const M = H.map((v, at) => v / (root[Math.floor(at / m)] * root[at % m]));
  const x = Float64Array.from({ length: m }, (_, a) => g[a] / root[a]);
  for (let a = 0; a < m; a++) M[a * m + a] += 1e-13;
  for (let a = 0; a < m; a++) {
    for (let c = a + 1; c < m; c++) {
      const share = M[c * m + a] / M[a * m + a];
      for (let d = a; d < m; d++) M[c * m + d] -= share * M[a * m + d];
      x[c] -= share * x[a];
    }
  }
  for (let a = m - 1; a >= 0; a--) {
    for (let c = a + 1; c < m; c++) x[a] -= M[a * m + c] * x[c];
    x[a] /= M[a * m + a];
  }
  return x.map((v, a) => v / root[a]);
}

/**
 * The largest eigenvalue of a positive semidefinite matrix, to 13 digits: by power iteration, then bisection with sI −
 * H ≻ 0.
 */
export function largest(H: Float64Array, m: number): number {
  let v = Float64Array.from({ length: m }, (_, a) => 1 + a / m);
  let low = 0;
  for (let step = 0; step < 100; step++) {
    const Hv = v.map((_, a) => v.reduce((sum, w, c) => sum + H[a * m + c] * w, 0));
    const size = Math.sqrt(Hv.reduce((sum, v) => sum + v * v, 0));
    if (!(size > 0)) return 0;
    const still = Math.abs(size - low) <= 1e-14 * size;
    low = step === 0 ? 0 : size;
    if (still) break;
    v = Hv.map((w) => w / size);
  }
  let share = 1e-13;
  while (share < 1e3 && !aboveAll(H, m, low * (1 + share))) share *= 4;
  let [no, yes] = [share > 1e-13 ? share / 4 : 0, share];
  while (yes - no > 1e-13 * (1 + yes)) {
    const middle = (no + yes) / 2;
    if (aboveAll(H, m, low * (1 + middle))) yes = middle;
    else no = middle;
  }
  return low * (1 + yes);
}

/** Whether all eigenvalues of H are below s, from the pivots of sI − H. */
function aboveAll(H: Float64Array, m: number, s: number): boolean {
  const M = H.map((h, at) => (at % (m + 1) === 0 ? s : 0) - h);
  for (let a = 0; a < m; a++) {
    if (!(M[a * m + a] > 0)) return false;
    for (let c = a + 1; c < m; c++) {
      const share = M[c * m + a] / M[a * m + a];
      if (share !== 0) for (let d = c; d < m; d++) M[d * m + c] -= share * M[d * m + a];
    }
  }
  return true;
}

/** The minimiser of f + λΣx_i over x ≥ 0 for least squares, by the active-set method of Lawson and Hanson (1974). */
export function nonNegativeMinimiser(f: Omit<Smooth, 'value'>, lambda: number): Float64Array {
  const x = new Float64Array(f.curvature.length);
  const slope = () => f.gradient(x).map((v) => v + lambda);
  const scale = slope().reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  let inside: number[] = [];
  for (;;) {
    const g = slope();
    let enters = -1;
    let least = -1e-11 * scale;
    g.forEach((v, i) => {
      if (v < least && f.curvature[i] > 0 && !inside.includes(i)) [least, enters] = [v, i];
    });
    if (enters < 0) return x;
    inside.push(enters);
    for (let round = 0; round < 2; ) {
      const now = slope();
      const d = solved(
        f.block(inside),
        inside.map((i) => -now[i]),
      );
      let share = 1;
      inside.forEach((i, a) => {
        if (x[i] + d[a] <= 0) share = Math.min(share, x[i] / -d[a]);
      });
      inside.forEach((i, a) => {
        x[i] += share * d[a];
        if (share < 1 && x[i] <= 1e-15 * Math.abs(d[a])) x[i] = 0;
      });
      if (share < 1) inside = inside.filter((i) => x[i] > 0);
      // One more round if nothing leaves, for refinement.
      else round++;
    }
  }
}
