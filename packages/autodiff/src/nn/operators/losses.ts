import * as ad from '../../index.ts';
import { type Call, float, type Operator, type Val } from './call.ts';

// Losses of classes, which networks that were exported for training end in.

/** The mean or sum of −log p of the classes of input 1, [n, ...], where scores are [n, classes, ...]; weights of classes are input 2. */
function likelihood(c: Call, scores: ad.Tensor): Val {
  const classes = scores.shape[1];
  const target = c.x(1).t;
  const ignored = c.maybeInt('ignore_index');
  const kept = ignored === undefined ? ad.full(target.shape, 1, c.real) : ad.cast(ad.notEqual(target, ignored), c.real);
  const inRange = ad.cast(ad.mul(target, ad.cast(kept, target.dtype)), 'i32');
  const picked = ad.reshape(ad.takeAlong(scores, ad.expandDims(inRange, 1), 1), target.shape);
  const weights = c.has(2) ? ad.mul(ad.take(ad.reshape(c.float(2), [classes]), inRange, 0), kept) : kept;
  const losses = ad.neg(ad.mul(picked, weights));
  const reduction = c.text('reduction', 'mean');
  if (reduction === 'none') return float(losses);
  const all = losses.shape.map((_, d) => d);
  const sum = ad.sum(losses, all);
  return float(reduction === 'sum' ? sum : ad.div(sum, ad.sum(weights, all)));
}

/** Losses by name. */
export const losses: Readonly<Record<string, Operator>> = {
  NegativeLogLikelihoodLoss: (c) => likelihood(c, c.float(0)),
  SoftmaxCrossEntropyLoss: (c) => {
    const logs = ad.logSoftmax(c.float(0), 1);
    return [likelihood(c, logs), float(logs)];
  },
};
