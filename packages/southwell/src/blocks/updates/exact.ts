import type { BlockContext } from '../context.ts';
import { newtonStep } from './newton.ts';
import type { UpdateRule } from './rule.ts';

/** exact: x_b ← argmin f(·, the other coordinates fixed): one solve for quadratics, Newton with line search otherwise. */
export function exactMinimisation(): UpdateRule {
  return {
    name: 'exact',
    handlesPenalty: false,
    start: (context) => (block, next) => exactStep(context, block, next),
  };
}

/**
 * next ← the minimiser over block b. Inner Newton steps end when ‖∇_b f‖∞ has decreased by a factor of 10¹² or nothing changes.
 */
export function exactStep(context: BlockContext, block: Int32Array, next: Float64Array): void {
  if (context.problem.quadratic) {
    const g = context.blockGradient(block);
    context.factor(block).solve(g);
    for (let a = 0; a < block.length; a++) next[a] = context.x[block[a]] - g[a];
    return;
  }
  const start = Float64Array.from(block, (i) => context.x[i]);
  const newton = newtonStep().start(context);
  let first = 0;
  for (let step = 0; step < 50; step++) {
    const size = context.blockGradient(block).reduce((m, v) => Math.max(m, Math.abs(v)), 0);
    if (step === 0) first = size;
    if (size <= 1e-12 * first) break;
    newton(block, next);
    if (block.every((i, a) => next[a] === context.x[i]) || !(context.move(block, next) < 0)) break;
  }
  for (let a = 0; a < block.length; a++) next[a] = context.x[block[a]];
  context.move(block, start);
}
