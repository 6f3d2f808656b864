import { checkOptions, type OptionsOf } from '@southwell/numerics/core';
import { type FixedSelection, normRecords } from './rule.ts';
import { bestBlock } from './scores.ts';

export interface GslOptions extends OptionsOf<typeof normRecords> {}

/**
 * Gauss–Southwell–Lipschitz: argmax_b ‖∇_b f‖²/L_b over fixed blocks, the block whose Lipschitz step has the largest
 * guaranteed decrease.
 * @throws INVALID_PARAMETER.
 */
export function gsl(options: GslOptions = {}): FixedSelection {
  checkOptions('gsl', normRecords, options);
  const l1 = options.norm === 'l1';
  return {
    name: 'GSL',
    usesGradient: true,
    why: 'its maximum over all blocks of one size is intractable; use GSD with diagonal "rowSums" in its place',
    fixed(context) {
      let slope = context.x;
      const best = bestBlock(context, (block) => {
        let sum = 0;
        for (let a = 0; a < block.length; a++) sum += l1 ? Math.abs(slope[block[a]]) : slope[block[a]] ** 2;
        if (sum === 0) return 0;
        const L = context.blockLipschitz(block);
        return l1 ? sum / Math.sqrt(L) : sum / L;
      });
      return () => {
        slope = context.slope();
        return best();
      };
    },
  };
}
