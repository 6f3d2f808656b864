import { largestEigenvalue } from '@southwell/numerics/linalg';
import { armijoSearch } from '../../optimisers/index.ts';
import { penaltyDifference } from '../penaltyDifference.ts';
import { solveQuadraticSubproblem } from '../quadraticSubproblem.ts';
import { matrixStep } from './matrix.ts';
import type { ProximalUpdate } from './rule.ts';

/**
 * PN: x_b ← argmin of the quadratic model with the block Hessian plus the penalty, to relative accuracy 10⁻¹³. For
 * quadratic f this is exact block minimisation. Otherwise a line search along the segment prevents F from increasing
 * (Lee, Sun & Saunders 2014), with the bound H_b in place of the Hessian if the problem has none.
 */
export function proximalNewton(): ProximalUpdate {
  return {
    name: 'proximalNewton',
    handlesPenalty: true,
    start(context) {
      const { penalty } = context;
      const smooth = penalty ? undefined : matrixStep().start(context);
      return (block, next) => {
        if (!penalty) return smooth!(block, next);
        const exact = context.problem.quadratic || !context.state.hessianBlock;
        const H = exact ? context.bound(block) : context.hessian(block);
        if (!exact) {
          // Saturated rows may give ∇²_bb f zero curvature: a tiny ridge keeps the model bounded below.
          const ridge = 1e-12 * largestEigenvalue(H, block.length);
          for (let a = 0; a < block.length; a++) H[a * block.length + a] += ridge;
        }
        const x = Float64Array.from(block, (i) => context.x[i]);
        const g = context.blockGradient(block).slice();
        solveQuadraticSubproblem(H, g, block, x, penalty, next);
        if (context.problem.quadratic || !context.state.hessianBlock) return;
        const target = next.slice(0, block.length);
        let slope = 0;
        for (let a = 0; a < block.length; a++) {
          slope += g[a] * (target[a] - x[a]) + penaltyDifference(penalty, block[a], x[a], target[a]);
        }
        const at = (alpha: number): void => {
          for (let a = 0; a < block.length; a++) next[a] = alpha === 1 ? target[a] : x[a] + alpha * (target[a] - x[a]);
        };
        const alpha =
          slope < 0
            ? armijoSearch((t) => {
                at(t);
                return context.trial(block, next);
              }, slope)
            : 0;
        at(alpha);
      };
    },
  };
}
