import * as ad from '@southwell/autodiff';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type CrossEntropy = (logits: ad.Tensor, targets: ad.Tensor) => ad.Tensor;
type WithoutScaling = (w: ArrayLike<number>, g: ArrayLike<number>, out: Float32Array | Float64Array) => void;

export default nulls(record, [
  {
    id: 'with-scaling',
    says: 'with gradients as they are',
    kinds: ['ingredient'],
    claims: ['orthogonal-gradient'],
    module: 'southwell/optimisers/stochastic/withoutScaling',
    name: 'withoutScaling',
    by: (): WithoutScaling => (_, g, out) => out.set(g),
  },
  {
    id: 'squares',
    says: 'with squares of the distance to 1 at the class and 0 elsewhere',
    kinds: ['ingredient'],
    claims: ['scaling-direction'],
    module: 'autodiff/functions/collapse',
    name: 'softmaxCrossEntropy',
    by: (): CrossEntropy => (logits, targets) => {
      const wanted = ad.oneHot(targets, logits.shape.at(-1)!, logits.dtype as 'f32');
      return ad.sum(ad.square(ad.sub(logits, wanted)), [-1]);
    },
  },
  {
    id: 'no-rounding',
    says: 'with half precision computed as single precision is',
    kinds: ['ingredient'],
    claims: ['collapse-order'],
    module: 'autodiff/ops/halves',
    name: 'roundToHalf',
    by: () => (x: ad.Tensor) => x,
  },
  {
    id: 'exponential',
    says: 'with the exponential',
    kinds: ['ingredient'],
    claims: ['stablemax'],
    module: 'autodiff/functions/stableScale',
    name: 'stableScale',
    by: () => (x: ad.Tensor) => ad.exp(x),
  },
]);
