import { checkOptions, choiceOption, fail, type OptionsOf } from '@southwell/numerics/core';
import type { BlockContext } from '../context.ts';
import { gsRecords, rankedSelector } from './gs.ts';
import type { SelectionRule } from './rule.ts';
import { bestBlock } from './scores.ts';

const gsdRecords = {
  /** Default 'lipschitz'. */
  diagonal: choiceOption({ lipschitz: 'L_i', eso: 'τL_i', rowSums: 'Σ_j |H_ij|' }),
  ...gsRecords,
};

export interface GsdOptions extends OptionsOf<typeof gsdRecords> {}

/**
 * The diagonal D of GSD: `lipschitz` D_i = L_i (with the same ranking as any multiple, such as the valid bound τL_i:
 * `eso`), or `rowSums` D_i = Σ_j |H_ij|, a bound for every block by diagonal dominance.
 */
export type GsdDiagonal = NonNullable<GsdOptions['diagonal']>;

/**
 * Gauss–Southwell–diagonal: argmax_b Σ_{i∈b} (∇_i f)²/D_i. For variable blocks it is exact and costs one partial sort:
 * the τ largest (∇_i f)²/D_i. Coordinates on which f does not depend (D_i = 0) are never chosen.
 * @throws INVALID_PARAMETER.
 */
export function gsd(options: GsdOptions = {}): SelectionRule {
  checkOptions('gsd', gsdRecords, options);
  const { diagonal = 'lipschitz' } = options;
  const l1 = options.norm === 'l1';
  const score = (slope: number, D: number) => (slope === 0 || D === 0 ? 0 : (slope * slope) / D);
  return {
    name: diagonal === 'rowSums' ? 'GSD (row sums)' : 'GSD',
    usesGradient: true,
    ranks: true,
    fixed(context) {
      const fixedD = diagonalOf(context, diagonal);
      let slope = context.x;
      const best = bestBlock(context, (block) => {
        const D = fixedD ?? context.lipschitz;
        let sum = 0;
        for (let a = 0; a < block.length; a++) {
          const s = score(slope[block[a]], D[block[a]]);
          sum += l1 ? Math.sqrt(s) : s;
        }
        return sum;
      });
      return () => {
        slope = context.slope();
        return best();
      };
    },
    variable(context) {
      const fixedD = diagonalOf(context, diagonal);
      return rankedSelector(context, (i, s) => score(s, (fixedD ?? context.lipschitz)[i]), options.scores);
    },
  };
}

/** The constant part; undefined if D depends on `context.lipschitz`. A common factor τ does not change the ranking. */
function diagonalOf(context: BlockContext, diagonal: GsdDiagonal): Float64Array | undefined {
  if (diagonal !== 'rowSums') return undefined;
  if (!context.problem.boundRowSums) {
    fail(
      'NOT_SUPPORTED',
      `The problem "${context.problem.name}" has no boundRowSums; use GSD with diagonal "lipschitz".`,
    );
  }
  return context.problem.boundRowSums();
}
