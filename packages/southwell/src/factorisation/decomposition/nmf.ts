import { DenseMatrix, type Matrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  type Certificate,
  checkGiven,
  checkOptions,
  choiceOption,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsNeeding,
  only,
  ownRows,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  type SplitRows,
  seedOption,
  wholeNumber,
} from '@southwell/numerics/core';
import { maxIterRecord, tolRecord } from '../records.ts';
import { checked, NmfProblem, nmfLossRecords, nmfPenaltyRecords, scoresOf, sumOf, valuesOf } from './nmfProblem.ts';
import { nmfStart, startTitles } from './nmfStart.ts';

/** X ≈ scores · components, both non-negative. */
export interface NmfPoint {
  /** rows × rank. */
  readonly scores: DenseMatrix;
  /** rank × cols. */
  readonly components: DenseMatrix;
}

const runRecords = {
  /** Tolerance on the L1 norm of the projected gradient, relative to its initial value (or to 1e-8 of its terms). Default 1e-4. */
  tol: tolRecord('tolerance on the projected gradient norm, relative to its initial value', '1e-4'),
  /** Maximum number of rounds over both factors. Default 200. */
  maxIter: maxIterRecord('maximum number of rounds', '200'),
};

export const nmfRecords = {
  rank: integerOption({ min: 1 }),
  ...nmfLossRecords,
  /** Default 'nndsvda'. */
  init: choiceOption(startTitles, {
    title: 'Initialisation',
    about: 'initialisation of the factors',
    default: 'nndsvda',
    form: { advanced: true },
  }),
  ...nmfPenaltyRecords,
  ...runRecords,
  /** Default 0. */
  seed: seedOption('seed of the initialisation'),
};

export interface NmfOptions
  extends OptionsNeeding<typeof nmfRecords, 'rank'>,
    Omit<RunOptions<NmfPoint>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a run with the same data and options. */
  readonly resume?: NmfState;
  /** Distribution of the rows over ranks: X and the scores are then those of this rank. Default: all rows are here. */
  readonly rows?: SplitRows;
}

const nmfKeys: OptionKeys<NmfOptions> = { ...runKeys, ...keysOf(nmfRecords), resume: true, rows: true };

/** A non-negative factorisation. */
export class Nmf {
  constructor(
    readonly scores: DenseMatrix,
    readonly components: DenseMatrix,
    /** The loss without penalties. */
    readonly loss: number,
    readonly solution: Solution<NmfPoint>,
    private readonly options: NmfOptions,
  ) {}

  /**
   * Scores of new rows with the same columns, for fixed components, with the same penalties. O(rank · values of X) per
   * round.
   * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for negative entries.
   */
  transform(input: MatrixLike): DenseMatrix {
    return nmfScores(input, this.components, only<NmfScoreOptions>(this.options, keysOf(scoreRecords)));
  }
}

const { alphaComponents: _, ...scorePenalties } = nmfPenaltyRecords;
const scoreRecords = { ...nmfLossRecords, ...scorePenalties, ...runRecords };

/** Options for computing scores on given components, as in {@link NmfOptions}. */
export type NmfScoreOptions = Pick<NmfOptions, keyof typeof scoreRecords>;

/**
 * Scores W ≥ 0 of rows, n × rank, for fixed components, rank × cols: a convex problem, solved to `tol` (default 1e-4)
 * in at most `maxIter` rounds (default 200). O(rank · values of X) per round.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for negative entries.
 */
export function nmfScores(input: MatrixLike, components: DenseMatrix, options: NmfScoreOptions = {}): DenseMatrix {
  checkOptions('nmfScores', scoreRecords, options);
  const { X, rows } = checked(input);
  if (X.cols !== components.cols) {
    fail('INVALID_SHAPE', `The components have ${components.cols} columns, but X has ${X.cols}.`);
  }
  const { tol = 1e-4, maxIter = 200, ...penalties } = options;
  const rank = components.rows;
  const W = DenseMatrix.create(rank, X.rows, { arena: X.arena });
  const H = DenseMatrix.create(rank, X.cols, { arena: X.arena });
  H.data.set(components.data);
  const total = sumOf(H.data);
  // A positive initial point, since the Kullback–Leibler loss is infinite at zero.
  W.data.fill(total > 0 ? (sumOf(valuesOf(X)) || 1) / (X.rows * total) : 0);
  const problem = new NmfProblem(X, W, H, rows, penalties);
  try {
    return run(scoreIterates(problem, W), { tol, maxIter }).point;
  } finally {
    problem.free();
    for (const M of [W, H]) M.free();
    if (X !== input) X.free();
  }
}

