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
 * The exponent ρ of the forgetting factor (1 − 1/t)^ρ of the running sums, which discounts early, inaccurate codes
 * (section 3.4 of the paper). In nine trials, 10 found at least as many planted atoms as 2.
 */
const FADING = 10;

/** State of a learner, as plain data. */
export interface OnlineDictionaryState {
  readonly dim: number;
  readonly steps: number;
  /** Mean objective over the batches so far. */
  readonly objective: number;
  readonly random: readonly number[];
  /** Atoms and running sums, column-major. */
  readonly D: Float64Array;
  readonly A: Float64Array;
  readonly B: Float64Array;
}

/**
 * Dictionary learning from a stream (Mairal et al. 2010): each batch is coded by the lasso, its xxᵀ and yxᵀ are added
 * to running sums, and one pass of block coordinate descent over the atoms follows. Atoms are initialised from the
 * first batch. Memory NK + K² twice.
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
   * Processes a batch of samples by rows.
   * @throws EMPTY, INVALID_SHAPE or NON_FINITE, and leaves the state unchanged.
   */
  update(batch: MatrixLike): void {
    const { atoms: K, nonNegativeAtoms = false, alpha } = this.options;
    const Y = denseSamples(batch, this.steps > 0 ? this.dim : undefined, 'The samples of the batch');
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

  /** Mean over batches of the mean objective of their samples, each with the dictionary at that time. */
  get value(): number {
    return this.objective;
  }

  /**
   * The current dictionary.
   * @throws EMPTY before the first batch.
   */
  snapshot(): SparseDictionary {
    if (this.steps === 0) fail('EMPTY', 'The dictionary has not processed any samples yet.');
    const coding = only<SparseCodeOptions>(this.options, keysOf(codingRecords));
    return new SparseDictionary(DenseMatrix.fromColumnMajor(this.D, this.dim, this.options.atoms), coding);
  }

  /** A copy of the state, from which an object with the same options continues with the same bits. */
  state(): OnlineDictionaryState {
    const { dim, steps, objective, random, D, A, B } = this;
    return { dim, steps, objective, random: random.state(), D: D.slice(), A: A.slice(), B: B.slice() };
  }

  /** @throws INVALID_FORMAT, and leaves the state unchanged, if the state does not match the number of atoms. */
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
      fail('INVALID_FORMAT', `The state does not match an online dictionary of ${K} atoms.`);
    }
    this.steps = state.steps;
    this.dim = N;
    this.objective = state.objective;
    this.random.restore(state.random);
    [this.D, this.A, this.B] = [state.D.slice(), state.A.slice(), state.B.slice()];
  }
}

/** An {@link OnlineDictionary} before the first batch. */
export const onlineDictionary = (options: DictionaryOptions): OnlineDictionary => new OnlineDictionary(options);

/** A learner and its batches as a method for core's `run`: an iterate for each batch, `completed` with the last. */
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
