import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  limitOption,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  only,
  otherOption,
  Random,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { Memory } from '../memory.ts';
import { modeProductInto, multiModeProduct } from '../products.ts';
import { sweepRecords } from '../records.ts';
import { checkedNorm, sizeOf, Tensor } from '../tensor.ts';
import { unknownSlices } from '../unknownSlices.ts';
import { hosvd, roughHosvd } from './hosvd.ts';
import { NonNegativeTucker } from './nonNegativeTucker.ts';
import { OrthogonalTucker } from './orthogonalTucker.ts';
import { Projections } from './projections.ts';
import { longMode, type Shortened, shorten } from './shortened.ts';
import { checkRanks } from './subspaces.ts';
import { TuckerModel, type TuckerPoint } from './tuckerModel.ts';
import type { TuckerSweep } from './tuckerSweep.ts';

export const tuckerRecords = {
  /** Rank of each mode. */
  ranks: otherOption<readonly number[]>('a number for each mode'),
  ...sweepRecords,
  /** Tolerance on the gradient norm of the squared residual, relative to the squared norm of the tensor. Default 1e-6. */
  tol: numberOption({ min: 0 }),
  /** Maximum number of sweeps. Default 200. */
  maxIter: limitOption(0),
};

/** Factors are orthonormal unless `nonNegative`; `init` is 'hosvd' by default. */
export interface TuckerAlsOptions
  extends OptionsNeeding<typeof tuckerRecords, 'ranks'>,
    Omit<RunOptions<TuckerPoint>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a run with the same tensor and options. */
  readonly resume?: TuckerState;
}

const tuckerKeys: OptionKeys<TuckerAlsOptions> = { ...runKeys, ...keysOf(tuckerRecords), resume: true };

/** State of a Tucker decomposition after a sweep, as plain data, of the tensor divided by its norm. */
export interface TuckerState {
  readonly iteration: number;
  readonly objective: number;
  /** Number of consecutive sweeps without improvement. */
  readonly still: number;
  /** The smallest gradient norm so far. */
  readonly least: number;
  readonly core: Float64Array;
  readonly factors: readonly Float64Array[];
}

/** A fitted Tucker decomposition. */
export class Tucker extends TuckerModel {
  constructor(
    point: TuckerPoint,
    /** ‖tensor − this‖ / ‖tensor‖, over known entries. */
    readonly error: number,
    /** For each mode, indices without known entries, for which predictions are meaningless. */
    readonly unknown: ReadonlyArray<readonly number[]>,
    readonly solution: Solution<TuckerPoint>,
  ) {
    super(point);
  }
}

/**
 * The best Tucker decomposition of given ranks, by sweeps over its factors: orthonormal factors by higher-order
 * orthogonal iteration, initialised by a higher-order SVD, or with `nonNegative` by hierarchical least squares. Missing
 * values are imputed by the model after every sweep (expectation–maximisation), which decreases the residual of the
 * known ones. The residual never increases; the problem is not convex. O(2 · largest rank · values) per sweep.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE, EMPTY.
 */
export function tuckerAls(tensor: Tensor, options: TuckerAlsOptions): Tucker {
  knownKeys('tuckerAls', options, tuckerKeys);
  return modelOf(tensor, run(tuckerAlsIterates(tensor, options), settings(options)));
}

/** As {@link tuckerAls}, but yields to the event loop between sweeps. */
export async function tuckerAlsAsync(tensor: Tensor, options: TuckerAlsOptions): Promise<Tucker> {
  knownKeys('tuckerAls', options, tuckerKeys);
  return modelOf(tensor, await runAsync(tuckerAlsIterates(tensor, options), settings(options)));
}

const settings = ({ tol = 1e-6, maxIter = 200, ...options }: TuckerAlsOptions): RunOptions<TuckerPoint> =>
  only<RunOptions<TuckerPoint>>({ ...options, tol, maxIter }, runKeys);

function modelOf(tensor: Tensor, solution: Solution<TuckerPoint>): Tucker {
  const error = Math.sqrt(2 * solution.objective);
  return new Tucker(solution.point, error, unknownSlices(tensor), solution);
}

/** Relative changes of the objective below this, over consecutive sweeps, are rounding errors. */
const STILL = 1e-14;
const SWEEPS_STILL = 3;
/** A gradient norm above this fraction of the smallest so far has not decreased. */
const FALLS = 0.99;
/** Squared residuals below this fraction of the squared norm are recomputed entry by entry. */
const CANCELS = 1e-8;
/** Relative residuals of this size are rounding errors. */
const EXACT = 1e-14;

/**
 * The sweeps of {@link tuckerAls} as a generator of iterates; the certificate is computed only when a sweep suggests
 * that it is small.
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE, EMPTY.
 */
