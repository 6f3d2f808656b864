import {
  checkGiven,
  fail,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  only,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { Memory } from '../memory.ts';
import { sweepRecords } from '../records.ts';
import { SparseTensor } from '../sparseTensor.ts';
import { checkValues, normOf, Tensor } from '../tensor.ts';
import { unknownSlices } from '../unknownSlices.ts';
import { AcceleratedSweeps, factorsOf, type SweepState } from './accelerated.ts';
import { CpModel, type CpPoint, pointOf } from './cpModel.ts';
import { type CpProblem, DenseCp, SparseCp } from './cpProblem.ts';
import { startsOf } from './cpStart.ts';
import { KnownCp } from './knownCp.ts';
import { MaskedCp, masksPay } from './maskedCp.ts';

export const cpRecords = {
  /** Number of components. */
  rank: integerOption({ min: 1 }),
  ...sweepRecords,
  /** Number of initialisations, all but the first random; the best after 20 sweeps is continued. Default 1. */
  starts: integerOption(
    { min: 1 },
    {
      title: 'Initialisations',
      about: 'number of initialisations, all but the first random: the best after 20 sweeps is continued',
      default: 1,
      form: { advanced: true },
    },
  ),
  /**
   * Tolerance on the gradient norm of half the squared residual, relative to the squared norm of the tensor. Default 1e-6.
   */
  tol: numberOption({ min: 0 }),
  /** Maximum number of sweeps. Default 500. */
  maxIter: limitOption(0),
};

export interface CpOptions
  extends OptionsNeeding<typeof cpRecords, 'rank'>,
    Omit<RunOptions<CpPoint>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a run with the same tensor and options. */
  readonly resume?: CpState;
}

const cpKeys: OptionKeys<CpOptions> = { ...runKeys, ...keysOf(cpRecords), resume: true };

/** State of a run after a sweep, as plain data, of the tensor divided by its norm. */
export interface CpState {
  readonly iteration: number;
  /**
   * The restart being tried, its number of sweeps, and the best one so far; undefined after the best has been selected.
   */
  readonly trial?: { readonly start: number; readonly sweeps: number; readonly best?: SweepState };
  readonly sweeps: SweepState;
}

/** A fitted CP decomposition. */
export class Cp extends CpModel {
  constructor(
    point: CpPoint,
    /** ‖tensor − this‖ / ‖tensor‖, over known entries. */
    readonly error: number,
    /** For each mode, indices without known entries, for which predictions are meaningless. */
    readonly unknown: ReadonlyArray<readonly number[]>,
    readonly solution: Solution<CpPoint>,
  ) {
    super(point);
  }
}

/**
 * CP (PARAFAC) decomposition: the tensor as a sum of outer products of vectors, by accelerated alternating least
 * squares (`AcceleratedSweeps`), initialised on the tensor compressed to a few leading vectors (Bro and Andersson
 * 1998). Missing values are left out of the least squares of every row; with `nonNegative` columns are updated one by
 * one. The residual never increases; the problem is not convex, and may have no best approximation: see {@link
 * CpModel.congruence}. O(2 rank · values) per sweep.
 *
 * @example const { weights, factors, error } = cp(Tensor.from([2, 2, 2], [1, 2, 2, 4, 3, 6, 6, 12]), { rank: 1 });
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE, EMPTY.
 */
export function cp(tensor: Tensor | SparseTensor, options: CpOptions): Cp {
  knownKeys('cp', options, cpKeys);
  return modelOf(tensor, run(cpIterates(tensor, options), settings(options)));
}

/** As {@link cp}, but yields to the event loop between sweeps. */
export async function cpAsync(tensor: Tensor | SparseTensor, options: CpOptions): Promise<Cp> {
  knownKeys('cp', options, cpKeys);
  return modelOf(tensor, await runAsync(cpIterates(tensor, options), settings(options)));
}

const settings = ({ tol = 1e-6, maxIter = 500, ...options }: CpOptions): RunOptions<CpPoint> =>
  only<RunOptions<CpPoint>>({ ...options, tol, maxIter }, runKeys);

const modelOf = (tensor: Tensor | SparseTensor, solution: Solution<CpPoint>): Cp =>
  new Cp(solution.point, Math.sqrt(2 * solution.objective), unknownSlices(tensor), solution);

/** Number of sweeps of each restart if there are several. */
const TRIAL = 20;
const SWEEPS_STILL = 4;
/** Relative residuals of this size are rounding errors. */
const EXACT = 1e-14;

/**
 * The sweeps of {@link cp} as a generator of iterates; the certificate is computed only when a sweep suggests that it
 * is small.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE, EMPTY.
 */
