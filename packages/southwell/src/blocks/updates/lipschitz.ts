import type { UpdateRule } from './rule.ts';

/** Lb: x_b ← x_b − ∇_b f/L_b with L_b = λ_max(H_b). Decreases f by at least ‖∇_b f‖²/(2L_b). */
export function lipschitzStep(): UpdateRule {
  return {
    name: 'Lb',
    handlesPenalty: false,
    start: (context) => (block, next) => {
      const g = context.blockGradient(block);
      const L = context.blockLipschitz(block);
      for (let a = 0; a < block.length; a++) next[a] = context.x[block[a]] - (L > 0 ? g[a] / L : 0);
    },
  };
}
