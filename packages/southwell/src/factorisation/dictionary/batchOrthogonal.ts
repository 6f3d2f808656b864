import { DenseMatrix, type MatrixLike } from '@southwell/numerics/arrays';
import {
  checkGiven,
  choiceOption,
  type Iterate,
  keysOf,
  knownKeys,
  type OptionKeys,
  type OptionsOf,
  only,
  type RunOptions,
  run,
  runAsync,
  runKeys,
  type Solution,
} from '@southwell/numerics/core';
import { matrixProduct, polarFactor } from '@southwell/numerics/linalg';
import { checkPower, orthogonalRecords, start, whiteningOf } from './onlineOrthogonal.ts';
import {
  applyRight,
  type CodeOptions,
  checkCodeOptions,
  codeRecords,
  OrthogonalDictionary,
  powerGradient,
  sparsify,
  type Whitening,
} from './orthogonalDictionary.ts';
import { besides, denseSamples } from './samples.ts';

const batchRecords = {
  ...codeRecords,
  ...orthogonalRecords,
  /**
   * `msp` (default): matching, stretching, projection, D ← polar factor of the gradient of Σ‖Dᵀy‖_p^p (Zhai et al. 2020).
   * `procrustes`: alternates hard-thresholded codes with D from the orthogonal Procrustes problem; `threshold` (default: the
   * root mean square of the values) or `sparsity` determines which codes are kept.
   */
  method: choiceOption({ msp: 'matching, stretching, projection', procrustes: 'orthogonal Procrustes' }),
};

export interface BatchOrthogonalOptions extends OptionsOf<typeof batchRecords>, RunOptions<OrthogonalDictionary> {
  /** State from a checkpoint of a run with the same samples and options. */
  readonly resume?: BatchOrthogonalState;
}

const optionKeys: OptionKeys<BatchOrthogonalOptions> = { ...runKeys, ...keysOf(batchRecords), resume: true };

/** State of a batch method after a sweep, as plain data. */
export interface BatchOrthogonalState {
  readonly iteration: number;
  /** Column-major. */
  readonly dictionary: Float64Array;
}

/**
 * A batch method as a generator of iterates. The objective is the mean of −‖Dᵀy‖_p^p, or of ½‖y − Dx‖² + ½λ²‖x‖₀ (½‖y −
 * Dx‖² with `sparsity`); the certificate is ⟨S − D, G⟩ relative to the nuclear norm of G, where S is the next D. O(nN²
 * + N³) per iterate.
 * @throws INVALID_PARAMETER.
 */
export function* orthogonalDictionaryIterates(
  samples: MatrixLike,
  options: BatchOrthogonalOptions = {},
): Generator<Iterate<OrthogonalDictionary>, void, undefined> {
  knownKeys('orthogonalDictionary', options, optionKeys);
  const { method = 'msp', power = 3, init = 'random', whiten = false, seed = 0, sparsity, resume } = options;
  checkGiven(batchRecords, options);
  checkPower(power);
  const Y = denseSamples(samples);
  const { rows: m, cols: n, arena } = Y;
  const held: DenseMatrix[] = [Y];
  const keep = (matrix: DenseMatrix) => {
    held.push(matrix);
    return matrix;
  };
  try {
    checkCodeOptions(options, n);
    let whitening: Whitening | undefined;
    const G = keep(DenseMatrix.create(n, n, { arena }));
    if (whiten) {
      matrixProduct(Y, Y, G, { transA: true, alpha: 1 / m });
      whitening = whiteningOf(G.data.slice(), n);
      applyRight(Y, whitening.forward);
    }
    const squares = Y.data.reduce((sum, v) => sum + v * v, 0) / m;
    const threshold = options.threshold ?? (sparsity === undefined ? Math.sqrt(squares / n) : 0);
    const D = keep(besides(Y, resume?.dictionary ?? start(n, init, seed), n, n));
    const Z = keep(DenseMatrix.create(m, n, { fill: false, arena }));
    for (let iteration = resume?.iteration ?? 0; ; iteration++) {
      matrixProduct(Y, D, Z);
      const objective =
        method === 'msp'
          ? -powerGradient(Z.data, power) / m
          : thresholdCodes(Z, { threshold, sparsity }, squares, sparsity === undefined ? 0.5 * threshold ** 2 : 0);
      matrixProduct(Y, Z, G, { transA: true, alpha: 1 / m });
      const before = D.data.slice();
      const S = polarFactor(G.data.slice(), n, before);
      let [nuclear, value] = [0, 0];
      for (let k = 0; k < S.length; k++) {
        nuclear += S[k] * G.data[k];
        value += before[k] * G.data[k];
      }
      const gap = Math.max(0, nuclear - value);
      yield {
        iteration,
        objective,
        certificate: { kind: 'kktResidual', value: gap, relative: nuclear > 0 ? gap / nuclear : 0 },
        work: { epochs: iteration },
        snapshot: () => new OrthogonalDictionary(n, before.slice(), whitening),
        checkpoint: (): BatchOrthogonalState => ({ iteration, dictionary: before.slice() }),
      };
      D.data.set(S);
    }
  } finally {
    for (const matrix of held) matrix.free();
  }
}

/** Sparsifies codes; returns the mean of ½‖y − Dx‖² plus `price` for each code that is kept. */
function thresholdCodes(Z: DenseMatrix, options: CodeOptions, squares: number, price: number): number {
  sparsify(Z.data, Z.rows, Z.cols, options);
  let kept = 0;
  let size = 0;
  for (const v of Z.data) {
    if (v !== 0) kept++;
    size += v * v;
  }
  // ‖y − Dx‖² = ‖y‖² − ‖x‖², since x is a part of Dᵀy.
  return 0.5 * (squares - size / Z.rows) + (price * kept) / Z.rows;
}

/**
 * Learns an orthogonal dictionary from samples by rows by a batch method, which keeps and sweeps over all samples: the
 * alternatives to the online method. Blocking. Stops at a relative certificate of `tol` (default 1e-10) or after
 * `maxIter` sweeps (default 500).
 * @throws SouthwellError: `EMPTY`, `NON_FINITE`, `INVALID_PARAMETER`.
 */
export function orthogonalDictionary(
  samples: MatrixLike,
  options: BatchOrthogonalOptions = {},
): Solution<OrthogonalDictionary> {
  return run(orthogonalDictionaryIterates(samples, options), stops(options));
}

/** As {@link orthogonalDictionary}, but yields to the event loop. */
export const orthogonalDictionaryAsync = (
  samples: MatrixLike,
  options: BatchOrthogonalOptions = {},
): Promise<Solution<OrthogonalDictionary>> => runAsync(orthogonalDictionaryIterates(samples, options), stops(options));

const stops = ({ tol = 1e-10, maxIter = 500, ...options }: BatchOrthogonalOptions): RunOptions<OrthogonalDictionary> =>
  only<RunOptions<OrthogonalDictionary>>({ ...options, tol, maxIter }, runKeys);
