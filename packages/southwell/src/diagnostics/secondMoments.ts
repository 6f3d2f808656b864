import { DenseMatrix } from '@southwell/numerics/arrays';
import { matrixProduct } from '@southwell/numerics/linalg';
import type { SymmetricProduct } from './product.ts';

/**
 * The maps of second moments M of the distance from a solution, in the eigenbasis of H; symmetric matrices are stored
 * as vectors, with off-diagonal entries times √2, so that inner products agree.
 *
 * @param G gradients of the outputs, a row for each example, such that GᵀG/n is diagonal with these curvatures.
 * @param noise the fraction c of the noise: D(M) = (1 − c)HMH + c·(1/n)Σ(gᵢᵀMgᵢ)gᵢgᵢᵀ.
 */
export function secondMoments(G: DenseMatrix, curvatures: Float64Array, noise: number) {
  const [n, r] = [G.rows, G.cols];
  const M = DenseMatrix.create(r, r, { arena: G.arena });
  const GM = DenseMatrix.create(n, r, { arena: G.arena });
  const weighted = DenseMatrix.create(n, r, { arena: G.arena });
  const D = DenseMatrix.create(r, r, { arena: G.arena });
  const entries = new Float64Array(n);
  const root = Math.SQRT2;

  /** D ← D(M) for the stored M. */
  const spread = (): void => {
    if (noise > 0) {
      matrixProduct(G, M, GM);
      entries.fill(0);
      for (let a = 0; a < r; a++) {
        const [g, m] = [G.column(a), GM.column(a)];
        for (let i = 0; i < n; i++) entries[i] += g[i] * m[i];
      }
      for (let a = 0; a < r; a++) {
        const [g, to] = [G.column(a), weighted.column(a)];
        for (let i = 0; i < n; i++) to[i] = ((noise * entries[i]) / n) * g[i];
      }
      matrixProduct(G, weighted, D, { transA: true });
    } else D.data.fill(0);
    for (let b = 0; b < r; b++) {
      const [from, to] = [M.column(b), D.column(b)];
      for (let a = 0; a < r; a++) to[a] += (1 - noise) * curvatures[a] * curvatures[b] * from[a];
    }
  };
  const take = (v: Float64Array, scale: (a: number, b: number) => number): void => {
    for (let b = 0, k = 0; b < r; b++) {
      for (let a = 0; a <= b; a++, k++) {
        const value = scale(a, b) * (a === b ? v[k] : v[k] / root);
        M.column(b)[a] = value;
        M.column(a)[b] = value;
      }
    }
  };
  const give = (out: Float64Array, value: (a: number, b: number) => number): void => {
    for (let b = 0, k = 0; b < r; b++) for (let a = 0; a <= b; a++, k++) out[k] = (a === b ? 1 : root) * value(a, b);
  };
  const drift = (a: number, b: number): number => curvatures[a] + curvatures[b];
  /** A^(−1/2) D A^(−1/2), with A(M) = HM + MH: η is critical if its largest eigenvalue is 1/η. */
  const noiseOverDrift: SymmetricProduct = (v, out) => {
    const half = (a: number, b: number) => 1 / Math.sqrt(drift(a, b));
    take(v, half);
    spread();
    give(out, (a, b) => half(a, b) * D.column(b)[a]);
  };
  /** M − η(HM + MH) + η²D(M). */
  const step = (rate: number, v: Float64Array, out: Float64Array): void => {
    take(v, () => 1);
    spread();
    give(out, (a, b) => (1 - rate * drift(a, b)) * M.column(b)[a] + rate * rate * D.column(b)[a]);
  };
  return { size: (r * (r + 1)) / 2, noiseOverDrift, step };
}
