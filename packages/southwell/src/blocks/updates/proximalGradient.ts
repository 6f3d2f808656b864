import type { ProximalUpdate } from './rule.ts';

/** PG: x_i ← prox_{g_i/L_b}(x_i − ∇_i f/L_b) for i ∈ b, L_b = λ_max(H_b): projected gradient for bounds. */
export function proximalGradient(): ProximalUpdate {
  return {
    name: 'proximalGradient',
    handlesPenalty: true,
    start: (context) => (block, next) => {
      const g = context.blockGradient(block);
      const L = Math.max(context.blockLipschitz(block), 1e-100);
      const { penalty, x } = context;
      for (let a = 0; a < block.length; a++) {
        const z = x[block[a]] - g[a] / L;
        next[a] = penalty ? penalty.prox(block[a], z, 1 / L) : z;
      }
    },
  };
}
