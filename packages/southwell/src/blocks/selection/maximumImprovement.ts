import { exactStep } from '../updates/exact.ts';
import type { FixedSelection } from './rule.ts';
import { bestBlock } from './scores.ts';

/**
 * Maximum improvement: the fixed block whose exact minimisation decreases f most. For quadratics it equals GSQ with H_b
 * = A_bb. Solves every block in every step, and is meant for small problems.
 */
export function maximumImprovement(): FixedSelection {
  return {
    name: 'maximumImprovement',
    usesGradient: true,
    smoothOnly: true,
    why: 'it minimises over every block; for variable blocks use GSQ-OMP',
    fixed(context) {
      const next = new Float64Array(context.problem.dim);
      return bestBlock(context, (block) => {
        const out = next.subarray(0, block.length);
        exactStep(context, block, out);
        return -context.trial(block, out);
      });
    },
  };
}
