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
  /** Which eigenvalues to compute. 'nearest' to `sigma` requires `solve`. Default 'largest'. */
  readonly which?: 'smallest' | 'largest' | 'nearest';
  /** The target for 'nearest'. Default 0. */
  readonly sigma?: number;
  /** x ↦ (A − sigma·I)⁻¹x, as accurate as the eigenvalues are required to be, for example by a factorisation. */
  readonly solve?: LinearOperator;
  /** Stops when all residuals, as defined in {@link EigenPoint}, are at most this. Default 1e-10. */
  readonly tol?: number;
  /** Number of basis vectors. Default 2k + 32; a larger basis takes fewer products, at a higher cost per product. */
  readonly basis?: number;
  /** Maximum number of cycles. Default 300. */
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
 * The k smallest or largest eigenvalues of a symmetric A, or those nearest to a target by a solve operator (shift and
 * invert), with eigenvectors: the Lanczos process with full orthogonalisation and thick restarts (Wu and Simon 2000).
 * The Krylov space of one vector contains only one eigenvector of a multiple eigenvalue. When all have converged, the
 * best eigenvalue in the orthogonal complement of the retained vectors is therefore sought from random vectors, more of
 * them each time something is found, until it is known not to compete. O(basis) products and O(n·basis²) per cycle;
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
  // tol is handled by the method itself.
  const settings = only<RunOptions<EigenPoint>>({ ...rest, maxIter, tol: undefined }, runKeys);
  const solution = run(thickRestartLanczosIterates(A, k, options), settings);
  return { ...solution.point, solution };
}

/** Maximum number of cycles in a search for missed eigenvalues. */
const SEARCH = 200;

/**
 * Iterates of {@link thickRestartLanczos}, one per cycle, up to its tolerance. The objective is the sum of the k
 * eigenvalues.
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
    // A basis that spans the whole space cannot be extended.
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
