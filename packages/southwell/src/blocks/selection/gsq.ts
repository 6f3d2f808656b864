import type { FixedSelection } from './rule.ts';
import { bestBlock } from './scores.ts';

/**
 * Gauss–Southwell–quadratic: argmax_b ∇_bᵀH_b⁻¹∇_b over fixed blocks, the block whose matrix update decreases the bound
 * most. Factorisations of all H_b are cached: p·τ doubles.
 */
export function gsq(): FixedSelection {
  return {
    name: 'GSQ',
    usesGradient: true,
    smoothOnly: true,
    why: 'its maximum over all blocks of one size is a best-subset problem; use GSQ-OMP, GSQ-IHT-scaled or GSQ-IHT',
    fixed(context) {
      let g = context.x;
      const t = new Float64Array(Math.max(...context.partition!.map((b) => b.length)));
      const best = bestBlock(context, (block) => {
        const solved = t.subarray(0, block.length);
        for (let a = 0; a < block.length; a++) solved[a] = g[block[a]];
        context.factor(block).solve(solved);
        let sum = 0;
        for (let a = 0; a < block.length; a++) sum += g[block[a]] * solved[a];
        return sum;
      });
      return () => {
        g = context.gradient();
        return best();
      };
    },
  };
}
