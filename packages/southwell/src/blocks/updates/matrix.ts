import type { UpdateRule } from './rule.ts';

/**
 * Hb: x_b ← x_b − H_b⁻¹∇_b f, by Cholesky, or by the pseudo-inverse if H_b is singular (softmax, duplicate columns).
 * Decreases f by at least ½∇_bᵀH_b⁻¹∇_b. Factorisations for fixed blocks are cached.
 */
export function matrixStep(): UpdateRule {
  return {
    name: 'matrix',
    handlesPenalty: false,
    start: (context) => (block, next) => {
      const g = context.blockGradient(block);
      context.factor(block).solve(g);
      for (let a = 0; a < block.length; a++) next[a] = context.x[block[a]] - g[a];
    },
  };
}
