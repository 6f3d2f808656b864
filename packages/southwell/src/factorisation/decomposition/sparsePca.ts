import { denseKernels } from '@southwell/kernels';
import { modelKernels } from '@southwell/kernels/models';
import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  only,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import { randomizedSvd } from '@southwell/numerics/krylov';
import { choleskyInPlace, choleskySolveInPlace, gramMatrix, matrixProduct, type Svd } from '@southwell/numerics/linalg';
import { type Operator, operator } from '@southwell/numerics/operators';
import { projectBall } from '@southwell/numerics/projections';
import { penalties } from '../../penalties/index.ts';
import { maxIterRecord, tolRecord } from '../records.ts';

/** The loadings of the components before normalisation: rank × cols. */
export interface SparsePcaPoint {
  readonly loadings: DenseMatrix;
}

export const sparsePcaRecords = {
  rank: integerOption({ min: 1 }),
  /** Weight of the L1 norm of the loadings, as in scikit-learn. Default 1. */
  alpha: numberOption(
    { min: 0, finite: true },
    { title: 'Sparsity', about: 'weight of the L1 norm of the loadings', otherwise: '1', form: { hint: '1' } },
  ),
  /** Ridge penalty of the regression that computes scores. Default 0.01. */
  ridge: numberOption(
    { min: 0, finite: true },
    {
      title: 'Ridge',
      about: 'ridge penalty of the regression that computes scores',
      argument: 'weight',
      otherwise: '0.01',
      form: { hint: '0.01', advanced: true },
    },
  ),
  /** Relative decrease of the objective per round at or below which the run stops. Default 1e-8. */
  tol: tolRecord('stop when the relative decrease of the objective in a round is at most this', '1e-8'),
  /** Maximum number of rounds. Default 1000. */
  maxIter: maxIterRecord('maximum number of rounds', '1000'),
  /** Default 0. */
  seed: seedOption('seed of the initialisation'),
};

export interface SparsePcaOptions
  extends OptionsNeeding<typeof sparsePcaRecords, 'rank'>,
    Omit<RunOptions<SparsePcaPoint>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a run with the same data and options. */
  readonly resume?: SparsePcaState;
}

const optionKeys: OptionKeys<SparsePcaOptions> = { ...runKeys, ...keysOf(sparsePcaRecords), resume: true };

/** Sparse principal components. */
export class SparsePca {
  constructor(
    readonly mean: Float64Array,
    /** rank × cols, each row of unit norm or zero. */
    readonly components: DenseMatrix,
    /** rows × rank: ridge regression of the data on the components. */
    readonly scores: DenseMatrix,
    /**
     * Variance that each component explains beyond the earlier ones (Zou, Hastie and Tibshirani 2006), and total
     * variance of the data.
     */
    readonly explainedVariance: Float64Array,
    readonly totalVariance: number,
    readonly solution: Solution<SparsePcaPoint>,
    private readonly ridge: number,
  ) {}

  /**
   * Scores of new rows. O(rank · values of X).
   * @throws INVALID_SHAPE, NON_FINITE.
   */
  transform(X: MatrixLike): DenseMatrix {
    return sparsePcaScores(X, this.mean, this.components, this.ridge);
  }
}

/**
 * Scores of rows, n × rank: the ridge regression of the centred rows on the components, rank × cols. O(rank · values of
 * X).
 * @throws INVALID_SHAPE, NON_FINITE, SINGULAR.
 */
export function sparsePcaScores(
  X: MatrixLike,
  mean: Float64Array,
  components: DenseMatrix,
  ridge: number,
): DenseMatrix {
  const A = operator(X, { rank: 1, mean });
  try {
    return scoresOf(A, components, ridge);
  } finally {
    A.end();
  }
}

