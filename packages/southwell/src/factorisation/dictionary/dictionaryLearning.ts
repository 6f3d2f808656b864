import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  type Iterate,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsNeeding,
  only,
  Random,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { gramMatrix, matrixProduct } from '@southwell/numerics/linalg';
import { maxIterRecord, tolRecord } from '../records.ts';
import { denseSamples } from './samples.ts';
import { Coder } from './sparseCodes.ts';
import { dictionaryRecords, drawAtom, SparseDictionary, updateAtoms } from './sparseDictionary.ts';

/** State of batch learning after a sweep, as plain data. */
export interface DictionaryLearningState {
  readonly iteration: number;
  /** The objective before the sweep. */
  readonly previous: number;
  /** N × K and n × K, column-major. */
  readonly dictionary: Float64Array;
  readonly codes: Float64Array;
  readonly random: readonly number[];
}

/**
 * Batch dictionary learning as a generator of iterates: alternates the lasso for the codes of all samples with block
 * coordinate descent over the atoms. The objective is the mean over samples of ½‖y − Dx‖² + α‖x‖₁, which never
 * increases: an atom is replaced only if no sample uses it. Converged when the relative decrease in a sweep is below
 * `tol`. O(nNK + NK²) plus a lasso for every sample per sweep.
 */
export function* dictionaryLearningIterates(
  samples: MatrixLike,
  options: DictionaryLearningOptions,
): Generator<Iterate<SparseDictionary>, void, undefined> {
  knownKeys('dictionaryLearning', options, optionKeys);
  checkGiven(learningRecords, options);
  const { atoms: K, alpha, nonNegative = false, nonNegativeAtoms = false, seed = 0, tol = 1e-6, resume } = options;
  const coder = new Coder(options);
  const random = new Random(seed);
  const Y = denseSamples(samples);
  const { rows: n, cols: N, arena } = Y;
  const D = DenseMatrix.create(N, K, { arena });
  const X = DenseMatrix.create(n, K, { arena });
  const A = DenseMatrix.create(K, K, { arena });
  const B = DenseMatrix.create(N, K, { arena });
  const gram = DenseMatrix.create(K, K, { fill: false, arena });
  try {
    const draw = () => drawAtom(Y, random, nonNegativeAtoms);
    if (resume) {
      random.restore(resume.random);
      D.data.set(resume.dictionary);
      X.data.set(resume.codes);
    } else for (let j = 0; j < K; j++) D.column(j).set(draw());
    const squares = Y.data.reduce((sum, v) => sum + v * v, 0);
    let last = resume?.previous ?? Number.POSITIVE_INFINITY;
    const from = resume?.iteration ?? 0;
    for (let iteration = from; ; iteration++) {
      if (!resume || iteration > from) coder.solve(D, Y, X);
      gramMatrix(X, A);
      matrixProduct(Y, X, B, { transA: true });
      gramMatrix(D, gram);
      const { objective, active } = lassoObjective({ squares, D, X, A, B, gram }, alpha);
      const done = objective === 0 || last - objective <= tol * objective ? 'converged' : undefined;
      const now = { iteration, previous: last };
      last = objective;
      yield {
        iteration,
        objective,
        active,
        work: { epochs: iteration },
        done,
        snapshot: () => new SparseDictionary(DenseMatrix.fromColumnMajor(D.data, N, K), { alpha, nonNegative }),
        checkpoint: (): DictionaryLearningState => ({
          ...now,
          ...{ dictionary: D.data.slice(), codes: X.data.slice(), random: random.state() },
        }),
      };
      if (done) return;
      updateAtoms(D.data, N, K, A.data, B.data, nonNegativeAtoms, draw);
    }
  } finally {
    for (const matrix of [Y, D, X, A, B, gram]) matrix.free();
  }
}

/** The mean over samples of ½‖y − Dx‖² + α‖x‖₁, and the number of non-zero codes. */
function lassoObjective(
  of: { readonly squares: number } & Readonly<Record<'D' | 'X' | 'A' | 'B' | 'gram', DenseMatrix>>,
  alpha: number,
): { readonly objective: number; readonly active: number } {
  const [D, A, B, gram] = [of.D.data, of.A.data, of.B.data, of.gram.data];
  // ‖Y − XDᵀ‖² = ‖Y‖² − 2⟨D, B⟩ + ⟨DᵀD, A⟩.
  let fit = of.squares;
  for (let k = 0; k < D.length; k++) fit -= 2 * D[k] * B[k];
  for (let k = 0; k < A.length; k++) fit += gram[k] * A[k];
  let size = 0;
  let active = 0;
  for (const v of of.X.data) {
    size += Math.abs(v);
    if (v !== 0) active++;
  }
  return { objective: (0.5 * Math.max(0, fit) + alpha * size) / of.X.rows, active };
}

const learningRecords = {
  ...dictionaryRecords,
  /** Relative decrease of the objective per sweep below which the run stops. Default 1e-6. */
  tol: tolRecord('stop when the relative decrease of the objective in a sweep is smaller', '1e-6'),
  /** Maximum number of sweeps. Default 200. */
  maxIter: maxIterRecord('maximum number of sweeps', '200'),
};

export interface DictionaryLearningOptions
  extends OptionsNeeding<typeof learningRecords, 'atoms' | 'alpha'>,
    Omit<RunOptions<SparseDictionary>, 'tol' | 'maxIter'> {
  /** State from a checkpoint of a run with the same samples and options. */
  readonly resume?: DictionaryLearningState;
}

const optionKeys: OptionKeys<DictionaryLearningOptions> = { ...runKeys, ...keysOf(learningRecords), resume: true };

/**
 * Batch dictionary learning, blocking: see {@link dictionaryLearningIterates}.
 * @throws SouthwellError.
 */
export const dictionaryLearning = (
  samples: MatrixLike,
  options: DictionaryLearningOptions,
): Solution<SparseDictionary> => run(dictionaryLearningIterates(samples, options), stops(options));

/** As {@link dictionaryLearning}, but yields to the event loop. */
export const dictionaryLearningAsync = (
  samples: MatrixLike,
  options: DictionaryLearningOptions,
): Promise<Solution<SparseDictionary>> => runAsync(dictionaryLearningIterates(samples, options), stops(options));

/** Without tol, which is handled by the method itself. */
const stops = ({ maxIter = 200, ...options }: DictionaryLearningOptions): RunOptions<SparseDictionary> =>
  only<RunOptions<SparseDictionary>>({ ...options, maxIter, tol: undefined }, runKeys);
