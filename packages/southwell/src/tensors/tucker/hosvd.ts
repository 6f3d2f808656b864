import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  fail,
  flagOption,
  type Iterate,
  integerOption,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  type OptionsOf,
  only,
  otherOption,
  Random,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  seedOption,
} from '@southwell/numerics/core';
import { qr, svd } from '@southwell/numerics/linalg';
import { Memory } from '../memory.ts';
import { modeProduct, multiModeProduct } from '../products.ts';
import { checkValues, normOf, stackOf, type Tensor, unitOf } from '../tensor.ts';
import { checkRanks, firstColumns, type Keep, leadingOf, unfoldingTimesInto } from './subspaces.ts';
import { TuckerModel, type TuckerPoint } from './tuckerModel.ts';

const hosvdRecords = {
  /** Rank of each mode; either these or `tol`. */
  ranks: otherOption<readonly number[]>('a number for each mode'),
  /** Bound on the relative error: each mode truncates at most tol·‖tensor‖/√modes. */
  tol: numberOption({ min: 0, finite: true }),
  /** Project each mode before the next is decomposed: the same error bound for less work. Default false. */
  sequential: flagOption(),
};

const randomizedRecords = {
  ...hosvdRecords,
  /** Number of sketch columns beyond the ranks. Default 10. */
  oversample: integerOption({ min: 0 }),
  /** Number of power iterations. Default 1. */
  powerIterations: integerOption({ min: 0 }),
  /** Default 0. */
  seed: seedOption(),
};

export interface HosvdOptions extends OptionsOf<typeof hosvdRecords>, Omit<RunOptions<TuckerPoint>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a run with the same tensor and options. */
  readonly resume?: HosvdState;
}

export interface RandomizedHosvdOptions
  extends OptionsNeeding<typeof randomizedRecords, 'ranks'>,
    Omit<HosvdOptions, keyof typeof randomizedRecords> {}

const { tol: _tol, maxIter: _maxIter, ...watchKeys } = runKeys;
const hosvdKeys: OptionKeys<HosvdOptions> = { ...watchKeys, ...keysOf(hosvdRecords), resume: true };
const randomizedKeys: OptionKeys<RandomizedHosvdOptions> = { ...hosvdKeys, ...keysOf(randomizedRecords) };

/** The factors of the finished modes, in the order of their computation, column-major. */
export interface HosvdState {
  readonly factors: ReadonlyArray<{ readonly mode: number; readonly rank: number; readonly values: Float64Array }>;
  /** For each finished mode, the truncated sum of squares, relative to that of the tensor. */
  readonly tails: readonly number[];
}

/** A higher-order SVD: orthonormal factors, and the error of the approximation. */
export class Hosvd extends TuckerModel {
  constructor(
    point: TuckerPoint,
    /** ‖tensor − this‖ / ‖tensor‖; computed entry by entry if below 1e-4. */
    readonly error: number,
    readonly solution: Solution<TuckerPoint>,
  ) {
    super(point);
  }
}

/**
 * Higher-order singular value decomposition (De Lathauwer, De Moor and Vandewalle 2000): the leading left singular
 * vectors of every unfolding, and the projection of the tensor onto them; its error is at most √modes times the minimum
 * for the ranks. With `sequential` each mode is projected before the next is decomposed, the shortest first
 * (Vannieuwenhoven, Vandebril and Meerbergen 2012). Gram matrices are used if the relevant singular values exceed 1e-6
 * of the largest; otherwise QR of the unfolding or its transpose, and the SVD of R, so that any `tol` down to rounding is achieved.
 * Ends `completed`. O(Σ n · values), less with `sequential`.
 *
 * @example const { core, factors, error } = hosvd(Tensor.from([2, 2, 2], [1, 2, 2, 4, 3, 6, 6, 12]), { tol: 1e-10 });
 * @throws INVALID_PARAMETER, NON_FINITE.
 */
export function hosvd(tensor: Tensor, options: HosvdOptions): Hosvd {
  knownKeys('hosvd', options, hosvdKeys);
  return modelOf(tensor, run(hosvdIterates(tensor, options), watching(options)));
}

/** As {@link hosvd}, but yields to the event loop between modes. */
export async function hosvdAsync(tensor: Tensor, options: HosvdOptions): Promise<Hosvd> {
  knownKeys('hosvd', options, hosvdKeys);
  return modelOf(tensor, await runAsync(hosvdIterates(tensor, options), watching(options)));
}

const watching = (options: HosvdOptions): RunOptions<TuckerPoint> =>
  only<RunOptions<TuckerPoint>>({ ...options, tol: undefined }, runKeys);

