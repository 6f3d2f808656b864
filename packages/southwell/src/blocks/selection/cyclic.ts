import type { SelectionRule } from './rule.ts';

/**
 * Fixed blocks in turn. Variable blocks: consecutive slices of a permutation that is redrawn every pass (random
 * permutations); the last slice is shorter if τ does not divide p.
 */
export function cyclic(): SelectionRule {
  return {
    name: 'cyclic',
    usesGradient: false,
    fixed: (context) => () => context.partition![context.iteration % context.partition!.length],
    variable(context) {
      const p = context.problem.dim;
      const order = context.random.permutation(p);
      let at = 0;
      return () => {
        if (at >= p) {
          context.random.shuffle(order);
          at = 0;
        }
        const block = order.slice(at, Math.min(p, at + context.blockSize)).sort();
        at += context.blockSize;
        return block;
      };
    },
  };
}
