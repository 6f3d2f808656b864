import type { DenseMatrix, MatrixLike } from '../arrays/index.ts';
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
} from '../core/index.ts';
import type { LinearOperator, Preconditioner } from '../operators/index.ts';
import { type EigenPairs, type EigenPoint, scaledOperator } from './eigenProblem.ts';
import { Lobpcg, type LobpcgState } from './lobpcgBlock.ts';

export interface LobpcgOptions extends Omit<RunOptions<EigenPoint>, 'tol' | 'onIterate'> {
  /** A positive definite B makes the problem Ax = λBx. Default: the identity. */
  readonly B?: MatrixLike | LinearOperator;
  /** An approximation of A⁻¹, for the smallest eigenvalues of a positive definite A. */
  readonly preconditioner?: Preconditioner;
  /** Default 'smallest'. */
  readonly which?: 'smallest' | 'largest';
  /** Stops when all residuals, as defined in {@link EigenPoint}, are at most this. Default 1e-10. */
  readonly tol?: number;
  /** Initial vectors as columns; further ones are random. */
  readonly x0?: DenseMatrix;
  /** Constraint vectors as columns, to which the eigenvectors are to be B-orthogonal, such as known eigenvectors. */
  readonly constraints?: DenseMatrix;
  /** Maximum number of iterations. Default 500. */
  readonly maxIter?: number;
  /** Default 0. */
  readonly seed?: number;
  readonly onIterate?: (iterate: Iterate<EigenPoint>) => void;
  /** State from a checkpoint of a run with the same problem and options. */
  readonly resume?: LobpcgState;
}

const optionKeys: OptionKeys<LobpcgOptions> = {
  ...runKeys,
  B: true,
  preconditioner: true,
  which: true,
  x0: true,
  constraints: true,
  seed: true,
  resume: true,
};

/**
 * The k smallest or largest eigenvalues of a symmetric A, or of Ax = λBx with B positive definite, with eigenvectors:
 * locally optimal block preconditioned conjugate gradients (Knyazev 2001). The basis is orthonormalised at every step,
 * with search directions orthogonal to the vectors (Hetmaniuk and Lehoucq 2006) and dropped if dependent (Duersch,
 * Shao, Yang and Gu 2018), so that small residuals do no harm. Some more vectors than k are iterated, so that multiple
 * eigenvalues are found with their multiplicity. Intended for a good preconditioner, such as `algebraicMultigrid(A)`;
 * without one, {@link thickRestartLanczos} takes fewer products. O(k) products and O(nk²) per step; memory for 12(k +
 * k/4 + 2) vectors, 18 times with B.
 *
 * @example const { values } = lobpcg(A, 4, { preconditioner: algebraicMultigrid(A) });
 * @throws EMPTY, INVALID_SHAPE, INVALID_PARAMETER, NON_FINITE, NUMERICAL if a product is not finite or B is not
 * positive definite.
 */
export function lobpcg(A: MatrixLike | LinearOperator, k: number, options: LobpcgOptions = {}): EigenPairs {
  knownKeys('lobpcg', options, optionKeys);
  const { maxIter = 500, ...rest } = options;
  // tol is handled by the method itself.
  const settings = only<RunOptions<EigenPoint>>({ ...rest, maxIter, tol: undefined }, runKeys);
  const solution = run(lobpcgIterates(A, k, options), settings);
  return { ...solution.point, solution };
}

/** Number of steps after which images are recomputed, before rounding errors accumulate in them. */
const REFRESH = 32;

/**
 * Iterates of {@link lobpcg}, up to its tolerance. The objective is the sum of the k eigenvalues.
 * @throws as {@link lobpcg}.
 */
export function* lobpcgIterates(
  A: MatrixLike | LinearOperator,
  k: number,
  options: LobpcgOptions = {},
): Generator<Iterate<EigenPoint>, void, undefined> {
  knownKeys('lobpcg', options, optionKeys);
  const { tol = 1e-10, which = 'smallest', seed = 0, resume } = options;
  if (!(tol >= 0)) fail('INVALID_PARAMETER', `tol must be at least 0, but is ${tol}.`);
  if (which !== 'smallest' && which !== 'largest') {
    fail('INVALID_PARAMETER', `which must be 'smallest' or 'largest', but is '${which}'.`);
  }
  const random = new Random(seed);
  const left = scaledOperator(A, 'A', random);
  const right = options.B ? scaledOperator(options.B, 'B', random, left.n) : undefined;
  const { preconditioner: M } = options;
  if (M && M.size !== left.n) {
    fail('INVALID_SHAPE', `A has ${left.n} rows, but the preconditioner is made for ${M.size}.`);
  }
  const solver = new Lobpcg(left, right, k, which === 'largest' ? -1 : 1, random, options);
  if (resume) solver.restore(resume);
  else solver.start(options.x0);
  for (let iteration = resume?.iteration ?? 0; ; iteration++) {
    let worst = solver.worst();
    // Convergence is confirmed only with recomputed images.
    if (worst <= tol) worst = solver.renew();
    const done: Status | undefined = worst <= tol ? 'converged' : solver.hopeless(worst) ? 'stalled' : undefined;
    const value = solver.objective();
    yield {
      iteration,
      objective: value,
      certificate: { kind: 'kktResidual', value: worst * left.norm * left.scale, relative: worst },
      work: { matrixVectorProducts: left.products },
      done,
      snapshot: () => solver.point(),
      checkpoint: done ? undefined : () => solver.state(iteration),
    };
    if (done) return;
    solver.note(worst);
    solver.step(tol, iteration % REFRESH === REFRESH - 1);
  }
}
