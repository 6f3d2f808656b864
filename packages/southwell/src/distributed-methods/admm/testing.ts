import { Random } from '@southwell/numerics/core';
import type { WlsClient } from './index.ts';

/** Clients with their own numbers of rows and variances of noise, and the vector behind their targets. */
export function drawnClients(K: number, L: number, seed = 1, rows: readonly [number, number] = [20, 40]) {
  const random = new Random(seed);
  const truth = Float64Array.from({ length: L }, () => random.normal());
  const clients = Array.from({ length: K }, (): WlsClient => {
    const D = rows[0] + random.integer(rows[1] - rows[0] + 1);
    const s = 0.5 + random.uniform();
    const X = Array.from({ length: D }, () => Float64Array.from({ length: L }, () => random.normal()));
    const y = X.map((x) => x.reduce((sum, v, i) => sum + v * truth[i], Math.sqrt(s) * random.normal()));
    return { X, y, weights: y.map(() => 1 / s) };
  });
  return { clients, truth };
}
