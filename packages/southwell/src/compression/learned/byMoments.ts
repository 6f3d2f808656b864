import { DenseMatrix } from '@southwell/numerics/arrays';
import { matrixProduct } from '@southwell/numerics/linalg';
import { dampedMoments, type InputMoments } from '../moments.ts';
import type { CodedWeights } from '../quantise.ts';
import { CodeLearner, type LearnOptions } from './learner.ts';

/** Added to the diagonal of the moments, as a share of its mean, as in sweeps. */
const DAMPING = 0.01;
/** More steps do not lower the loss of networks further. */
const STEPS = 200;

/**
 * Learns the codes of a layer as `compressToCodebooks` does, but from the second moments of its inputs alone: the loss of all
 * calibration rows at once, of the outputs before the activation. Yields the share of the steps that is done. A step costs a
 * product of the weights with the moments and O(2^bits) for each weight.
 * @throws INVALID_PARAMETER if the moments have only their diagonal; NON_FINITE for weights that are NaN or infinite.
 */
export function* learnByMoments(
  W: DenseMatrix,
  options: Pick<LearnOptions, 'bits' | 'groups'>,
  moments: InputMoments,
): Generator<number, CodedWeights> {
  const learner = new CodeLearner(W, {
    ...{ variant: 'multi', mapping: 'proximal', values: true, start: 'distance' },
    ...{ steps: STEPS, valueRate: 1e-3, mappingRate: 0.03, ...options },
  });
  const { rows, cols } = W;
  const H = dampedMoments('compression by learned codebooks', moments, DAMPING);
  const { arena } = H;
  const [difference, slope] = [DenseMatrix.create(rows, cols, { arena }), DenseMatrix.create(rows, cols, { arena })];
  try {
    difference.data.set(W.data);
    matrixProduct(difference, H, slope);
    let energy = 0;
    for (let at = 0; at < W.data.length; at++) energy += W.data[at] * slope.data[at];
    while (energy > 0 && learner.steps < STEPS) {
      learner.weights(difference);
      const [d, w] = [difference.data, W.data];
      for (let at = 0; at < d.length; at++) d[at] -= w[at];
      matrixProduct(difference, H, slope, { alpha: 2 / energy });
      learner.learn(slope);
      yield learner.steps / STEPS;
    }
    return learner.codes().codes;
  } finally {
    for (const used of [difference, slope, H]) used.free();
  }
}