/**
 * Non-negative matrix factorisation X ≈ WH, dense or sparse. `frobenius`: accelerated HALS (see HalsHalf);
 * `kullback-leibler`: coordinate descent by Newton and secant steps (see KlHalf), which uses the sparsity of X. Both
 * decrease the objective in every round; the problem is not convex, so that the result depends on `init`. Rows may be
 * distributed over ranks for `frobenius`. O(rank · values of X + rank² (rows + cols)) per round.
 * @throws EMPTY, NON_FINITE, INVALID_PARAMETER, NOT_SUPPORTED.
 */
export function nmf(X: MatrixLike, options: NmfOptions): Nmf {
  knownKeys('nmf', options, nmfKeys);
  const work = new Work(X, options);
  try {
    return work.model(run(work.iterates(), settings(options)));
  } finally {
    work.free();
  }
}

/** As {@link nmf}, but yields to the event loop between rounds. */
export async function nmfAsync(X: MatrixLike, options: NmfOptions): Promise<Nmf> {
  knownKeys('nmf', options, nmfKeys);
  const work = new Work(X, options);
  try {
    return work.model(await runAsync(work.iterates(), settings(options)));
  } finally {
    work.free();
  }
}

/** Lower bound of the initial projected gradient norm, relative to that of its terms. */
const START = 1e-8;

/** Computes the scores by descent from W: a convex problem. The certificate is that of the point before each round. */
function* scoreIterates({ scores }: NmfProblem, W: DenseMatrix): Generator<Iterate<DenseMatrix, undefined>> {
  let first = 0;
  for (let iteration = 1; ; iteration++) {
    const { violation, size = 0 } = scores.run();
    if (iteration === 1) first = Math.max(violation, START * size);
    yield {
      iteration,
      objective: undefined,
      certificate: { kind: 'kktResidual', value: violation, relative: first > 0 ? violation / first : 0 },
      work: { epochs: iteration },
      snapshot: () => scoresOf(W.data, W.rows),
    };
  }
}

/** The rounds of {@link nmf} as a generator of iterates, which ends only by divergence. */
export function* nmfIterates(X: MatrixLike, options: NmfOptions): Generator<Iterate<NmfPoint>, void, undefined> {
  knownKeys('nmf', options, nmfKeys);
  const work = new Work(X, options);
  try {
    yield* work.iterates();
  } finally {
    work.free();
  }
}

const settings = ({ tol = 1e-4, maxIter = 200, ...options }: NmfOptions): RunOptions<NmfPoint> =>
  only<RunOptions<NmfPoint>>({ ...options, tol, maxIter }, runKeys);

/** Values of two factors: rank × rows and rank × cols. */
interface Pair {
  readonly W: Float64Array;
  readonly H: Float64Array;
}

/** State of a factorisation after a round, as plain data; also in distributed runs it contains all rows. */
export interface NmfState {
  readonly iteration: number;
  readonly objective: number;
  readonly certificate?: Certificate;
  /** The loss without penalties. */
  readonly loss: number;
  /** Projected gradient norm of the first round. */
  readonly first: number;
  /** Whether the next round is not extrapolated; the extrapolation parameter, and its upper bound. */
  readonly plain: boolean;
  readonly share: number;
  readonly most: number;
  /** The best point; the last updates; the extrapolated points where the next updates start. */
  readonly best: Pair;
  readonly last: Pair;
  readonly begin: Pair;
}

/** All data of a run in kernel memory; W and H have a column for each row and each column of X. */
class Work {
  private readonly X: Matrix;
  private readonly split: SplitRows;
  private readonly W: DenseMatrix;
  private readonly H: DenseMatrix;
  private readonly problem: NmfProblem;
  private lastLoss = 0;

  constructor(
    private readonly input: MatrixLike,
    private readonly options: NmfOptions,
  ) {
    checkGiven(nmfRecords, options);
    const { init = 'nndsvda', rank, seed = 0, loss = 'frobenius' } = options;
    if (init === 'nndsvd' && loss === 'kullback-leibler') {
      fail('NOT_SUPPORTED', 'The Kullback–Leibler loss may be infinite at the zeros of nndsvd; use nndsvda or random.');
    }
    ({ X: this.X, rows: this.split } = checked(input, options.rows));
    const { rows, cols } = this.X;
    wholeNumber('rank', rank, 1, Math.min(this.split.all, cols));
    const { resume } = options;
    const { W, H } = resume
      ? { W: DenseMatrix.create(rank, rows, this.X), H: DenseMatrix.create(rank, cols, this.X) }
      : nmfStart(this.X, rank, init, seed, this.split);
    this.W = W;
    this.H = H;
    this.problem = new NmfProblem(this.X, W, H, this.split, options);
  }

