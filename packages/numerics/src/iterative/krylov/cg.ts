import { systemKernels } from '@southwell/kernels/systems';
import type { CscMatrix, MatrixLike } from '../../arrays/index.ts';
import { knownKeys, type OptionKeys } from '../../core/index.ts';
import type { LinearOperator } from '../../operators/index.ts';
import { ssor } from '../preconditioners/ssor.ts';
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
  type SolverOptions,
  solve,
  solverKeys,
} from '../system.ts';
import { spectrum } from './lanczosBounds.ts';

export interface CgOptions extends PreconditionedOptions {
  /** Flexible CG, for a preconditioner that varies between iterations (Polak–Ribière β). Default false. */
  readonly flexible?: boolean;
}

const cgKeys: OptionKeys<CgOptions> = { ...preconditionedKeys, flexible: true };

/**
 * Preconditioned conjugate gradients for a symmetric positive definite A (Hestenes and Stiefel 1952). The true residual
 * is computed when the recurrence indicates convergence, and every hundred steps. The run stops with an explanation if
 * A or the preconditioner turns out not to be positive definite. The final metrics contain estimates of the extreme
 * eigenvalues of M⁻¹A and their ratio `condition`. O(entries) per step; memory for six vectors.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER if A is a matrix that is not symmetric.
 */
export function cg(A: MatrixLike | LinearOperator, b: ArrayLike<number>, options: CgOptions = {}): LinearSolution {
  return solve(cgIterates(A, b, options), rowsOf(A), options);
}

/** Iterates of {@link cg}. */
export function* cgIterates(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: CgOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('cg', options, cgKeys);
  const system = new LinearSystem({ name: 'cg', symmetric: true, positive: true }, A, b, options);
  yield* fromFirstResidual(system, (r, norm) => steps(system, r, norm, options.flexible ?? false));
}

export interface SsorPcgOptions extends SolverOptions {
  /** Relaxation parameter, 0 < ω < 2. Default 1. */
  readonly omega?: number;
}

const ssorPcgKeys: OptionKeys<SsorPcgOptions> = { ...solverKeys, omega: true };

/**
 * {@link cg} with {@link ssor} as preconditioner.
 * @throws the errors of either.
 */
export function ssorPcg(A: CscMatrix, b: ArrayLike<number>, options: SsorPcgOptions = {}): LinearSolution {
  knownKeys('ssorPcg', options, ssorPcgKeys);
  const { omega = 1, ...rest } = options;
  const preconditioner = ssor(A, omega);
  try {
    return cg(A, b, { ...rest, preconditioner });
  } finally {
    preconditioner.free();
  }
}

/**
 * Steps without a lower residual after which to give up; longer than the plateaus that are typical of conjugate
 * gradients.
 */
const patience = (n: number): number => 50 + Math.min(2 * n, 5000);

function* steps(
  system: LinearSystem,
  r: Vector,
  first: number,
  flexible: boolean,
): Generator<LinearIterate, void, undefined> {
  const { space, x, n, tol, M } = system;
  const kernels = space.arena.use(systemKernels);
  const [p, w] = [space.vector(), space.vector()];
  const z = M ? space.vector() : r;
  const old = flexible ? space.vector() : undefined;
  const [alphas, betas]: [number[], number[]] = [[], []];
  const audit = new Audit(tol);
  let norm = first;
  let believed = system.relative(norm);
  // The update of x is deferred to that of the next direction, so that p is read only once.
  let pending = 0;
  const point = () => {
    if (pending !== 0) space.axpy(pending, p, x);
    pending = 0;
    return x;
  };
  const end = (iteration: number, next: string | undefined, residual: number) => {
    point();
    return system.at(iteration, residual, {
      done: next ? 'stalled' : 'converged',
      next,
      metrics: spectrum(alphas, betas),
    });
  };
  let rho = M ? system.precondition(r, z) : norm * norm;
  space.copy(z, p);
  let [best, since] = [believed, 0];
  for (let iteration = 1; ; iteration++) {
    if (!(rho > 0) || !Number.isFinite(rho)) {
      yield end(iteration - 1, badPreconditioner(M !== undefined), believed);
      return;
    }
    const curvature = system.productDot(p, w);
    if (!(curvature > 0)) {
      yield end(iteration - 1, notPositive(curvature, iteration), believed);
      return;
    }
    const alpha = rho / curvature;
    if (old) space.copy(r, old);
    const square = kernels.subtractDot(n, alpha, w.pointer, r.pointer);
    pending = alpha;
    alphas.push(alpha);
    norm = square > 1e-280 ? Math.sqrt(square) : space.norm(r);
    believed = system.relative(norm);
    let restart = false;
    if (audit.due(believed) || iteration % AUDIT === 0) {
      const was = believed;
      // w is unused until the next product.
      norm = system.residual(w, point());
      believed = system.relative(norm);
      if (believed <= tol) {
        yield end(iteration, undefined, believed);
        return;
      }
      const drifted = believed > 1.1 * was + 1e-16;
      if (was <= tol && !audit.worthwhile(believed, believed)) {
        yield end(iteration, atRounding('cg', tol), believed);
        return;
      }
      if (drifted) {
        space.copy(w, r);
        restart = was <= tol;
      }
    }
    if (believed < 0.99 * best) [best, since] = [believed, iteration];
    else if (iteration - since > patience(n)) {
      yield end(iteration, plateau(iteration - since), believed);
      return;
    }
    yield system.at(iteration, believed, { point });
    const next = M ? system.precondition(r, z) : norm * norm;
    const beta = restart ? 0 : (old ? next - space.dot(old, z) : next) / rho;
    betas.push(beta);
    rho = next;
    kernels.directionStep(n, pending, beta, z.pointer, p.pointer, x.pointer);
    pending = 0;
  }
}

function badPreconditioner(given: boolean): string {
  return given
    ? 'The preconditioner is not positive definite: rᵀM⁻¹r is not positive. Use gmres, or minres without a preconditioner.'
    : 'The residual overflowed.';
}

const plateau = (steps: number): string =>
  `The residual has not decreased for ${steps} steps: A is singular and the system inconsistent, or A is too ill-conditioned for ` +
  'double precision. minres and lsqr find least-squares solutions.';

function notPositive(curvature: number, iteration: number): string {
  const what = curvature < 0 ? 'a negative curvature pᵀAp' : 'no curvature pᵀAp';
  return (
    `A is not positive definite: the direction of step ${iteration} has ${what}. minres takes any symmetric matrix, and ` +
    'singular ones.'
  );
}
