import type { MatrixLike } from '../../arrays/index.ts';
import { knownKeys } from '../../core/index.ts';
import type { LinearOperator } from '../../operators/index.ts';
import type { Vector } from '../space.ts';
import {
  AUDIT,
  Audit,
  atRounding,
  fromFirstResidual,
  type LinearIterate,
  type LinearSolution,
  LinearSystem,
  type PreconditionedOptions,
  preconditionedKeys,
  rowsOf,
  solve,
} from '../system.ts';

/**
 * MINRES for a symmetric A, which may be indefinite or singular: minimises the residual over the Krylov space (Paige
 * and Saunders 1975). For an inconsistent system it returns a least-squares solution, with status stalled and an
 * explanation. The preconditioner must be symmetric positive definite. The metrics `norm` and `condition` estimate the
 * norm and the condition number of A, or of M⁻¹A with a preconditioner. O(entries) per step; memory for nine vectors.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER if A is a matrix that is not symmetric.
 */
export function minres(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: PreconditionedOptions = {},
): LinearSolution {
  return solve(minresIterates(A, b, options), rowsOf(A), options);
}

/** Iterates of {@link minres}. */
export function* minresIterates(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: PreconditionedOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('minres', options, preconditionedKeys);
  const system = new LinearSystem({ name: 'minres', symmetric: true, positive: true }, A, b, options);
  yield* fromFirstResidual(system, (r, norm) => steps(system, r, norm));
}

/**
 * If ‖Ar‖ is below the first fraction of ‖A‖‖r‖, x is a least-squares solution; below the second, it is if the residual
 * has stopped decreasing.
 */
const [NORMAL, NEARLY] = [1e-11, 1e-6];

const leastSquares =
  'The system has no solution in doubles: A is singular, or nearly so, and a part of b lies outside its range. The point minimises ‖b − Ax‖.';
const indefinite =
  'The preconditioner is not positive definite: rᵀM⁻¹r is negative. gmres accepts such preconditioners.';

/** √(rᵀM⁻¹r), with M⁻¹r in `image` if there is a preconditioner; negative if M is not positive definite. */
function lengthOf(system: LinearSystem, r: Vector, image: Vector | undefined): number {
  if (!image) return system.space.norm(r);
  const square = system.precondition(r, image);
  return square >= 0 ? Math.sqrt(square) : -1;
}

function* steps(system: LinearSystem, r: Vector, first: number): Generator<LinearIterate, void, undefined> {
  const { space, x, tol, M } = system;
  let [before, last, y] = [space.vector(), r, space.vector()];
  const v = space.vector();
  let [w, old] = [space.vector(), space.vector()];
  const image = M ? space.vector() : undefined;
  const audit = new Audit(tol);
  let iteration = 0;
  let truth = first;
  // One cycle from a true residual; another one only if rounding has made the recurrence drift from it.
  for (;;) {
    const start = truth;
    const beta1 = lengthOf(system, last, image);
    if (!(beta1 > 0)) {
      yield system.at(iteration, system.relative(truth), { done: 'stalled', next: indefinite });
      return;
    }
    let [beta, oldBeta, dbar, epsilon, phibar, cs, sn] = [beta1, 0, 0, 0, beta1, -1, 0];
    let [norm, gmax, gmin] = [0, 0, Number.POSITIVE_INFINITY];
    let [mark, since] = [phibar, iteration];
    for (const vector of [w, old]) vector.view.fill(0);
    for (;;) {
      iteration++;
      space.copy(image ?? last, v);
      space.scale(1 / beta, v);
      const alpha = system.productDot(v, y);
      if (oldBeta > 0) space.axpy(-beta / oldBeta, before, y);
      space.axpy(-alpha / beta, last, y);
      [before, last, y] = [last, y, before];
      // The first β is not an entry of the tridiagonal matrix.
      const coupling = oldBeta === 0 ? 0 : beta;
      oldBeta = beta;
      const length = lengthOf(system, last, image);
      if (length < 0) {
        yield system.at(iteration - 1, (start * phibar) / beta1 / system.reference, {
          done: 'stalled',
          next: indefinite,
        });
        return;
      }
      beta = length;
      norm = Math.hypot(norm, alpha, coupling, beta);
      const delta = cs * dbar + sn * alpha;
      const gbar = sn * dbar - cs * alpha;
      const oldEpsilon = epsilon;
      epsilon = sn * beta;
      dbar = -cs * beta;
      /** ‖Ar‖/‖r‖ for the residual before this step. */
      const root = Math.hypot(gbar, cs * beta);
      const before1 = phibar;
      const gamma = Math.hypot(gbar, beta);
      const normal = root / norm;
      // If Ar is negligible, a step would move far in the null space without reducing the residual.
      const over = gamma === 0 || normal <= NORMAL;
      if (!over) {
        cs = gbar / gamma;
        sn = beta / gamma;
        const phi = cs * phibar;
        phibar *= sn;
        // (v − ε w₂ − δ w₁)/γ, overwriting the older of the two directions.
        space.xpby(v, -oldEpsilon, old);
        space.axpy(-delta, w, old);
        space.scale(1 / gamma, old);
        [w, old] = [old, w];
        space.axpy(phi, w, x);
        gmax = Math.max(gmax, gamma);
        gmin = Math.min(gmin, gamma);
      }
      const believed = (start * phibar) / beta1 / system.reference;
      const metrics = { norm, condition: gmax / gmin };
      if (phibar < (1 - 1e-6) * mark) [mark, since] = [phibar, iteration];
      const flat = iteration - since > 30;
      const ended = over || beta <= 1e-14 * norm || (flat && normal <= NEARLY) || before1 === 0;
      if (audit.due(believed) || ended || iteration % AUDIT === 0) {
        truth = system.residual(v);
        const relative = system.relative(truth);
        if (relative <= tol) {
          yield system.at(iteration, relative, { done: 'converged', metrics });
          return;
        }
        const again = audit.due(believed);
        if (again && !audit.worthwhile(relative, believed)) {
          yield system.at(iteration, relative, { done: 'stalled', next: atRounding('minres', tol), metrics });
          return;
        }
        if (ended && !again) {
          yield system.at(iteration, relative, { done: 'stalled', next: leastSquares, metrics });
          return;
        }
        yield system.at(iteration, relative, { metrics });
        // If the residual was tracked in the norm of the preconditioner, the true one may converge slightly later.
        if (again && (!M || ended)) break;
        continue;
      }
      yield system.at(iteration, believed, { metrics });
    }
    space.copy(v, last);
    truth = system.residual(last);
  }
}
