import { fail } from '@southwell/numerics/core';
import { ForestSolver } from '../forestSolver.ts';
import type { UpdateRule } from './rule.ts';

/**
 * Exact minimisation of a quadratic over a block that induces a forest of its graph, in O(|b|) by message passing
 * (Gaussian belief propagation, which is exact on trees: Weiss & Freeman 2001).
 */
export function messagePassing(): UpdateRule {
  return {
    name: 'messagePassing',
    handlesPenalty: false,
    needsForest: true,
    start(context) {
      const { graph, name } = context.problem;
      if (!graph)
        fail('NOT_SUPPORTED', `Message passing needs a problem with a graph, such as quadratic(A, b), not "${name}".`);
      const solver = new ForestSolver(graph);
      return (block, next) => {
        context.state.gradientBlock(block, next);
        solver.solve(block, next);
        for (let a = 0; a < block.length; a++) next[a] = context.x[block[a]] - next[a];
      };
    },
  };
}