export function* cpIterates(
  tensor: Tensor | SparseTensor,
  options: CpOptions,
): Generator<Iterate<CpPoint>, void, undefined> {
  knownKeys('cp', options, cpKeys);
  const { rank, nonNegative = false, init, starts = 1, seed = 0 } = options;
  const known = checked(tensor, options);
  const norm = normOf(known.kind === 'sparse' ? known.values : known.data) || 1;
  const scaled = dividedBy(known, norm);
  const memory = new Memory(scaled.kind === 'dense' ? 2 * scaled.data.length : 1);
  try {
    const gaps = scaled.kind === 'dense' && scaled.data.some(Number.isNaN);
    const problem: CpProblem =
      scaled.kind === 'dense'
        ? new (gaps ? MaskedCp : DenseCp)(scaled, rank, nonNegative, memory)
        : new (scaled.missing ? KnownCp : SparseCp)(scaled, rank, nonNegative);
    const start = startsOf(scaled, { rank, nonNegative, init, seed, gaps });
    yield* sweepsOf(problem, start, { ...options, starts }, norm);
  } finally {
    memory.free();
  }
}

function* sweepsOf(
  problem: CpProblem,
  start: (at: number) => Float64Array,
  { tol = 1e-6, starts, nonNegative = false, resume }: CpOptions & { readonly starts: number },
  norm: number,
): Generator<Iterate<CpPoint>, void, undefined> {
  const { shape, rank } = problem;
  const begin = (from: Float64Array | SweepState) => new AcceleratedSweeps(problem, nonNegative, from);
  let sweeps = begin(resume?.sweeps ?? start(0));
  let trial = resume ? resume.trial : starts > 1 ? { start: 0, sweeps: 0, best: undefined } : undefined;
  for (let iteration = resume?.iteration ?? 0; ; iteration++) {
    let hint = Number.POSITIVE_INFINITY;
    if (iteration > (resume?.iteration ?? 0)) {
      hint = sweeps.step();
      if (trial) {
        trial = { ...trial, sweeps: trial.sweeps + 1 };
        if (trial.sweeps === TRIAL) {
          const { now } = sweeps;
          const best: SweepState = trial.best && trial.best.squares <= now.squares ? trial.best : now;
          const last = trial.start + 1 === starts;
          sweeps = begin(last ? best : start(trial.start + 1));
          trial = last ? undefined : { start: trial.start + 1, sweeps: 0, best };
        }
      }
    }
    const { now } = sweeps;
    const shown: SweepState = trial?.best && trial.best.squares < now.squares ? trial.best : now;
    const objective = 0.5 * shown.squares;
    const exact = Math.sqrt(shown.squares) <= EXACT;
    const still = trial ? 0 : now.still;
    const check = !trial && (exact || hint <= 2 * tol || still >= SWEEPS_STILL);
    const value = check ? problem.slope(factorsOf(shown.best, shape, rank)) : 0;
    const [current, trying] = [iteration, trial];
    yield {
      iteration,
      objective,
      certificate: check ? { kind: 'gradientNorm', value, relative: value } : undefined,
      metrics: { relativeError: Math.sqrt(shown.squares) },
      work: { epochs: iteration },
      done: exact ? 'converged' : still >= SWEEPS_STILL ? 'stalled' : undefined,
      snapshot: () => pointOf(shown.best, shape, rank, norm),
      checkpoint: (): CpState => ({ iteration: current, trial: trying, sweeps: now }),
    };
  }
}

/** The tensor in the form that its problem takes: with missing values dense if many are known, otherwise listed. */
function checked(tensor: Tensor | SparseTensor, options: CpOptions): Tensor | SparseTensor {
  checkGiven(cpRecords, options);
  const { missing = false, rank } = options;
  const { shape } = tensor;
  if (shape.length < 2) fail('INVALID_SHAPE', 'A CP decomposition needs a tensor of at least two modes.');
  if (tensor.kind === 'sparse') {
    if (tensor.count === 0) fail('EMPTY', 'The tensor has no entries.');
    return tensor.missing && masksPay(shape, tensor.count, rank) ? tensor.toDense() : tensor;
  }
  checkValues(tensor, missing);
  if (!missing) return tensor;
  let count = 0;
  for (let e = 0; e < tensor.data.length; e++) if (!Number.isNaN(tensor.data[e])) count++;
  if (count === 0) fail('EMPTY', 'All values of the tensor are missing.');
  return count === tensor.data.length || masksPay(shape, count, rank) ? tensor : SparseTensor.known(tensor);
}

function dividedBy(tensor: Tensor | SparseTensor, norm: number): Tensor | SparseTensor {
  const divided = (values: Float64Array) => {
    const out = new Float64Array(values.length);
    for (let e = 0; e < out.length; e++) out[e] = values[e] / norm;
    return out;
  };
  return tensor.kind === 'dense'
    ? new Tensor(tensor.shape, divided(tensor.data))
    : new SparseTensor(tensor.shape, tensor.indices, divided(tensor.values), tensor.missing);
}
