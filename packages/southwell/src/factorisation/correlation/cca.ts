import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkOptions,
  fail,
  type Iterate,
  integerOption,
  type OptionsOf,
  otherOption,
  run,
  wholeNumber,
} from '@southwell/numerics/core';
import {
  type GeneralisedEigen,
  generalisedEigenSteps,
  leadingEigenspaceSteps,
  SETTLED,
  settle,
} from '@southwell/numerics/krylov';
import { matrixProduct } from '@southwell/numerics/linalg';
import { shortestWeights, type ViewStructure, viewStructure } from './viewStructure.ts';
import { ridges, takeViews, type Views } from './views.ts';

const plsRecords = {
  /** Number of canonical variates. Default 1. */
  components: integerOption({ min: 1 }),
};

export const ccaRecords = {
  ...plsRecords,
  /**
   * Weight α of the identity in the variance αI + (1 − α)Var(X) of each view: 0 (default) is CCA, 1 is PLS, and values
   * between them are ridge CCA; one for all views or one each.
   */
  ridge: otherOption<number | readonly number[]>('a number from 0 to 1, or one for each view'),
};

export interface CcaOptions extends OptionsOf<typeof ccaRecords> {}

/** Canonical directions of two or more views. */
export class CanonicalVariates {
  constructor(
    /** cols × components of each view; wᵀ(αI + (1 − α)Var)w = 1. */
    readonly weights: readonly DenseMatrix[],
    readonly means: readonly Float64Array[],
    /**
     * Eigenvalues of the generalised problem A u = λ B u: for two views the canonical correlations (α = 0) or
     * covariances (α = 1), for M views at most M − 1.
     */
    readonly eigenvalues: Float64Array,
    /** Linear dependences among the columns of views without a ridge, for exact solutions. */
    readonly structures?: ReadonlyArray<ViewStructure | undefined>,
  ) {}

  /**
   * rows × components for each view. O(components · values).
   * @throws INVALID_SHAPE, NON_FINITE.
   */
  transform(input: readonly MatrixLike[]): DenseMatrix[] {
    if (input.length !== this.weights.length) {
      fail('INVALID_SHAPE', `The model has ${this.weights.length} views, not ${input.length}.`);
    }
    const views = takeViews(input, { means: this.means });
    const out = views.wide.map((X, v) => scores(X, this.weights[v]));
    views.free();
    return out;
  }

  /** Correlations of the scores of these rows for each component, averaged over pairs of views. */
  correlations(input: readonly MatrixLike[]): Float64Array {
    const Z = this.transform(input);
    const { cols: k } = Z[0];
    const out = new Float64Array(k);
    const pairs = (Z.length * (Z.length - 1)) / 2;
    for (let c = 0; c < k; c++) {
      for (let a = 0; a < Z.length; a++) {
        for (let b = a + 1; b < Z.length; b++) out[c] += correlation(Z[a].column(c), Z[b].column(c)) / pairs;
      }
    }
    for (const M of Z) M.free();
    return out;
  }
}

function correlation(x: Float64Array, y: Float64Array): number {
  const n = x.length;
  const [mx, my] = [x, y].map((v) => v.reduce((s, t) => s + t / n, 0));
  let [xy, xx, yy] = [0, 0, 0];
  for (let i = 0; i < n; i++) {
    xy += (x[i] - mx) * (y[i] - my);
    xx += (x[i] - mx) ** 2;
    yy += (y[i] - my) ** 2;
  }
  return xx > 0 && yy > 0 ? xy / Math.sqrt(xx * yy) : 0;
}

/** XᵀW of a wide X: rows × components. */
function scores(X: DenseMatrix, W: DenseMatrix): DenseMatrix {
  const own = W.arena === X.arena ? W : DenseMatrix.create(W.rows, W.cols, { arena: X.arena });
  if (own !== W) own.data.set(W.data);
  const out = DenseMatrix.create(X.cols, W.cols, { arena: X.arena, fill: false });
  matrixProduct(X, own, out, { transA: true });
  if (own !== W) own.free();
  return out;
}

/** Before the last iterate there are no variates, and there is no objective. */
export type CcaExactIterate = Iterate<CanonicalVariates | undefined, undefined>;

/**
 * Exact canonical correlation analysis of two or more views (MCCA: the sum of covariances over all pairs relative to
 * the sum of variances), from CCA to PLS by `ridge`, as a generalised eigenproblem (Hotelling 1936; Kettenring 1971).
 * If all α are 1, no covariance matrix is formed. For views without a ridge whose columns are linearly dependent, the
 * minimum-norm weights with the same scores are returned, 0 for constant columns ({@link ViewStructure}). Components
 * beyond the positive eigenvalues are an error. The computation is divided into steps of a few milliseconds, an iterate
 * each; the last has the variates and, as certificate, the residual of their eigenvectors: 0 up to 120 columns,
 * `iteration-limit` if it stays above 1e-11. O(rows · D² + D³) for D columns in all; PLS O(rows · D · components) per
 * cycle.
 * @throws EMPTY, INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER, SINGULAR.
 */
