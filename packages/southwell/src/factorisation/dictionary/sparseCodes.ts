import { denseKernels } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { checkOption, checkOptions, flagOption, numberOption, type OptionsNeeding } from '@southwell/numerics/core';
import { gramMatrix, matrixProduct } from '@southwell/numerics/linalg';
import { solveQuadraticSubproblem, WorkingSetQuadratic } from '../../blocks/index.ts';
import { l1, nonNegative, penalties } from '../../penalties/index.ts';
import { besides, denseSamples } from './samples.ts';

export const codingRecords = {
  /** The weight α of ‖x‖₁. */
  alpha: numberOption({ min: 0, finite: true }, { title: 'Sparsity', about: 'lasso penalty of the sparse coding' }),
  /** Constrains codes to be non-negative. Default false. */
  nonNegative: flagOption(),
};

export interface SparseCodeOptions extends OptionsNeeding<typeof codingRecords, 'alpha'> {}

/**
 * Codes x of samples y by rows, n × K, for a dictionary D with K atoms as columns: each minimises ½‖y − Dx‖² + α‖x‖₁,
 * to the accuracy of the block solver (coordinate descent, then Newton steps on the support), subject to x ≥ 0 with
 * `nonNegative`. O(nNK), plus K² per sweep and sample.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function sparseCodes(dictionary: DenseMatrix, samples: MatrixLike, options: SparseCodeOptions): DenseMatrix {
  checkOptions('sparseCodes', codingRecords, options);
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

/** Epochs of coordinate descent per sample before Newton steps are worth their cost. */
const EPOCHS = 10;
/** Tolerance on the KKT conditions, relative to the largest |d·y| of the sample. */
const ACCURACY = 1e-10;

/** Solves the lasso on Gram matrices for many samples. */
export class Coder {
  private readonly penalty;
  private readonly alpha: number;
  private readonly lower: number;

  /** @throws INVALID_PARAMETER. */
  constructor({ alpha, nonNegative: positive = false }: SparseCodeOptions) {
    checkOption('alpha', codingRecords.alpha, alpha);
    this.penalty = positive ? nonNegative(alpha) : l1(alpha);
    this.alpha = alpha;
    this.lower = positive ? 0 : Number.NEGATIVE_INFINITY;
  }

  /** Replaces X, the initial codes, by the solutions. All three in one arena. */
  solve(D: DenseMatrix, Y: DenseMatrix, X: DenseMatrix): void {
    const { arena } = Y;
    const kernels = arena.use(denseKernels, modelKernels);
    const [n, k] = [Y.rows, D.cols];
    const create = (rows: number, cols: number) => DenseMatrix.create(rows, cols, { fill: false, arena });
    // By samples, so that the values of each are contiguous.
    let newton: WorkingSetQuadratic | undefined;
    let block: Int32Array | undefined;
    const [gram, C, Q, B, limits] = [create(k, k), create(k, n), create(k, n), create(k, n), create(k, 5)];
    try {
      gramMatrix(D, gram);
      matrixProduct(D, Y, C, { transA: true, transB: true });
      kernels.transpose(n, k, X.pointer, n, B.pointer, k);
      Q.data.set(C.data);
      matrixProduct(gram, B, Q, { alpha: -1, beta: 1 });
      // Five arrays for the kernel: a1, a2, gamma, lower, upper.
      [this.alpha, 0, 0, this.lower, Number.POSITIVE_INFINITY].forEach((v, a) => {
        limits.column(a).fill(v);
      });
      let curvature = 0;
      for (let j = 0; j < k; j++) curvature = Math.max(curvature, gram.data[j * k + j]);
      const distance = (x: Float64Array, q: Float64Array) => {
        let worst = 0;
        for (let j = 0; j < k; j++) worst = Math.max(worst, this.penalty.subdifferentialDistance(j, x[j], -q[j]));
        return worst;
      };
      for (let i = 0; i < n; i++) {
        const at = i * k;
        const c = C.data.subarray(at, at + k);
        let scale = 0;
        for (let j = 0; j < k; j++) scale = Math.max(scale, Math.abs(c[j]));
        const small = ACCURACY * scale;
        const tol = (0.5 * small * small) / curvature;
        const [q, b] = [Q.pointer + 8 * at, B.pointer + 8 * at];
        kernels.gramDescent(k, gram.pointer, k, q, b, penalties['elastic-net'].code, limits.pointer, k, EPOCHS, tol);
        const own = (M: DenseMatrix) => M.data.subarray(at, at + k);
        if (distance(own(B), own(Q)) <= small) continue;
        // For nearly dependent atoms small steps do not imply accuracy; Newton steps on the support do.
        newton ??= this.newton(gram, limits);
        // Each sample has its own support: the factorisation of the previous one cannot be reused.
        newton.invalidate();
        newton.b.view.set(own(B));
        newton.q.view.set(own(Q));
        newton.solve(penalties['elastic-net'], tol, true, true);
        const end = newton.b.view.subarray(0, k);
        B.data.set(end, at);
        if (distance(end, newton.q.view) <= small) continue;
        block ??= Int32Array.from({ length: k }, (_, j) => j);
        const from = end.slice();
        const g = newton.q.view.slice(0, k).map((v) => -v);
        solveQuadraticSubproblem(gram.data, g, block, from, this.penalty, own(B), {
          tol: ACCURACY,
        });
      }
      kernels.transpose(k, n, B.pointer, k, X.pointer, n);
    } finally {
      newton?.release();
      for (const M of [gram, C, Q, B, limits]) M.free();
    }
  }

  private newton(gram: DenseMatrix, limits: DenseMatrix): WorkingSetQuadratic {
    const k = gram.rows;
    const quadratic = new WorkingSetQuadratic(gram.arena, k);
    quadratic.reserve(k);
    quadratic.m = k;
    const { capacity } = quadratic;
    for (let j = 0; j < k; j++) quadratic.G.view.set(gram.column(j), j * capacity);
    for (let a = 0; a < 5; a++) quadratic.penalty.view.set(limits.column(a), a * capacity);
    return quadratic;
  }
}
