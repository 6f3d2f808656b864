import type { MatrixLike } from '../../arrays/index.ts';
import { knownKeys } from '../../core/index.ts';
import type { LinearOperator } from '../../operators/index.ts';
import { colsOf, type LinearIterate, type LinearSolution, solve } from '../system.ts';
import { type LeastSquaresOptions, LeastSquaresSystem, leastSquaresKeys } from './leastSquaresSystem.ts';

/**
 * min ‖b − Ax‖ for an A of any shape and rank, by products with A and Aᵀ: equivalent to conjugate gradients for AᵀA,
 * but more accurate (Paige and Saunders 1982). Finds a solution of a consistent system, otherwise a least-squares
 * solution; the minimum-norm one if x₀ = 0. The certificate is ‖b − Ax‖ relative to ‖b‖ in the first case, ‖Aᵀr‖
 * relative to ‖A‖‖r‖ in the second. The metrics are estimates of ‖A‖ (Frobenius norm of A extended by damp·I) and of
 * its condition number. O(entries) per step; memory for four vectors of length cols and three of length rows.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function lsqr(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: LeastSquaresOptions = {},
): LinearSolution {
  return solve(lsqrIterates(A, b, options), colsOf(A), options);
}

/** Iterates of {@link lsqr}. */
export function* lsqrIterates(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: LeastSquaresOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('lsqr', options, leastSquaresKeys);
  const system = new LeastSquaresSystem('lsqr', A, b, options);
  try {
    yield* steps(system);
  } finally {
    system.end();
  }
}

function* steps(system: LeastSquaresSystem): Generator<LinearIterate, void, undefined> {
  const { space, x, v } = system;
  if (system.trivial) {
    yield system.nothing();
    return;
  }
  const w = space.vector();
  let iteration = 0;
  for (;;) {
    system.begin();
    const { alpha, beta } = system;
    if (alpha * beta === 0) {
      yield system.nothing();
      return;
    }
    space.copy(v, w);
    let [phibar, rhobar, squares, inverses] = [beta, alpha, alpha * alpha, 0];
    if (iteration === 0) yield system.at(0, { residual: beta / system.reference, normalResidual: 1, norm: alpha });
    for (;;) {
      iteration++;
      system.step();
      const rho = Math.hypot(rhobar, system.beta);
      const [c, s] = [rhobar / rho, system.beta / rho];
      const theta = s * system.alpha;
      rhobar = -c * system.alpha;
      const phi = c * phibar;
      phibar *= s;
      inverses += (space.norm(w) / rho) ** 2;
      space.axpy(phi / rho, w, x);
      space.xpby(v, -theta / rho, w);
      squares += system.beta ** 2;
      const norm = Math.sqrt(squares);
      squares += system.alpha ** 2;
      const { iterate, anew } = system.judge(iteration, {
        residual: phibar,
        normal: phibar * system.alpha * Math.abs(c),
        norm,
        condition: norm * Math.sqrt(inverses),
      });
      yield iterate;
      if (iterate.done) return;
      if (anew) break;
    }
  }
}
