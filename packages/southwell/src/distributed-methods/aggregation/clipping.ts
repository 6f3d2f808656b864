import { checkOptions, type Iterate, type OptionsOf, run } from '@southwell/numerics/core';
import type { CombinationWeights } from './geometricMedian.ts';
import { checkGram, distancesFrom, lengthOf, medianOf } from './gram.ts';
import { clippingRecords, flagRecords } from './options.ts';

const { iterations } = flagRecords;
export const centeredClippingRecords = { ...clippingRecords, iterations };

export interface CenteredClippingOptions extends OptionsOf<typeof centeredClippingRecords> {}

/**
 * Centered clipping (Karimireddy, He & Jaggi, ICML 2021) from the p × p inner products K of the gradients: iterate 0 is the origin, and each pass moves the centre z to
 * z + (1/p) Σ (g_i − z)·min(1, radius / ‖g_i − z‖). The objective is the sum of Huber losses of the distances, r²/2 up to the radius
 * and radius·(r − radius/2) beyond, over p, which never rises; the certificate is the length of the next step relative to
 * the radius. The default radius is the median norm of the gradients. For a start other than the origin, subtract it from all
 * gradients. Ends `converged` when the centre does not move. O(p²) a pass.
 * @throws INVALID_SHAPE, NON_FINITE; INVALID_PARAMETER for the radius.
 */
export function* centeredClippingIterates(
  K: Float64Array,
  options: Omit<CenteredClippingOptions, 'iterations'> = {},
): Generator<Iterate<CombinationWeights>> {
  const p = checkGram('centeredClippingIterates', K);
  checkOptions('centeredClippingIterates', clippingRecords, options);
  let weights = new Float64Array(p);
  let distances = distancesFrom(K, weights);
  // Gradients most of which are 0 have no scale; all others are then clipped to nothing.
  const radius = options.radius ?? medianOf(distances);
  for (let iteration = 0; ; iteration++) {
    const factors = distances.map((d) => (d <= radius ? 1 : radius / d));
    const objective =
      distances.reduce((sum, d) => sum + (d <= radius ? (d * d) / 2 : radius * (d - radius / 2)), 0) / p;
    const total = factors.reduce((sum, v) => sum + v, 0);
    const next: Float64Array<ArrayBuffer> = weights.map((w, i) => w + (factors[i] - total * w) / p);
    const value = lengthOf(
      K,
      next.map((v, i) => v - weights[i]),
    );
    const done = value === 0 ? 'converged' : undefined;
    const [here, from] = [weights, distances];
    yield {
      ...{ iteration, objective, work: {}, ...(done ? { done } : {}) },
      certificate: { kind: 'residual', value, relative: radius > 0 ? value / radius : 0 },
      snapshot: () => ({ weights: here, distances: from }),
    };
    if (done) return;
    weights = next;
    distances = distancesFrom(K, weights);
  }
}

/**
 * The centre after `iterations` passes (default 5) of {@link centeredClippingIterates}, as a combination of gradients.
 * @throws as {@link centeredClippingIterates}.
 */
export function centeredClippingWeights(K: Float64Array, options: CenteredClippingOptions = {}): CombinationWeights {
  checkOptions('centeredClippingWeights', centeredClippingRecords, options);
  const { iterations: passes = 5, ...rest } = options;
  return run(centeredClippingIterates(K, rest), { maxIter: passes }).point;
}
