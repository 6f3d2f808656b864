import type { DenseMatrix } from 'southwell';

/**
 * Exact analysis of two views in plain arrays, by whitening and Jacobi rotations or by subspace iteration: the
 * reference for estimates, without any code in common with them.
 */

/** Rows of centred columns, stored contiguously. */
export interface Table {
  readonly rows: number;
  readonly cols: number;
  readonly data: Float64Array;
}

export function tableOf(X: DenseMatrix): Table {
  const { rows, cols } = X;
  const data = new Float64Array(rows * cols);
  for (let j = 0; j < cols; j++) {
    const column = X.column(j);
    let mean = 0;
    for (let i = 0; i < rows; i++) mean += column[i] / rows;
    for (let i = 0; i < rows; i++) data[i * cols + j] = column[i] - mean;
  }
  return { rows, cols, data };
}

/** Scores of all rows for weights, cols × k, row-major. */
export function scoresOf({ rows, cols, data }: Table, weights: Float64Array): Table {
  const k = weights.length / cols;
  const out = new Float64Array(rows * k);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) {
      const x = data[i * cols + j];
      for (let c = 0; c < k; c++) out[i * k + c] += x * weights[j * k + c];
    }
  }
  return { rows, cols: k, data: out };
}

/** XᵀY/(rows − 1), row-major. */
export function crossCovariance(X: Table, Y: Table): Float64Array {
  const [p, q] = [X.cols, Y.cols];
  const out = new Float64Array(p * q);
  // Four rows at a time, so that results are loaded and stored less often.
  for (let i = 0; i < X.rows; i += 4) {
    const many = Math.min(4, X.rows - i);
    const x = X.data.subarray(i * p, (i + many) * p);
    const y = Y.data.subarray(i * q, (i + many) * q);
    for (let j = 0; j < p; j++) {
      const row = j * q;
      if (many < 4) {
        for (let b = 0; b < many; b++) for (let l = 0; l < q; l++) out[row + l] += x[b * p + j] * y[b * q + l];
        continue;
      }
      const [x0, x1, x2, x3] = [x[j], x[p + j], x[2 * p + j], x[3 * p + j]];
      for (let l = 0; l < q; l++) {
        out[row + l] += x0 * y[l] + x1 * y[q + l] + x2 * y[2 * q + l] + x3 * y[3 * q + l];
      }
    }
  }
  for (let at = 0; at < out.length; at++) out[at] /= X.rows - 1;
  return out;
}

export interface ExactCca {
  /** The largest canonical correlations, in descending order. */
  readonly correlations: Float64Array;
  /** For each view, cols × k, row-major; scores have variance 1. */
  readonly weights: readonly [Float64Array, Float64Array];
}

/** Canonical correlations and weights of two views. Throws if columns are linearly dependent. O(nD² + D³). */
export function exactCca(X: Table, Y: Table, k: number): ExactCca {
  const [p, q] = [X.cols, Y.cols];
  const L = choleskyFactor(crossCovariance(X, X), p);
  const M = choleskyFactor(crossCovariance(Y, Y), q);
  // T = L⁻¹ C M⁻ᵀ: columns first, then rows.
  const T = crossCovariance(X, Y);
  for (let l = 0; l < q; l++) {
    for (let i = 0; i < p; i++) {
      let v = T[i * q + l];
      for (let b = 0; b < i; b++) v -= L[i * p + b] * T[b * q + l];
      T[i * q + l] = v / L[i * p + i];
    }
  }
  for (let i = 0; i < p; i++) {
    for (let l = 0; l < q; l++) {
      let v = T[i * q + l];
      for (let b = 0; b < l; b++) v -= M[l * q + b] * T[i * q + b];
      T[i * q + l] = v / M[l * q + l];
    }
  }
  const S = new Float64Array(q * q);
  for (let i = 0; i < p; i++) {
    for (let a = 0; a < q; a++) for (let b = 0; b < q; b++) S[a * q + b] += T[i * q + a] * T[i * q + b];
  }
  const { values, vectors } = jacobi(S, q);
  const order = [...values.keys()].sort((a, b) => values[b] - values[a]).slice(0, k);
  const correlations = Float64Array.from(order, (c) => Math.sqrt(Math.max(0, values[c])));
  const right = new Float64Array(q * k);
  const left = new Float64Array(p * k);
  order.forEach((c, at) => {
    for (let l = 0; l < q; l++) right[l * k + at] = vectors[l * q + c];
    for (let i = 0; i < p; i++) {
      for (let l = 0; l < q; l++) left[i * k + at] += (T[i * q + l] * vectors[l * q + c]) / correlations[at];
    }
  });
  backSubstitute(L, p, left, k);
  backSubstitute(M, q, right, k);
  return { correlations, weights: [left, right] };
}

