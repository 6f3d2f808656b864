import type { SelectionRule } from './rule.ts';

/** A uniformly random block, or τ coordinates without replacement. */
export function random(): SelectionRule {
  return {
    name: 'random',
    usesGradient: false,
    sampled: true,
    fixed: (context) => () => context.partition![context.random.integer(context.partition!.length)],
    variable: (context) => () => context.random.sample(context.problem.dim, context.blockSize).sort(),
  };
}
