import {
  checkOptions,
  choiceOption,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionsNeeding,
  type OptionsOf,
  otherOption,
  Random,
  seedOption,
} from '@southwell/numerics/core';
import { orthonormalise, residuals, squaresOf, startOf, startTitles, sumOfSquares } from './factors.ts';
import type { Observed, ObservedRows } from './observed.ts';
import { PlacedEntries } from './placed.ts';
import { type RegressionOptions, type RegressionWork, regressionRecords, solveRegressions } from './regressions.ts';
import { exchange, ownPart } from './shares.ts';

/** U = left, V = right, both by rows: entry (i, j) is the dot product of row i of U and row j of V. */
export interface Factors {
  readonly left: Float64Array;
  readonly right: Float64Array;
}

/** State of a completion after a sweep, as plain data. */
export interface CompletionState extends Factors {
  readonly iteration: number;
  /** The objective before the last sweep. */
  readonly previous: number;
  readonly random: readonly number[];
  readonly work: Readonly<RegressionWork>;
  /** Residuals of the entries, by columns, for methods that update them incrementally. */
  readonly residual?: Float64Array;
}

/** How a completion starts other than by its own initialisation. */
export const beginningRecords = {
  /** State from a checkpoint of a run with the same entries and options. */
  resume: otherOption<CompletionState>('a state from a checkpoint'),
  /** Initial factors of the given rank, such as those for another λ. */
  from: otherOption<Factors>('factors of the rank'),
};

/** What methods of alternating minimisation share. */
export const sweepRecords = {
  ...beginningRecords,
  rank: integerOption({ min: 1 }),
  /** ½λ(‖U‖² + ‖V‖²) is added. Default 0. */
  lambda: numberOption({ min: 0, finite: true }),
  /** Default 'spectral'. */
  init: choiceOption(startTitles),
  /** Default 0. */
  seed: seedOption(),
  /** Relative change of the objective per sweep below which the run has converged. Default 1e-6. */
  tol: numberOption({ min: 0 }),
};

/**
 * A half-step: the regressions of `rows` on `factor`; `out` holds the previous value of the factor and receives the new
 * one.
 */
export interface HalfStep {
  readonly rows: ObservedRows;
  readonly factor: Float64Array;
  readonly rank: number;
  readonly out: Float64Array;
  /** Norm of the residuals relative to that of the values. */
  readonly relativeResidual: number;
  /** Number of earlier half-steps. */
  readonly count: number;
  readonly work: RegressionWork;
}

const alternatingRecords = {
  ...sweepRecords,
  /** Solves a half-step. */
  regress: otherOption<(step: HalfStep) => void>('a function'),
};

export interface AlternatingOptions extends OptionsNeeding<typeof alternatingRecords, 'rank' | 'regress'> {}

/** An iterate of a sweep, with what observers may need in addition. */
export interface Sweep extends Iterate<Factors> {
  readonly factors: Factors;
  readonly relativeResidual: number;
  readonly counted: Readonly<RegressionWork>;
}

/** Residuals of this size are rounding errors. */
const EXACT = 1e-14;

/** The factors and the state of a run, shared by the methods that alternate between two factors. */
export class Sweeps {
  readonly U: Float64Array;
  readonly V: Float64Array;
  readonly work: RegressionWork;
  readonly random: Random;
  readonly size: number;
  private last: Sweep | undefined;
  private previous: number;

  /** @param start Gives the initial U and V if there is no state or factors to start from. */
  constructor(
    observed: Observed,
    private readonly options: { readonly rank: number; readonly lambda: number; readonly tol: number },
    { resume, from, seed }: OptionsOf<typeof beginningRecords> & { readonly seed: number },
    start: (random: Random) => Factors,
  ) {
    this.random = new Random(seed);
    if (resume) this.random.restore(resume.random);
    const { left, right } = resume ?? from ?? start(this.random);
    this.U = left.slice();
    this.V = right.slice();
    this.work = resume ? { ...resume.work } : { multiplyAdds: 0, innerIterations: 0 };
    this.previous = resume?.previous ?? Number.NaN;
    this.size = squaresOf(observed.byCol, observed.byCol.values);
  }

  get relativeResidual(): number {
    return this.last?.relativeResidual ?? 1;
  }

