import {
  asMatrix,
  CscMatrix,
  checkFinite,
  DenseMatrix,
  type Matrix,
  type MatrixLike,
} from '@southwell/numerics/arrays';
import { fail, type Iterate, type RunOptions, run, runAsync, type Solution } from '@southwell/numerics/core';
import { transpose } from '@southwell/numerics/linalg';
import { type FactorPenalty, type HalfReport, HalsHalf } from './hals.ts';
import { KlHalf } from './klDescent.ts';
import { type NmfStart, nmfStart, nmfStarts } from './nmfStart.ts';

export const nmfLosses = ['frobenius', 'kullback-leibler'] as const;
export type NmfLoss = (typeof nmfLosses)[number];

/** X ≈ scores · components, both without negative entries. */
export interface NmfPoint {
  /** rows × rank. */
  readonly scores: DenseMatrix;
  /** rank × cols. */
  readonly components: DenseMatrix;
}

export interface NmfOptions extends RunOptions<NmfPoint> {
  readonly rank: number;
  /** ½‖X − WH‖² (default) or Σ x log(x/y) − x + y with y = WH. */
  readonly loss?: NmfLoss;
  /** Default 'nndsvda'. */
  readonly init?: NmfStart;
  /**
   * Strength of the penalties, as in scikit-learn: alpha · cols · (l1Ratio ΣW + ½(1 − l1Ratio)‖W‖²) is added and the
   * same of H with the rows in place of the columns. Default 0.
   */
  readonly alpha?: number;
  /** Strength for H, where it is another. */
  readonly alphaComponents?: number;
  /** From 0, squares alone, to 1. Default 0. */
  readonly l1Ratio?: number;
  /** Ends when the projected gradient, as a sum of sizes, is at most this share of its first value. Default 1e-4. */
  readonly tol?: number;
  /** Rounds over both factors at most. Default 200. */
  readonly maxIter?: number;
  /** Default 0. */
  readonly seed?: number;
}

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
   * Scores of further rows, cols as in the data, with the components as they are. Penalties count as for the data. Throws
   * INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER for negative entries. O(rank · values of X) a round.
   */
  transform(input: MatrixLike): DenseMatrix {
    const X = checked(input);
    if (X.cols !== this.components.cols) {
      fail('INVALID_SHAPE', `The components have ${this.components.cols} columns, but X has ${X.cols}.`);
    }
    const { rank, tol = 1e-4, maxIter = 200 } = this.options;
    const W = DenseMatrix.create(rank, X.rows, { arena: X.arena });
    const H = DenseMatrix.create(rank, X.cols, { arena: X.arena });
    H.data.set(this.components.data);
    const total = sumOf(H.data);
    // A positive start: the Kullback–Leibler loss is infinite at zero.
    W.data.fill(total > 0 ? (sumOf(valuesOf(X)) || 1) / (X.rows * total) : 0);
    const problem = new Problem(X, W, H, this.options);
    try {
      let first = 0;
      for (let round = 0; round < maxIter; round++) {
        const { violation } = problem.scores.run();
        if (round === 0) first = violation;
        if (violation <= tol * first) break;
      }
      return scoresOf(W.data, rank);
    } finally {
      problem.free();
      for (const M of [W, H]) M.free();
      if (X !== input) X.free();
    }
  }
}

/**
 * Non-negative matrix factorisation X ≈ WH, dense or sparse. `frobenius`: accelerated HALS (see HalsHalf);
 * `kullback-leibler`: coordinate descent by Newton and secant steps (see KlHalf), sparse in the zeros of X. Both lower
 * the objective in every round; the problem is not convex, so that the end depends on `init`. Throws EMPTY, NON_FINITE,
 * INVALID_PARAMETER, NOT_SUPPORTED. O(rank · values of X + rank² (rows + cols)) a round.
 */
export function nmf(X: MatrixLike, options: NmfOptions): Nmf {
  const work = new Work(X, options);
  try {
    return work.model(run(work.iterates(), settings(options)));
  } finally {
    work.free();
  }
}

/** As {@link nmf}, letting the event loop turn between rounds. */
export async function nmfAsync(X: MatrixLike, options: NmfOptions): Promise<Nmf> {
  const work = new Work(X, options);
  try {
    return work.model(await runAsync(work.iterates(), settings(options)));
  } finally {
    work.free();
  }
}

