import type { BlockContext } from '../context.ts';
import { penaltyDifference } from '../penaltyDifference.ts';
import type { SelectionRule } from './rule.ts';
import { bestBlock, chooseCoordinates, inSupport } from './scores.ts';

/**
 * Greedy by the guaranteed decrease of a proximal step of each coordinate alone (the GS-q rule; "GSQ-nn" in the
 * authors' code): with d_i = prox_{g_i/L_i}(x_i − ∇_i f/L_i) − x_i, s_i = −(∇_i f d_i + ½L_i d_i² + g_i(x_i + d_i) −
 * g_i(x_i)) ≥ 0. Variable: the τ largest; fixed: the largest sum. Among coordinates with s_i = 0 those of the support
 * come first: they move as soon as others in the block do, and only blocks that contain the whole support terminate
 * finitely.
 */
export function proximalGreedy(): SelectionRule {
  return {
    name: 'proximal',
    usesGradient: true,
    ranks: true,
    fixed(context) {
      const scores = new Float64Array(context.problem.dim);
      const best = bestBlock(context, (block) => {
        let sum = 0;
        for (let a = 0; a < block.length; a++) sum += scores[block[a]];
        return sum;
      });
      return () => {
        progress(context, scores);
        return best();
      };
    },
    variable(context) {
      const scores = new Float64Array(context.problem.dim);
      return () => {
        progress(context, scores);
        for (let i = 0; i < scores.length; i++) {
          if (scores[i] === 0 && inSupport(context, i)) scores[i] = Number.MIN_VALUE;
        }
        return chooseCoordinates(context, scores);
      };
    },
  };
}

function progress(context: BlockContext, scores: Float64Array): void {
  const { x, penalty } = context;
  const g = context.gradient();
  for (let i = 0; i < x.length; i++) {
    const L = context.stepLipschitz(i);
    if (!penalty) {
      scores[i] = g[i] === 0 ? 0 : (g[i] * g[i]) / (2 * L);
      continue;
    }
    const next = penalty.prox(i, x[i] - g[i] / L, 1 / L);
    const d = next - x[i];
    const model = -(g[i] * d + 0.5 * L * d * d + penaltyDifference(penalty, i, x[i], next));
    // For convex g_i the prox step guarantees at least ½L_i d², which rounding must not hide near the solution.
    scores[i] = d === 0 ? 0 : penalty.convex ? Math.max(model, 0.5 * L * d * d) : model;
  }
}
