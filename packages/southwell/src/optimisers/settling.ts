import { knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { GradientIterate } from './descent.ts';

/** Stopping criteria. */
export interface Limits {
  /** Tolerance on the maximum norm of the gradient. Default 1e-5. */
  readonly gradient?: number;
  /**
   * Minimum decrease of the objective by a step, relative to max(|f|, 1); 0 disables the test. Default
   * 2.2e-9.
   */
  readonly decrease?: number;
}

const limitKeys: OptionKeys<Limits> = {
  gradient: true,
  decrease: true,
};

/**
 * Stops when the gradient or the relative decrease of the objective is small; the defaults are the criteria of SciPy's
 * L-BFGS-B. The last iterate has `done` set; if the gradient is small, it repeats the one before.
 */
export function* settling(iterates: Iterable<GradientIterate>, limits: Limits = {}): Generator<GradientIterate> {
  knownKeys('settling', limits, limitKeys);
  const { gradient = 1e-5, decrease = 2.2e-9 } = limits;
  let before = Number.NaN;
  for (const iterate of iterates) {
    const { objective } = iterate;
    const size = Math.max(Math.abs(before), Math.abs(objective), 1);
    const little = decrease > 0 && before - objective <= decrease * size;
    if (little && !iterate.done) {
      yield { ...iterate, done: 'converged' };
      return;
    }
    yield iterate;
    if (iterate.done) return;
    if (!(iterate.certificate!.value > gradient)) {
      yield { ...iterate, done: 'converged' };
      return;
    }
    before = objective;
  }
}