/**
 * Sparse PCA: min ½‖X − 1μᵀ − UᵀV‖² + α‖V‖₁ with rows of U of norm at most 1, as in scikit-learn (after Zou, Hastie and
 * Tibshirani 2006, and Jenatton, Obozinski and Bach 2010), by block coordinate descent from the SVD: a lasso for the
 * loadings of each column, a projected step for each row of U. Neither block increases the objective. Dense and sparse
 * X; the mean is subtracted implicitly. O(rank · values of X + rank² (rows + cols)) per round.
 * @throws EMPTY, NON_FINITE, INVALID_PARAMETER.
 */
export function sparsePca(X: MatrixLike, options: SparsePcaOptions): SparsePca {
  knownKeys('sparsePca', options, optionKeys);
  const work = new Work(X, options);
  try {
    return work.model(run(work.iterates(), settings(options)));
  } finally {
    work.free();
  }
}

/** As {@link sparsePca}, but yields to the event loop between rounds. */
export async function sparsePcaAsync(X: MatrixLike, options: SparsePcaOptions): Promise<SparsePca> {
  knownKeys('sparsePca', options, optionKeys);
  const work = new Work(X, options);
  try {
    return work.model(await runAsync(work.iterates(), settings(options)));
  } finally {
    work.free();
  }
}

/** Without tol, which is handled by the method itself. */
const settings = ({ maxIter = 1000, ...options }: SparsePcaOptions): RunOptions<SparsePcaPoint> =>
  only<RunOptions<SparsePcaPoint>>({ ...options, maxIter, tol: undefined }, runKeys);

/** State of sparse PCA after a round, as plain data. */
export interface SparsePcaState {
  readonly iteration: number;
  readonly objective: number;
  /** Objective before the round. */
  readonly previous: number;
  /** V, rank × cols, and Uᵀ, rows × rank, both by columns. */
  readonly loadings: Float64Array;
  readonly scores: Float64Array;
}

const LASSO_EPOCHS = 100;

class Work {
  private readonly A: Operator;
  /** rank × cols, rank × rows, and rows × rank. */
  private readonly V: DenseMatrix;
  private readonly U: DenseMatrix;
  private readonly tall: DenseMatrix;
  private readonly scratch: Readonly<Record<'gram' | 'own' | 'q' | 'image' | 'target' | 'penalty', DenseMatrix>>;
  private readonly owned: DenseMatrix[];
  private readonly squares: number;

  constructor(
    X: MatrixLike,
    private readonly options: SparsePcaOptions,
  ) {
    checkGiven(sparsePcaRecords, options);
    const { rank: k, alpha = 1, seed = 0 } = options;
    this.A = operator(X, { rank: k, centre: true });
    const { A } = this;
    this.U = A.wide(k, A.rows);
    this.V = A.wide(k, A.cols);
    this.tall = A.wide(A.rows, k);
    const [gram, own, q, image] = [A.wide(k, k), A.wide(k, k), A.wide(k, A.cols), A.wide(k, A.rows)];
    // Five arrays for the kernel: a1, a2, gamma, lower, upper.
    const penalty = A.wide(k, 5);
    [alpha, 0, 0, Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY].forEach((v, at) => {
      penalty.column(at).fill(v);
    });
    this.scratch = { gram, own, q, image, target: A.wide(A.rows, k), penalty };
    this.owned = [this.U, this.V, this.tall, ...Object.values(this.scratch)];
    this.squares = A.squaredNorm();
    const { resume } = options;
    if (resume) {
      this.tall.data.set(resume.scores);
      this.V.data.set(resume.loadings);
    } else this.start(randomizedSvd(A.matrix, { rank: k, seed, centre: true }));
  }

  private start(svd: Svd): void {
    const { A, tall, V } = this;
    const k = V.rows;
    tall.data.set(svd.U.data);
    for (let j = 0; j < A.cols; j++) {
      for (let a = 0; a < k; a++) V.data[j * k + a] = svd.singularValues[a] * svd.V.data[a * A.cols + j];
    }
    for (const M of [svd.U, svd.V]) M.free();
  }

