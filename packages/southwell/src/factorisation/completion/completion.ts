import { CscMatrix, DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  fail,
  flagOption,
  type Iterate,
  inOnePlace,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  only,
  otherOption,
  type PreparedProblem,
  Random,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { splitRows } from '@southwell/numerics/krylov';
import { jacobiSvd } from '@southwell/numerics/linalg';
import { maxIterRecord, tolRecord } from '../records.ts';
import { alternating, type CompletionState, type Factors, libraryRegress, tiedTolerance } from './alternating.ts';
import { type Biases, fitBiases } from './biases.ts';
import { residualsOf, rowDot, startTitles } from './factors.ts';
import { inexactAlternating } from './inexact.ts';
import {
  bothWays,
  checkValues,
  type EntryShares,
  less,
  type Observed,
  type ObservedRows,
  ownBothWays,
} from './observed.ts';
import { solverTitles } from './regressions.ts';
import { allOf, firstOf, sumOfEntries } from './shares.ts';
import { type SoftImputeState, softImpute } from './softImpute.ts';
import { type ThresholdingState, thresholding } from './svt.ts';

const methodTitles = {
  robust: 'alternating, a few steps each',
  als: 'alternating least squares',
  'soft-impute': 'soft-impute',
  svt: 'singular value thresholding',
} as const;

export type CompletionMethod = keyof typeof methodTitles;
export const completionMethods = Object.keys(methodTitles) as CompletionMethod[];

const { exact: _, ...inexactTitles } = solverTitles;

/** Options of the preparation of the entries. */
const entryRecords = {
  /** Subtracts the mean and row and column biases first. Default false. */
  biases: flagOption({ title: 'remove biases', about: 'subtract the mean and row and column biases first' }),
  /** Entry weights, at least 0, in the order of the entries of the matrix. Not for soft-impute and svt. */
  weights: otherOption<ArrayLike<number>>('a finite number of at least 0 for each entry'),
};

const solveRecords = {
  rank: integerOption({ min: 1 }, { title: 'Rank', about: 'rank of the factorisation', form: { hint: 'chosen' } }),
  /**
   * `robust` (default): alternating minimisation with inexact regressions, a few steps from the previous solution each.
   * `als`: the same with exact regressions. `soft-impute`: nuclear norm. `svt`: singular value thresholding, for noiseless
   * entries.
   */
  method: choiceOption(methodTitles, { title: 'Method', about: 'completion method', default: 'robust' }),
  /**
   * How `robust` solves regressions. Default 'cg'; 'sketch' solves each to a tenth of the current residual after
   * preconditioning by a sketch, which pays only for factors with rows of very different norms.
   */
  solver: choiceOption(inexactTitles),
  /** Conjugate-gradient steps per regression of `robust`. Default 1 with λ, else 2. Not with 'sketch'. */
  innerSteps: integerOption({ min: 1 }),
  /**
   * Initialisation of `als` and `robust`: the leading singular vectors of the observed entries, with zeros elsewhere
   * (default), or random directions, which cost nothing but often need more sweeps.
   */
  init: choiceOption(startTitles),
  /**
   * ½λ(‖U‖² + ‖V‖²) or, equivalently, λ times the nuclear norm is added to half the sum of squares. Default 0.
   * For svt, the threshold that is subtracted from the singular values; its default depends on the entries.
   */
  lambda: numberOption(
    { min: 0, finite: true },
    { title: 'Penalty', about: 'regularisation strength', argument: 'weight' },
  ),
  /** Constrains both factors to be non-negative; for `robust`, without biases. Default false. */
  nonNegative: flagOption({ title: 'non-negative', about: 'constrain both factors to be non-negative' }),
  /** Relative decrease of the objective per sweep below which the run stops; svt: relative residual. Default 1e-6, svt 1e-4. */
  tol: tolRecord('stop when the relative decrease of the objective in a sweep is smaller', '1e-6'),
  /** Maximum number of sweeps. Default 200. */
  maxIter: maxIterRecord('maximum number of sweeps', '200'),
  /** Default 0. */
  seed: seedOption('seed of the initialisation and of the choice of held-out entries'),
};

export const completionRecords = { ...entryRecords, ...solveRecords };

export interface CompletionOptions
  extends OptionsNeeding<typeof completionRecords, 'rank'>,
    Omit<RunOptions<Factors>, 'tol' | 'maxIter'> {
  /** Initial factors of the given rank, which replace `init`. Not for svt, which starts from its dual. */
  readonly from?: Factors;
  /**
   * The rows and columns of this rank of a distributed run: all ranks have the same matrix and options and obtain the same
   * completion. Not with svt.
   */
  readonly shares?: EntryShares;
  /** State from a checkpoint of a run with the same entries and options. */
  readonly resume?: CompletionState | SoftImputeState | ThresholdingState;
}

type EntryOptions = Pick<CompletionOptions, 'weights' | 'biases' | 'shares'>;

const entryKeys: OptionKeys<EntryOptions> = { ...keysOf(entryRecords), shares: true };

const solveKeys: OptionKeys<Omit<CompletionOptions, keyof EntryOptions>> = {
  ...runKeys,
  ...keysOf(solveRecords),
  from: true,
  resume: true,
};

const completionKeys: OptionKeys<CompletionOptions> = {
  ...solveKeys,
  ...entryKeys,
};

/** A completed matrix, represented by its factors: entries are computed on demand. */
export class Completion {
  constructor(
    readonly rows: number,
    readonly cols: number,
    readonly rank: number,
    /** rows × rank by rows, and cols × rank by rows. */
    readonly factors: Factors,
    /** Indices of rows and columns without an observed entry, predicted by biases only. */
    readonly unidentified: { readonly rows: readonly number[]; readonly cols: readonly number[] },
    readonly solution: Solution<Factors>,
    /** Root mean squared error on the observed entries. */
    readonly trainError: number,
    readonly biases?: Biases,
  ) {}

  /**
   * Entry (i, j). O(rank).
   * @throws INVALID_SHAPE.
   */
  predict(i: number, j: number): number {
    const { rank: k, factors, biases } = this;
    if (!(i >= 0 && i < this.rows && j >= 0 && j < this.cols)) {
      fail('INVALID_SHAPE', `Entry (${i}, ${j}) lies outside a ${this.rows} × ${this.cols} matrix.`);
    }
    const base = biases ? biases.mean + biases.row[i] + biases.col[j] : 0;
    return base + rowDot(factors.left, i * k, factors.right, j * k, k);
  }

  /** Singular values of the product of the factors, descending. O((rows + cols) · rank²). */
  get singularValues(): Float64Array {
    const { rank: k, factors } = this;
    const random = new Random(0);
    const split = (f: Float64Array) => {
      const B = DenseMatrix.fromColumnMajor(f, k, f.length / k);
      const { P, s, Q } = splitRows(B, random, inOnePlace(B.cols));
      B.free();
      Q.free();
      return { P, s };
    };
    // Each factor is (orthonormal columns) · diag(s) Pᵀ, so that the singular values are those of diag(s) Pᵀ P′
    // diag(s′).
    const [left, right] = [split(factors.left), split(factors.right)];
    const core = new Float64Array(k * k);
    for (let a = 0; a < k; a++) {
      for (let b = 0; b < k; b++) {
        let sum = 0;
        for (let t = 0; t < k; t++) sum += left.P[t * k + a] * right.P[t * k + b];
        core[a * k + b] = left.s[a] * sum * right.s[b];
      }
    }
    return Float64Array.from(jacobiSvd(core, k, k).sizes);
  }

  /**
   * The columns with the largest predictions in row i, in descending order, except those in `except`. O(cols · rank).
   */
  topN(i: number, n: number, except: ReadonlySet<number> = new Set()): Array<{ col: number; value: number }> {
    const all: Array<{ col: number; value: number }> = [];
    for (let j = 0; j < this.cols; j++) if (!except.has(j)) all.push({ col: j, value: this.predict(i, j) });
    return all.sort((a, b) => b.value - a.value || a.col - b.col).slice(0, n);
  }

  /** All entries. O(rows · cols · rank). */
  toDense(): DenseMatrix {
    const out = DenseMatrix.create(this.rows, this.cols, { fill: false });
    const { data } = out;
    for (let j = 0; j < this.cols; j++) {
      for (let i = 0; i < this.rows; i++) data[j * this.rows + i] = this.predict(i, j);
    }
    return out;
  }
}

/** The entries by rows and by columns, with biases subtracted. */
export interface PreparedEntries {
  readonly observed: Observed;
  readonly biases?: Biases;
}

/**
 * Checks the entries and stores them by rows and by columns: see {@link completeMatrix} for errors. O(entries).
 * @throws INVALID_SHAPE, EMPTY, INVALID_PARAMETER.
 */
export function prepareEntries(observed: CscMatrix, options: EntryOptions = {}): PreparedEntries {
  knownKeys('prepareEntries', options, entryKeys);
  if (!(observed instanceof CscMatrix)) fail('INVALID_SHAPE', 'Observed entries must be a CscMatrix.');
  if (observed.nnz === 0) fail('EMPTY', 'There are no observed entries: completion needs at least one.');
  checkValues(observed);
  const weights = options.weights && Float64Array.from(options.weights);
  if (weights && (weights.length !== observed.nnz || !weights.every((w) => w >= 0 && w < Number.POSITIVE_INFINITY))) {
    fail('INVALID_PARAMETER', `weights must be ${observed.nnz} finite numbers of at least 0, one for each entry.`);
  }
  const { shares } = options;
  if (shares) checkShares(observed, shares);
  const raw = shares ? ownBothWays(observed, weights, shares) : bothWays(observed, observed.values.slice(), weights);
  if (!options.biases) return { observed: raw };
  const biases = fitBiases(raw);
  return { observed: less(raw, (i, j) => biases.mean + biases.row[i] + biases.col[j]), biases };
}

/** @throws INVALID_SHAPE if the distribution does not match the matrix. */
function checkShares({ rows, cols }: CscMatrix, shares: EntryShares): void {
  for (const [what, size, { all }] of [
    ['rows', rows, shares.rows],
    ['columns', cols, shares.cols],
  ] as const) {
    if (all !== size) fail('INVALID_SHAPE', `The ranks have ${all} ${what} in total, but the matrix has ${size}.`);
  }
}

/**
 * The method as a generator of iterates, one per sweep, for core's `run`.
 * @throws as {@link completeMatrix}.
 */
export function completionIterates(observed: Observed, options: CompletionOptions): Iterable<Iterate<Factors>> {
  knownKeys('completionIterates', options, completionKeys);
  checkProblem(observed, options);
  const { rank, method = 'robust', solver = 'cg', lambda, seed = 0, tol, innerSteps, nonNegative = false } = options;
  const { init = 'spectral', from } = options;
  const resume = options.resume as never;
  const common = { rank, lambda: lambda ?? 0, seed, tol, from, resume };
  if (method === 'svt') return thresholding(observed, { rank, seed, tol, resume, threshold: lambda });
  if (method === 'soft-impute') return softImpute(observed, common);
  if (method === 'als') {
    return alternating(observed, { ...common, init, regress: libraryRegress({ solver: 'exact', lambda }) });
  }
  if (solver === 'cg') return inexactAlternating(observed, { ...common, init, innerSteps, nonNegative });
  // With λ > 0 the scale of the factors is determined, so that the previous solution is a good initial point.
  const warm = common.lambda > 0;
  const regress = libraryRegress({ solver, lambda, seed, warm, tol: tiedTolerance });
  return alternating(observed, { ...common, init, regress });
}

/** @throws INVALID_PARAMETER, INVALID_SHAPE, NOT_SUPPORTED. */
function checkProblem(observed: Observed, options: CompletionOptions): void {
  checkGiven(solveRecords, options);
  const { rank, method = 'robust', solver = 'cg', nonNegative, init = 'spectral', from } = options;
  const { rows, cols } = observed;
  wholeNumber('rank', rank, 1, Math.min(rows, cols));
  if (nonNegative && (method !== 'robust' || solver !== 'cg')) {
    fail('NOT_SUPPORTED', "nonNegative needs the method 'robust' with the solver 'cg'.");
  }
  if (nonNegative && options.biases)
    fail('NOT_SUPPORTED', 'nonNegative cannot be combined with biases, which may be negative.');
  if (init === 'random' && method !== 'als' && method !== 'robust') {
    fail('NOT_SUPPORTED', `init 'random' is for als and robust, not for ${method}.`);
  }
  if (observed.byCol.shared && method === 'svt') {
    fail('NOT_SUPPORTED', 'svt cannot run distributed over ranks; use robust, als or soft-impute.');
  }
  if (observed.byCol.weights && (method === 'svt' || method === 'soft-impute')) {
    fail('NOT_SUPPORTED', `${method} does not support weights; use als or robust.`);
  }
  if (!from) return;
  if (method === 'svt') fail('NOT_SUPPORTED', 'svt starts from its dual and cannot start from factors.');
  if (from.left.length !== rows * rank || from.right.length !== cols * rank) {
    fail(
      'INVALID_SHAPE',
      `Initial factors must be ${rows} × ${rank} and ${cols} × ${rank}, but have ${from.left.length} and ${from.right.length} values.`,
    );
  }
}

/**
 * Completes a matrix from its observed entries, which are those stored in `observed`, by a low-rank factorisation.
 * Blocking. Rows and columns without entries get zero factors. O(entries · rank) per sweep for `robust`, O(entries ·
 * rank²) for `als`.
 * @throws SouthwellError: `EMPTY` without entries, `NON_FINITE`, `INVALID_PARAMETER`, `NOT_SUPPORTED`.
 */
export function completeMatrix(observed: CscMatrix, options: CompletionOptions): Completion {
  knownKeys('completeMatrix', options, completionKeys);
  return prepareCompletion(observed, options).solve();
}

/** As {@link completeMatrix}, but yields to the event loop between sweeps. */
export async function completeMatrixAsync(observed: CscMatrix, options: CompletionOptions): Promise<Completion> {
  knownKeys('completeMatrix', options, completionKeys);
  const prepared = prepareEntries(observed, only<EntryOptions>(options, entryKeys));
  const solution = await runAsync(completionIterates(prepared.observed, options), runOptions(options));
  return completionOf(prepared, solution, options.rank);
}

/**
 * Checks and prepares the entries once, for repeated completions: from the previous factors, or with another λ, rank or
 * method. Weights and biases are fixed. Each solve has the cost and the errors of {@link completeMatrix}.
 */
export function prepareCompletion(
  observed: CscMatrix,
  options: CompletionOptions,
): PreparedProblem<Factors, Partial<Omit<CompletionOptions, keyof EntryOptions>>, Completion> {
  knownKeys('prepareCompletion', options, completionKeys);
  const prepared = prepareEntries(observed, only<EntryOptions>(options, entryKeys));
  return {
    solve(from, changes) {
      knownKeys('solve', changes, solveKeys);
      const own = { ...options, ...changes, ...(from && { from }) };
      return completionOf(prepared, run(completionIterates(prepared.observed, own), runOptions(own)), own.rank);
    },
    // Nothing to free: these are plain arrays.
    release() {},
  };
}

/** Without tol, which is handled by the method itself. */
const runOptions = ({ maxIter = 200, ...options }: CompletionOptions): RunOptions<Factors> =>
  only<RunOptions<Factors>>({ ...options, maxIter, tol: undefined }, runKeys);

function completionOf({ observed, biases }: PreparedEntries, solution: Solution<Factors>, rank: number): Completion {
  const { rows, cols, byCol, byRow, entries } = observed;
  const empty = (of: ObservedRows) => {
    const { pointers, count } = of;
    const own = Array.from({ length: count }, (_, j) => j).filter((j) => pointers[j] === pointers[j + 1]);
    return allOf(
      of,
      own.map((j) => firstOf(of) + j),
    );
  };
  const { left, right } = solution.point;
  const r = new Float64Array(byCol.values.length);
  residualsOf(byCol, left, right, rank, r);
  const trainError = Math.sqrt(sumOfEntries(byCol, (e) => r[e] ** 2) / entries);
  const unidentified = { rows: empty(byRow), cols: empty(byCol) };
  return new Completion(rows, cols, rank, solution.point, unidentified, solution, trainError, biases);
}
