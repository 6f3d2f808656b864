import * as ad from '@southwell/autodiff';
import type { TrainingOptimiser } from 'southwell/optimisers';
import { nulls } from '../verdicts/nulls.ts';
import { softmaxAt, type Tried } from './lab.ts';
import { record } from './record.ts';

type CrossEntropy = (logits: ad.Tensor, targets: ad.Tensor) => ad.Tensor;
type WithoutScaling = (w: Float32Array, g: Float32Array, out: Float32Array, keepLength?: boolean) => void;
type Adam = (steps: { readonly rate: number }, weightDecay?: number) => TrainingOptimiser;
type Wrapper = (optimiser: TrainingOptimiser) => TrainingOptimiser;

const lab = 'papers/30-grokking-stability/lab';
const orthogonal = {
  claims: ['orthogonal-gradient'],
  module: 'southwell/optimisers/stochastic/withoutScaling',
} as const;
const softmax = {
  claims: ['scaling-direction'],
  module: 'autodiff/functions/collapse',
  name: 'softmaxCrossEntropy',
} as const;
const scale = { kinds: ['ingredient'], module: 'autodiff/functions/stableScale', name: 'stableScale' } as const;
/** Logarithm of about the smallest number of half precision. */
const LEAST = -16;

/** Exponentials of logits less the largest of their row, which cancels out, so that they do not overflow. */
const relative = (x: ad.Tensor, least = Number.NEGATIVE_INFINITY) =>
  ad.exp(ad.clip(ad.sub(x, ad.stopGradient(ad.max(x, [-1], true))), least, 0));
const stable = { claims: ['stablemax', 'stablemax-half'], module: lab, name: 'stableMaxAt' } as const;

export default nulls(record, [
  {
    id: 'no-steps',
    says: 'with weights that stay as they are',
    kinds: ['nothing'],
    claims: ['orthogonal-gradient'],
    module: 'southwell/optimisers/stochastic/orthogonalGradient',
    name: 'withOrthogonalGradient',
    by:
      (original: Wrapper): Wrapper =>
      (optimiser) => ({ ...original(optimiser), step: () => {} }),
  },
  {
    ...orthogonal,
    id: 'with-scaling',
    says: 'with gradients as they are',
    kinds: ['baseline'],
    name: 'withoutScaling',
    by: (): WithoutScaling => (_, g, out) => out.set(g),
  },
  {
    ...orthogonal,
    id: 'random-direction',
    says: 'with gradients that lose a random direction in place of that of the weights',
    kinds: ['ingredient'],
    name: 'withoutScaling',
    by:
      (original: WithoutScaling): WithoutScaling =>
      (w, g, out, keepLength) =>
        original(
          w.map((_, k) => Math.sin(78.233 * (k + 1) ** 2)),
          g,
          out,
          keepLength,
        ),
  },
  {
    id: 'no-training',
    says: 'with a rate of zero',
    kinds: ['nothing'],
    claims: ['scaling-direction', 'collapse-order'],
    module: lab,
    name: 'adam',
    by:
      (original: Adam): Adam =>
      (steps, weightDecay) =>
        original({ ...steps, rate: 0 }, weightDecay),
  },
  {
    ...softmax,
    id: 'squares',
    says: 'with squared distances to 1 at the class and 0 elsewhere',
    kinds: ['baseline'],
    by: (): CrossEntropy => (logits, targets) => {
      const wanted = ad.oneHot(targets, logits.shape.at(-1)!, logits.dtype as 'f32');
      return ad.sum(ad.square(ad.sub(logits, wanted)), [-1]);
    },
  },
  {
    ...softmax,
    id: 'unit-logits',
    says: 'with logits scaled to the same length',
    kinds: ['ingredient'],
    by:
      (original: CrossEntropy): CrossEntropy =>
      (logits, targets) => {
        const length = ad.sqrt(ad.add(ad.sum(ad.square(logits), [-1], true), 1e-30));
        return original(ad.mul(10, ad.div(logits, length)), targets);
      },
  },
  {
    id: 'no-rounding',
    says: 'with half precision computed as single precision is',
    kinds: ['baseline', 'ingredient'],
    claims: ['collapse-order'],
    module: 'autodiff/ops/halves',
    name: 'roundToHalf',
    by: () => (x: ad.Tensor) => x,
  },
  {
    ...stable,
    id: 'constant',
    says: 'with a loss that is constant',
    kinds: ['nothing'],
    by:
      (original: (precision: ad.SoftmaxPrecision) => Tried) =>
      (precision: ad.SoftmaxPrecision): Tried => ({
        ...original(precision),
        loss: (logits) => ad.mul(0, ad.sum(logits, [-1])),
      }),
  },
  {
    ...stable,
    id: 'softmax',
    says: 'with the softmax',
    kinds: ['baseline'],
    by: () => softmaxAt,
  },
  {
    ...scale,
    id: 'exponential',
    says: 'with the exponential as the scale',
    claims: ['stablemax'],
    by: () => (x: ad.Tensor) => relative(x),
  },
  {
    ...scale,
    id: 'exponential-half',
    says: 'with the exponential as the scale, which in half precision is kept above zero',
    claims: ['stablemax-half'],
    by: () => (x: ad.Tensor) => relative(x, LEAST),
  },
]);
