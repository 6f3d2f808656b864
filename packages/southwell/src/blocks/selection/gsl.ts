import { knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { BlockNorm, FixedSelection } from './rule.ts';
import { bestBlock } from './scores.ts';

export interface GslOptions {
  /** Norm of the gradient of a block. Default 'l2'. */
  readonly norm?: BlockNorm;
}

const gslKeys: OptionKeys<GslOptions> = { norm: true };

/**
 * Gauss–Southwell–Lipschitz: argmax_b ‖∇_b f‖²/L_b over fixed blocks, the block whose Lipschitz step has the largest
 * guaranteed decrease.
 */
export function gsl(options: GslOptions = {}): FixedSelection {
  knownKeys('gsl', options, gslKeys);
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
