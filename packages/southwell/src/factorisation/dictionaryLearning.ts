import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import { fail, type Iterate, Random, type RunOptions, run, runAsync, type Solution } from '@southwell/numerics/core';
import { gramMatrix, matrixProduct } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { besides, denseSamples } from './samples.ts';
import { Coder, type SparseCodeOptions, sparseCodes } from './sparseCodes.ts';

export interface DictionaryOptions extends SparseCodeOptions {
  /** K. More than the length of a sample is allowed, and usual. */
  readonly atoms: number;
  /** Atoms at least 0. Default false. */
  readonly nonNegativeAtoms?: boolean;
  /** Default 0. */
  readonly seed?: number;
}

/** A dictionary of atoms of length at most 1 and the strength of the lasso that finds codes in it. */
export class SparseDictionary {
  constructor(
    /** N × K, atoms as columns. */
    readonly atoms: DenseMatrix,
    readonly coding: SparseCodeOptions,
  ) {}

  /** Codes of samples by rows, n × K: see {@link sparseCodes}. */
  encode(samples: MatrixLike): DenseMatrix {
    return sparseCodes(this.atoms, samples, this.coding);
  }

  /** Samples of codes by rows, n × N. */
  decode(codes: MatrixLike): DenseMatrix {
    const X = denseSamples(codes, this.atoms.cols, 'The codes');
    const D = besides(X, this.atoms.data, this.atoms.rows, this.atoms.cols);
    const out = DenseMatrix.create(X.rows, this.atoms.rows, { fill: false });
    matrixProduct(X, D, out, { transB: true });
    X.free();
    D.free();
    return out;
  }
}

/**
 * Early, poor codes fade from the running sums, which are multiplied by (1 − 1/t)^ρ (section 3.4 of the paper). With 10 as many
 * planted atoms or more were found as with 2 in each of nine trials.
 */
const FADING = 10;

/** Codes of an atom with less energy than this share of the mean leave the atom unused. */
const UNUSED = 1e-10;

/**
 * One pass of block-coordinate descent over atoms on ½tr(DᵀDA) − tr(DᵀB) with ‖d_j‖ ≤ 1, A and B the sums of xxᵀ and yxᵀ
 * (Mairal, Bach, Ponce and Sapiro 2010, algorithm 2). Atoms whose codes are all zero are taken from `spare`. O(NK²).
 */
function updateAtoms(
  D: Float64Array,
  N: number,
  K: number,
  A: Float64Array,
  B: Float64Array,
  positive: boolean,
  spare: () => Float64Array,
): void {
  let trace = 0;
  for (let j = 0; j < K; j++) trace += A[j * K + j];
  const u = new Float64Array(N);
  for (let j = 0; j < K; j++) {
    const own = A[j * K + j];
    const atom = D.subarray(j * N, j * N + N);
    if (!(own > (UNUSED * trace) / K)) {
      atom.set(spare());
      continue;
    }
    for (let i = 0; i < N; i++) u[i] = B[j * N + i];
    for (let k = 0; k < K; k++) {
      const a = A[j * K + k];
      if (a === 0) continue;
      for (let i = 0; i < N; i++) u[i] -= a * D[k * N + i];
    }
    let length = 0;
    for (let i = 0; i < N; i++) {
      u[i] = u[i] / own + atom[i];
      if (positive && u[i] < 0) u[i] = 0;
      length += u[i] * u[i];
    }
    const scale = 1 / Math.max(1, Math.sqrt(length));
    for (let i = 0; i < N; i++) atom[i] = scale * u[i];
  }
}

function check({ atoms }: DictionaryOptions): void {
  if (!(Number.isInteger(atoms) && atoms >= 1)) {
    fail('INVALID_PARAMETER', `atoms must be a whole number above 0, but is ${atoms}.`);
  }
}

/** ‖x‖₂ without overflow. */
function lengthOf(x: Float64Array): number {
  const largest = x.reduce((m, v) => Math.max(m, Math.abs(v)), 0);
  return largest > 0 ? largest * Math.sqrt(x.reduce((sum, v) => sum + (v / largest) ** 2, 0)) : 0;
}

