import { systemKernels } from '@southwell/kernels/systems';
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
 * Bi-CGSTAB for any square A (van der Vorst 1992), right-preconditioned: two products per step and a fixed number of
 * vectors, but the residual may increase, and breakdowns occur, after which it restarts with another shadow residual, a
 * limited number of times. O(entries) per step; memory for ten vectors.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function bicgstab(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: PreconditionedOptions = {},
): LinearSolution {
  return solve(bicgstabIterates(A, b, options), rowsOf(A), options);
}

/** Iterates of {@link bicgstab}. */
export function* bicgstabIterates(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: PreconditionedOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('bicgstab', options, preconditionedKeys);
  const system = new LinearSystem({ name: 'bicgstab', symmetric: false }, A, b, options);
  yield* fromFirstResidual(system, (r, norm) => steps(system, r, norm));
}

/** An inner product below this fraction of the product of the norms is a breakdown. */
const ORTHOGONAL = 1e-20;
/** Restarts without a lower residual before giving up. */
const TRIES = 4;

const broken =
  'bicgstab broke down repeatedly: inner products vanish, as they do for skew-symmetric and singular matrices. Use gmres, or lsqr.';

function* steps(system: LinearSystem, r: Vector, first: number): Generator<LinearIterate, void, undefined> {
  const { space, n, tol, M, x } = system;
  const kernels = space.arena.use(systemKernels);
  const [shadow, p, v, t] = [0, 1, 2, 3].map(() => space.vector());
  const [best, spare] = [space.vector(), space.vector()];
  const [pHat, sHat] = M ? [space.vector(), space.vector()] : [p, r];
  const audit = new Audit(tol);
  let norm = first;
  let believed = system.relative(norm);
  let [least, tries, iteration] = [believed, 0, 0];
  space.copy(x, best);
  /** The better of x and the best point whose true residual has been computed. */
  const point = () => (system.relative(system.residual(spare, x)) <= least ? x : best);
  const end = (next: string) => {
    space.copy(best, x);
    system.residual(t);
    return system.at(iteration, least, { done: 'stalled', next });
  };
  for (;;) {
    // Restarts from the best point, with its true residual and a shadow residual that is not orthogonal to it.
    space.copy(r, shadow);
    if (tries > 0) {
      const { view } = shadow;
      const share = norm / Math.sqrt(n);
      for (let i = 0; i < n; i++) view[i] += share * Math.sin((i + 1) * (tries + 1));
    }
    const shadowNorm = space.norm(shadow);
    space.copy(r, p);
    let rho = space.dot(shadow, r);
    let ended = false;
    while (!ended) {
      iteration++;
      if (M) M.apply(p.view, pHat.view);
      system.product(pHat, v);
      const sigma = space.dot(shadow, v);
      if (!(Math.abs(sigma) > ORTHOGONAL * shadowNorm * space.norm(v))) break;
      const alpha = rho / sigma;
      space.axpy(alpha, pHat, x);
      space.axpy(-alpha, v, r);
      if (M) M.apply(r.view, sHat.view);
      system.product(sHat, t);
      const square = space.dot(t, t);
      const along = space.dot(t, r);
      const omega = square > 0 ? along / square : 0;
      space.axpy(omega, sHat, x);
      space.axpy(-omega, t, r);
      norm = space.norm(r);
      believed = system.relative(norm);
      if (!Number.isFinite(believed)) break;
      if (audit.due(believed) || iteration % AUDIT === 0) {
        const was = believed;
        norm = system.residual(t);
        believed = system.relative(norm);
        if (believed <= tol) {
          yield system.at(iteration, believed, { done: 'converged' });
          return;
        }
        if (believed < 0.99 * least) {
          [least, tries] = [believed, 0];
          space.copy(x, best);
        }
        if (was <= tol && !audit.worthwhile(believed, believed)) {
          yield end(atRounding('bicgstab', tol));
          return;
        }
        if (believed > 1.1 * was + 1e-16) ended = true;
      }
      const next = space.dot(shadow, r);
      yield system.at(iteration, believed, { point });
      if (!(Math.abs(next) > ORTHOGONAL * shadowNorm * norm) || omega === 0) break;
      // The product of the ratios of ρ and of α/ω: p ← r + β(p − ωv).
      const beta = (next / rho) * (alpha / omega);
      rho = next;
      space.axpy(-omega, v, p);
      kernels.xpby(n, r.pointer, beta, p.pointer);
    }
    norm = Number.isFinite(x.view[0]) ? system.residual(r) : Number.NaN;
    believed = system.relative(norm);
    if (believed <= tol) {
      yield system.at(iteration, believed, { done: 'converged' });
      return;
    }
    if (believed < 0.99 * least) {
      [least, tries] = [believed, 0];
      space.copy(x, best);
    } else {
      if (++tries >= TRIES) {
        yield end(broken);
        return;
      }
      space.copy(best, x);
      norm = system.residual(r);
    }
    yield system.at(iteration, system.relative(norm));
  }
}
