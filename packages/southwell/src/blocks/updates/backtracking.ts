import { checkOptions, choiceOption, flagOption, type OptionsOf } from '@southwell/numerics/core';
import type { UpdateRule } from './rule.ts';

const backtrackingRecords = {
  /** Initial value of every L̂_i: 1 (as in the authors' code), or L_i. Default 'one'. */
  initial: choiceOption({ one: '1', lipschitz: 'L_i' }),
  /** Whether to try L̂/2 first, so that estimates can decrease again. Default false. */
  halve: flagOption(),
};

export interface BacktrackingOptions extends OptionsOf<typeof backtrackingRecords> {}

/**
 * LA, the Lipschitz step with estimated constants: L̂ = max_{i∈b} L̂_i is doubled until f(x − U_b∇_b f/L̂) ≤ f(x) −
 * ‖∇_b f‖²/(2L̂), and stored for all i ∈ b. Selection rules then use the estimates.
 * @throws INVALID_PARAMETER.
 */
export function backtrackingStep(options: BacktrackingOptions = {}): UpdateRule {
  checkOptions('backtrackingStep', backtrackingRecords, options);
  const { initial = 'one', halve = false } = options;
  return {
    name: 'LA',
    handlesPenalty: false,
    start(context) {
      const L = context.problem.coordinateLipschitz;
      const estimates = L.map((v) => (initial === 'one' ? 1 : Math.max(v, Number.MIN_VALUE)));
      context.lipschitz = estimates;
      context.estimated = true;
      return (block, next) => {
        const g = context.blockGradient(block).slice();
        let norm2 = 0;
        for (let a = 0; a < block.length; a++) norm2 += g[a] * g[a];
        let estimate = context.blockLipschitz(block);
        if (halve) estimate /= 2;
        // 1100 doublings cover the range of doubles.
        for (let trial = 0; trial < 1100; trial++) {
          for (let a = 0; a < block.length; a++) next[a] = context.x[block[a]] - g[a] / estimate;
          if (norm2 === 0 || context.trial(block, next) <= -norm2 / (2 * estimate)) break;
          // Below the rounding error of x no decrease can be measured, so that there is no step.
          if (block.every((i, a) => next[a] === context.x[i])) break;
          estimate *= 2;
        }
        for (let a = 0; a < block.length; a++) estimates[block[a]] = estimate;
      };
    },
  };
}
