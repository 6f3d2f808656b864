import type { MatrixLike } from '../../arrays/index.ts';
import { fail, knownKeys, type OptionKeys, Random } from '../../core/index.ts';
import type { LinearOperator } from '../../operators/index.ts';
import type { Vector } from '../space.ts';
import {
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
import { spectrum } from './lanczosBounds.ts';

export interface ChebyshevOptions extends PreconditionedOptions {
  /** Bounds of the spectrum of M⁻¹A. Default: estimated by Lanczos steps and widened by a margin. */
  readonly bounds?: readonly [number, number];
}

const chebyshevKeys: OptionKeys<ChebyshevOptions> = { ...preconditionedKeys, bounds: true };

/** Number of steps for estimating the bounds. */
const LOOK = 60;
/**
 * Ritz values lie inside the spectrum, the largest one closely. A lower bound that is too high only costs steps; an
 * upper bound that is too low makes the method diverge.
 */
const [BELOW, ABOVE] = [0.95, 1.02];
const GROWTH = 1e10;

/**
 * Chebyshev iteration for a symmetric positive definite A, or any A for which the eigenvalues of M⁻¹A lie in a positive
 * interval. Needs no inner products except for the stopping test (Golub and Varga 1961). O(entries) per step; memory
 * for six vectors.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function chebyshev(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: ChebyshevOptions = {},
): LinearSolution {
  return solve(chebyshevIterates(A, b, options), rowsOf(A), options);
}

/**
 * Iterates of {@link chebyshev}, up to its tolerance.
 * @throws as {@link chebyshev}.
 */
export function* chebyshevIterates(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: ChebyshevOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('chebyshev', options, chebyshevKeys);
  const { bounds } = options;
  if (bounds && !(bounds[0] > 0 && bounds[1] >= bounds[0] && bounds[1] < Number.POSITIVE_INFINITY)) {
    fail('INVALID_PARAMETER', `bounds must be two positive numbers, the smaller first, but are ${bounds.join(', ')}.`);
  }
  const system = new LinearSystem({ name: 'chebyshev', symmetric: true, positive: true }, A, b, options);
  yield* fromFirstResidual(system, (r, norm) => steps(system, r, norm, bounds));
}

/**
 * Bounds estimated by some steps of conjugate gradients with a random right-hand side; undefined if A is not positive
 * definite.
 */
function estimate(system: LinearSystem): readonly [number, number] | undefined {
  const { space, n, M } = system;
  const [r, p, w, z] = [0, 1, 2, 3].map(() => space.vector());
  const random = new Random(1);
  for (let i = 0; i < n; i++) r.view[i] = random.normal();
  const [alphas, betas]: [number[], number[]] = [[], []];
  const first = M ? system.precondition(r, z) : space.dot(r, r);
  space.copy(M ? z : r, p);
  let rho = first;
  for (let k = 0; k < Math.min(LOOK, n); k++) {
    const curvature = system.productDot(p, w);
    if (!(curvature > 0 && rho > 0)) return undefined;
    alphas.push(rho / curvature);
    space.axpy(-rho / curvature, w, r);
    const next = M ? system.precondition(r, z) : space.dot(r, r);
    if (!(next > 1e-28 * first)) break;
    betas.push(next / rho);
    rho = next;
    space.xpby(M ? z : r, betas[k], p);
  }
  const { smallest, largest } = spectrum(alphas, betas);
  return smallest > 0 ? [BELOW * smallest, ABOVE * largest] : undefined;
}

function* steps(
  system: LinearSystem,
  r: Vector,
  first: number,
  given: readonly [number, number] | undefined,
): Generator<LinearIterate, void, undefined> {
  const { space, tol, x, M } = system;
  const [d, w] = [space.vector(), space.vector()];
  const z = M ? space.vector() : r;
  let norm = first;
  let believed = system.relative(norm);
  const start = believed;
  const bounds = given ?? estimate(system);
  if (!bounds) {
    const next = 'A or the preconditioner is not positive definite; minres takes any symmetric matrix.';
    yield system.at(0, believed, { done: 'stalled', next });
    return;
  }
  const [low, high] = bounds;
  const [theta, delta] = [(high + low) / 2, (high - low) / 2];
  const audit = new Audit(tol);
  const metrics = { low, high };
  const direction = () => {
    if (M) M.apply(r.view, z.view);
    space.copy(z, d);
    space.scale(1 / theta, d);
  };
  direction();
  let rho = delta / theta;
  for (let iteration = 1; ; iteration++) {
    space.axpy(1, d, x);
    system.product(d, w);
    space.axpy(-1, w, r);
    norm = space.norm(r);
    believed = system.relative(norm);
    if (!(believed < GROWTH * start)) {
      if (!Number.isFinite(believed)) x.view.fill(0);
      const next = 'Eigenvalues lie outside the bounds: give wider ones, or use cg, which needs none.';
      yield system.at(iteration, believed, { done: 'diverged', next, metrics });
      return;
    }
    if (audit.due(believed)) {
      norm = system.residual(r);
      believed = system.relative(norm);
      if (believed <= tol) {
        yield system.at(iteration, believed, { done: 'converged', metrics });
        return;
      }
      if (!audit.worthwhile(believed, believed)) {
        yield system.at(iteration, believed, { done: 'stalled', next: atRounding('chebyshev', tol), metrics });
        return;
      }
      yield system.at(iteration, believed, { metrics });
      direction();
      rho = delta / theta;
      continue;
    }
    yield system.at(iteration, believed, { metrics });
    if (M) M.apply(r.view, z.view);
    // d ← ρ′ρ d + 2ρ′/δ z; the second coefficient is 1/θ if the interval is a point.
    const next = 1 / ((2 * theta) / delta - rho);
    const [along, step] = delta > 0 ? [next * rho, (2 * next) / delta] : [0, 1 / theta];
    space.scale(along, d);
    space.axpy(step, z, d);
    rho = delta > 0 ? next : 0;
  }
}