/** The rounds of {@link nmf} one by one, without an end of their own but divergence. */
export function* nmfIterates(X: MatrixLike, options: NmfOptions): Generator<Iterate<NmfPoint>, void, undefined> {
  const work = new Work(X, options);
  try {
    yield* work.iterates();
  } finally {
    work.free();
  }
}

const settings = ({ tol = 1e-4, maxIter = 200, timeLimit, signal, onIterate }: NmfOptions): RunOptions<NmfPoint> => ({
  tol,
  maxIter,
  timeLimit,
  signal,
  onIterate,
});

/** Everything of a run that lies in kernel memory; W and H have a column for each row and each column of X. */
class Work {
  private readonly X: Matrix;
  private readonly W: DenseMatrix;
  private readonly H: DenseMatrix;
  private readonly problem: Problem;
  private lastLoss = 0;

  constructor(
    private readonly input: MatrixLike,
    private readonly options: NmfOptions,
  ) {
    const { init = 'nndsvda', rank, seed = 0, loss = 'frobenius' } = options;
    if (!nmfStarts.includes(init)) {
      fail('INVALID_PARAMETER', `There is no start '${init}'; there are ${nmfStarts.join(', ')}.`);
    }
    if (!nmfLosses.includes(loss)) {
      fail('INVALID_PARAMETER', `There is no loss '${loss}'; there are ${nmfLosses.join(', ')}.`);
    }
    if (init === 'nndsvd' && loss === 'kullback-leibler') {
      fail('NOT_SUPPORTED', 'The Kullback–Leibler loss may be infinite at the zeros of nndsvd; use nndsvda or random.');
    }
    this.X = checked(input);
    const { rows, cols } = this.X;
    const most = Math.min(rows, cols);
    if (!(Number.isInteger(rank) && rank >= 1 && rank <= most)) {
      fail('INVALID_PARAMETER', `rank must be a whole number from 1 to ${most}, but is ${rank}.`);
    }
    const { W, H } = nmfStart(this.X, rank, init, seed);
    this.W = W;
    this.H = H;
    this.problem = new Problem(this.X, W, H, options);
  }

