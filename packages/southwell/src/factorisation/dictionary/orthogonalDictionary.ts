import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  fail,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionsOf,
  wholeNumber,
} from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { besides, denseSamples } from './samples.ts';

/** Sparsification of codes: by a threshold, or to the largest of each sample. By default all codes are kept. */
export const codeRecords = {
  /** Number of codes kept per sample. */
  sparsity: integerOption(
    { min: 0 },
    {
      title: 'Non-zero codes per sample',
      about: 'number of non-zero codes per sample',
      otherwise: 'all',
      form: { hint: 'all' },
    },
  ),
  /** Hard threshold: codes of at most this absolute value become zero. */
  threshold: numberOption(
    { min: 0 },
    {
      title: 'Hard threshold',
      about: 'hard threshold: codes up to this magnitude become zero',
      argument: 'size',
      form: { hint: 'none', advanced: true },
    },
  ),
};

export interface CodeOptions extends OptionsOf<typeof codeRecords> {}

/** Whitening transform W = C^(−1/2) and its inverse, symmetric, column-major. */
export interface Whitening {
  readonly forward: Float64Array;
  readonly back: Float64Array;
}

/** An orthogonal dictionary D of N atoms as columns: codes are x = Dᵀy, samples y = Dx. */
export class OrthogonalDictionary {
  constructor(
    readonly dim: number,
    /** D, column-major. */
    readonly values: Float64Array,
    readonly whitening?: Whitening,
  ) {}

  /**
   * D, orthogonal, N × N with atoms as columns; with whitening it is the dictionary of the whitened samples. A copy.
   */
  dictionary(): DenseMatrix {
    return DenseMatrix.fromColumnMajor(this.values, this.dim, this.dim);
  }

  /** The atoms in the units of the samples: D, or C^(1/2)·D with whitening. A copy, N × N, atoms as columns. */
  atoms(): DenseMatrix {
    const { dim: n, whitening } = this;
    const D = this.dictionary();
    if (!whitening) return D;
    const back = besides(D, whitening.back, n, n);
    const out = DenseMatrix.create(n, n, { fill: false });
    matrixProduct(back, D, out);
    D.free();
    back.free();
    return out;
  }

  /**
   * Codes of samples by rows, n × N: exact sparse codes, since D is orthogonal. O(nN²).
   * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
   */
  encode(samples: MatrixLike, options: CodeOptions = {}): DenseMatrix {
    knownKeys('encode', options, keysOf(codeRecords));
    checkCodeOptions(options, this.dim);
    return this.product(samples, (Y, D, out) => {
      matrixProduct(Y, D, out);
      sparsify(out.data, out.rows, out.cols, options);
    });
  }

  /** Reconstructs samples from codes by rows, n × N. O(nN²). */
  decode(codes: MatrixLike): DenseMatrix {
    return this.product(codes, (X, D, out) => matrixProduct(X, D, out, { transB: true }), true);
  }

  private product(
    input: MatrixLike,
    multiply: (left: DenseMatrix, D: DenseMatrix, out: DenseMatrix) => void,
    decoding = false,
  ): DenseMatrix {
    const { dim: n, whitening } = this;
    const left = denseSamples(input, n, decoding ? 'The codes' : 'The samples');
    const D = besides(left, this.values, n, n);
    const out = DenseMatrix.create(left.rows, n, { fill: false, arena: left.arena });
    if (whitening && !decoding) applyRight(left, whitening.forward);
    multiply(left, D, out);
    if (whitening && decoding) applyRight(out, whitening.back);
    left.free();
    D.free();
    return out;
  }
}

/** Y ← Y M for a square column-major M. */
export function applyRight(Y: DenseMatrix, values: Float64Array): void {
  const M = besides(Y, values, Y.cols, Y.cols);
  const out = DenseMatrix.create(Y.rows, Y.cols, { fill: false, arena: Y.arena });
  matrixProduct(Y, M, out);
  Y.data.set(out.data);
  M.free();
  out.free();
}

/** @throws INVALID_PARAMETER. */
export function checkCodeOptions(options: CodeOptions, n: number): void {
  checkGiven(codeRecords, options);
  if (options.sparsity !== undefined) wholeNumber('sparsity', options.sparsity, 0, n);
}

/** Sparsifies codes (samples by rows, stored column-major) in place. */
export function sparsify(codes: Float64Array, rows: number, cols: number, options: CodeOptions): void {
  const { threshold = 0, sparsity = cols } = options;
  if (threshold > 0) for (let k = 0; k < codes.length; k++) if (Math.abs(codes[k]) <= threshold) codes[k] = 0;
  if (sparsity >= cols) return;
  const row = new Float64Array(cols);
  for (let i = 0; i < rows; i++) {
    for (let j = 0; j < cols; j++) row[j] = Math.abs(codes[j * rows + i]);
    row.sort();
    const least = sparsity === 0 ? Number.POSITIVE_INFINITY : row[cols - sparsity];
    let kept = 0;
    // Of equal codes the first are kept.
    const above = sparsity - countAt(row, least);
    for (let j = 0; j < cols; j++) {
      const size = Math.abs(codes[j * rows + i]);
      if (size > least || (size === least && kept < above)) {
        if (size === least) kept++;
      } else codes[j * rows + i] = 0;
    }
  }
}

/** Number of values of an ascending row that are greater than `least`. */
function countAt(row: Float64Array, least: number): number {
  let count = 0;
  for (let j = row.length - 1; j >= 0 && row[j] > least; j--) count++;
  return count;
}

/** z ← sign(z)|z|^(p−1), the gradient of |z|^p / p; returns Σ|z|^p. */
export function powerGradient(z: Float64Array, p: number): number {
  let sum = 0;
  if (p === 3) {
    for (let k = 0; k < z.length; k++) {
      const v = z[k];
      const w = v < 0 ? -v * v : v * v;
      sum += w * v;
      z[k] = w;
    }
  } else if (p === 4) {
    for (let k = 0; k < z.length; k++) {
      const v = z[k];
      const w = v * v * v;
      sum += w * v;
      z[k] = w;
    }
  } else {
    for (let k = 0; k < z.length; k++) {
      const size = Math.abs(z[k]);
      const w = elementary.power(size, p - 1);
      sum += w * size;
      z[k] = z[k] < 0 ? -w : w;
    }
  }
  return sum;
}

/**
 * 1 − ‖DᵀT‖₄⁴/N for two orthogonal N × N matrices, column-major: 0 exactly if D equals T up to the order and signs of
 * atoms, about 1 − 3/N for unrelated matrices. O(N³).
 * @throws INVALID_SHAPE.
 */
export function recoveryError(D: DenseMatrix, truth: DenseMatrix): number {
  const n = truth.cols;
  if (D.rows !== n || D.cols !== n || truth.rows !== n) {
    fail(
      'INVALID_SHAPE',
      `The matrices must be square and of the same order, but are ${D.rows} × ${D.cols} and ${truth.rows} × ${n}.`,
    );
  }
  let sum = 0;
  for (let i = 0; i < n; i++) {
    const a = D.column(i);
    for (let j = 0; j < n; j++) {
      const b = truth.column(j);
      let dot = 0;
      for (let k = 0; k < n; k++) dot += a[k] * b[k];
      sum += dot * dot * (dot * dot);
    }
  }
  return 1 - sum / n;
}
