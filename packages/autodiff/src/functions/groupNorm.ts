import { needTensors } from '../given.ts';
import { misfit, refuse } from '../op.ts';
import { reshape } from '../ops/views.ts';
import { sizeOf } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

function normed(
  name: string,
  x: Tensor,
  groups: number,
  gamma: Tensor | undefined,
  beta: Tensor | undefined,
  epsilon: number,
): Tensor {
  needTensors(name, { x }, { gamma, beta });
  if (x.rank < 2 || x.dtype === 'i32') misfit(name, [x], 'it takes a batch of channels [n, …, channels].');
  const channels = x.shape.at(-1)!;
  if (!Number.isInteger(groups) || groups < 1 || channels % groups !== 0)
    refuse(name, `${channels} channels cannot be divided into ${groups} equal groups.`);
  for (const t of [gamma, beta])
    if (t && (t.rank !== 1 || t.shape[0] !== channels)) misfit(name, [x, t], `gamma and beta must be [${channels}].`);
  const [n, own] = [x.shape[0], channels / groups];
  const places = sizeOf(x.shape.slice(1, -1));
  // Sums over positions come first, and coefficients are spread over channels, so that all large passes are along rows.
  const flat = reshape(x, [n, places, channels]);
  const mean = (t: Tensor): Tensor => {
    const all = o.sum(reshape(o.sum(t, [-2]), [n, groups, own]), [-1], true);
    return o.div(all, places * own);
  };
  const spread = (t: Tensor): Tensor => reshape(o.broadcastTo(t, [n, groups, own]), [n, 1, channels]);
  const apart = o.sub(flat, spread(mean(flat)));
  const scale = spread(o.div(1, o.sqrt(o.add(mean(o.square(apart)), epsilon))));
  const y = o.mul(apart, gamma ? o.mul(scale, gamma) : scale);
  return reshape(beta ? o.add(y, beta) : y, x.shape);
}

/**
 * Group normalisation of x [n, …, channels]: each example and group of adjacent channels has mean 0 and variance 1, then
 * scale gamma and shift beta of each channel (Wu & He 2018). O(size).
 * @throws INVALID_SHAPE if shapes do not match; INVALID_PARAMETER if groups do not divide the channels.
 */
export const groupNorm = (x: Tensor, groups: number, gamma?: Tensor, beta?: Tensor, epsilon = 1e-5): Tensor =>
  normed('groupNorm', x, groups, gamma, beta, epsilon);

/**
 * Instance normalisation of x [n, …, channels]: {@link groupNorm} with a group for each channel (Ulyanov et al. 2016).
 * @throws INVALID_SHAPE if shapes do not match.
 */
export const instanceNorm = (x: Tensor, gamma?: Tensor, beta?: Tensor, epsilon = 1e-5): Tensor =>
  normed('instanceNorm', x, x?.shape?.at(-1) || 1, gamma, beta, epsilon);