/**
 * A random sample of the rows, of length 1, a little off so that no two atoms are the same (twins make the lasso's Gram
 * matrix singular); a random direction where it is zero.
 */
function drawAtom(Y: DenseMatrix, random: Random, positive: boolean): Float64Array {
  const row = random.integer(Y.rows);
  const atom = Float64Array.from({ length: Y.cols }, (_, j) => (positive ? Math.max(0, Y.get(row, j)) : Y.get(row, j)));
  const length = lengthOf(atom);
  const noise = length > 0 ? (0.1 * length) / Math.sqrt(Y.cols) : 1;
  for (let j = 0; j < atom.length; j++) atom[j] += noise * (positive ? random.uniform() : random.normal());
  const scale = 1 / lengthOf(atom);
  return atom.map((v) => v * scale);
}

/**
 * Batch dictionary learning as a generator of iterates: all samples are coded by the lasso, then atoms are descended on, in
 * turn. The objective is the mean over samples of ½‖y − Dx‖² + α‖x‖₁, which never rises:
 * an atom is replaced only where no sample uses it. Converged where a sweep lowers it by less than `tol` of it.
 * O(nNK + NK²) and the lasso of every sample a sweep.
 */
export function* dictionaryLearningIterates(
  samples: MatrixLike,
  options: DictionaryOptions & { readonly tol?: number },
): Generator<Iterate<SparseDictionary>, void, undefined> {
  check(options);
  const { atoms: K, alpha, nonNegative = false, nonNegativeAtoms = false, seed = 0, tol = 1e-6 } = options;
  const coder = new Coder(options);
  const random = new Random(seed);
  const Y = denseSamples(samples);
  const { rows: n, cols: N, arena } = Y;
  const D = DenseMatrix.create(N, K, { arena });
  const X = DenseMatrix.create(n, K, { arena });
  const A = DenseMatrix.create(K, K, { arena });
  const B = DenseMatrix.create(N, K, { arena });
  try {
    for (let j = 0; j < K; j++) D.column(j).set(drawAtom(Y, random, nonNegativeAtoms));
    const squares = Y.data.reduce((sum, v) => sum + v * v, 0);
    let last = Number.POSITIVE_INFINITY;
    for (let iteration = 0; ; iteration++) {
      coder.solve(D, Y, X);
      gramMatrix(X, A);
      matrixProduct(Y, X, B, { transA: true });
      // ‖Y − XDᵀ‖² = ‖Y‖² − 2⟨D, B⟩ + ⟨DᵀD, A⟩.
      const gram = DenseMatrix.create(K, K, { fill: false, arena });
      gramMatrix(D, gram);
      let fit = squares;
      for (let k = 0; k < N * K; k++) fit -= 2 * D.data[k] * B.data[k];
      for (let k = 0; k < K * K; k++) fit += gram.data[k] * A.data[k];
      gram.free();
      let size = 0;
      let active = 0;
      for (const v of X.data) {
        size += Math.abs(v);
        if (v !== 0) active++;
      }
      const objective = (0.5 * Math.max(0, fit) + alpha * size) / n;
      const done = objective === 0 || last - objective <= tol * objective ? 'converged' : undefined;
      last = objective;
      yield {
        iteration,
        objective,
        active,
        work: { epochs: iteration },
        done,
        snapshot: () => new SparseDictionary(DenseMatrix.fromColumnMajor(D.data, N, K), { alpha, nonNegative }),
      };
      if (done) return;
      updateAtoms(D.data, N, K, A.data, B.data, nonNegativeAtoms, () => drawAtom(Y, random, nonNegativeAtoms));
    }
  } finally {
    for (const matrix of [Y, D, X, A, B]) matrix.free();
  }
}