export function* ccaExactIterates(
  input: readonly MatrixLike[],
  options: CcaOptions = {},
): Generator<CcaExactIterate, void, undefined> {
  checkOptions('ccaExact', ccaRecords, options);
  const { components: k = 1, ridge = 0 } = options;
  const views = takeViews(input);
  try {
    const alpha = ridges(ridge, views.wide.length);
    checkComponents(views, k);
    if (views.rows < 2) fail('EMPTY', 'Covariances need at least two rows.');
    const solving = solveViews(views, alpha, k);
    for (let iteration = 0; ; iteration++) {
      const step = solving.next();
      if (!step.done) {
        yield { iteration, objective: undefined, work: {}, snapshot: () => undefined };
        continue;
      }
      const { values, vectors, residual, structures } = step.value;
      const found = variates(views, alpha, values, vectors, structures);
      yield {
        iteration,
        objective: undefined,
        certificate: { kind: 'kktResidual', value: residual * Math.abs(values[0]), relative: residual },
        work: {},
        done: residual <= SETTLED ? 'converged' : Number.isNaN(residual) ? 'diverged' : 'iteration-limit',
        snapshot: () => found,
      };
      return;
    }
  } finally {
    views.free();
  }
}

interface Solved extends GeneralisedEigen {
  readonly structures?: ReadonlyArray<ViewStructure | undefined>;
}

function* solveViews(views: Views, alpha: Float64Array, k: number): Generator<void, Solved, undefined> {
  if (alpha.every((a) => a === 1)) return yield* plsEigen(views, k);
  const { A, B, n, structures } = yield* moments(views, alpha);
  const kept = independentColumns(views, structures);
  if (kept.length === n) return { ...(yield* generalisedEigenSteps(A, B, n, k)), structures };
  if (kept.length < k) {
    fail(
      'INVALID_PARAMETER',
      `Only ${kept.length} columns of all views are linearly independent: components must be at most that.`,
    );
  }
  const among = (M: Float64Array) =>
    Float64Array.from({ length: kept.length ** 2 }, (_, at) => {
      const [row, col] = [kept[Math.floor(at / kept.length)], kept[at % kept.length]];
      return M[row * n + col];
    });
  const found = yield* generalisedEigenSteps(among(A), among(B), kept.length, k);
  return { ...found, vectors: found.vectors.map((vector) => onAllColumns(views, structures, vector)), structures };
}

/** Indices of the columns of all views that are neither constant nor linear combinations of others. */
const independentColumns = ({ wide }: Views, structures: Solved['structures'] = []): number[] => {
  const starts = offsets(wide);
  return wide.flatMap((X, v) =>
    (structures[v]?.independent ?? Array.from({ length: X.rows }, (_, j) => j)).map((j) => starts[v] + j),
  );
};

/** Extends a joint vector of the independent columns to all columns. */
function onAllColumns({ wide }: Views, structures: Solved['structures'] = [], vector: Float64Array): Float64Array {
  const parts: Float64Array[] = [];
  let from = 0;
  wide.forEach((X, v) => {
    const structure = structures[v];
    const part = vector.slice(from, from + (structure?.independent.length ?? X.rows));
    from += part.length;
    parts.push(structure ? shortestWeights(structure, X.rows, [part])[0] : part);
  });
  return Float64Array.from(parts.flatMap((part) => [...part]));
}

/** The variates of {@link ccaExactIterates}, blocking, whether or not they reached full accuracy. */
export const ccaExact = (input: readonly MatrixLike[], options: CcaOptions = {}): CanonicalVariates =>
  run(ccaExactIterates(input, options)).point!;

/** Partial least squares (PLS-SVD for two views): unit-norm directions whose scores have maximum covariance. */
export function pls(views: readonly MatrixLike[], options: Omit<CcaOptions, 'ridge'> = {}): CanonicalVariates {
  checkOptions('pls', plsRecords, options);
  return ccaExact(views, { ...options, ridge: 1 });
}

/** @throws INVALID_PARAMETER. */
export function checkComponents(views: Views, k: number): void {
  if (views.wide.length < 2) fail('INVALID_PARAMETER', 'Canonical correlations need at least two views.');
  const most = Math.min(...views.wide.map((X) => X.rows));
  wholeNumber('components', k, 1, most);
}

/** The joint matrices A and B, by rows, and their order; the structures of the views without a ridge. */
function* moments(views: Views, alpha: Float64Array) {
  const { wide, rows, means } = views;
  const starts = offsets(wide);
  const n = starts[wide.length];
  const A = new Float64Array(n * n);
  const B = new Float64Array(n * n);
  const structures: Array<ViewStructure | undefined> = [];
  for (let a = 0; a < wide.length; a++) {
    for (let b = 0; b <= a; b++) {
      const C = yield* covariance(wide[a], wide[b], rows);
      const [p, q] = [wide[a].rows, wide[b].rows];
      if (a === b) {
        structures[a] = alpha[a] === 0 ? yield* viewStructure(C, means[a], rows - 1) : undefined;
        if (structures[a]?.independent.length === 0) {
          fail('SINGULAR', `All columns of view ${a} are constant: it has no correlations.`);
        }
      }
      for (let j = 0; j < q; j++) {
        for (let i = 0; i < p; i++) {
          const v = C[j * p + i];
          const at = (starts[a] + i) * n + starts[b] + j;
          if (a === b) B[at] = (1 - alpha[a]) * v + (i === j ? alpha[a] : 0);
          else A[at] = A[(starts[b] + j) * n + starts[a] + i] = v;
        }
      }
    }
  }
  return { A, B, n, structures };
}

