import { dctMatrix } from '@southwell/numerics/transforms';
import { adamW, type ParameterRange, type Schedule } from 'southwell/optimisers';
import { betas, type MakeStepper } from './lab.ts';

/** A basis, and whether its vectors that are aligned best or worst with the gradient are chosen at each step. */
export interface Choice {
  readonly basis: 'cosines' | 'axes';
  readonly take: 'best' | 'worst';
}

interface Matrix {
  readonly from: number;
  /** Length of a vector of the basis, and number of rows or columns that are projected. */
  readonly side: number;
  readonly other: number;
  /** Steps from one entry to the next along either. */
  readonly along: number;
  readonly across: number;
  chosen: readonly number[];
  m: Map<number, Float64Array>;
  v: Map<number, Float64Array>;
}

/**
 * Low-rank AdamW with vectors that the library's does not offer: moments of r vectors of a fixed basis, ranked by the L1
 * norm of the projection of the gradient, that stay with their vectors. All other parameters use AdamW.
 */
export const chosenAdamW =
  (rate: Schedule, rank: number, { basis, take }: Choice): MakeStepper =>
  (x, ranges) => {
    const isLow = ({ shape, orthogonal }: ParameterRange): boolean =>
      shape!.length > 1 && orthogonal! && Math.min(...shape!) > rank;
    const matrices = ranges.filter(isLow).map(({ from, shape }): Matrix => {
      const [n, m] = shape!;
      const left = n < m;
      const [side, other] = left ? [n, m] : [m, n];
      const [along, across] = left ? [m, 1] : [1, m];
      return { from, side, other, along, across, chosen: [], m: new Map(), v: new Map() };
    });
    const tables = new Map<number, Float64Array>();
    if (basis === 'cosines') for (const { side } of matrices) tables.set(side, dctMatrix(side));
    const others = adamW({ rate, weightDecay: 0, ...betas });
    const state = others.init(
      x,
      ranges.map((range) => ({ ...range, frozen: isLow(range) })),
    );
    let t = 0;
    return {
      step(at, gradient) {
        const length = rate(t);
        t++;
        const [c1, c2] = [1 - betas.beta1 ** t, 1 - betas.beta2 ** t];
        for (const one of matrices) {
          const { from, side, other, along, across } = one;
          const Q = tables.get(side);
          const seen = Array.from({ length: side }, (_, k) => {
            const a = new Float64Array(other);
            for (let j = 0; j < side; j++) {
              const q = Q ? Q[k * side + j] : Number(j === k);
              if (q === 0) continue;
              for (let i = 0; i < other; i++) a[i] += q * gradient[from + j * along + i * across];
            }
            return a;
          });
          const scores = seen.map((a) => a.reduce((sum, v) => sum + Math.abs(v), 0));
          const sign = take === 'best' ? 1 : -1;
          const order = scores.map((_, k) => k).sort((a, b) => sign * (scores[b] - scores[a]) || a - b);
          one.chosen = order.slice(0, rank);
          const [m, v] = [new Map<number, Float64Array>(), new Map<number, Float64Array>()];
          for (const k of one.chosen) {
            const mean = one.m.get(k) ?? new Float64Array(other);
            const square = one.v.get(k) ?? new Float64Array(other);
            m.set(k, mean);
            v.set(k, square);
            const a = seen[k];
            const u = new Float64Array(other);
            for (let i = 0; i < other; i++) {
              mean[i] = betas.beta1 * mean[i] + (1 - betas.beta1) * a[i];
              square[i] = betas.beta2 * square[i] + (1 - betas.beta2) * a[i] * a[i];
              u[i] = mean[i] / c1 / (Math.sqrt(square[i] / c2) + betas.epsilon);
            }
            for (let j = 0; j < side; j++) {
              const q = length * (Q ? Q[k * side + j] : Number(j === k));
              if (q === 0) continue;
              for (let i = 0; i < other; i++) at[from + j * along + i * across] -= q * u[i];
            }
          }
          one.m = m;
          one.v = v;
        }
        others.step(state, at, gradient);
      },
      free: () => state.free(),
    };
  };
