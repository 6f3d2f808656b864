import { Random } from 'southwell';
import { clipCoordinates } from 'southwell/diagnostics';
import type { TrainingOptimiser } from 'southwell/optimisers';
import { nulls } from '../verdicts/nulls.ts';
import type { Moments } from './adam.ts';
import { record } from './record.ts';

type Clip = (direction: Float64Array, ...rest: readonly unknown[]) => Float64Array;
type Clipping = (optimiser: TrainingOptimiser, options: { readonly fraction?: number }) => TrainingOptimiser;
type Direction = (moments: Moments, gradient: Float64Array) => Float64Array;

const bar = { module: 'numerics/arrays/coordinateBar', name: 'coordinateBar' } as const;
const cut = { module: 'southwell/diagnostics/sharpness', name: 'clipCoordinates' } as const;
const training = {
  module: 'southwell/optimisers/stochastic/coordinateClipping',
  name: 'withCoordinateClipping',
} as const;
const adam = { module: 'papers/13-coordinate-clipping/adam', name: 'adamDirection' } as const;

const norm = (v: Float64Array): number => Math.sqrt(v.reduce((sum, u) => sum + u * u, 0));
/** A direction that knows nothing of the loss; none at all would have no sharpness. */
const anywhere = (length: number): Float64Array => {
  const random = new Random(1);
  return Float64Array.from({ length }, () => random.normal());
};
const cutting = ['clipped-sharpness', 'local-decrease', 'steep-coordinate'] as const;

export default nulls(record, [
  {
    ...adam,
    id: 'random-for-adam',
    says: 'with a random direction in place of that of Adam',
    kinds: ['nothing'],
    claims: ['sharpness'],
    by: (): Direction => (_, gradient) => anywhere(gradient.length),
  },
  {
    ...adam,
    id: 'gradient',
    says: 'with the gradient in place of the direction of Adam',
    kinds: ['baseline'],
    claims: ['sharpness'],
    by: (): Direction => (_, gradient) => gradient.map((g) => -g),
  },
  {
    ...adam,
    id: 'no-scaling',
    says: 'with the momentum of Adam, without its scaling of coordinates',
    kinds: ['ingredient'],
    claims: ['sharpness'],
    by:
      (): Direction =>
      ({ mean }, gradient) =>
        gradient.map((g, k) => -(0.9 * mean[k] + 0.1 * g)),
  },
  {
    ...cut,
    id: 'random',
    says: 'with a random direction',
    kinds: ['nothing'],
    claims: cutting,
    by: (): Clip => (direction) => anywhere(direction.length),
  },
  {
    ...bar,
    id: 'no-bar',
    says: 'without a bar, so that nothing is cut',
    kinds: ['baseline'],
    claims: [...cutting, 'training', 'gap-to-adam', 'universal'],
    by: () => () => Number.POSITIVE_INFINITY,
  },
  {
    ...cut,
    id: 'whole-vector',
    says: 'with the whole direction shortened, to the length that cutting leaves',
    kinds: ['ingredient'],
    claims: cutting,
    by:
      (original: Clip): Clip =>
      (direction, ...rest) => {
        const scale = norm(original(direction, ...rest)) / norm(direction);
        return direction.map((v) => scale * v);
      },
  },
  {
    ...training,
    id: 'no-step',
    says: 'without a step',
    kinds: ['nothing'],
    claims: ['training', 'gap-to-adam', 'universal'],
    by: (): Clipping => (optimiser) => ({
      ...optimiser,
      init: (x, ranges) => optimiser.init(x, ranges),
      step: (state, x, gradient) => optimiser.step(state, x, gradient, 0),
    }),
  },
  {
    ...training,
    id: 'whole-gradient',
    says: 'with the whole gradient or update shortened, to the length that cutting leaves',
    kinds: ['ingredient'],
    claims: ['training', 'gap-to-adam', 'universal'],
    by:
      (): Clipping =>
      (optimiser, { fraction = 0.1, where = 'gradient' }: { fraction?: number; where?: string }) => ({
        ...optimiser,
        init: (x, ranges) => optimiser.init(x, ranges),
        step: (state, x, gradient, rate) => {
          const shorter = (v: Float64Array): number => norm(clipCoordinates(v, { fraction })) / norm(v);
          if (where === 'gradient') {
            const scale = shorter(Float64Array.from(gradient));
            optimiser.step(state, x, gradient.map((g) => scale * g) as typeof gradient, rate);
            return;
          }
          const before = Float64Array.from(x);
          optimiser.step(state, x, gradient, rate);
          const scale = shorter(before.map((v, k) => x[k] - v));
          for (let k = 0; k < x.length; k++) x[k] = before[k] + scale * (x[k] - before[k]);
        },
      }),
  },
]);