function offsets(wide: readonly DenseMatrix[]): number[] {
  const out = [0];
  for (const X of wide) out.push(out[out.length - 1] + X.rows);
  return out;
}

/** Multiplications per step of {@link covariance}. */
const PIECE = 1e8;

/** XYᵀ/(rows − 1) of wide matrices, column-major, in blocks of rows. */
function* covariance(X: DenseMatrix, Y: DenseMatrix, rows: number): Generator<void, Float64Array, undefined> {
  const { arena } = X;
  const out = DenseMatrix.create(X.rows, Y.rows, { arena });
  const length = Math.max(1, Math.ceil(PIECE / (X.rows * Y.rows)));
  for (let from = 0; from < rows; from += length) {
    const [P, Q] = [X, Y].map((M) => {
      const part = DenseMatrix.create(M.rows, Math.min(length, rows - from), { arena, fill: false });
      part.data.set(M.data.subarray(from * M.rows, from * M.rows + part.data.length));
      return part;
    });
    matrixProduct(P, Q, out, { transB: true, alpha: 1 / (rows - 1), beta: 1 });
    for (const M of [P, Q]) M.free();
    yield;
  }
  const C = out.data.slice();
  out.free();
  return C;
}

/** The leading eigenvectors of the cross-covariances, by products with the views, without forming them. */
function* plsEigen({ wide, rows }: Views, k: number) {
  const starts = offsets(wide);
  const n = starts[wide.length];
  const Z = wide.map(() => new Float64Array(rows));
  const sum = new Float64Array(rows);
  const product = (v: Float64Array, out: Float64Array) => {
    sum.fill(0);
    wide.forEach((X, a) => {
      const { arena } = X;
      const part = v.subarray(starts[a], starts[a + 1]);
      const scratch = arena.scratch();
      const [from, to] = [scratch.f64(X.rows), scratch.f64(rows)];
      from.view.set(part);
      arena.kernels.gemvT(X.rows, rows, X.pointer, X.rows, from.pointer, to.pointer);
      Z[a].set(to.view);
      scratch.release();
      for (let i = 0; i < rows; i++) sum[i] += Z[a][i];
    });
    wide.forEach((X, a) => {
      const { arena } = X;
      const scratch = arena.scratch();
      const [from, to] = [scratch.f64(rows), scratch.f64(X.rows)];
      for (let i = 0; i < rows; i++) from.view[i] = sum[i] - Z[a][i];
      arena.kernels.gemv(X.rows, rows, 1 / (rows - 1), X.pointer, X.rows, from.pointer, 0, to.pointer);
      out.set(to.view, starts[a]);
      scratch.release();
    });
  };
  return yield* settle(leadingEigenspaceSteps(product, n, k));
}

/**
 * Weights with wᵀ(αI + (1 − α)Var)w = 1 from joint vectors, with signs such that the largest entry of the first view is
 * positive.
 * @throws INVALID_PARAMETER.
 */
export function variates(
  { wide, means, rows }: Views,
  alpha: ArrayLike<number>,
  values: Float64Array,
  vectors: readonly Float64Array[],
  structures?: ReadonlyArray<ViewStructure | undefined>,
): CanonicalVariates {
  const starts = offsets(wide);
  const least = 1e-12 * Math.max(...values, 0);
  const found = values.findIndex((v) => !(v > least));
  if (found >= 0) {
    fail('INVALID_PARAMETER', `Only ${found} components have a positive eigenvalue: components must be at most that.`);
  }
  const weights = wide.map((X, v) => {
    const W = DenseMatrix.create(X.rows, vectors.length, { fill: false });
    vectors.forEach((u, c) => {
      W.column(c).set(u.subarray(starts[v], starts[v + 1]));
    });
    const Z = scores(X, W);
    for (let c = 0; c < vectors.length; c++) {
      const w = W.column(c);
      const norm = w.reduce((s, x) => s + x * x, 0);
      const variance = Z.column(c).reduce((s, z) => s + (z * z) / (rows - 1), 0);
      const size = Math.sqrt(alpha[v] * norm + (1 - alpha[v]) * variance);
      if (size > 0) for (let j = 0; j < w.length; j++) w[j] /= size;
    }
    Z.free();
    return W;
  });
  for (let c = 0; c < vectors.length; c++) {
    const first = weights[0].column(c);
    const top = first.reduce((m, x) => (Math.abs(x) > Math.abs(m) ? x : m), 0);
    if (top < 0) {
      for (const W of weights) {
        const w = W.column(c);
        for (let j = 0; j < w.length; j++) w[j] = -w[j];
      }
    }
  }
  return new CanonicalVariates(weights, means, values.slice(), structures);
}
