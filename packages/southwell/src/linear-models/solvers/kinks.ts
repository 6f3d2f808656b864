import type { Iterate } from '@southwell/numerics/core';
import { Certifier } from './certificate.ts';
import type { StartedSolver } from './solver.ts';
import type { LinearPoint, LinearState } from './state.ts';

/** Fraction of the certificate to which a smooth approximation is solved before it is tightened. */
const SHARE = 0.2;
/**
 * Factors of the width of the next approximation: after one that was solved, and after one that was too narrow for the
 * solver.
 */
const [NARROWER, WIDER] = [0.5, 8];
/** Approximations without a better certificate after which the limit of rounding is assumed to be reached. */
const PATIENCE = 20;

/**
 * Iterates on a loss with kinks: those of a solver on a smooth approximation, which is tightened whenever it has been
 * solved accurately enough. Objectives and certificates are those of the original loss. Ends if rounding allows no
 * further progress.
 */
export function* kinkedIterates(
  state: LinearState,
  solver: StartedSolver,
  tol: number,
): Generator<Iterate<LinearPoint>> {
  const kinks = state.loss.kinks!;
  const certifier = new Certifier(state);
  let iteration = 0;
  let best = Number.POSITIVE_INFINITY;
  kinks.about(state.v.view, Number.POSITIVE_INFINITY);
  state.evaluate();
  for (let idle = 0; ; idle++) {
    let width = NARROWER;
    let relative = Number.POSITIVE_INFINITY;
    for (const it of solver.iterates(SHARE * tol)) {
      const certificate = certifier.appraise(kinks);
      relative = certificate.relative;
      const diverged = it.done === 'diverged' || !Number.isFinite(certificate.objective);
      const done = diverged ? 'diverged' : it.done && idle >= PATIENCE ? 'stalled' : undefined;
      yield { ...it, iteration: iteration++, objective: certificate.objective, certificate, done };
      if (done) return;
      if (it.done) width = WIDER;
      if (it.done || it.certificate!.relative <= SHARE * relative) break;
    }
    if (relative < 0.9 * best) {
      best = relative;
      idle = -1;
    }
    kinks.about(state.v.view, width);
    state.evaluate();
  }
}