  /**
   * Rounds over both factors, extrapolated (Ang and Gillis 2019): each factor is updated at a point beyond the last one,
   * by a share that grows while the objective falls; where it rises the round is taken back and a plain one follows.
   * Plain rounds alone bring certificates, which are those of the point before them.
   */
  *iterates(): Generator<Iterate<NmfPoint>, void, undefined> {
    const { problem, W, H } = this;
    const { tol = 1e-4 } = this.options;
    // The point, and the ends of the last updates, from which extrapolation takes its direction.
    const best = { W: W.data.slice(), H: H.data.slice() };
    const last = { W: W.data.slice(), H: H.data.slice() };
    let objective = Number.POSITIVE_INFINITY;
    let first = 0;
    let plain = true;
    let share = 0.5;
    let most = 1;
    const beyond = (M: DenseMatrix, before: Float64Array) => {
      const { data } = M;
      for (let at = 0; at < data.length; at++) {
        const v = data[at];
        data[at] = Math.max(0, v + share * (v - before[at]));
        before[at] = v;
      }
    };
    for (let iteration = 1; ; iteration++) {
      const certain = plain;
      const left = problem.scores.run();
      if (plain) last.W.set(W.data);
      else beyond(W, last.W);
      const right = problem.components.run();
      const violation = left.violation + right.violation;
      if (iteration === 1) first = violation;
      const next = right.loss + problem.penalty();
      // A plain round can only rise by rounding.
      if (next <= objective || certain) {
        objective = next;
        this.lastLoss = right.loss;
        best.W.set(W.data);
        best.H.set(H.data);
        most = Math.min(1, 1.005 * most);
        if (iteration > 1) share = Math.min(most, 1.05 * share);
        plain = violation <= tol * first || iteration % 20 === 0;
        if (plain) last.H.set(H.data);
        else beyond(H, last.H);
      } else {
        most = share;
        share /= 1.5;
        for (const [M, v, l] of [
          [W, best.W, last.W],
          [H, best.H, last.H],
        ] as const) {
          M.data.set(v);
          l.set(v);
        }
        plain = true;
      }
      const relative = first > 0 ? violation / first : 0;
      yield {
        iteration,
        objective,
        ...(certain && { certificate: { kind: 'kktResidual', value: violation, relative } }),
        work: { epochs: iteration },
        done: Number.isFinite(objective) ? undefined : 'diverged',
        snapshot: () => {
          const components = DenseMatrix.create(H.rows, H.cols, { fill: false });
          components.data.set(best.H);
          return { scores: scoresOf(best.W, H.rows), components };
        },
      };
    }
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

/** The two halves of a round. */
class Problem {
  readonly scores: { run(): HalfReport; free(): void };
  readonly components: { run(): HalfReport; free(): void };
  private readonly own: CscMatrix[] = [];
  private readonly penalties: { readonly W: FactorPenalty; readonly H: FactorPenalty };

  constructor(
    X: Matrix,
    private readonly W: DenseMatrix,
    private readonly H: DenseMatrix,
    options: NmfOptions,
  ) {
    const { alpha = 0, alphaComponents = alpha, l1Ratio = 0, loss = 'frobenius' } = options;
    for (const [name, value] of Object.entries({ alpha, alphaComponents })) {
      if (!(value >= 0 && value < Number.POSITIVE_INFINITY)) {
        fail('INVALID_PARAMETER', `${name} must be at least 0, but is ${value}.`);
      }
    }
    if (!(l1Ratio >= 0 && l1Ratio <= 1)) fail('INVALID_PARAMETER', `l1Ratio lies between 0 and 1, but is ${l1Ratio}.`);
    const penalty = (strength: number, count: number): FactorPenalty => ({
      l1: strength * l1Ratio * count,
      l2: strength * (1 - l1Ratio) * count,
    });
    this.penalties = { W: penalty(alpha, X.cols), H: penalty(alphaComponents, X.rows) };
    if (loss === 'frobenius') {
      const squares = valuesOf(X).reduce((s, v) => s + v * v, 0);
      this.scores = new HalsHalf(X, W, H, true, this.penalties.W, squares);
      this.components = new HalsHalf(X, H, W, false, this.penalties.H, squares);
    } else {
      const sparse = X.kind === 'csc' ? X : CscMatrix.fromDense(X, { arena: X.arena });
      const turned = transpose(sparse, { arena: X.arena });
      this.own.push(turned, ...(sparse === X ? [] : [sparse]));
      this.scores = new KlHalf(turned, W, H, this.penalties.W, false);
      this.components = new KlHalf(sparse, H, W, this.penalties.H, true);
    }
  }

  penalty(): number {
    const of = ({ data }: DenseMatrix, { l1, l2 }: FactorPenalty) =>
      l1 === 0 && l2 === 0 ? 0 : data.reduce((s, v) => s + l1 * v + 0.5 * l2 * v * v, 0);
    return of(this.W, this.penalties.W) + of(this.H, this.penalties.H);
  }

  free(): void {
    this.scores.free();
    this.components.free();
    for (const M of this.own) M.free();
  }
}

const valuesOf = (X: Matrix): Float64Array => (X.kind === 'dense' ? X.data : X.values);

function sumOf(values: Float64Array): number {
  let sum = 0;
  for (let at = 0; at < values.length; at++) sum += values[at];
  return sum;
}

function checked(input: MatrixLike): Matrix {
  const X = asMatrix(input);
  if (X.rows === 0 || X.cols === 0) fail('EMPTY', `There is nothing to factor in a ${X.rows} × ${X.cols} matrix.`);
  checkFinite(X);
  const values = valuesOf(X);
  const at = values.findIndex((v) => v < 0);
  if (at >= 0) {
    fail('INVALID_PARAMETER', `Non-negative factors need data without negative entries, but one is ${values[at]}.`);
  }
  return X;
}

/** rows × rank, from rank × rows. */
function scoresOf(W: Float64Array, k: number): DenseMatrix {
  const rows = W.length / k;
  const out = DenseMatrix.create(rows, k, { fill: false });
  const to = out.data;
  for (let i = 0; i < rows; i++) for (let a = 0; a < k; a++) to[a * rows + i] = W[i * k + a];
  return out;
}
