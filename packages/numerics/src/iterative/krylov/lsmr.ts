import type { MatrixLike } from '../../arrays/index.ts';
import { knownKeys } from '../../core/index.ts';
import type { LinearOperator } from '../../operators/index.ts';
import { colsOf, type LinearIterate, type LinearSolution, solve } from '../system.ts';
import { type LeastSquaresOptions, LeastSquaresSystem, leastSquaresKeys } from './leastSquaresSystem.ts';

/**
 * Like {@link lsqr}, but ‖Aᵀr‖ decreases in every step: the iterates are those of MINRES for AᵀA, so that the iteration
 * may be stopped earlier (Fong and Saunders 2011). O(entries) per step; memory for one more vector of length cols.
 * @throws INVALID_SHAPE, NON_FINITE, INVALID_PARAMETER.
 */
export function lsmr(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: LeastSquaresOptions = {},
): LinearSolution {
  return solve(lsmrIterates(A, b, options), colsOf(A), options);
}

/** Iterates of {@link lsmr}. */
export function* lsmrIterates(
  A: MatrixLike | LinearOperator,
  b: ArrayLike<number>,
  options: LeastSquaresOptions = {},
): Generator<LinearIterate, void, undefined> {
  knownKeys('lsmr', options, leastSquaresKeys);
  const system = new LeastSquaresSystem('lsmr', A, b, options);
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
  const [h, hbar] = [space.vector(), space.vector()];
  let iteration = 0;
  for (;;) {
    system.begin();
    const { alpha, beta } = system;
    if (alpha * beta === 0) {
      yield system.nothing();
      return;
    }
    space.copy(v, h);
    hbar.view.fill(0);
    // Names and formulas as in section 2 of the paper, and in section 3 for the residual norm.
    let [zetabar, alphabar, rho, rhobar, cbar, sbar, zeta] = [alpha * beta, alpha, 1, 1, 1, 0, 0];
    let [betadd, betad, rhodold, tautildeold, thetatilde] = [beta, 0, 1, 0, 0];
    let [squares, most, least] = [alpha * alpha, 0, Number.POSITIVE_INFINITY];
    const first = iteration;
    if (iteration === 0) yield system.at(0, { residual: beta / system.reference, normalResidual: 1, norm: alpha });
    for (;;) {
      iteration++;
      system.step();
      const rhoOld = rho;
      rho = Math.hypot(alphabar, system.beta);
      const [c, s] = [alphabar / rho, system.beta / rho];
      const thetaNew = s * system.alpha;
      alphabar = c * system.alpha;
      const [rhobarOld, zetaOld] = [rhobar, zeta];
      const thetabar = sbar * rho;
      const rhotemp = cbar * rho;
      rhobar = Math.hypot(rhotemp, thetaNew);
      cbar = rhotemp / rhobar;
      sbar = thetaNew / rhobar;
      zeta = cbar * zetabar;
      zetabar = -sbar * zetabar;
      space.xpby(h, (-thetabar * rho) / (rhoOld * rhobarOld), hbar);
      space.axpy(zeta / (rho * rhobar), hbar, x);
      space.xpby(v, -thetaNew / rho, h);

      const betahat = c * betadd;
      betadd *= -s;
      const thetatildeOld = thetatilde;
      const rhotildeOld = Math.hypot(rhodold, thetabar);
      const [ctilde, stilde] = [rhodold / rhotildeOld, thetabar / rhotildeOld];
      thetatilde = stilde * rhobar;
      rhodold = ctilde * rhobar;
      betad = -stilde * betad + ctilde * betahat;
      tautildeold = (zetaOld - thetatildeOld * tautildeold) / rhotildeOld;
      const taud = (zeta - thetatilde * tautildeold) / rhodold;
      squares += system.beta ** 2;
      const norm = Math.sqrt(squares);
      squares += system.alpha ** 2;
      most = Math.max(most, rhobarOld);
      if (iteration > first + 1) least = Math.min(least, rhobarOld);
      const { iterate, anew } = system.judge(iteration, {
        residual: Math.hypot(betad - taud, betadd),
        normal: Math.abs(zetabar),
        norm,
        condition: Math.max(most, rhotemp) / Math.min(least, rhotemp),
      });
      yield iterate;
      if (iterate.done) return;
      if (anew) break;
    }
  }
}
