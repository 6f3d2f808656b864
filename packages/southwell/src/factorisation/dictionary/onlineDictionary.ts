import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { checkOptions, fail, type Iterate, keysOf, knownKeys, only, Random } from '@southwell/numerics/core';
import { matrixProduct } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { besides, denseSamples } from './samples.ts';
import { Coder, codingRecords, type SparseCodeOptions } from './sparseCodes.ts';
import {
  type DictionaryOptions,
  dictionaryRecords,
  drawAtom,
  SparseDictionary,
  updateAtoms,
} from './sparseDictionary.ts';
import { type StreamState, streamIterates, streamKeys } from './streams.ts';

/**
 * Early, poor codes fade from the running sums, which are multiplied by (1 − 1/t)^ρ (section 3.4 of the paper). With 10 as many
 * planted atoms or more were found as with 2 in each of nine trials.
 */
const FADING = 10;

/** What a stream needs to go on, as plain data. */
export interface OnlineDictionaryState {
  readonly dim: number;
  readonly steps: number;
  /** The mean over batches so far. */
  readonly objective: number;
  readonly random: readonly number[];
  /** Atoms and running sums, by columns. */
  readonly D: Float64Array;
  readonly A: Float64Array;
  readonly B: Float64Array;
}

/**
 * Dictionary learning from a stream (Mairal et al. 2010): each batch is coded by the lasso, its xxᵀ and yxᵀ are added to
 * running sums, and atoms are descended on once. The first batch gives the first atoms. Memory NK + K² twice.
 */
export class OnlineDictionary {
  steps = 0;
  private dim = 0;
  private D = new Float64Array(0);
  private A = new Float64Array(0);
  private B = new Float64Array(0);
  private objective = 0;
  private readonly coder: Coder;
  private readonly random: Random;

  constructor(readonly options: DictionaryOptions) {
    checkOptions('OnlineDictionary', dictionaryRecords, options);
    this.coder = new Coder(options);
    this.random = new Random(options.seed ?? 0);
  }

  /**
   * Takes in samples by rows.
   * @throws EMPTY, INVALID_SHAPE or NON_FINITE and keeps the state.
   */
  update(batch: MatrixLike): void {
    const { atoms: K, nonNegativeAtoms = false, alpha } = this.options;
    const Y = denseSamples(batch, this.steps > 0 ? this.dim : undefined, 'The batch');
    const [n, N] = [Y.rows, Y.cols];
    if (this.steps === 0) {
      this.dim = N;
      this.D = new Float64Array(N * K);
      for (let j = 0; j < K; j++) this.D.set(drawAtom(Y, this.random, nonNegativeAtoms), j * N);
      this.A = new Float64Array(K * K);
      this.B = new Float64Array(N * K);
    }
    const t = ++this.steps;
    const keep = elementary.power(1 - 1 / t, FADING);
    const D = besides(Y, this.D, N, K);
    const X = DenseMatrix.create(n, K, { arena: Y.arena });
    const A = besides(Y, this.A, K, K);
    const B = besides(Y, this.B, N, K);
    this.coder.solve(D, Y, X);
    const back = DenseMatrix.create(n, N, { fill: false, arena: Y.arena });
    matrixProduct(X, D, back, { transB: true });
    let loss = 0;
    for (let k = 0; k < n * N; k++) loss += 0.5 * (Y.data[k] - back.data[k]) ** 2;
    for (const v of X.data) loss += alpha * Math.abs(v);
    this.objective += (loss / n - this.objective) / t;
    matrixProduct(X, X, A, { transA: true, alpha: 1 / n, beta: keep });
    matrixProduct(Y, X, B, { transA: true, alpha: 1 / n, beta: keep });
    this.A.set(A.data);
    this.B.set(B.data);
    updateAtoms(this.D, N, K, this.A, this.B, nonNegativeAtoms, () => drawAtom(Y, this.random, nonNegativeAtoms));
    for (const matrix of [Y, D, X, A, B, back]) matrix.free();
  }

  /** Mean over batches of the mean objective of samples, each with the dictionary of its time. */
  get value(): number {
    return this.objective;
  }

  /**
   * The dictionary as it is now.
   * @throws EMPTY before the first batch.
   */
  snapshot(): SparseDictionary {
    if (this.steps === 0) fail('EMPTY', 'The dictionary has seen no sample yet.');
    const coding = only<SparseCodeOptions>(this.options, keysOf(codingRecords));
    return new SparseDictionary(DenseMatrix.fromColumnMajor(this.D, this.dim, this.options.atoms), coding);
  }

  /** A copy of all that an object with the same options needs to go on with the same bits. */
  state(): OnlineDictionaryState {
    const { dim, steps, objective, random, D, A, B } = this;
    return { dim, steps, objective, random: random.state(), D: D.slice(), A: A.slice(), B: B.slice() };
  }

  /** @throws INVALID_FORMAT, and keeps its state, where it is no state of as many atoms. */
  restore(state: OnlineDictionaryState): void {
    const K = this.options.atoms;
    const N = state?.dim;
    const good = (values: Float64Array | undefined, length: number) =>
      values instanceof Float64Array && values.length === length && values.every(Number.isFinite);
    if (
      !(Number.isInteger(state?.steps) && state.steps >= 0 && Number.isFinite(state.objective)) ||
      !(Array.isArray(state.random) && state.random.every(Number.isInteger)) ||
      !good(state.D, N * K) ||
      !good(state.A, N > 0 ? K * K : 0) ||
      !good(state.B, N * K)
    ) {
      fail('INVALID_FORMAT', `This is no state of an online dictionary of ${K} atoms.`);
    }
    this.steps = state.steps;
    this.dim = N;
    this.objective = state.objective;
    this.random.restore(state.random);
    [this.D, this.A, this.B] = [state.D.slice(), state.A.slice(), state.B.slice()];
  }
}

/** An {@link OnlineDictionary} before its first sample. */
export const onlineDictionary = (options: DictionaryOptions): OnlineDictionary => new OnlineDictionary(options);

/** A learner fed with batches, as a method for core's `run`: an iterate a batch, `completed` with the last of them. */
export function onlineDictionaryIterates(
  learner: OnlineDictionary,
  batches: Iterable<MatrixLike>,
  options: { readonly resume?: StreamState<OnlineDictionaryState> } = {},
): Generator<Iterate<SparseDictionary>, void, undefined> {
  knownKeys('onlineDictionaryIterates', options, streamKeys);
  return streamIterates(learner, batches, options, () => ({
    objective: learner.value,
    work: { oracleCalls: learner.steps },
    snapshot: () => learner.snapshot(),
  }));
}
