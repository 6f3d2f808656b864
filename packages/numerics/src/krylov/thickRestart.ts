import type { MatrixLike } from '../arrays/index.ts';
import {
  fail,
  type Iterate,
  knownKeys,
  type OptionKeys,
  only,
  Random,
  type RunOptions,
  run,
  runKeys,
  type Status,
  wholeNumber,
} from '../core/index.ts';
import type { LinearOperator } from '../operators/index.ts';
import { checkPairs, type EigenPairs, type EigenPoint, scaledOperator } from './eigenProblem.ts';
import { type LanczosState, ThickRestart } from './restartedBasis.ts';

export interface LanczosOptions extends Omit<RunOptions<EigenPoint>, 'tol' | 'onIterate'> {
  /** Default 'largest'. 'nearest' to `sigma` needs `solve`. */
  readonly which?: 'smallest' | 'largest' | 'nearest';
  /** The point that eigenvalues are to be near to. Default 0. */
  readonly sigma?: number;
  /** x ↦ (A − sigma·I)⁻¹x, as accurate as the eigenvalues are to be: a factorisation, say. */
  readonly solve?: LinearOperator;
  /** What every residual must come down to, as {@link EigenPoint} has them. Default 1e-10. */
  readonly tol?: number;
  /** Vectors of the basis. Default 2k + 32; more take fewer products and more time for each. */
  readonly basis?: number;
  /** Cycles at most. Default 300. */
  readonly maxIter?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly onIterate?: (iterate: Iterate<EigenPoint>) => void;
  /** State from a checkpoint of a run with the same problem and options. */
  readonly resume?: LanczosState;
}

const optionKeys: OptionKeys<LanczosOptions> = {
  ...runKeys,
  which: true,
  sigma: true,
  solve: true,
  basis: true,
  seed: true,
  resume: true,
};

/**
 * The k smallest or largest eigenvalues of a symmetric A, or those nearest to a point by a solve operator (shift and invert), with
 * eigenvectors: Lanczos's process with full orthogonalisation and thick restarts (Wu and Simon 2000). A Krylov space of one vector holds
 * one vector of a multiple eigenvalue: so when all have converged, the best is looked for among what is orthogonal to all that was kept,
 * from random vectors, more each time they find something, until it is known well enough to be no match. O(basis) products and O(n·basis²) a cycle;
 * memory for 1.5·basis vectors.
 *
 * @example const { values, vectors } = thickRestartLanczos(A, 6);
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE, NUMERICAL if a product is not finite.
 */
export function thickRestartLanczos(
  A: MatrixLike | LinearOperator,
  k: number,
  options: LanczosOptions = {},
): EigenPairs {
  knownKeys('thickRestartLanczos', options, optionKeys);
  const { maxIter = 300, ...rest } = options;
  // Without tol: it belongs to the method here.
  const settings = only<RunOptions<EigenPoint>>({ ...rest, maxIter, tol: undefined }, runKeys);
  const solution = run(thickRestartLanczosIterates(A, k, options), settings);
  return { ...solution.point, solution };
}

/** Cycles at most in which what may have been missed is looked for. */
const SEARCH = 200;

/**
 * The cycles of {@link thickRestartLanczos} one by one, to its tolerance. The objective is the sum of the k eigenvalues.
 * @throws as {@link thickRestartLanczos}.
 */
export function* thickRestartLanczosIterates(
  A: MatrixLike | LinearOperator,
  k: number,
  options: LanczosOptions = {},
): Generator<Iterate<EigenPoint>, void, undefined> {
  knownKeys('thickRestartLanczos', options, optionKeys);
  const { tol = 1e-10, which = 'largest', seed = 0, resume, sigma = 0, solve } = options;
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  if (!['smallest', 'largest', 'nearest'].includes(which)) {
    fail('INVALID_PARAMETER', `which must be 'smallest', 'largest' or 'nearest', but is '${which}'.`);
  }
  if (!Number.isFinite(sigma)) fail('INVALID_PARAMETER', `sigma must be a finite number, but is ${sigma}.`);
  if (which === 'nearest' && !solve) {
    fail('INVALID_PARAMETER', "which 'nearest' needs solve, an operator that applies (A − sigma·I)⁻¹.");
  }
  if (which !== 'nearest' && solve) {
    fail('INVALID_PARAMETER', `solve is for which 'nearest', but which is '${which}'.`);
  }
  const random = new Random(seed);
  const own = scaledOperator(A, 'A', random);
  checkPairs(k, own.n, own.n);
  const basis = Math.min(own.n, options.basis ?? 2 * k + 32);
  if (options.basis !== undefined) wholeNumber('basis', options.basis, Math.min(own.n, k + 3));
  const inverse = solve && scaledOperator(solve, 'solve', random, own.n);
  const process = new ThickRestart(own, inverse, { k, basis, which, sigma, random });
  if (resume) process.restore(resume);
  else process.draw();
  let iteration = resume?.iteration ?? 0;
  const iterate = (worst: number, done?: Status, resumable = true): Iterate<EigenPoint> => ({
    iteration,
    objective: process.values().reduce((a, b) => a + b, 0),
    certificate: { kind: 'kktResidual', value: worst * own.norm * own.scale, relative: worst },
    work: { matrixVectorProducts: own.products + (inverse?.products ?? 0) },
    done,
    snapshot: () => process.point(),
    checkpoint: done || !resumable ? undefined : () => process.state(iteration),
  });
  for (let fresh = !resume; ; fresh = true) {
    if (fresh) process.cycle();
    let worst = process.worst();
    if (worst <= tol && (process.whole || process.confirmed)) worst = process.trueResiduals();
    const settled = process.whole || process.confirmed;
    if (settled && worst <= tol) return yield iterate(worst, 'converged');
    // A whole space has nothing to go on with.
    if (process.whole || process.hopeless(worst)) return yield iterate(worst, 'stalled');
    yield iterate(worst);
    iteration++;
    process.note(worst);
    if (!(worst <= tol) || process.confirmed) continue;
    const search = process.search(tol);
    for (let cycles = 0; ; cycles++) {
      search.cycle();
      const verdict = process.judge(search, tol);
      if (verdict === 'nothing') process.confirmed = true;
      else if (verdict === 'found') process.take(search, tol);
      else if (cycles < SEARCH) {
        yield iterate(worst, undefined, false);
        iteration++;
        continue;
      } else return yield iterate(worst, 'stalled', false);
      break;
    }
  }
}