/** Sum of the correlations within the span of weights; 0 if weights diverged or became linearly dependent. */
export function capturedSum(views: readonly [Table, Table], weights: readonly Float64Array[], k: number): number {
  const [Zx, Zy] = views.map((X, v) => scoresOf(X, weights[v]));
  try {
    return exactCca(Zx, Zy, k).correlations.reduce((s, v) => s + v, 0);
  } catch {
    return 0;
  }
}

/**
 * Sum of the correlations of held-out scores along the canonical directions of the training scores; columns that are
 * linear combinations of others up to 1e-5 of their standard deviation are omitted, and the sum is 0 if none is left.
 */
export function heldOutSum(fitted: readonly [Table, Table], held: readonly [Table, Table], k: number): number {
  const kept = fitted.map(independentColumns);
  const most = Math.min(k, ...kept.map((columns) => columns.length));
  if (most === 0) return 0;
  const pick = (tables: readonly Table[]) => tables.map((X, v) => columnsOf(X, kept[v])) as unknown as [Table, Table];
  const { weights } = exactCca(...pick(fitted), most);
  const [Zx, Zy] = pick(held).map((X, v) => scoresOf(X, weights[v]));
  let sum = 0;
  for (let c = 0; c < most; c++) {
    let [xy, xx, yy] = [0, 0, 0];
    for (let at = c; at < Zx.data.length; at += most) {
      xy += Zx.data[at] * Zy.data[at];
      xx += Zx.data[at] ** 2;
      yy += Zy.data[at] ** 2;
    }
    if (xx > 0 && yy > 0) sum += xy / Math.sqrt(xx * yy);
  }
  return sum;
}

const columnsOf = ({ rows, cols, data }: Table, kept: readonly number[]): Table => ({
  rows,
  cols: kept.length,
  data: Float64Array.from(
    { length: rows * kept.length },
    (_, at) => data[Math.floor(at / kept.length) * cols + kept[at % kept.length]],
  ),
});

/**
 * Columns, from the first, whose residual given the previous ones exceeds 1e-5 of their standard deviation; non-finite
 * columns are omitted.
 */
function independentColumns({ rows, cols, data }: Table): number[] {
  const basis: Float64Array[] = [];
  const kept: number[] = [];
  for (let j = 0; j < cols; j++) {
    const x = Float64Array.from({ length: rows }, (_, i) => data[i * cols + j]);
    const norm = () => Math.sqrt(x.reduce((s, v) => s + v * v, 0));
    const whole = norm();
    for (let pass = 0; pass < 2; pass++) {
      for (const b of basis) {
        let dot = 0;
        for (let i = 0; i < rows; i++) dot += b[i] * x[i];
        for (let i = 0; i < rows; i++) x[i] -= dot * b[i];
      }
    }
    const left = norm();
    if (!(left > 1e-5 * whole && Number.isFinite(left))) continue;
    kept.push(j);
    basis.push(x.map((v) => v / left));
  }
  return kept;
}

/** The k largest singular values of XᵀY/(rows − 1), by subspace iteration from the first rows. O(nDk) per iteration. */
export function exactCovariances(X: Table, Y: Table, k: number, iterations = 60): Float64Array {
  let V = new Float64Array(Y.cols * k);
  for (let c = 0; c < k; c++) for (let l = 0; l < Y.cols; l++) V[l * k + c] = Y.data[c * Y.cols + l];
  let U = new Float64Array(0);
  for (let it = 0; it < iterations; it++) {
    U = orthonormal(crossCovariance(X, scoresOf(Y, V)), k);
    V = orthonormal(crossCovariance(Y, scoresOf(X, U)), k);
  }
  return singularValues(crossCovariance(scoresOf(X, U), scoresOf(Y, V)), k);
}

/** Sum of the singular values of the cross-covariance within the spans of weights. */
export function capturedCovariance(
  views: readonly [Table, Table],
  weights: readonly Float64Array[],
  k: number,
): number {
  const [Zx, Zy] = views.map((X, v) => scoresOf(X, orthonormal(weights[v], k)));
  return singularValues(crossCovariance(Zx, Zy), k).reduce((s, v) => s + v, 0);
}

