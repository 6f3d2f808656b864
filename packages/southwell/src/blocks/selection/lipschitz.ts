import { largestScores } from '../heap.ts';
import type { SelectionRule } from './rule.ts';

/**
 * Sampling in proportion to curvature (Nesterov 2012): a block with probability L_b/ΣL_b; or τ coordinates without
 * replacement with weights L_i, as the first τ arrivals of exponential clocks with rates L_i (Efraimidis & Spirakis
 * 2006).
 */
export function lipschitz(): SelectionRule {
  return {
    name: 'lipschitz',
    usesGradient: false,
    sampled: true,
    fixed(context) {
      const blocks = context.partition!;
      const cumulative = new Float64Array(blocks.length);
      let ready = false;
      return () => {
        if (!ready) {
          let sum = 0;
          blocks.forEach((block, k) => {
            sum += context.blockLipschitz(block);
            cumulative[k] = sum;
          });
          ready = !context.estimated;
        }
        const target = context.random.uniform() * cumulative[blocks.length - 1];
        let low = 0;
        let high = blocks.length - 1;
        while (low < high) {
          const middle = (low + high) >> 1;
          if (cumulative[middle] > target) high = middle;
          else low = middle + 1;
        }
        return blocks[low];
      };
    },
    variable(context) {
      const keys = new Float64Array(context.problem.dim);
      return () => {
        // Coordinates of curvature 0 come last (−∞), in index order.
        for (let i = 0; i < keys.length; i++) keys[i] = -context.random.exponential() / context.lipschitz[i];
        return largestScores(keys, context.blockSize);
      };
    },
  };
}
