import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkGiven,
  checkOptions,
  fail,
  type Iterate,
  keysOf,
  knownKeys,
  numberOption,
  type OptionKeys,
  type OptionsNeeding,
  type OptionsOf,
  only,
  otherOption,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
  wholeNumber,
} from '@southwell/numerics/core';
import { qr } from '@southwell/numerics/linalg';
import { Memory } from './memory.ts';
import { checkedNorm, normOf, sizeOf, Tensor } from './tensor.ts';
import { TrainModel, type TrainPoint } from './trainModel.ts';
import { type Keep, leadingOf } from './tucker/subspaces.ts';

const roundRecords = {
  /** Bound on the relative error: each cut truncates at most tol·‖tensor‖/√(modes − 1). */
  tol: numberOption({ min: 0, finite: true }),
};

const trainRecords = {
  ...roundRecords,
  /** Ranks between adjacent modes, reduced where the tensor has lower ranks. Either these or `tol`. */
  ranks: otherOption<readonly number[]>('a number between each mode and the next'),
};

export interface TensorTrainOptions
  extends OptionsOf<typeof trainRecords>,
    Omit<RunOptions<TrainPoint>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a run with the same tensor and options. */
  readonly resume?: TrainState;
}

const { tol: _tol, maxIter: _maxIter, ...watchKeys } = runKeys;
const trainKeys: OptionKeys<TensorTrainOptions> = { ...watchKeys, ...keysOf(trainRecords), resume: true };

/** The finished cores, and the remainder of the tensor, with as many rows as the next rank. */
export interface TrainState {
  readonly cores: ReadonlyArray<{ readonly shape: readonly number[]; readonly values: Float64Array }>;
  readonly rest: Float64Array;
  readonly tails: readonly number[];
}

/** A fitted tensor train. */
export class TensorTrain extends TrainModel {
  constructor(
    point: TrainPoint,
    /** ‖tensor − this‖ / ‖tensor‖, computed entry by entry. */
    readonly error: number,
    readonly solution: Solution<TrainPoint>,
  ) {
    super(point);
  }
}

/**
 * Tensor-train decomposition (TT-SVD), by singular value decompositions from the first mode to the last (Oseledets
 * 2011): its error is at most √(modes − 1) times the minimum for the ranks. Ends `completed`. O(Σ rank · n · values).
 *
 * @example const { cores, ranks, error } = tensorTrain(Tensor.from([2, 2, 2], [1, 2, 2, 4, 3, 6, 6, 12]), { tol: 1e-10
 * });
 * @throws INVALID_PARAMETER, INVALID_SHAPE, NON_FINITE.
 */
export function tensorTrain(tensor: Tensor, options: TensorTrainOptions): TensorTrain {
  knownKeys('tensorTrain', options, trainKeys);
  return modelOf(tensor, run(tensorTrainIterates(tensor, options), watching(options)));
}

/** As {@link tensorTrain}, but yields to the event loop between cuts. */
export async function tensorTrainAsync(tensor: Tensor, options: TensorTrainOptions): Promise<TensorTrain> {
  knownKeys('tensorTrain', options, trainKeys);
  return modelOf(tensor, await runAsync(tensorTrainIterates(tensor, options), watching(options)));
}

const watching = (options: TensorTrainOptions): RunOptions<TrainPoint> =>
  only<RunOptions<TrainPoint>>({ ...options, tol: undefined }, runKeys);

const modelOf = (tensor: Tensor, solution: Solution<TrainPoint>): TensorTrain =>
  new TensorTrain(solution.point, new TrainModel(solution.point).relativeError(tensor), solution);

/**
 * An iterate for each cut; the remaining modes are represented exactly. @throws INVALID_PARAMETER, INVALID_SHAPE,
 * NON_FINITE.
 */
export function* tensorTrainIterates(
  tensor: Tensor,
  options: TensorTrainOptions,
): Generator<Iterate<TrainPoint>, void, undefined> {
  knownKeys('tensorTrain', options, trainKeys);
  checkGiven(trainRecords, options);
  const { tol, ranks, resume } = options;
  const { shape } = tensor;
  const cuts = shape.length - 1;
  if (cuts < 1) fail('INVALID_SHAPE', 'A tensor train needs at least two modes.');
  if ((ranks === undefined) === (tol === undefined)) {
    fail('INVALID_PARAMETER', 'A tensor train needs either ranks or tol, not both.');
  }
  const norm = checkedNorm(tensor, false);
  if (ranks) {
    if (ranks.length !== cuts) {
      fail(
        'INVALID_PARAMETER',
        `ranks must be ${cuts} numbers, one between each mode and the next, but are ${ranks.join(', ')}.`,
      );
    }
    for (const r of ranks) wholeNumber('Each of ranks', r, 1);
  }
  const tail = ((tol ?? 0) * norm) / Math.sqrt(cuts);
  const cores = (resume?.cores ?? []).map((core) => new Tensor(core.shape, core.values));
  const tails = [...(resume?.tails ?? [])];
  let rest = resume?.rest ?? tensor.data;
  let before = resume?.rest ? normOf(rest) : norm;
  for (let cut = cores.length; ; cut++) {
    const [r, left] = [cut === 0 ? 1 : cores[cut - 1].shape[2], rest];
    const done = cores.slice();
    yield {
      iteration: cut,
      // Truncation errors of different cuts are orthogonal.
      objective: 0.5 * tails.reduce((sum, v) => sum + v, 0),
      work: { epochs: cut },
      done: cut === cuts ? 'completed' : undefined,
      snapshot: () => ({ cores: [...done, ...exactly(left, r, shape.slice(cut))] }),
      checkpoint: (): TrainState => ({
        cores: done.map((core) => ({ shape: core.shape, values: core.data })),
        ...{ rest: left, tails: [...tails] },
      }),
    };
    if (cut === cuts) return;
    const [rows, cols] = [r * shape[cut], rest.length / (r * shape[cut])];
    const most = Math.min(rows, cols);
    const keep: Keep = ranks ? { rank: Math.min(ranks[cut], most) } : { tail };
    const { vectors, rank } = leadingOf(new Tensor([rows, cols], rest), 0, keep, before);
    cores.push(new Tensor([r, shape[cut], rank], byRows(vectors)));
    const next = projected(vectors, rest, cols);
    const after = normOf(next);
    tails.push(norm > 0 ? Math.max(0, (before - after) / norm) * ((before + after) / norm) : 0);
    vectors.free();
    [rest, before] = [next, after];
  }
}

