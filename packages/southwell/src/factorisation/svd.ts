import { asMatrix, checkFinite, DenseMatrix, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { fail, type Iterate, Random, type RunOptions, run, runAsync, type Solution } from '../core/index.ts';
import { leftProduct, matrixProduct, orthonormaliseRows, smallSvd } from '../linalg/index.ts';

/** X ≈ U diag(s) Vᵀ. */
export interface Svd {
  /** rows × rank, orthonormal columns. */
  readonly U: DenseMatrix;
  /** Descending. */
  readonly singularValues: Float64Array;
  /** cols × rank, orthonormal columns; in each, the entry of largest size is positive. */
  readonly V: DenseMatrix;
  /** What was taken off every row first, where `centre` was asked for. */
  readonly mean?: Float64Array;
}

export interface RandomizedSvdOptions {
  readonly rank: number;
  /** Directions beyond the rank. Default 10. */
  readonly oversample?: number;
  /** Default 4, or 7 where the rank is below a tenth of the smaller side. */
  readonly powerIterations?: number;
  /** Takes the column means off first, without forming the difference. Default false. */
  readonly centre?: boolean;
  /** Default 0. */
  readonly seed?: number;
}

/**
 * The leading singular triplets by random projection: Halko, Martinsson and Tropp (SIAM Review 2011), Algorithms 4.4 and
 * 5.1, bases made orthonormal after every product. Errors shrink with the decay of the singular values beyond `rank` and
 * with powerIterations; {@link svdResiduals} measures them, {@link truncatedSvd} works until they are small. Throws
 * EMPTY, NON_FINITE, INVALID_PARAMETER. O((powerIterations + 1)(rank + oversample) · values of X).
 */
export function randomizedSvd(X: MatrixLike, options: RandomizedSvdOptions): Svd {
  const A = operator(X, options);
  const { rank, oversample = 10, seed = 0 } = options;
  const small = Math.min(A.rows, A.cols);
  const { powerIterations = rank < 0.1 * small ? 7 : 4 } = options;
  wholeNumber('oversample', oversample, 0);
  wholeNumber('powerIterations', powerIterations, 0);
  const width = Math.min(small, rank + oversample);
  const random = new Random(seed);
  const right = A.wide(width, A.cols);
  const left = A.wide(width, A.rows);
  try {
    fillNormal(right, random);
    A.times(right, left, true);
    for (let q = 0; q < powerIterations; q++) {
      orthonormaliseRows(left, random);
      A.times(left, right, false);
      orthonormaliseRows(right, random);
      A.times(right, left, true);
    }
    orthonormaliseRows(left, random);
    A.times(left, right, false);
    // LX = P S Wᵀ with L the rows of `left`: U = LᵀP.
    const parts = splitRows(right, random);
    const found = { left, right: parts.Q, P: parts.P, s: parts.s, R: parts.R };
    const svd = A.finish(found.left, found.P, found.s, found.right, found.R, rank);
    parts.Q.free();
    return svd;
  } finally {
    for (const M of [left, right]) M.free();
    A.end();
  }
}

export interface TruncatedSvdOptions extends Omit<RunOptions<Svd>, 'tol' | 'onIterate'> {
  readonly rank: number;
  /** Every ‖Xᵀu − σv‖ is at most this share of the largest singular value; ‖Xv − σu‖ is rounding. Default 1e-8. */
  readonly tol?: number;
  /** Takes the column means off first, without forming the difference. Default false. */
  readonly centre?: boolean;
  /** Cycles at most. Default 100. */
  readonly maxIter?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly onIterate?: (iterate: Iterate<Svd>) => void;
}

/** An SVD to a tolerance, with what proves it. */
export interface TruncatedSvd extends Svd {
  /** ‖Xᵀu − σv‖ of each triplet. */
  readonly residuals: Float64Array;
  readonly solution: Solution<Svd>;
}

/**
 * The leading singular triplets to a tolerance: block Golub–Kahan–Lanczos with full orthogonalisation and thick restarts
 * (Golub, Luk and Overton 1981; Baglama and Reichel 2005). A cycle from random directions confirms the end, so that no
 * copy of a multiple singular value is missed. Throws EMPTY, NON_FINITE, INVALID_PARAMETER. O(4 · rank · values of X) a
 * cycle, about, and 8 · rank² · (rows + cols).
 */
export function truncatedSvd(X: MatrixLike, options: TruncatedSvdOptions): TruncatedSvd {
  const A = operator(X, options);
  try {
    return withResiduals(A, run(svdIterates(A, options), settings(options)));
  } finally {
    A.end();
  }
}

/** As {@link truncatedSvd}, letting the event loop turn between cycles. */
export async function truncatedSvdAsync(X: MatrixLike, options: TruncatedSvdOptions): Promise<TruncatedSvd> {
  const A = operator(X, options);
  try {
    return withResiduals(A, await runAsync(svdIterates(A, options), settings(options)));
  } finally {
    A.end();
  }
}

/** ‖Xᵀu − σv‖ and ‖Xv − σu‖ of each triplet. O(rank · values of X). */
export function svdResiduals(X: MatrixLike, svd: Svd): { readonly left: Float64Array; readonly right: Float64Array } {
  const A = operator(X, { rank: svd.singularValues.length, centre: svd.mean !== undefined });
  try {
    return {
      left: A.residuals(svd.U, svd.V, svd.singularValues, false),
      right: A.residuals(svd.V, svd.U, svd.singularValues, true),
    };
  } finally {
    A.end();
  }
}

/** Sides up to this length are taken whole: one dense SVD. */
const WHOLE = 64;

function* svdIterates(A: Operator, options: TruncatedSvdOptions): Generator<Iterate<Svd>, void, undefined> {
  const { rank: k, tol = 1e-8, seed = 0 } = options;
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  const random = new Random(seed);
  // The basis lies on the shorter side, n long; images on the other.
  const flip = A.rows < A.cols;
  const [n, across] = flip ? [A.rows, A.cols] : [A.cols, A.rows];
  const block = Math.min(32, Math.max(8, 8 * Math.ceil(k / 32)));
  const wanted = Math.max(2 * k, k + 4 * block) + block;
  const most = n <= Math.max(WHOLE, wanted) ? n : wanted;
  const kept = Math.min(k + block, most - block);
  const basis: DenseMatrix[] = [];
  const images: DenseMatrix[] = [];
  const size = A.squaredNorm();
  /** B less what lies in the basis, in two passes. */
  const project = (B: DenseMatrix) => {
    for (let pass = 0; pass < 2; pass++) {
      for (const V of basis) {
        const inner = A.wide(B.rows, V.rows);
        matrixProduct(B, V, inner, { transB: true });
        matrixProduct(inner, V, B, { alpha: -1, beta: 1 });
        inner.free();
      }
    }
  };
  const fresh = (width: number) => {
    const B = A.wide(width, n);
    fillNormal(B, random);
    project(B);
    orthonormaliseRows(B, random);
    // Random rows of a nearly full basis may lose some of their orthogonality to it.
    project(B);
    orthonormaliseRows(B, random);
    return B;
  };
  let next: DenseMatrix | undefined = fresh(Math.min(block, most));
  /** Singular values that a cycle from random directions has to confirm. */
  let unconfirmed: Float64Array | undefined;
  let held: DenseMatrix[] = [];
  try {
    for (let iteration = 1; ; iteration++) {
      let total = basis.reduce((sum, V) => sum + V.rows, 0);
      /** Z = remainder · next, for the last block's XᵀX v. */
      let remainder = new Float64Array(0);
      let last = 0;
      while (next) {
        const V: DenseMatrix = next;
        last = V.rows;
        const Y = A.wide(last, across);
        A.times(V, Y, !flip);
        const Z = A.wide(last, n);
        A.times(Y, Z, flip);
        basis.push(V);
        images.push(Y);
        total += last;
        const width = Math.min(last, n - total);
        project(Z);
        next = undefined;
        remainder = new Float64Array(0);
        if (width > 0) {
          const F = A.wide(width, n);
          for (let j = 0; j < n; j++) for (let a = 0; a < width; a++) F.set(a, j, Z.get(a, j));
          orthonormaliseRows(F, random);
          project(F);
          orthonormaliseRows(F, random);
          const R = A.wide(last, width);
          matrixProduct(Z, F, R, { transB: true });
          remainder = R.data.slice();
          R.free();
          next = F;
        }
        Z.free();
        if (total + width > most) break;
      }
      const V = stack(A, basis, n);
      const Y = stack(A, images, across);
      const { P, s, R, Q } = splitRows(Y, random);
      const m = V.rows;
      held = [V, Y, Q];
      const found = flip ? A.finish(V, P, s, Q, R, k) : A.finish(Q, R, s, V, P, k);
      let largest = 0;
      for (let i = 0; i < k && s[i] > 0; i++) {
        let sum = 0;
        for (let c = 0; c < remainder.length / Math.max(1, last); c++) {
          let dot = 0;
          for (let a = 0; a < last; a++) dot += remainder[c * last + a] * P[(m - last + a) * m + i];
          sum += dot * dot;
        }
        largest = Math.max(largest, Math.sqrt(sum) / s[i]);
      }
      const top = s[0];
      let relative = top > 0 ? largest / top : 0;
      const small = relative <= tol / 2;
      const whole = total === n;
      const same = unconfirmed?.every((v, i) => Math.abs(v - s[i]) <= tol * top) ?? false;
      let done: Iterate<Svd>['done'];
      if (whole || (small && same)) {
        const exact = A.residuals(found.U, found.V, found.singularValues, false);
        relative = top > 0 ? exact.reduce((x, y) => Math.max(x, y), 0) / top : 0;
        done = relative <= tol ? 'converged' : whole ? 'stalled' : undefined;
      }
      // A snapshot may be asked for when kernel memory has been given back.
      const [u, v] = [found.U.data.slice(), found.V.data.slice()];
      for (const M of [found.U, found.V]) M.free();
      yield {
        iteration,
        objective: Math.max(0, size - s.slice(0, k).reduce((sum, v) => sum + v * v, 0)),
        certificate: { kind: 'kktResidual', value: relative * top, relative },
        work: { matrixVectorProducts: 2 * iteration * (most - kept) },
        done,
        snapshot: () => ({ ...found, U: A.filled(u, A.rows, k), V: A.filled(v, A.cols, k) }),
      };
      if (done) return;
      // Restart from the best of the basis and the direction in which it would grow.
      const select = (F: DenseMatrix, C: Float64Array, scale?: Float64Array) => {
        const small = A.wide(kept, m);
        for (let a = 0; a < kept; a++) for (let i = 0; i < m; i++) small.set(a, i, C[i * m + a] * (scale?.[a] ?? 1));
        const out = A.wide(kept, F.cols);
        matrixProduct(small, F, out);
        small.free();
        return out;
      };
      for (const M of [...basis, ...images]) M.free();
      basis.splice(0, basis.length, select(V, P));
      images.splice(0, images.length, select(Q, R, s));
      for (const M of held) M.free();
      held = [];
      unconfirmed = small ? s.slice(0, k) : undefined;
      if (small || !next) {
        next?.free();
        next = fresh(block);
      }
    }
  } finally {
    next?.free();
    for (const M of [...basis, ...images, ...held]) M.free();
  }
}

function stack(A: Operator, parts: readonly DenseMatrix[], n: number): DenseMatrix {
  const m = parts.reduce((sum, B) => sum + B.rows, 0);
  const out = A.wide(m, n);
  const to = out.data;
  let at = 0;
  for (const B of parts) {
    const { data, rows } = B;
    for (let j = 0; j < n; j++) for (let a = 0; a < rows; a++) to[j * m + at + a] = data[j * rows + a];
    at += rows;
  }
  return out;
}

const settings = ({ maxIter = 100, timeLimit, signal, onIterate }: TruncatedSvdOptions): RunOptions<Svd> => ({
  maxIter,
  timeLimit,
  signal,
  onIterate,
});

function withResiduals(A: Operator, solution: Solution<Svd>): TruncatedSvd {
  const { U, V, singularValues } = solution.point;
  return { ...solution.point, residuals: A.residuals(U, V, singularValues, false), solution };
}

function wholeNumber(name: string, value: number, least: number, most = Number.MAX_SAFE_INTEGER): void {
  if (Number.isInteger(value) && value >= least && value <= most) return;
  const range = most === Number.MAX_SAFE_INTEGER ? `of at least ${least}` : `from ${least} to ${most}`;
  fail('INVALID_PARAMETER', `${name} must be a whole number ${range}, but is ${value}.`);
}

function fillNormal(B: DenseMatrix, random: Random): void {
  const { data } = B;
  for (let at = 0; at < data.length; at++) data[at] = random.normal();
}

/** Checked data as products with wide matrices (few rows), centred or not. */
type Operator = ReturnType<typeof operator>;

function operator(input: MatrixLike, options: { readonly rank: number; readonly centre?: boolean }) {
  const X: Matrix = asMatrix(input);
  const { rows, cols, arena } = X;
  if (rows === 0 || cols === 0) fail('EMPTY', `There is nothing to factor in a ${rows} × ${cols} matrix.`);
  wholeNumber('rank', options.rank, 1, Math.min(rows, cols));
  checkFinite(X);
  const mean = options.centre ? columnMeans(X) : undefined;
  const wide = (k: number, n: number) => DenseMatrix.create(k, n, { arena, fill: false });
  const operate = {
    rows,
    cols,
    wide,
    filled(values: Float64Array, m: number, k: number): DenseMatrix {
      const out = wide(m, k);
      out.data.set(values);
      return out;
    },
    /** out ← B(X − 1μᵀ), or B(X − 1μᵀ)ᵀ with `transpose`. */
    times(B: DenseMatrix, out: DenseMatrix, transpose: boolean): void {
      leftProduct(B, X, out, { transpose });
      if (!mean) return;
      const k = B.rows;
      const weights = new Float64Array(k);
      const { data } = B;
      // (B1)μᵀ taken off, or (Bμ)1ᵀ.
      for (let j = 0; j < B.cols; j++) {
        for (let a = 0; a < k; a++) weights[a] += data[j * k + a] * (transpose ? mean[j] : 1);
      }
      const to = out.data;
      for (let j = 0; j < out.cols; j++) {
        const by = transpose ? 1 : mean[j];
        for (let a = 0; a < k; a++) to[j * k + a] -= weights[a] * by;
      }
    },
    /** ‖(X − 1μᵀ)ᵀu − σv‖ of each, or ‖(X − 1μᵀ)u − σv‖ with `transpose`; u, v in columns. */
    residuals(U: DenseMatrix, V: DenseMatrix, s: Float64Array, transpose: boolean): Float64Array {
      const k = s.length;
      const B = wide(k, U.rows);
      const image = wide(k, V.rows);
      for (let a = 0; a < k; a++) for (let i = 0; i < U.rows; i++) B.set(a, i, U.get(i, a));
      operate.times(B, image, transpose);
      const out = new Float64Array(k);
      for (let a = 0; a < k; a++) {
        let sum = 0;
        for (let j = 0; j < V.rows; j++) sum += (image.get(a, j) - s[a] * V.get(j, a)) ** 2;
        out[a] = Math.sqrt(sum);
      }
      for (const M of [B, image]) M.free();
      return out;
    },
    /** U = leftᵀP and V = rightᵀR, the first `rank` columns, in matrices of their own, with the signs of {@link Svd}. */
    finish(
      left: DenseMatrix,
      P: Float64Array,
      s: Float64Array,
      right: DenseMatrix,
      R: Float64Array,
      rank: number,
    ): Svd {
      const combine = (F: DenseMatrix, C: Float64Array) => {
        const m = F.rows;
        const small = wide(m, rank);
        for (let a = 0; a < rank; a++) for (let i = 0; i < m; i++) small.set(i, a, C[i * m + a]);
        const out = wide(F.cols, rank);
        matrixProduct(F, small, out, { transA: true });
        small.free();
        return out;
      };
      const U = combine(left, P);
      const V = combine(right, R);
      for (let a = 0; a < rank; a++) {
        const [u, v] = [U.column(a), V.column(a)];
        let at = 0;
        for (let j = 1; j < v.length; j++) if (Math.abs(v[j]) > Math.abs(v[at])) at = j;
        if (v[at] >= 0) continue;
        for (let i = 0; i < u.length; i++) u[i] = -u[i];
        for (let j = 0; j < v.length; j++) v[j] = -v[j];
      }
      return { U, singularValues: s.slice(0, rank), V, ...(mean && { mean }) };
    },
    /** ‖X − 1μᵀ‖². */
    squaredNorm(): number {
      const values = X.kind === 'dense' ? X.data : X.values;
      let sum = 0;
      for (let at = 0; at < values.length; at++) sum += values[at] * values[at];
      return mean ? Math.max(0, sum - rows * mean.reduce((s, v) => s + v * v, 0)) : sum;
    },
    end(): void {
      if (X !== input) X.free();
    },
  };
  return operate;
}

function columnMeans(X: Matrix): Float64Array {
  const out = new Float64Array(X.cols);
  const values = X.kind === 'dense' ? X.data : X.values;
  for (let j = 0; j < X.cols; j++) {
    const from = X.kind === 'dense' ? j * X.rows : X.colPointers[j];
    const to = X.kind === 'dense' ? from + X.rows : X.colPointers[j + 1];
    for (let at = from; at < to; at++) out[j] += values[at];
    out[j] /= X.rows;
  }
  return out;
}

/** B = P diag(s) RᵀQ with orthonormal rows in Q (m × n, new); P, R m × m by rows, all of P's columns orthonormal. */
function splitRows(B: DenseMatrix, random: Random) {
  const { rows: m, cols: n, arena } = B;
  const Q = DenseMatrix.create(m, n, { arena, fill: false });
  Q.data.set(B.data);
  orthonormaliseRows(Q, random);
  const L = DenseMatrix.create(m, m, { arena, fill: false });
  matrixProduct(B, Q, L, { transB: true });
  // By rows, as smallSvd takes it.
  const flat = new Float64Array(m * m);
  for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) flat[i * m + j] = L.get(i, j);
  const { P, s, R } = smallSvd(flat, m);
  // Columns of P that belong to s = 0 are any that complete the basis.
  for (let j = 0; j < m; j++) for (let i = 0; i < m; i++) L.set(j, i, P[i * m + j]);
  orthonormaliseRows(L, random);
  for (let j = 0; j < m; j++) for (let i = 0; i < m; i++) P[i * m + j] = L.get(j, i);
  L.free();
  return { P, s, R, Q };
}