function modelOf(tensor: Tensor, solution: Solution<TuckerPoint>): Hosvd {
  const { point } = solution;
  return new Hosvd(point, projectionError(tensor, point), solution);
}

/**
 * The error of orthonormal factors with their core: from squared norms if accurate enough, otherwise entry by entry.
 */
export function projectionError(tensor: Tensor, point: TuckerPoint): number {
  const norm = normOf(tensor.data);
  if (norm === 0) return 0;
  const left = 1 - (normOf(point.core.data) / norm) ** 2;
  return left > 1e-8 ? Math.sqrt(left) : new TuckerModel(point).relativeError(tensor);
}

/**
 * The modes of {@link hosvd}, an iterate each; the factor of an unfinished mode is the identity. @throws
 * INVALID_PARAMETER, NON_FINITE.
 */
export function hosvdIterates(tensor: Tensor, options: HosvdOptions): Generator<Iterate<TuckerPoint>, void, undefined> {
  knownKeys('hosvd', options, hosvdKeys);
  checkGiven(hosvdRecords, options);
  const { ranks, tol } = options;
  if ((ranks === undefined) === (tol === undefined)) {
    fail('INVALID_PARAMETER', 'A higher-order SVD needs either ranks or tol, not both.');
  }
  checkValues(tensor, false);
  if (ranks) checkRanks(ranks, tensor.shape);
  const tail = ((tol ?? 0) * normOf(tensor.data)) / Math.sqrt(tensor.order);
  return byModes(tensor, options, (of, mode, norm) => {
    const keep: Keep = ranks ? { rank: ranks[mode] } : { tail };
    return leadingOf(of, mode, keep, norm).vectors;
  });
}

/**
 * As {@link hosvd} for given ranks, with randomised range finding (Halko, Martinsson and Tropp 2011; Minster, Saibaba
 * and Kilmer 2020), sequentially, the shortest mode first; exact singular vectors are used for modes that are not much
 * longer than the sketch. O((ranks + oversample) · values).
 * @throws INVALID_PARAMETER, NON_FINITE.
 */
export function randomizedHosvd(tensor: Tensor, options: RandomizedHosvdOptions): Hosvd {
  knownKeys('randomizedHosvd', options, randomizedKeys);
  return modelOf(tensor, run(randomizedHosvdIterates(tensor, options), watching(options)));
}

/** The modes of {@link randomizedHosvd}, an iterate each. @throws INVALID_PARAMETER, NON_FINITE. */
export function randomizedHosvdIterates(
  tensor: Tensor,
  options: RandomizedHosvdOptions,
): Generator<Iterate<TuckerPoint>, void, undefined> {
  knownKeys('randomizedHosvd', options, randomizedKeys);
  checkGiven(randomizedRecords, options);
  const { ranks, tol } = options;
  if (tol !== undefined || !ranks)
    fail('INVALID_PARAMETER', 'A randomised higher-order SVD needs ranks and takes no tol.');
  checkValues(tensor, false);
  checkRanks(ranks, tensor.shape);
  return sketches(tensor, options);
}

function sketches(tensor: Tensor, options: RandomizedHosvdOptions): Generator<Iterate<TuckerPoint>, void, undefined> {
  const { ranks, oversample = 10, powerIterations: powers = 1, seed = 0 } = options;
  const random = new Random(seed);
  return byModes(tensor, { sequential: true, ...options }, (of, mode, norm) =>
    sketched(of, mode, ranks[mode], { block: ranks[mode] + oversample, powers, norm }, random.split(mode)),
  );
}

/** Approximate leading vectors of every mode of checked values: an initialisation for sweeps. */
export function roughHosvd(tensor: Tensor, ranks: readonly number[], oversample: number, seed: number): TuckerPoint {
  return run(sketches(tensor, { ranks, oversample, powerIterations: 0, seed })).point;
}

