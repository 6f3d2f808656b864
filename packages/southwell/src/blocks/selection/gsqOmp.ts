import { checkOptions, limitOption, type OptionsOf } from '@southwell/numerics/core';
import { factorPositive } from '@southwell/numerics/linalg';
import { largestScores } from '../heap.ts';
import { boundProductOf } from './gsqIht.ts';
import type { VariableSelection } from './rule.ts';
import { allCoordinates } from './scores.ts';

const ompRecords = {
  /** Number of coordinates added at a time. Default τ/10. */
  batch: limitOption(1),
};

export interface OmpOptions extends OptionsOf<typeof ompRecords> {}

/**
 * GSQ over variable blocks by orthogonal matching pursuit (Pati et al. 1993) on the bound: add the coordinates with the
 * largest (g + Hd)_i²/L_i to S and solve H_SS d_S = −g_S, until |S| = τ; in batches of max(1, τ/10) by default.
 * O(τ/batch · (product + τ³)) a step.
 * @throws INVALID_PARAMETER.
 */
export function gsqOmp(options: OmpOptions = {}): VariableSelection {
  checkOptions('gsqOmp', ompRecords, options);
  return {
    name: 'GSQ-OMP',
    usesGradient: true,
    smoothOnly: true,
    why: 'it searches over all blocks; for fixed blocks GSQ is exact',
    variable(context) {
      const product = boundProductOf(context);
      const p = context.problem.dim;
      const L = context.problem.coordinateLipschitz;
      const d = new Float64Array(p);
      const hd = new Float64Array(p);
      const scores = new Float64Array(p);
      return () => {
        const tau = context.blockSize;
        if (p <= tau) return allCoordinates(p);
        const batch = Math.max(1, Math.floor(options.batch ?? tau / 10));
        const g = context.gradient();
        let S: Int32Array = new Int32Array(0);
        hd.fill(0);
        while (S.length < tau) {
          for (let i = 0; i < p; i++) scores[i] = L[i] > 0 ? (g[i] + hd[i]) ** 2 / L[i] : 0;
          for (let a = 0; a < S.length; a++) scores[S[a]] = Number.POSITIVE_INFINITY; // what is in stays in
          S = largestScores(scores, Math.min(tau, S.length + batch));
          if (S.length === tau) break;
          const step = Float64Array.from(S, (i) => -g[i]);
          factorPositive(context.bound(S), S.length).solve(step);
          d.fill(0);
          for (let a = 0; a < S.length; a++) d[S[a]] = step[a];
          product(d, hd);
        }
        return S;
      };
    },
  };
}
