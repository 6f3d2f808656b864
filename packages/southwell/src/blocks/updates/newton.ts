import { factorPositive } from '@southwell/numerics/linalg';
import { armijoSearch } from '../../optimisers/index.ts';
import type { UpdateRule } from './rule.ts';

/** LS: a Newton step on the block, x_b ← x_b − α(∇²_bb f(x))⁺∇_b f, with α from a line search that starts at 1. */
export function newtonStep(): UpdateRule {
  return {
    name: 'LS',
    handlesPenalty: false,
    start: (context) => (block, next) => {
      const g = context.blockGradient(block);
      const d = g.slice();
      factorPositive(context.hessian(block), block.length).solve(d);
      let slope = 0;
      for (let a = 0; a < block.length; a++) slope -= g[a] * d[a];
      const at = (alpha: number): void => {
        for (let a = 0; a < block.length; a++) next[a] = context.x[block[a]] - alpha * d[a];
      };
      const alpha =
        slope < 0
          ? armijoSearch((t) => {
              at(t);
              return context.trial(block, next);
            }, slope)
          : 0;
      at(alpha);
    },
  };
}