  /**
   * The iterate after a sweep with this sum of squared residuals; `compared` where a small change of the objective
   * implies convergence.
   */
  iterate(iteration: number, squares: number, compared: boolean, residual?: Float64Array): Sweep {
    const { U, V, work, size, random, options, previous } = this;
    const { lambda, tol } = options;
    const objective = 0.5 * squares + (lambda > 0 ? 0.5 * lambda * (sumOfSquares(U) + sumOfSquares(V)) : 0);
    const relativeResidual = size > 0 ? Math.sqrt(squares / size) : 0;
    const settled = compared && Math.abs(previous - objective) <= tol * previous;
    // If all entries are zero, zero is the solution.
    const exact = size === 0 || (iteration > 0 && relativeResidual <= EXACT);
    this.previous = objective;
    const counted = { ...work };
    this.last = {
      iteration,
      objective,
      relativeResidual,
      metrics: { relativeResidual },
      work: { epochs: iteration },
      factors: { left: U, right: V },
      counted: work,
      mayFail: true,
      done: Number.isFinite(objective) ? (exact || settled ? 'converged' : undefined) : 'diverged',
      snapshot: () => ({ left: size === 0 ? new Float64Array(U.length) : U.slice(), right: V.slice() }),
      checkpoint: (): CompletionState => ({
        ...{ iteration, previous, random: random.state(), work: counted },
        ...{ left: U.slice(), right: V.slice(), residual: residual?.slice() },
      }),
    };
    return this.last;
  }
}

/**
 * Alternating minimisation: regress one factor on the other, in turn; an iterate a sweep. Without
 * λ the factor that is regressed on is made orthonormal first (Jain, Netrapalli and Sanghavi 2013; Gu, Song, Yin and
 * Zhang 2024), which keeps regressions well conditioned and changes nothing else; with λ its scale matters and stays.
 */
export function* alternating(observed: Observed, options: AlternatingOptions): Generator<Sweep, void, undefined> {
  checkOptions('alternating', alternatingRecords, options);
  const { rank: k, lambda = 0, regress, init = 'spectral', seed = 0, tol = 1e-6, resume, from } = options;
  const sweeps = new Sweeps(observed, { rank: k, lambda, tol }, { resume, from, seed }, (random) => {
    const placed = new PlacedEntries(observed, k);
    const { U, sizes } = startOf(init, observed, placed, k, random);
    placed.free();
    if (lambda > 0) for (let at = 0; at < U.length; at++) U[at] *= Math.sqrt(sizes[at % k]);
    return { left: U, right: new Float64Array(observed.cols * k) };
  });
  const { U, V, work, random } = sweeps;
  const r: Float64Array = new Float64Array(observed.byCol.values.length);
  const half = (rows: ObservedRows, factor: Float64Array, out: Float64Array, count: number) => {
    regress({
      ...{ rows, factor, rank: k, out: ownPart(rows, out, k) },
      ...{ relativeResidual: sweeps.relativeResidual, count, work },
    });
    exchange(rows, out, k);
  };
  for (let sweep = resume?.iteration ?? 0; ; sweep++) {
    if (sweep > (resume?.iteration ?? 0)) {
      if (lambda === 0 && (sweep > 1 || from)) orthonormalise(U, k, random);
      half(observed.byCol, U, V, 2 * sweep - 2);
      if (lambda === 0) orthonormalise(V, k, random);
      half(observed.byRow, V, U, 2 * sweep - 1);
    }
    const { squares } = residuals(observed, U, V, k, r);
    // With λ, the start is no point of comparison: V is zero.
    const next = sweeps.iterate(sweep, squares, sweep > 1 || (sweep === 1 && from !== undefined));
    yield next;
    if (next.done) return;
  }
}

/** Half-steps by the library's solvers; `tol` may depend on the residual of the entries. */
export function libraryRegress(
  options: Omit<RegressionOptions, 'tol'> & { readonly tol?: number | ((relativeResidual: number) => number) },
): (step: HalfStep) => void {
  knownKeys('libraryRegress', options, keysOf(regressionRecords));
  const { tol = 1e-12, seed = 0 } = options;
  return ({ rows, factor, rank, out, relativeResidual, count, work }) => {
    const now = typeof tol === 'number' ? tol : tol(relativeResidual);
    solveRegressions(rows, factor, rank, { ...options, tol: now, seed: seed + count }, out, work);
  };
}

/** Tolerance of inner solves that follows the residual: a tenth of it. */
export const tiedTolerance = (relativeResidual: number): number => Math.max(1e-14, 0.1 * Math.min(1, relativeResidual));