  *iterates(): Generator<Iterate<SparsePcaPoint>, void, undefined> {
    const { A, V, tall, options } = this;
    const { tol = 1e-8, resume } = options;
    let objective = resume?.previous ?? Number.POSITIVE_INFINITY;
    for (let iteration = resume?.iteration ?? 1; ; iteration++) {
      const previous = objective;
      objective = resume && iteration === resume.iteration ? resume.objective : this.round();
      const settled = iteration > 1 && previous - objective <= tol * objective;
      const now = { iteration, objective, previous };
      const done = Number.isFinite(objective) ? (settled ? 'converged' : undefined) : 'diverged';
      yield {
        iteration,
        objective,
        active: V.data.reduce((count, v) => count + (v !== 0 ? 1 : 0), 0),
        work: { epochs: iteration },
        done,
        snapshot: () => {
          const loadings = DenseMatrix.create(V.rows, A.cols, { fill: false });
          loadings.data.set(V.data);
          return { loadings };
        },
        checkpoint: (): SparsePcaState => ({ ...now, loadings: V.data.slice(), scores: tall.data.slice() }),
      };
      if (done) return;
    }
  }

  /** Updates the loadings, then the scores; returns the objective. */
  private round(): number {
    this.updateLoadings();
    this.updateScores();
    const { A, U, V, tall, squares, scratch } = this;
    const { gram, own, target } = scratch;
    const k = V.rows;
    let fit = 0;
    for (let at = 0; at < target.data.length; at++) fit += target.data[at] * tall.data[at];
    A.kernels.transpose(A.rows, k, tall.pointer, A.rows, U.pointer, k);
    gramMatrix(U, own, { transpose: true });
    let both = 0;
    for (let at = 0; at < k * k; at++) both += own.data[at] * gram.data[at];
    let size = 0;
    for (const v of V.data) size += Math.abs(v);
    return Math.max(0, 0.5 * squares - fit + 0.5 * both) + (this.options.alpha ?? 1) * size;
  }

  /** Solves a lasso for the loadings of each column. */
  private updateLoadings(): void {
    const { A, U, V, tall, squares } = this;
    const { gram, q, penalty } = this.scratch;
    const { rows, cols } = A;
    const kernels = A.matrix.arena.use(denseKernels, modelKernels);
    const k = V.rows;
    kernels.transpose(rows, k, tall.pointer, rows, U.pointer, k);
    gramMatrix(U, gram, { transpose: true });
    A.times(U, q, false);
    matrixProduct(gram, V, q, { alpha: -1, beta: 1 });
    for (let j = 0; j < cols; j++) {
      const at = 8 * j * k;
      kernels.gramDescent(
        k,
        gram.pointer,
        k,
        q.pointer + at,
        V.pointer + at,
        penalties['elastic-net'].code,
        penalty.pointer,
        k,
        LASSO_EPOCHS,
        1e-14 * squares,
      );
    }
  }

  /** Updates the rows of U one at a time in ½⟨VVᵀ, UUᵀ⟩ − ⟨XVᵀ, U⟩, projected onto the unit ball. */
  private updateScores(): void {
    const { A, V, tall } = this;
    const { gram, image, target } = this.scratch;
    const { rows, kernels } = A;
    const k = V.rows;
    gramMatrix(V, gram, { transpose: true });
    A.times(V, image, true);
    kernels.transpose(k, rows, image.pointer, k, target.pointer, rows);
    for (let pass = 0; pass < 3; pass++) {
      for (let a = 0; a < k; a++) {
        const curvature = gram.data[a * k + a];
        if (!(curvature > 0)) continue;
        const step = image.data.subarray(0, rows);
        step.set(target.column(a));
        kernels.gemv(rows, k, -1, tall.pointer, rows, gram.pointer + 8 * a * k, 1, image.pointer);
        const u = tall.column(a);
        for (let i = 0; i < rows; i++) u[i] += step[i] / curvature;
        projectBall(u, 1, u);
      }
    }
  }

