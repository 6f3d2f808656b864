import { described, needDtype, needShape, needTensors } from '../given.ts';
import { refuse } from '../op.ts';
import { argmax } from '../ops/indexing.ts';
import { checkKey, foldIn, randomUniform } from '../ops/random.ts';
import type { Shape } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

export { foldIn, randomKey, randomUniform } from '../ops/random.ts';

/**
 * Standard normal numbers from a key (Box & Muller 1958); no derivative. O(size).
 * @throws INVALID_SHAPE for an invalid key.
 */
export function randomNormal(key: Tensor, shape: Shape, dtype: 'f32' | 'f64' = 'f64'): Tensor {
  checkKey('randomNormal', key);
  needShape('randomNormal', shape);
  needDtype('randomNormal', dtype, ['f32', 'f64']);
  const [u, v] = [0, 1].map((part) => randomUniform(foldIn(key, part), shape, dtype));
  return o.mul(o.sqrt(o.mul(o.log(o.sub(1, u)), -2)), o.cos(o.mul(v, 2 * Math.PI)));
}

/**
 * Dropout: zeroes elements of x with probability `rate` and divides the others by 1 − rate (Srivastava et al. 2014). Use a new key each step,
 * by foldIn.
 * @throws INVALID_PARAMETER unless 0 ≤ rate < 1.
 */
export function dropout(x: Tensor, rate: number, key: Tensor): Tensor {
  needTensors('dropout', { x });
  if (typeof rate !== 'number' || !(rate >= 0 && rate < 1))
    refuse('dropout', `the rate must be at least 0 and below 1, not ${described(rate)}.`);
  if (rate === 0) return x;
  checkKey('dropout', key);
  const kept = o.lessEqual(o.add(o.mul(randomUniform(key, x.shape, x.dtype === 'f32' ? 'f32' : 'f64'), -1), rate), 0);
  return o.mul(x, o.div(kept, 1 - rate));
}

/**
 * Samples a class for each row of logits […, classes] from softmax(logits), as integers […], by the Gumbel-max trick.
 * @throws INVALID_SHAPE for an invalid key.
 */
export function randomCategorical(key: Tensor, logits: Tensor): Tensor {
  checkKey('randomCategorical', key);
  needTensors('randomCategorical', { logits });
  const u = randomUniform(key, logits.shape, logits.dtype === 'f32' ? 'f32' : 'f64');
  // 1 − u is never 0; its logarithm may be 0, in which case the noise is infinite.
  return argmax(o.sub(logits, o.log(o.neg(o.log(o.sub(1, u))))));
}
