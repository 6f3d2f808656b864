import type { MatrixLike } from '../../arrays/index.ts';
import { knownKeys, type OptionKeys, wholeNumber } from '../../core/index.ts';
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
import { Hessenberg } from './hessenberg.ts';

export interface GmresOptions extends PreconditionedOptions {
  /** Restart length: the number of iterations and of stored vectors per cycle. Default 30. */
  readonly restart?: number;
  /**
   * Flexible GMRES, for a preconditioner that varies between iterations, such as an inner solver; needs twice the
   * memory. Default false.
   */
  readonly flexible?: boolean;
}

const gmresKeys: OptionKeys<GmresOptions> = { ...preconditionedKeys, restart: true, flexible: true };

/**
 * Restarted GMRES for any square A: minimises the residual over the Krylov space of each cycle of `restart` steps (Saad
 * and Schultz 1986); flexible variant after Saad (1993). The preconditioner is applied from the right, so residuals are
 * those of the system. Vectors are orthogonalised by two products with all previous ones (classical Gram–Schmidt), and
 * once more on cancellation. O(entries + restart · n) per step; memory for `restart` vectors, or twice as many.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function gmres(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: GmresOptions = {},
): LinearSolution {
  return solve(gmresIterates(A, b, options), rowsOf(A), options);
}

/** Iterates of {@link gmres}. */
export function* gmresIterates(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: GmresOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('gmres', options, gmresKeys);
  const { restart = 30, flexible = false } = options;
  wholeNumber('restart', restart, 1);
  const system = new LinearSystem({ name: 'gmres', symmetric: false }, A, b, options);
  const m = Math.min(restart, Math.max(1, system.n));
  yield* fromFirstResidual(system, (r, norm) => cycles(system, r, norm, m, flexible));
}

/** If a smaller fraction of a vector remains, it is orthogonalised once more. */
const CANCELLED = 0.1;
/** Residuals above this fraction of b are not due to rounding. */
const SINGULAR = 1e-6;
/** A cycle that reduces the residual by less than this factor gains nothing. */
const LITTLE = 1 - 1e-6;

function* cycles(
  system: LinearSystem,
  r: Vector,
  first: number,
  m: number,
  flexible: boolean,
): Generator<LinearIterate, void, undefined> {
  const { space, n, tol, M, x } = system;
  const { kernels } = space.arena;
  const V = space.vector(n * (m + 1));
  const Z = flexible && M ? space.vector(n * m) : undefined;
  const [z, t, candidate] = [0, 1, 2].map(() => space.vector());
  const coefficients = space.vector(m + 1);
  const column = (B: typeof V, j: number) => B.view.subarray(j * n, (j + 1) * n);
  const audit = new Audit(tol);
  let norm = first;
  let relative = system.relative(norm);
  let iteration = 0;
  for (;;) {
    const H = new Hessenberg(m, 1, [norm]);
    const start = norm;
    const target = column(V, 0);
    const from = r.view;
    for (let i = 0; i < n; i++) target[i] = from[i] / norm;
    /** candidate ← x + M⁻¹Vy with the current minimiser y. */
    const point = () => {
      const y = H.solve()[0];
      coefficients.view.set(y);
      kernels.gemv(n, y.length, 1, (Z ?? V).pointer, n, coefficients.pointer, 0, t.pointer);
      if (M && !Z) M.apply(t.view, candidate.view);
      else space.copy(t, candidate);
      space.axpy(1, x, candidate);
      return candidate;
    };
    let broken = false;
    let believed = relative;
    while (H.columns < m && !broken) {
      const j = H.columns;
      iteration++;
      const v = column(V, j);
      let input = v;
      if (M) {
        input = Z ? column(Z, j) : z.view;
        M.apply(v, input);
      }
      // The product is written to the position of the next vector.
      const to = V.pointer + 8 * n * (j + 1);
      system.products++;
      system.A.apply(input, column(V, j + 1));
      const h = new Float64Array(j + 2);
      let left = 0;
      for (let pass = 0; pass < 2; pass++) {
        kernels.gemvT(n, j + 1, V.pointer, n, to, coefficients.pointer);
        kernels.gemv(n, j + 1, -1, V.pointer, n, coefficients.pointer, 1, to);
        let along = 0;
        const c = coefficients.view;
        for (let k = 0; k <= j; k++) {
          h[k] += c[k];
          along = Math.hypot(along, c[k]);
        }
        left = Math.sqrt(kernels.dot(n, to, to));
        if (!(left < CANCELLED * Math.hypot(along, left))) break;
      }
      const size = Math.hypot(...h.subarray(0, j + 1));
      broken = !(left > 1e-14 * size);
      h[j + 1] = broken ? 0 : left;
      if (!broken) {
        const next = column(V, j + 1);
        for (let i = 0; i < n; i++) next[i] /= left;
      }
      believed = H.push(h)[0] / system.reference;
      if (audit.due(believed) || broken) break;
      if (H.columns < m) yield system.at(iteration, believed, { point });
    }
    norm = system.residual(r, point());
    // The last step for a singular system may make the solution worse.
    if (norm <= start) space.copy(candidate, x);
    else norm = system.residual(r);
    relative = system.relative(norm);
    if (relative <= tol) {
      yield system.at(iteration, relative, { done: 'converged' });
      return;
    }
    if (audit.due(believed) && !audit.worthwhile(relative, relative)) {
      // An invariant Krylov space contains the solution, unless A is singular.
      const next = broken && relative > SINGULAR ? stuck(true, m, n) : atRounding('gmres', tol);
      yield system.at(iteration, relative, { done: 'stalled', next });
      return;
    }
    if (norm > LITTLE * start) {
      yield system.at(iteration, relative, { done: 'stalled', next: stuck(broken, m, n) });
      return;
    }
    yield system.at(iteration, relative);
  }
}

function stuck(broken: boolean, m: number, n: number): string {
  if (broken || m >= n) {
    return 'The residual no longer decreases: A is singular, or the preconditioner is. lsqr finds a least-squares solution.';
  }
  return `A whole cycle of ${m} steps made no progress: use a longer restart, or a preconditioner such as incompleteLu.`;
}
