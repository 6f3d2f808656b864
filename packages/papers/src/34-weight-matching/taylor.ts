import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import type { Barrier, MergingData } from 'southwell/merging';

/** Examples that are differentiated at a time, and in all. */
const [BATCH, COUNT] = [500, 2000];

/** The loss at a, and its first and second derivative on the line towards b, of the first examples. */
export function lineDerivatives(
  a: nn.Model,
  b: nn.Model,
  { inputs, targets, loss }: MergingData,
): readonly [loss: number, slope: number, curvature: number] {
  const along = (t: ad.Tensor, x: ad.Tensor, y: ad.Tensor): ad.Tensor => {
    const at = Object.entries(a.parameters).map(([name, p]) => [
      name,
      ad.add(p, ad.mul(t, ad.sub(b.parameters[name], p))),
    ]);
    return loss(nn.apply(a.layer, Object.fromEntries(at), x), y);
  };
  const slope = ad.grad(along);
  const curvature = ad.grad(slope);
  const sums = [0, 0, 0];
  const count = Math.min(COUNT, inputs.shape[0]);
  const start = ad.full([], 0, inputs.dtype);
  for (let from = 0; from < count; from += BATCH) {
    const to = Math.min(count, from + BATCH);
    const batch = [ad.slice(inputs, [from, to]), ad.slice(targets, [from, to])] as const;
    [along, slope, curvature].forEach((f, k) => {
      sums[k] += ((to - from) / count) * f(start, ...batch).item();
    });
  }
  return sums as [number, number, number];
}

/** The barrier that the expansion to second order around a predicts, between the measured losses of both ends. */
export function predictedBarrier(
  [value, slope, curvature]: readonly [number, number, number],
  { lambdas, losses }: Barrier,
): number {
  const [first, last] = [losses[0], losses[losses.length - 1]];
  const excess = lambdas.map((t) => value + slope * t + (curvature / 2) * t * t - (1 - t) * first - t * last);
  return Math.max(0, ...excess);
}
