import { asMatrix, checkFinite, DenseMatrix, type Matrix, type MatrixLike } from '../arrays/index.ts';
import { fail, type Iterate, Random, type RunOptions, run, runAsync, type Solution } from '../core/index.ts';
import { leftProduct, matrixProduct, orthonormaliseRows, smallSvd, symmetricEigen } from '../linalg/index.ts';

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
  /** Products with XXᵀ beyond the first. Default 2. */
  readonly powerIterations?: number;
  /** Takes the column means off first, without forming the difference. Default false. */
  readonly centre?: boolean;
  /** Default 0. */
  readonly seed?: number;
}

/**
 * The leading singular triplets by random projection: Halko, Martinsson and Tropp (SIAM Review 2011), Algorithms 4.4 and
 * 5.1, with every power kept in the basis (Musco and Musco, NeurIPS 2015), so that few iterations do. Errors shrink with
 * the decay of the singular values beyond `rank` and with powerIterations; {@link svdResiduals} measures them,
 * {@link truncatedSvd} works until they are small. Throws EMPTY, NON_FINITE, INVALID_PARAMETER.
 * O((powerIterations + 1)(rank + oversample) · values of X).
 */
export function randomizedSvd(X: MatrixLike, options: RandomizedSvdOptions): Svd {
  const A = operator(X, options);
  try {
    const { rank, oversample = 10, powerIterations = 2, seed = 0 } = options;
    wholeNumber('oversample', oversample, 0);
    wholeNumber('powerIterations', powerIterations, 0);
    const small = Math.min(A.rows, A.cols);
    const block = Math.min(small, rank + oversample);
    const most = Math.min(small, (powerIterations + 1) * block);
    return run(krylov(A, { rank, seed, block, most, kept: 0 }), { maxIter: 1 }).point;
  } finally {
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

function svdIterates(A: Operator, options: TruncatedSvdOptions): Generator<Iterate<Svd>, void, undefined> {
  const { rank, tol = 1e-8, seed = 0 } = options;
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  const small = Math.min(A.rows, A.cols);
  const block = Math.min(small, 8 * Math.ceil(Math.min(64, Math.max(16, rank / 2)) / 8));
  const wanted = rank + 4 * block;
  const most = small <= Math.max(WHOLE, wanted) ? small : wanted;
  return krylov(A, { rank, tol, seed, block, most, kept: rank + block / 2 });
}

/**
 * Cycles that grow a basis by blocks of a Krylov space of XᵀX up to `most` vectors, give its best triplets, and start
 * again from `kept` of them. Without a tolerance there is one cycle and no certificate.
 */
function* krylov(
  A: Operator,
  sizes: {
    readonly rank: number;
    readonly seed: number;
    readonly block: number;
    readonly most: number;
    readonly kept: number;
    readonly tol?: number;
  },
): Generator<Iterate<Svd>, void, undefined> {
  const { rank: k, tol, seed, block, most, kept } = sizes;
  const random = new Random(seed);
  // The basis lies on the shorter side, n long; images on the other.
  const flip = A.rows < A.cols;
  const [n, across] = flip ? [A.rows, A.cols] : [A.cols, A.rows];
  const basis: DenseMatrix[] = [];
  const images: DenseMatrix[] = [];
  const squares = A.squaredNorm();
  /** What Z is made of along the basis goes to `inner`, a part for each block; the rest stays. */
  const project = (B: DenseMatrix, inner?: DenseMatrix[]) => {
    for (const V of basis) {
      const part = A.wide(B.rows, V.rows);
      matrixProduct(B, V, part, { transB: true });
      matrixProduct(part, V, B, { alpha: -1, beta: 1 });
      if (inner) inner.push(part);
      else part.free();
    }
  };
  /** Twice is enough (Giraud, Langou and Rozložník 2005). */
  const makeOrthonormal = (B: DenseMatrix) => {
    orthonormaliseRows(B, random);
    project(B);
    orthonormaliseRows(B, random);
  };
  const fresh = (width: number) => {
    const B = A.wide(width, n);
    // A product with X first: directions that X shrinks matter less.
    const start = A.wide(width, across);
    fillNormal(start, random);
    A.times(start, B, flip);
    start.free();
    project(B);
    makeOrthonormal(B);
    return B;
  };
  let next: DenseMatrix | undefined = fresh(block);
  /** Singular values that a cycle from random directions has to confirm. */
  let unconfirmed: Float64Array | undefined;
  let held: DenseMatrix[] = [];
  /** Of the kept triplets that the basis begins with. */
  let known = new Float64Array(0);
  let unit = 0;
  try {
    for (let iteration = 1; ; iteration++) {
      let total = known.length;
      // The basis' XᵀX, over `unit`, from the products that make the basis orthogonal.
      const T = new Float64Array(most * most);
      known.forEach((v, a) => {
        T[a * most + a] = (v / unit) * v;
      });
      /** Z = remainder · next, for the last block's XᵀX v over `unit`. */
      let remainder = new Float64Array(0);
      let last = 0;
      while (next) {
        const V: DenseMatrix = next;
        last = V.rows;
        const Y = A.wide(last, across);
        A.times(V, Y, !flip);
        unit ||= scaleOf(Y);
        basis.push(V);
        images.push(Y);
        const from = total;
        total += last;
        next = undefined;
        remainder = new Float64Array(0);
        const width = Math.min(last, n - total);
        const full = total + width > most;
        if (tol === undefined && full) {
          scaleBy(Y, 1 / unit);
          const own = A.wide(last, last);
          matrixProduct(Y, Y, own, { transB: true });
          scaleBy(Y, unit);
          place(T, most, own, from, from, unit);
          own.free();
          break;
        }
        const Z = A.wide(last, n);
        scaleBy(Y, 1 / unit);
        A.times(Y, Z, flip);
        scaleBy(Y, unit);
        const inner: DenseMatrix[] = [];
        project(Z, inner);
        let at = 0;
        for (const part of inner) {
          place(T, most, part, from, at, 1);
          at += part.cols;
          part.free();
        }
        if (width > 0) {
          const F = A.wide(width, n);
          const [source, target] = [Z.data, F.data];
          if (width === last) target.set(source);
          else for (let j = 0; j < n; j++) target.set(source.subarray(j * last, j * last + width), j * width);
          makeOrthonormal(F);
          const R = A.wide(last, width);
          matrixProduct(Z, F, R, { transB: true });
          remainder = R.data.slice();
          if (!full) place(T, most, R, from, total, 1);
          R.free();
          next = F;
        }
        Z.free();
        if (full) break;
      }
      const whole = total === n;
      const { V, Y, P, s, R, Q } = best(A, basis, images, T, most, whole ? n : kept || block, random);
      const m = V.rows;
      held = [V, Y, Q];
      const found = flip ? A.finish(V, P.own, s, Q, R, k) : A.finish(Q, R, s, V, P.own, k);
      const top = s[0];
      let relative = 0;
      for (let i = 0; i < k && s[i] > 0; i++) {
        let sum = 0;
        for (let c = 0; c < remainder.length / Math.max(1, last); c++) {
          let dot = 0;
          for (let a = 0; a < last; a++) dot += remainder[c * last + a] * P.full[(total - last + a) * m + i];
          sum += (dot / top) ** 2;
        }
        relative = Math.max(relative, Math.sqrt(sum) / (s[i] / unit));
      }
      const small = tol !== undefined && relative <= tol / 2;
      const same = tol !== undefined && unconfirmed?.every((v, i) => Math.abs(v - s[i]) <= tol * top);
      let done: Iterate<Svd>['done'];
      if (tol !== undefined && (whole || (small && same))) {
        const exact = A.residuals(found.U, found.V, found.singularValues, false);
        relative = top > 0 ? exact.reduce((x, y) => Math.max(x, y), 0) / top : 0;
        done = relative <= tol ? 'converged' : whole ? 'stalled' : undefined;
      }
      // A snapshot may be asked for when kernel memory has been given back.
      const [u, v] = [found.U.data.slice(), found.V.data.slice()];
      for (const M of [found.U, found.V]) M.free();
      yield {
        iteration,
        objective: Math.max(0, squares - s.slice(0, k).reduce((sum, v) => sum + v * v, 0)),
        ...(tol !== undefined && { certificate: { kind: 'kktResidual', value: relative * top, relative } }),
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
      known = s.slice(0, kept);
      basis.splice(0, basis.length, select(V, P.own));
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

/** Puts part · by and its transpose into T, by rows of `ld`, at row `i` and column `j`. */
function place(T: Float64Array, ld: number, part: DenseMatrix, i: number, j: number, by: number): void {
  const { data, rows, cols } = part;
  for (let b = 0; b < cols; b++) {
    for (let a = 0; a < rows; a++) T[(i + a) * ld + j + b] = T[(j + b) * ld + i + a] = data[b * rows + a] * by;
  }
}

/**
 * The best triplets of a basis V with images Y = VX: all of them, or the `keep` best by the eigenvectors of YYᵀ = T, whose
 * squares only choose; then the SVD Y = P diag(s) RᵀQ of what was kept. `own` belongs to the V given back, `full` (a row
 * for each vector of the basis) to the basis.
 */
function best(
  A: Operator,
  basis: readonly DenseMatrix[],
  images: readonly DenseMatrix[],
  T: Float64Array,
  ld: number,
  keep: number,
  random: Random,
) {
  const m = basis.reduce((sum, V) => sum + V.rows, 0);
  const count = Math.min(keep, m);
  const E = new Float64Array(m * count);
  if (m <= keep) for (let i = 0; i < m; i++) E[i * count + i] = 1;
  else {
    const G = new Float64Array(m * m);
    const largest = T.reduce((x, y) => Math.max(x, Math.abs(y)), 0) || 1;
    for (let i = 0; i < m; i++) for (let j = 0; j < m; j++) G[i * m + j] = T[i * ld + j] / largest;
    const { values, vectors } = symmetricEigen(G, m);
    const order = Array.from(values.keys()).sort((a, b) => values[b] - values[a]);
    for (let i = 0; i < m; i++) for (let a = 0; a < count; a++) E[i * count + a] = vectors[i * m + order[a]];
  }
  const combine = (parts: readonly DenseMatrix[]) => {
    const out = A.wide(count, parts[0].cols);
    let at = 0;
    for (const part of parts) {
      const C = A.wide(count, part.rows);
      C.data.set(E.subarray(at * count, (at + part.rows) * count));
      matrixProduct(C, part, out, { beta: at > 0 ? 1 : 0 });
      at += part.rows;
      C.free();
    }
    return out;
  };
  const V = combine(basis);
  const Y = combine(images);
  const { P, ...rest } = splitRows(Y, random);
  const full = new Float64Array(m * count);
  for (let i = 0; i < m; i++) {
    for (let a = 0; a < count; a++) {
      const v = E[i * count + a];
      if (v !== 0) for (let c = 0; c < count; c++) full[i * count + c] += v * P[a * count + c];
    }
  }
  return { V, Y, P: { own: P, full }, ...rest };
}

/** A power of two by which products of matrices of extreme scale stay in range; 1 for all others. */
function scaleOf({ data }: DenseMatrix): number {
  let largest = 0;
  for (let at = 0; at < data.length; at++) largest = Math.max(largest, Math.abs(data[at]));
  return largest > 1e100 || (largest > 0 && largest < 1e-100) ? 2 ** Math.floor(Math.log2(largest)) : 1;
}

function scaleBy({ data }: DenseMatrix, by: number): void {
  if (by !== 1) for (let at = 0; at < data.length; at++) data[at] *= by;
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
      arena.kernels.transpose(U.rows, k, U.pointer, U.rows, B.pointer, k);
      operate.times(B, image, transpose);
      const out = new Float64Array(k);
      const [from, v] = [image.data, V.data];
      const scale = s[0] > 0 ? s[0] : 1;
      for (let a = 0; a < k; a++) {
        let sum = 0;
        for (let j = 0; j < V.rows; j++) sum += ((from[j * k + a] - s[a] * v[a * V.rows + j]) / scale) ** 2;
        out[a] = scale * Math.sqrt(sum);
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