export function* tuckerAlsIterates(
  tensor: Tensor,
  options: TuckerAlsOptions,
): Generator<Iterate<TuckerPoint>, void, undefined> {
  knownKeys('tuckerAls', options, tuckerKeys);
  checkGiven(tuckerRecords, options);
  const { nonNegative = false, missing = false, tol = 1e-6, init = 'hosvd', seed = 0, resume } = options;
  const { shape } = tensor;
  if (shape.length < 2) fail('INVALID_SHAPE', 'A Tucker decomposition needs a tensor of at least two modes.');
  const norm = checkedNorm(tensor, missing) || 1;
  const ranks = checkRanks(options.ranks, shape);
  const gaps = missing ? gapsOf(tensor.data) : new Int32Array(0);
  if (gaps.length === tensor.data.length) fail('EMPTY', 'All values of the tensor are missing.');
  const filled = new Tensor(shape, scaledAndFilled(tensor, gaps, norm));
  const short = nonNegative || gaps.length > 0 || init === 'random' ? undefined : shortFor(filled, ranks, resume);
  try {
    yield* onTensor(short?.tensor ?? filled, ranks, gaps, { ...{ nonNegative, init, seed, norm, tol, resume }, short });
  } finally {
    short?.free();
  }
}

/** Checkpoints of runs that did not shorten the tensor are continued as they began. */
function shortFor(tensor: Tensor, ranks: readonly number[], resume?: TuckerState): Shortened | undefined {
  const found = longMode(tensor.shape);
  if (!found || (resume && resume.factors[found.mode].length !== found.size * ranks[found.mode])) return undefined;
  return shorten(tensor);
}

/** The sweeps on a tensor of unit norm without missing values. */
function* onTensor(
  { shape, data }: Tensor,
  ranks: readonly number[],
  gaps: Int32Array,
  course: Course & StartOptions,
): Generator<Iterate<TuckerPoint>, void, undefined> {
  const { nonNegative, resume } = course;
  const memory = new Memory(4 * data.length);
  try {
    const room = memory.hold(data);
    const projections = new Projections({ room, shape }, ranks, memory);
    const start = resume
      ? { core: resume.core, factors: resume.factors }
      : startOf(new Tensor(shape, data), ranks, course);
    const factors = start.factors.map((values, k) => {
      const held = DenseMatrix.create(shape[k], ranks[k], { arena: memory.arena, fill: false });
      held.data.set(values);
      return held;
    });
    const core = start.core.slice();
    const sweeps: TuckerSweep = nonNegative
      ? new NonNegativeTucker(projections, factors, ranks, core)
      : new OrthogonalTucker(projections, factors, ranks, memory, core);
    try {
      yield* sweepsOf(sweeps, new Filling(room, shape, gaps, ranks, memory), course);
    } finally {
      for (const factor of factors) factor.free();
    }
  } finally {
    memory.free();
  }
}

function gapsOf(data: Float64Array): Int32Array {
  let count = 0;
  for (let e = 0; e < data.length; e++) if (Number.isNaN(data[e])) count++;
  const out = new Int32Array(count);
  for (let e = 0, at = 0; at < count; e++) if (Number.isNaN(data[e])) out[at++] = e;
  return out;
}

interface Course {
  readonly norm: number;
  readonly tol: number;
  readonly resume?: TuckerState;
  /** What the sweeps see in place of the tensor. */
  readonly short?: Shortened;
}

function* sweepsOf(
  sweeps: TuckerSweep,
  filling: Filling,
  { norm, tol, resume, short }: Course,
): Generator<Iterate<TuckerPoint>, void, undefined> {
  let objective = 0.5 * filling.residual(sweeps);
  let [still, least] = [resume?.still ?? 0, resume?.least ?? Number.POSITIVE_INFINITY];
  for (let iteration = resume?.iteration ?? 0; ; iteration++) {
    let hint = Number.POSITIVE_INFINITY;
    if (iteration > (resume?.iteration ?? 0)) {
      hint = sweeps.sweep();
      const next = 0.5 * filling.residual(sweeps);
      // Near the optimum the gradient still decreases when changes of the objective are lost in rounding.
      const gains = objective - next > STILL * objective || hint < FALLS * least;
      still = gains ? 0 : still + 1;
      least = Math.min(least, hint);
      objective = next;
    }
    const exact = Math.sqrt(2 * objective) <= EXACT;
    const check = exact || hint <= 2 * tol || still > 0;
    const value = check ? sweeps.certificate() : 0;
    yield {
      iteration,
      objective,
      certificate: check ? { kind: 'gradientNorm', value, relative: value } : undefined,
      metrics: { relativeError: Math.sqrt(2 * objective) },
      work: { epochs: iteration },
      done: exact ? 'converged' : still >= SWEEPS_STILL ? 'stalled' : undefined,
      snapshot: () => ({
        core: new Tensor(
          filling.ranks,
          sweeps.core.map((v) => v * norm),
        ),
        factors: copies(sweeps.factors, short),
      }),
      checkpoint: (): TuckerState => ({
        ...{ iteration, objective, still, least, core: sweeps.core.slice() },
        factors: sweeps.factors.map(({ data }) => data.slice()),
      }),
    };
  }
}

