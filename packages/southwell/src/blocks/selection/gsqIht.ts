import { checkOptions, fail, flagOption, type OptionsOf } from '@southwell/numerics/core';
import { largestEigenvalueOf } from '@southwell/numerics/krylov';
import type { BlockContext } from '../context.ts';
import { largestScores } from '../heap.ts';
import type { VariableSelection } from './rule.ts';
import { allCoordinates } from './scores.ts';

const SWEEPS = 10;

const ihtRecords = {
  /** Default false. */
  scaled: flagOption(),
};

export interface IhtOptions extends OptionsOf<typeof ihtRecords> {}

/**
 * GSQ over variable blocks by iterative hard thresholding (Blumensath & Davies 2008) on ½dᵀHd + gᵀd with ‖d‖₀ ≤ τ,
 * using H only in products. Two forms:
 *
 * - `scaled: true` (recommended): in z = √L∘d, whose matrix L^{-½}HL^{-½} has a unit diagonal, from the dense −g/√L.
 * - `scaled: false`, as in the authors' code: from d = g/√L (without the minus sign) with step 1/λ_max(H). If the L_i
 *   vary widely, only its first, dense step changes the support: it ranks |(I − μH)(g/√L)| (see docs).
 *
 * O(10 · product) a step; the products after the first have τ non-zeros.
 * @throws INVALID_PARAMETER.
 */
export function gsqIht(options: IhtOptions = {}): VariableSelection {
  checkOptions('gsqIht', ihtRecords, options);
  const scaled = options.scaled ?? false;
  return {
    name: scaled ? 'GSQ-IHT-scaled' : 'GSQ-IHT',
    usesGradient: true,
    smoothOnly: true,
    why: 'it searches over all blocks; for fixed blocks GSQ is exact',
    variable(context) {
      const product = boundProductOf(context);
      const p = context.problem.dim;
      const root = context.problem.coordinateLipschitz.map(Math.sqrt);
      const scale = scaled ? root.map((v) => (v > 0 ? 1 / v : 0)) : new Float64Array(p).fill(1);
      const t = new Float64Array(p);
      const z = new Float64Array(p);
      const hz = new Float64Array(p);
      const size = new Float64Array(p);
      const model = (v: Float64Array, out: Float64Array): void => {
        if (scaled) {
          for (let i = 0; i < p; i++) t[i] = scale[i] * v[i];
          product(t, out);
          for (let i = 0; i < p; i++) out[i] *= scale[i];
        } else product(v, out);
      };
      const largest = largestEigenvalueOf(model, p);
      const mu = largest > 0 ? 1 / largest : 0;
      return () => {
        if (p <= context.blockSize) return allCoordinates(p);
        const g = context.gradient();
        for (let i = 0; i < p; i++) z[i] = root[i] > 0 ? (scaled ? -g[i] : g[i]) / root[i] : 0;
        let block: Int32Array = new Int32Array(0);
        for (let sweep = 0; sweep < SWEEPS; sweep++) {
          model(z, hz);
          for (let i = 0; i < p; i++) {
            hz[i] = z[i] - mu * (scale[i] * g[i] + hz[i]);
            size[i] = Math.abs(hz[i]);
          }
          block = largestScores(size, context.blockSize);
          let moved = 0;
          let at = 0;
          for (let i = 0; i < p; i++) {
            const v = at < block.length && block[at] === i ? hz[block[at++]] : 0;
            moved += (v - z[i]) ** 2;
            z[i] = v;
          }
          if (moved < 1e-20) break;
        }
        return block;
      };
    },
  };
}

/**
 * The product d ↦ Hd.
 * @throws NOT_SUPPORTED.
 */
export function boundProductOf(context: BlockContext): (d: Float64Array, out: Float64Array) => void {
  const { problem } = context;
  if (!problem.boundProduct) {
    fail(
      'NOT_SUPPORTED',
      `The problem "${problem.name}" has no boundProduct, which the GSQ rules for variable blocks need; use GSD.`,
    );
  }
  return (d, out) => problem.boundProduct!(d, out);
}