function* byModes(
  tensor: Tensor,
  { sequential = false, resume }: HosvdOptions,
  vectorsOf: (tensor: Tensor, mode: number, norm: number) => DenseMatrix,
): Generator<Iterate<TuckerPoint>, void, undefined> {
  const { shape, order } = tensor;
  // Short modes first: they are cheapest, and reduce the work for the others.
  const modes = shape.map((_, k) => k).sort((a, b) => (sequential ? shape[a] - shape[b] : 0) || a - b);
  const factors = shape.map((): DenseMatrix | undefined => undefined);
  const tails = [...(resume?.tails ?? [])];
  let now = tensor;
  for (const { mode, rank, values } of resume?.factors ?? []) {
    const U = DenseMatrix.fromColumnMajor(values, shape[mode], rank);
    factors[mode] = U;
    if (sequential) now = modeProduct(now, mode, U, { transpose: true });
  }
  const norm = normOf(tensor.data);
  let before = sequential && tails.length > 0 ? normOf(now.data) : norm;
  for (let at = tails.length; ; at++) {
    const left = tails.reduce((sum, v) => sum + v, 0);
    const core = () => (sequential ? now : multiModeProduct(tensor, factors, { transpose: true }));
    yield {
      iteration: at,
      // For sequential projections the truncated squares sum to the squared error; otherwise their sum is an upper
      // bound.
      objective: 0.5 * left,
      work: { epochs: at },
      done: at === order ? 'completed' : undefined,
      snapshot: () => ({ core: core(), factors: shape.map((n, k) => factors[k] ?? identity(n)) }),
      checkpoint: (): HosvdState => ({
        factors: modes.slice(0, at).map((mode) => {
          const { cols, data } = factors[mode]!;
          return { mode, rank: cols, values: data.slice() };
        }),
        tails: [...tails],
      }),
    };
    if (at === order) return;
    const mode = modes[at];
    const U = vectorsOf(now, mode, before);
    const kept = modeProduct(now, mode, U, { transpose: true });
    const after = normOf(kept.data);
    tails.push(norm > 0 ? Math.max(0, (before - after) / norm) * ((before + after) / norm) : 0);
    factors[mode] = U;
    if (!sequential) continue;
    now = kept;
    before = after;
  }
}

function identity(n: number): DenseMatrix {
  const out = DenseMatrix.create(n, n);
  for (let i = 0; i < n; i++) out.set(i, i, 1);
  return out;
}

/** Leading left singular vectors of an unfolding from a randomised sketch. */
function sketched(
  tensor: Tensor,
  mode: number,
  rank: number,
  { block, powers, norm }: { readonly block: number; readonly powers: number; readonly norm: number },
  random: Random,
): DenseMatrix {
  const { before, size: n, after } = stackOf(tensor.shape, mode);
  const others = before * after;
  const width = Math.min(block, n, others);
  // If one side is short, computing all of its vectors is as cheap.
  if (8 * (powers + 1) * width >= n || others <= 3 * width) return leadingOf(tensor, mode, { rank }, norm).vectors;
  const unit = unitOf(norm);
  const memory = new Memory(tensor.data.length + (others + n) * width);
  try {
    const T = memory.hold(unit === 1 ? tensor.data : tensor.data.map((v) => v / unit)).pointer;
    const W = memory.room(others * width);
    const Y = memory.room(n * width);
    for (let e = 0, values = W.data; e < values.length; e++) values[e] = random.normal();
    const forward = () => unfoldingTimesInto(memory, [T, tensor.shape, mode], W.pointer, width, Y.pointer);
    const back = () => {
      if (after === 1) {
        memory.gemm([true, false], [before, width, n], [T, n], [Y.pointer, n], [W.pointer, others]);
        return;
      }
      for (let l = 0; l < before; l++) {
        const C = [W.pointer + 8 * l * after, others] as const;
        memory.gemm([false, false], [after, width, n], [T + 8 * l * n * after, after], [Y.pointer, n], C);
      }
    };
    const orthonormal = () => {
      const M = DenseMatrix.fromColumnMajor(Y.data.subarray(0, n * width), n, width);
      const factor = qr(M);
      const Q = factor.thinQ();
      Y.data.set(Q.data);
      for (const spent of [M, factor, Q]) spent.free();
    };
    forward();
    orthonormal();
    for (let p = 0; p < powers; p++) {
      back();
      forward();
      orthonormal();
    }
    // Qᵀ times the unfolding: the leading vectors within the range of the sketch.
    back();
    const M = DenseMatrix.fromColumnMajor(W.data.subarray(0, others * width), others, width);
    const factor = qr(M);
    const R = factor.R();
    const { U, V } = svd(R);
    const out = DenseMatrix.create(n, rank);
    const basis = Y.data;
    const chosen = firstColumns(V, rank);
    for (let a = 0; a < rank; a++) {
      const column = out.column(a);
      for (let b = 0; b < width; b++) {
        const c = chosen.get(b, a);
        for (let i = 0; i < n; i++) column[i] += c * basis[b * n + i];
      }
    }
    for (const spent of [M, factor, R, U, chosen]) spent.free();
    return out;
  } finally {
    memory.free();
  }
}