const copies = (factors: readonly DenseMatrix[], short?: Shortened): DenseMatrix[] =>
  factors.map((factor, k) =>
    short?.mode === k ? short.expand(factor) : DenseMatrix.fromColumnMajor(factor.data, factor.rows, factor.cols),
  );

/** Values divided by the norm; missing values become the mean of the known ones. */
function scaledAndFilled({ data }: Tensor, gaps: Int32Array, norm: number): Float64Array {
  const out = new Float64Array(data.length);
  for (let e = 0; e < out.length; e++) out[e] = data[e] / norm;
  if (gaps.length === 0) return out;
  let sum = 0;
  for (const v of out) if (!Number.isNaN(v)) sum += v;
  const mean = sum / (data.length - gaps.length);
  for (const e of gaps) out[e] = mean;
  return out;
}

/** The missing values, which are imputed by the model. */
class Filling {
  private rooms?: readonly [DenseMatrix, DenseMatrix];
  /** Modes in an order in which products grow late. */
  private readonly modes: readonly number[];

  constructor(
    private readonly room: DenseMatrix,
    private readonly shape: readonly number[],
    private readonly gaps: Int32Array,
    readonly ranks: readonly number[],
    private readonly memory: Memory,
  ) {
    this.modes = shape.map((_, k) => k).sort((a, b) => shape[a] / ranks[a] - shape[b] / ranks[b]);
  }

  /** The squared residual of the known values; missing ones are replaced by the model. */
  residual(sweeps: TuckerSweep): number {
    if (this.gaps.length === 0) {
      const left = 1 - sweeps.squaresKept();
      // The residual of a zero tensor is zero.
      if (left > CANCELS) return this.room.data.some((v) => v !== 0) ? left : 0;
    }
    const [model, { data }, { gaps }] = [this.model(sweeps).data, this.room, this];
    for (let g = 0; g < gaps.length; g++) data[gaps[g]] = model[gaps[g]];
    const size = sizeOf(this.shape);
    let squares = 0;
    for (let e = 0; e < size; e++) {
      const d = data[e] - model[e];
      squares += d * d;
    }
    return squares;
  }

  /** The tensor of core and factors. */
  private model({ core, factors }: TuckerSweep): DenseMatrix {
    const { memory, shape, ranks } = this;
    const size = sizeOf(shape);
    this.rooms ??= [memory.room(size), memory.room(size)];
    let [from, to] = this.rooms;
    from.data.set(core);
    let now = ranks;
    for (const k of this.modes) {
      now = modeProductInto(memory, [from.pointer, now], k, factors[k], false, to.pointer, true);
      [from, to] = [to, from];
    }
    return from;
  }
}

interface StartOptions {
  readonly nonNegative: boolean;
  readonly init: 'hosvd' | 'random';
  readonly seed: number;
}

interface Start {
  readonly core: Float64Array;
  readonly factors: readonly Float64Array[];
}

function startOf(tensor: Tensor, ranks: readonly number[], { nonNegative, init, seed }: StartOptions): Start {
  const { shape } = tensor;
  const random = new Random(seed);
  if (nonNegative) {
    const given = init === 'hosvd' ? startOf(tensor, ranks, { nonNegative: false, init, seed }) : undefined;
    // Absolute values of singular vectors, which are non-negative, without zeros, which multiplicative updates would
    // preserve.
    const least = (v: number) => Math.max(Math.abs(v), 1e-3 * random.uniform());
    const factors = shape.map((n, k) =>
      Float64Array.from({ length: n * ranks[k] }, (_, e) => (given ? least(given.factors[k][e]) : random.uniform())),
    );
    const matrices = factors.map((values, k) => DenseMatrix.fromColumnMajor(values, shape[k], ranks[k]));
    const core = multiModeProduct(tensor, matrices, { transpose: true }).data.map((v) => Math.max(0, v));
    const image = multiModeProduct(new Tensor(ranks, core), matrices).data;
    // Scaled for the best fit.
    const [dot, squares] = [0, 1].map((s) => image.reduce((sum, v, e) => sum + v * (s ? v : tensor.data[e]), 0));
    const scale = squares > 0 ? Math.max(0, dot / squares) : 0;
    return { core: core.map((v) => v * scale), factors };
  }
  if (init === 'random') {
    const noise = Tensor.fromFunction(shape, () => random.normal());
    const { factors } = hosvd(noise, { ranks, sequential: true });
    const core = multiModeProduct(tensor, factors, { transpose: true }).data;
    return { core, factors: factors.map(({ data }) => data.slice()) };
  }
  const model = roughHosvd(tensor, ranks, 5, seed);
  return { core: model.core.data, factors: model.factors.map(({ data }) => data.slice()) };
}
