import { DenseMatrix } from '@southwell/numerics/arrays';
import { Random } from '@southwell/numerics/core';

/** What the tests of the room share. */

/** Views that share `rho.length` directions with these correlations, turned by random reflections. */
export function planted(n: number, dims: readonly number[], rho: readonly number[], seed: number): DenseMatrix[] {
  const random = new Random(seed);
  const shared = Array.from({ length: n }, () => rho.map(() => random.normal()));
  return dims.map((d) => {
    const mirrors = Array.from({ length: 4 }, () => Array.from({ length: d }, () => random.normal()));
    return DenseMatrix.fromRows(
      shared.map((s) => {
        const z = Array.from({ length: d }, (_, j) =>
          j < rho.length ? Math.sqrt(rho[j]) * s[j] + Math.sqrt(1 - rho[j]) * random.normal() : random.normal(),
        );
        for (const h of mirrors) {
          const by = (2 * z.reduce((t, v, j) => t + v * h[j], 0)) / h.reduce((t, v) => t + v * v, 0);
          for (let j = 0; j < d; j++) z[j] -= by * h[j];
        }
        return z;
      }),
    );
  });
}
