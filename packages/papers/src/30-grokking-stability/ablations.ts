import * as ad from '@southwell/autodiff';
import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type CrossEntropy = (logits: ad.Tensor, targets: ad.Tensor) => ad.Tensor;
type WithoutScaling = (w: ArrayLike<number>, g: ArrayLike<number>, out: Float32Array | Float64Array) => void;

export default ablations(record, [
  {
    id: 'with-scaling',
    says: 'gradients as they are',
    turns: ['orthogonal-gradient'],
    module: 'southwell/optimisers/stochastic/withoutScaling',
    name: 'withoutScaling',
    by: (): WithoutScaling => (_, g, out) => out.set(g),
  },
  {
    id: 'squares',
    says: 'squares of the distance to 1 at the class and 0 elsewhere',
    turns: ['scaling-direction'],
    module: 'autodiff/functions/collapse',
    name: 'softmaxCrossEntropy',
    by: (): CrossEntropy => (logits, targets) => {
      const wanted = ad.oneHot(targets, logits.shape.at(-1)!, logits.dtype as 'f32');
      return ad.sum(ad.square(ad.sub(logits, wanted)), [-1]);
    },
  },
  {
    id: 'no-rounding',
    says: 'half precision computed as single precision is',
    turns: ['collapse-order'],
    module: 'autodiff/ops/halves',
    name: 'roundToHalf',
    by: () => (x: ad.Tensor) => x,
  },
  {
    id: 'exponential',
    says: 'the exponential',
    turns: ['stablemax'],
    module: 'autodiff/functions/stableScale',
    name: 'stableScale',
    by: () => (x: ad.Tensor) => ad.exp(x),
  },
]);