  /**
   * Rounds over both factors with extrapolation (Ang and Gillis 2019): each factor is updated from a point beyond its
   * last update, by a parameter that grows while the objective decreases; if it increases, the round is undone and one
   * without extrapolation follows. Only rounds without extrapolation have certificates, which are those of the point
   * before them.
   */
  *iterates(): Generator<Iterate<NmfPoint>, void, undefined> {
    const { W, H, options, split } = this;
    const { resume, rank } = options;
    const begin = { W: W.data.slice(), H: H.data.slice() };
    const here = ({ W: whole, H: same }: Pair): Pair => ({ W: ownRows(split, whole, rank), H: same.slice() });
    const everywhere = ({ W: own, H: same }: Pair): Pair => ({ W: split.gather(own).slice(), H: same.slice() });
    const at: Rounds = resume
      ? { ...resume, best: here(resume.best), last: here(resume.last) }
      : {
          ...{ iteration: 0, objective: Number.POSITIVE_INFINITY, loss: Number.NaN, first: 0 },
          ...{ plain: true, share: 0.5, most: 1, best: begin, last: { W: begin.W.slice(), H: begin.H.slice() } },
        };
    if (resume) {
      W.data.set(ownRows(split, resume.begin.W, rank));
      H.data.set(resume.begin.H);
    }
    for (let finite = resume ? true : this.round(at); ; finite = this.round(at)) {
      this.lastLoss = at.loss;
      const { iteration, objective, certificate } = at;
      yield {
        iteration,
        objective,
        certificate,
        work: { epochs: iteration },
        done: finite ? undefined : 'diverged',
        snapshot: () => {
          const components = DenseMatrix.create(H.rows, H.cols, { fill: false });
          components.data.set(at.best.H);
          return { scores: scoresOf(at.best.W, H.rows), components };
        },
        checkpoint: (): NmfState => ({
          ...{ ...at, best: everywhere(at.best), last: everywhere(at.last) },
          begin: everywhere({ W: W.data, H: H.data }),
        }),
      };
    }
  }

  /**
   * One round from the current W and H; the best point is replaced if the objective decreases. Returns false if values
   * overflow.
   */
  private round(at: Rounds): boolean {
    const { problem, W, H } = this;
    const { tol = 1e-4 } = this.options;
    const { best, last } = at;
    const certain = at.plain;
    const left = problem.scores.run();
    if (certain) last.W.set(W.data);
    else moveBeyond(W, last.W, at.share);
    const right = problem.components.run();
    const violation = left.violation + right.violation;
    const iteration = ++at.iteration;
    // If the initial point is optimal, its gradient cannot serve as the reference.
    if (iteration === 1) at.first = Math.max(violation, START * ((left.size ?? 0) + (right.size ?? 0)));
    const relative = at.first > 0 ? violation / at.first : 0;
    at.certificate = certain ? { kind: 'kktResidual', value: violation, relative } : undefined;
    const next = right.loss + problem.penalty();
    if (certain && !Number.isFinite(next)) return false;
    // A round without extrapolation can only increase the objective by rounding errors.
    if (next <= at.objective || certain) {
      at.objective = next;
      at.loss = right.loss;
      best.W.set(W.data);
      best.H.set(H.data);
      at.most = Math.min(1, 1.005 * at.most);
      if (iteration > 1) at.share = Math.min(at.most, 1.05 * at.share);
      at.plain = violation <= tol * at.first || iteration % 20 === 0;
      if (at.plain) last.H.set(H.data);
      else moveBeyond(H, last.H, at.share);
      return true;
    }
    at.most = at.share;
    at.share /= 1.5;
    for (const [M, v, l] of [
      [W, best.W, last.W],
      [H, best.H, last.H],
    ] as const) {
      M.data.set(v);
      l.set(v);
    }
    at.plain = true;
    return true;
  }

  model(solution: Solution<NmfPoint>): Nmf {
    const { scores, components } = solution.point;
    return new Nmf(scores, components, this.lastLoss, solution, this.options);
  }

  free(): void {
    this.problem.free();
    for (const M of [this.W, this.H]) M.free();
    if (this.X !== this.input) this.X.free();
  }
}

/** The variables of the rounds. */
type Rounds = { -readonly [K in keyof Omit<NmfState, 'begin'>]: NmfState[K] };

/** Extrapolates from the last update by a multiple of its change, clipped at zero; `before` becomes the update. */
function moveBeyond({ data }: DenseMatrix, before: Float64Array, share: number): void {
  for (let at = 0; at < data.length; at++) {
    const v = data[at];
    data[at] = Math.max(0, v + share * (v - before[at]));
    before[at] = v;
  }
}
