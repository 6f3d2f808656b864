import { checkOptions, numberOption, type OptionsOf } from '@southwell/numerics/core';
import type { GradientIterate } from './descent.ts';

const limitRecords = {
  /** Tolerance on the maximum norm of the gradient. Default 1e-5. */
  gradient: numberOption({ min: 0 }),
  /**
   * Minimum decrease of the objective by a step, relative to max(|f|, 1); 0 disables the test. Default
   * 2.2e-9.
   */
  decrease: numberOption({ min: 0 }),
};

/** Stopping criteria. */
export interface Limits extends OptionsOf<typeof limitRecords> {}

/**
 * Stops when the gradient or the relative decrease of the objective is small; the defaults are the criteria of SciPy's
 * L-BFGS-B. The last iterate has `done` set; if the gradient is small, it repeats the one before.
 * @throws INVALID_PARAMETER.
 */
export function* settling(iterates: Iterable<GradientIterate>, limits: Limits = {}): Generator<GradientIterate> {
  checkOptions('settling', limitRecords, limits);
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
