import { DenseMatrix, type MatrixLike } from '../arrays/index.ts';
import { solveQuadraticSubproblem } from '../blocks/index.ts';
import { fail } from '../core/index.ts';
import { matrixProduct } from '../linalg/index.ts';
import { l1, nonNegative } from '../penalties/index.ts';
import { besides, denseSamples } from './samples.ts';

export interface SparseCodeOptions {
  /** Strength of the lasso. */
  readonly alpha: number;
  /** Codes at least 0. Default false. */
  readonly nonNegative?: boolean;
}

/**
 * Codes x of samples y by rows, n × K, of a dictionary D with K atoms as columns: each minimises ½‖y − Dx‖² + α‖x‖₁, to the
 * accuracy of the block solver (coordinate descent, then Newton on the support), over x ≥ 0 where asked. Throws EMPTY,
 * INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER. O(nNK) and K² a sweep and sample.
 */
export function sparseCodes(dictionary: DenseMatrix, samples: MatrixLike, options: SparseCodeOptions): DenseMatrix {
  const Y = denseSamples(samples, dictionary.rows);
  const D = besides(Y, dictionary.data, dictionary.rows, dictionary.cols);
  const X = DenseMatrix.create(Y.rows, D.cols, { arena: Y.arena });
  try {
    new Coder(options).solve(D, Y, X);
    return X;
  } finally {
    Y.free();
    D.free();
  }
}

/** The lasso on Gram matrices, for many samples at once. */
export class Coder {
  private readonly penalty;

  constructor({ alpha, nonNegative: positive = false }: SparseCodeOptions) {
    if (!(alpha >= 0 && alpha < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `alpha must be finite and at least 0, but is ${alpha}.`);
    }
    this.penalty = positive ? nonNegative(alpha) : l1(alpha);
  }

  /** X, the codes to begin with, becomes the codes. All three in one arena. */
  solve(D: DenseMatrix, Y: DenseMatrix, X: DenseMatrix): void {
    const [n, k] = [Y.rows, D.cols];
    const gram = DenseMatrix.create(k, k, { fill: false, arena: Y.arena });
    const C = DenseMatrix.create(n, k, { fill: false, arena: Y.arena });
    matrixProduct(D, D, gram, { transA: true });
    matrixProduct(Y, D, C);
    const H = gram.data.slice();
    const block = Int32Array.from({ length: k }, (_, j) => j);
    const x = new Float64Array(k);
    const g = new Float64Array(k);
    const next = new Float64Array(k);
    const [codes, products] = [X.data, C.data];
    for (let i = 0; i < n; i++) {
      for (let j = 0; j < k; j++) {
        x[j] = codes[j * n + i];
        g[j] = -products[j * n + i];
      }
      for (let j = 0; j < k; j++) if (x[j] !== 0) for (let a = 0; a < k; a++) g[a] += x[j] * H[j * k + a];
      solveQuadraticSubproblem(H, g, block, x, this.penalty, next, { tol: 1e-10 });
      for (let j = 0; j < k; j++) codes[j * n + i] = next[j];
    }
    gram.free();
    C.free();
  }
}