/** Singular values of a square matrix, descending. */
function singularValues(C: Float64Array, k: number): Float64Array {
  const S = new Float64Array(k * k);
  for (let i = 0; i < k; i++) {
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) S[a * k + b] += C[i * k + a] * C[i * k + b];
  }
  return jacobi(S, k)
    .values.map((v) => Math.sqrt(Math.max(0, v)))
    .sort((a, b) => b - a);
}

/** Orthonormalises the columns of a row-major matrix, in order. */
export function orthonormal(W: Float64Array, k: number): Float64Array<ArrayBuffer> {
  const out = W.slice();
  for (let c = 0; c < k; c++) {
    for (let pass = 0; pass < 2; pass++) {
      for (let b = 0; b < c; b++) {
        let dot = 0;
        for (let at = 0; at < out.length; at += k) dot += out[at + b] * out[at + c];
        for (let at = 0; at < out.length; at += k) out[at + c] -= dot * out[at + b];
      }
    }
    let square = 0;
    for (let at = c; at < out.length; at += k) square += out[at] ** 2;
    for (let at = c; at < out.length; at += k) out[at] /= Math.sqrt(square);
  }
  return out;
}

/** The lower factor of a positive definite matrix. */
function choleskyFactor(A: Float64Array, n: number): Float64Array {
  const L = new Float64Array(n * n);
  for (let i = 0; i < n; i++) {
    for (let j = 0; j <= i; j++) {
      let v = A[i * n + j];
      for (let b = 0; b < j; b++) v -= L[i * n + b] * L[j * n + b];
      if (i === j && !(v > 1e-12 * A[i * n + i])) throw new RangeError('Columns depend on each other.');
      L[i * n + j] = i === j ? Math.sqrt(v) : v / L[j * n + j];
    }
  }
  return L;
}

/** W ← L⁻ᵀW for row-major n × k. */
function backSubstitute(L: Float64Array, n: number, W: Float64Array, k: number): void {
  for (let c = 0; c < k; c++) {
    for (let i = n - 1; i >= 0; i--) {
      let v = W[i * k + c];
      for (let b = i + 1; b < n; b++) v -= L[b * n + i] * W[b * k + c];
      W[i * k + c] = v / L[i * n + i];
    }
  }
}

/**
 * Eigenvalues and eigenvectors (as columns of a row-major matrix) of a symmetric matrix, which is overwritten, by
 * cyclic Jacobi rotations.
 */
function jacobi(S: Float64Array, n: number): { values: Float64Array<ArrayBuffer>; vectors: Float64Array } {
  // Eigenvectors are rows during the rotations, so that both matrices are accessed contiguously.
  const V = new Float64Array(n * n);
  for (let i = 0; i < n; i++) V[i * n + i] = 1;
  for (let sweep = 0; sweep < 30; sweep++) {
    let [off, on] = [0, 0];
    for (let i = 0; i < n; i++) {
      on += S[i * n + i] ** 2;
      for (let j = 0; j < i; j++) off += S[i * n + j] ** 2;
    }
    if (off <= 1e-26 * on) break;
    for (let p = 0; p < n - 1; p++) {
      for (let q = p + 1; q < n; q++) {
        if (S[p * n + q] === 0) continue;
        const theta = (S[q * n + q] - S[p * n + p]) / (2 * S[p * n + q]);
        const t = (theta < 0 ? -1 : 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
        const c = 1 / Math.sqrt(t * t + 1);
        rotate(S, n, p, q, c, t * c, true);
        rotate(V, n, p, q, c, t * c, false);
      }
    }
  }
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) for (let j = 0; j < n; j++) vectors[j * n + i] = V[i * n + j];
  return { values: Float64Array.from({ length: n }, (_, i) => S[i * n + i]), vectors };
}

/** Rotates rows p and q, and optionally the columns as well. */
function rotate(A: Float64Array, n: number, p: number, q: number, c: number, s: number, columns: boolean): void {
  for (let j = 0; j < n; j++) {
    const [x, y] = [A[p * n + j], A[q * n + j]];
    A[p * n + j] = c * x - s * y;
    A[q * n + j] = s * x + c * y;
  }
  if (!columns) return;
  for (let i = 0; i < n; i++) {
    const [x, y] = [A[i * n + p], A[i * n + q]];
    A[i * n + p] = c * x - s * y;
    A[i * n + q] = s * x + c * y;
  }
}