/** An exact train of the remainder with r rows: the core of the last mode contains it, earlier ones only select. */
function exactly(rest: Float64Array, r: number, shape: readonly number[]): Tensor[] {
  if (shape.length === 1) return [new Tensor([r, shape[0], 1], rest.slice())];
  const m = r * shape[0];
  const select = new Float64Array(m * m);
  for (let i = 0; i < m; i++) select[i * m + i] = 1;
  return [new Tensor([r, shape[0], m], select), ...exactly(rest, m, shape.slice(1))];
}

function byRows({ data, rows, cols }: DenseMatrix): Float64Array {
  const out = new Float64Array(rows * cols);
  for (let j = 0; j < cols; j++) for (let i = 0; i < rows; i++) out[i * cols + j] = data[j * rows + i];
  return out;
}

/** Uᵀ times `values`, in rows of `cols`. */
function projected(U: DenseMatrix, values: Float64Array, cols: number): Float64Array {
  const memory = new Memory(values.length + U.cols * cols);
  try {
    const [A, B, out] = [memory.hold(values), memory.hold(U.data), memory.room(U.cols * cols)];
    memory.gemm([false, false], [cols, U.cols, U.rows], [A.pointer, cols], [B.pointer, U.rows], [out.pointer, cols]);
    return out.data.slice(0, U.cols * cols);
  } finally {
    memory.free();
  }
}

/**
 * TT-rounding: approximates a train by one of lower ranks, by QR from the last core to the first, then truncation as in
 * {@link tensorTrain}, without forming the tensor. The error is at most tol times the norm of the train. O(modes · n ·
 * rank³).
 * @throws INVALID_PARAMETER.
 */
export function roundTrain(train: TrainModel, options: OptionsNeeding<typeof roundRecords, 'tol'>): TrainModel {
  checkOptions('roundTrain', roundRecords, options);
  const { tol } = options;
  const cores = [...train.cores];
  for (let k = cores.length - 1; k > 0; k--) {
    const [r, n, s] = cores[k].shape;
    // In column-major order the core is (n·s) × r: the transpose of its unfolding.
    const M = DenseMatrix.fromColumnMajor(cores[k].data, n * s, r);
    const factor = qr(M);
    const [Q, R] = [factor.thinQ(), factor.R()];
    const m = Q.cols;
    cores[k] = new Tensor([m, n, s], Q.data.slice());
    cores[k - 1] = timesTransposed(cores[k - 1], R);
    for (const spent of [M, factor, Q, R]) spent.free();
  }
  const tail = (tol * normOf(cores[0].data)) / Math.sqrt(Math.max(1, cores.length - 1));
  for (let k = 0; k < cores.length - 1; k++) {
    const [r, n, s] = cores[k].shape;
    const { vectors, rank } = leadingOf(new Tensor([r * n, s], cores[k].data), 0, { tail });
    const rest = projected(vectors, cores[k].data, s);
    cores[k] = new Tensor([r, n, rank], byRows(vectors));
    const [, nextN, nextS] = cores[k + 1].shape;
    cores[k + 1] = new Tensor([rank, nextN, nextS], product(rest, cores[k + 1].data, rank, s, nextN * nextS));
    vectors.free();
  }
  return new TrainModel({ cores });
}

/** Multiplies the last index of a core by Rᵀ, for R m × s. */
function timesTransposed(core: Tensor, R: DenseMatrix): Tensor {
  const [r, n, s] = core.shape;
  const out = new Float64Array(r * n * R.rows);
  for (let p = 0; p < r * n; p++) {
    for (let a = 0; a < R.rows; a++) {
      let sum = 0;
      for (let b = 0; b < s; b++) sum += R.get(a, b) * core.data[p * s + b];
      out[p * R.rows + a] = sum;
    }
  }
  return new Tensor([r, n, R.rows], out);
}

/** A·B, row-major, m × k and k × n. */
function product(A: Float64Array, B: Float64Array, m: number, k: number, n: number): Float64Array {
  const out = new Float64Array(m * n);
  for (let i = 0; i < m; i++) {
    for (let c = 0; c < k; c++) {
      const v = A[i * k + c];
      for (let j = 0; j < n; j++) out[i * n + j] += v * B[c * n + j];
    }
  }
  return out;
}

/** Number of values of a tensor per parameter of a model. */
export const compression = (model: { readonly shape: readonly number[]; readonly parameters: number }): number =>
  sizeOf(model.shape) / model.parameters;