  model(solution: Solution<SparsePcaPoint>): SparsePca {
    const { A } = this;
    const { rank: k, ridge = 0.01 } = this.options;
    const components = DenseMatrix.create(k, A.cols, { fill: false });
    const [from, to] = [solution.point.loadings.data, components.data];
    for (let a = 0; a < k; a++) {
      let square = 0;
      let largest = 0;
      for (let j = 0; j < A.cols; j++) {
        const v = from[j * k + a];
        square += v * v;
        if (Math.abs(v) > Math.abs(largest)) largest = v;
      }
      const by = square > 0 ? Math.sign(largest) / Math.sqrt(square) : 0;
      for (let j = 0; j < A.cols; j++) to[j * k + a] = by * from[j * k + a];
    }
    const degrees = Math.max(1, A.rows - 1);
    const scores = scoresOf(A, components, ridge);
    const variance = adjustedVariance(A, components, degrees);
    return new SparsePca(A.mean!, components, scores, variance, A.squaredNorm() / degrees, solution, ridge);
  }

  free(): void {
    for (const M of this.owned) M.free();
    this.A.end();
  }
}

/** XCᵀ(CCᵀ + ridge·I)⁻¹, rows × rank. */
function scoresOf(A: Operator, components: DenseMatrix, ridge: number): DenseMatrix {
  const k = components.rows;
  const T = projections(A, components);
  const C = components.data;
  const gram = new Float64Array(k * k);
  for (let j = 0; j < components.cols; j++) {
    for (let a = 0; a < k; a++) for (let b = 0; b < k; b++) gram[a * k + b] += C[j * k + a] * C[j * k + b];
  }
  const out = DenseMatrix.create(A.rows, k);
  // Zero components have zero scores and drop out of the equations; without a ridge the others may be linearly
  // dependent.
  for (let a = 0; a < k; a++) gram[a * k + a] = gram[a * k + a] > 0 ? gram[a * k + a] + Math.max(ridge, 1e-12) : 1;
  if (!choleskyInPlace(gram, k)) fail('SINGULAR', 'The components are linearly dependent; use a larger ridge.');
  for (let i = 0; i < A.rows; i++) {
    const row = T.slice(i * k, i * k + k);
    choleskySolveInPlace(gram, k, row);
    for (let a = 0; a < k; a++) out.set(i, a, row[a]);
  }
  return out;
}

/** XCᵀ by rows. */
function projections(A: Operator, components: DenseMatrix): Float64Array {
  const C = A.wide(components.rows, components.cols);
  C.data.set(components.data);
  const T = A.wide(components.rows, A.rows);
  A.times(C, T, true);
  const out = T.data.slice();
  for (const M of [C, T]) M.free();
  return out;
}

/** Squared norm that each score adds to the earlier ones: the squared diagonal of R in a QR factorisation. */
function adjustedVariance(A: Operator, components: DenseMatrix, degrees: number): Float64Array {
  const k = components.rows;
  const T = projections(A, components);
  const columns = Array.from({ length: k }, (_, a) => Float64Array.from({ length: A.rows }, (__, i) => T[i * k + a]));
  const out = new Float64Array(k);
  const dot = (x: Float64Array, y: Float64Array) => x.reduce((s, v, i) => s + v * y[i], 0);
  for (let a = 0; a < k; a++) {
    const v = columns[a];
    for (let pass = 0; pass < 2; pass++) {
      for (let b = 0; b < a; b++) {
        const share = dot(columns[b], v);
        for (let i = 0; i < v.length; i++) v[i] -= share * columns[b][i];
      }
    }
    const square = dot(v, v);
    out[a] = square / degrees;
    const length = Math.sqrt(square);
    for (let i = 0; i < v.length; i++) v[i] = length > 0 ? v[i] / length : 0;
  }
  return out;
}
