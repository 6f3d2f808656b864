import * as ad from '@southwell/autodiff';
import { fail } from '@southwell/numerics/core';

/**
 * The loss: mean squared error over the values of an example; cross-entropy of logits [n, …, classes] and class indices
 * [n, …], by the softmax or by StableMax, which is numerically robust; or a function of outputs and targets of a batch
 * that returns a loss for each example, [n].
 */
export type Loss = 'squares' | 'crossEntropy' | 'stableMax' | ((outputs: ad.Tensor, targets: ad.Tensor) => ad.Tensor);

/** The mean over the values of each example: [n, …] to [n]. */
const perExample = (x: ad.Tensor): ad.Tensor => (x.rank < 2 ? x : ad.mean(ad.reshape(x, [x.shape[0], -1]), [1]));

/** Outputs reshaped to the shape of the targets: [n, 1] to [n]. */
const like = (outputs: ad.Tensor, targets: ad.Tensor): ad.Tensor =>
  outputs.rank === targets.rank + 1 && outputs.shape.at(-1) === 1 ? ad.reshape(outputs, [...targets.shape]) : outputs;

/** The loss of each example, [n]. @throws INVALID_PARAMETER for an unknown loss. */
export function lossOf(loss: Loss, outputs: ad.Tensor, targets: ad.Tensor): ad.Tensor {
  if (typeof loss === 'function') return loss(outputs, targets);
  if (loss === 'squares') return perExample(ad.square(ad.sub(like(outputs, targets), targets)));
  if (loss !== 'crossEntropy' && loss !== 'stableMax')
    fail(
      'INVALID_PARAMETER',
      `loss must be 'squares', 'crossEntropy', 'stableMax' or a function, not ${JSON.stringify(loss)}.`,
    );
  const classes = outputs.shape.at(-1)!;
  const entropy = loss === 'stableMax' ? ad.stableMaxCrossEntropy : ad.crossEntropy;
  const rows = entropy(ad.reshape(outputs, [-1, classes]), ad.reshape(targets, [-1]));
  return perExample(ad.reshape(rows, [...targets.shape]));
}

/** Accuracy of each example over its targets, [n]. */
export function hitsOf(outputs: ad.Tensor, targets: ad.Tensor, dtype: 'f32' | 'f64'): ad.Tensor {
  const classes = outputs.shape.at(-1)!;
  const guess = ad.argmax(ad.reshape(outputs, [-1, classes]));
  const [a, b] = [ad.oneHot(guess, classes, dtype), ad.oneHot(ad.reshape(targets, [-1]), classes, dtype)];
  return perExample(ad.reshape(ad.sum(ad.mul(a, b), [-1]), [...targets.shape]));
}