export interface DictionaryLearningOptions extends DictionaryOptions, Omit<RunOptions<SparseDictionary>, 'tol'> {
  /** Ends when a sweep lowers the objective by less than this share. Default 1e-6. */
  readonly tol?: number;
  /** Sweeps at most. Default 200. */
  readonly maxIter?: number;
}

/** Batch dictionary learning, blocking: see {@link dictionaryLearningIterates}. Throws SouthwellError. */
export const dictionaryLearning = (
  samples: MatrixLike,
  options: DictionaryLearningOptions,
): Solution<SparseDictionary> => run(dictionaryLearningIterates(samples, options), stops(options));

/** As {@link dictionaryLearning}, letting the event loop turn. */
export const dictionaryLearningAsync = (
  samples: MatrixLike,
  options: DictionaryLearningOptions,
): Promise<Solution<SparseDictionary>> => runAsync(dictionaryLearningIterates(samples, options), stops(options));

const stops = ({ maxIter = 200, timeLimit, signal, onIterate }: DictionaryLearningOptions) => ({
  maxIter,
  timeLimit,
  signal,
  onIterate,
});

/** What a stream needs to go on, as plain data for JSON. */
export interface OnlineDictionaryState {
  readonly southwell: 'online-dictionary';
  readonly atoms: number;
  readonly dim: number;
  readonly steps: number;
  readonly D: readonly number[];
  readonly A: readonly number[];
  readonly B: readonly number[];
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
    check(options);
    this.coder = new Coder(options);
    this.random = new Random(options.seed ?? 0);
  }

  /** Takes in samples by rows. Throws EMPTY, INVALID_SHAPE or NON_FINITE and keeps the state. */
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

  /** The dictionary as it is now. Throws EMPTY before the first batch. */
  snapshot(): SparseDictionary {
    if (this.steps === 0) fail('EMPTY', 'The dictionary has seen no sample yet.');
    return new SparseDictionary(DenseMatrix.fromColumnMajor(this.D, this.dim, this.options.atoms), this.options);
  }

  /** A checkpoint for an object with the same options; replacements of unused atoms are drawn anew. */
  state(): OnlineDictionaryState {
    const { steps, dim } = this;
    return {
      southwell: 'online-dictionary',
      ...{ atoms: this.options.atoms, dim, steps },
      D: [...this.D],
      A: [...this.A],
      B: [...this.B],
    };
  }

  /** Throws INVALID_FORMAT, and keeps its state, where it is no checkpoint of as many atoms. */
  restore(state: OnlineDictionaryState): void {
    const K = this.options.atoms;
    const N = state?.dim;
    const good = (values: readonly number[] | undefined, length: number) =>
      Array.isArray(values) && values.length === length && values.every(Number.isFinite);
    if (
      state?.southwell !== 'online-dictionary' ||
      state.atoms !== K ||
      !(Number.isInteger(state.steps) && state.steps >= 0) ||
      !good(state.D, N * K) ||
      !good(state.A, N > 0 ? K * K : 0) ||
      !good(state.B, N * K)
    ) {
      fail('INVALID_FORMAT', `This is no checkpoint of an online dictionary of ${K} atoms.`);
    }
    this.steps = state.steps;
    this.dim = N;
    this.D = Float64Array.from(state.D);
    this.A = Float64Array.from(state.A);
    this.B = Float64Array.from(state.B);
  }
}

/** An {@link OnlineDictionary} before its first sample. */
export const onlineDictionary = (options: DictionaryOptions): OnlineDictionary => new OnlineDictionary(options);

/** A learner fed with batches, as a method for core's `run`: an iterate a batch; the first is the first batch's. */
export function* onlineDictionaryIterates(
  learner: OnlineDictionary,
  batches: Iterable<MatrixLike>,
): Generator<Iterate<SparseDictionary>, void, undefined> {
  let iteration = 0;
  for (const batch of batches) {
    learner.update(batch);
    yield {
      iteration: iteration++,
      objective: learner.value,
      work: { oracleCalls: learner.steps },
      snapshot: () => learner.snapshot(),
    };
  }
}
