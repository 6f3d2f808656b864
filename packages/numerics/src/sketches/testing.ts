// Shared by the quick and the long tests of sketches. Not exported from the package.
import { describe, expect, test } from 'vitest';
import { DenseMatrix } from '../arrays/index.ts';
import { Random } from '../core/index.ts';
import { qr, svd } from '../linalg/index.ts';
import { createSketch, SKETCHES, type Sketch, type SketchKind, type SketchOptions } from './index.ts';

export const normals = (n: number, d: number, seed: number): DenseMatrix => {
  const random = new Random(seed);
  return DenseMatrix.fromColumnMajor(
    Array.from({ length: n * d }, () => random.normal()),
    n,
    d,
  );
};
export const identity = (n: number): DenseMatrix =>
  DenseMatrix.fromRows(Array.from({ length: n }, (_, i) => Array.from({ length: n }, (_, j) => (i === j ? 1 : 0))));
const optionsOf = (kind: SketchKind, n: number): SketchOptions => {
  if (kind === 'leverage-rows') return { scores: Float64Array.from({ length: n }, (_, i) => 1 + (i % 3)) };
  if (kind === 'tensor-srht') return { factors: [n / 4, 4] };
  return kind === 'osnap' ? { entries: 2 } : {};
};
export const kinds = Object.keys(SKETCHES) as SketchKind[];
export const draw = (kind: SketchKind, n: number, rows: number, seed: number): Sketch =>
  createSketch(kind, n, rows, seed, optionsOf(kind, n));

/** The first columns of I, which row sampling misses. */
export function coordinates(n: number, d: number): DenseMatrix {
  const out = DenseMatrix.create(n, d);
  for (let j = 0; j < d; j++) out.set(j, j, 1);
  return out;
}

/** Tests that the mean of SᵀS over the draws is I. */
export function unbiased({ draws }: { readonly draws: number }): void {
  describe.each(kinds)('%s', (kind) => {
    test('is unbiased: SᵀS is I on average, to four standard errors', () => {
      const [n, m] = [8, 4];
      const [sum, squares] = [new Float64Array(n * n), new Float64Array(n * n)];
      const I = identity(n);
      for (let k = 0; k < draws; k++) {
        const S = draw(kind, n, m, 1000 + k).apply(I);
        for (let i = 0; i < n; i++) {
          for (let j = 0; j < n; j++) {
            let v = 0;
            for (let r = 0; r < m; r++) v += S.get(r, i) * S.get(r, j);
            sum[i * n + j] += v;
            squares[i * n + j] += v * v;
          }
        }
        S.free();
      }
      for (let at = 0; at < n * n; at++) {
        const mean = sum[at] / draws;
        const error = Math.sqrt((squares[at] / draws - mean * mean) / draws);
        expect(Math.abs(mean - (at % (n + 1) === 0 ? 1 : 0))).toBeLessThanOrEqual(4 * error + 1e-12);
      }
    });
  });
}

/** Tests that norms are preserved in all trials but one in a hundred (or one, if there are fewer). */
export function subspaces({ trials }: { readonly trials: number }): void {
  test.each(['gaussian', 'srht', 'dct', 'gaussian-pooled', 'osnap'] as const)(
    'lengths in a subspace stay within a half, of coordinate vectors too: %s',
    (kind) => {
      const [n, d, m] = [320, 6, 256];
      for (const U of [qr(normals(n, d, 3)).thinQ(), coordinates(n, d)]) {
        let kept = 0;
        for (let k = 0; k < trials; k++) {
          const { singularValues: s } = svd(createSketch(kind, n, m, k).apply(U), { vectors: false });
          if (s[0] <= 1.5 && s[d - 1] >= 0.5) kept++;
        }
        expect(kept).toBeGreaterThanOrEqual(trials - Math.max(1, Math.floor(trials / 100)));
      }
    },
  );
}
