import type { StagedLoss } from 'southwell/training';
import { nulls } from '../verdicts/nulls.ts';
import { locked } from './locked.ts';
import { record } from './record.ts';
import { type SparseRun, type sparseUpdates, type trainByValues, trainRival } from './train.ts';

type Moving = (x: Float64Array, coords: Int32Array, moved: Float64Array) => unknown;
type Estimate = (f: (x: Float64Array) => number, x: Float64Array, mu?: number) => Float64Array;
type Updates = typeof sparseUpdates;
type Values = typeof trainByValues;
type Staged = typeof StagedLoss;

const estimate = { module: 'papers/10-deepzero/lab', name: 'estimateOf' } as const;
const updates = { module: 'papers/10-deepzero/train', name: 'sparseUpdates' } as const;
const coordinates = { module: 'papers/10-deepzero/train', name: 'coordinateRun' } as const;
const staged = { module: 'southwell/training/zeroth/stagedLoss', name: 'StagedLoss' } as const;
const random = locked.claims['against-random'].sizes.quick;

export default nulls(record, [
  {
    id: 'zero',
    says: 'with zero as the gradient',
    kinds: ['nothing'],
    claims: ['estimator'],
    ...estimate,
    by: (): Estimate => (_, x) => new Float64Array(x.length),
  },
  {
    id: 'random-estimate',
    says: 'with as many random directions in place of coordinates',
    kinds: ['baseline'],
    claims: ['estimator'],
    module: 'southwell/black-box/zeroth/zoGradient',
    name: 'zoGradient',
    by:
      (original: (f: unknown, x: Float64Array, options: object) => unknown) =>
      (f: unknown, x: Float64Array, options: { readonly estimator?: string }) =>
        original(f, x, options.estimator ? options : { ...options, estimator: 'rge' }),
  },
  {
    id: 'too-far',
    says: 'with coordinates moved twice as far as differences are divided by',
    kinds: ['ingredient'],
    claims: ['estimator', 'equals-backprop'],
    module: 'southwell/black-box/zeroth/query',
    name: 'moving',
    by:
      (original: Moving): Moving =>
      (x, coords, moved) =>
        original(
          x,
          coords,
          moved.map((v, k) => 2 * v - x[coords[k]]),
        ),
  },
  {
    id: 'next',
    says: 'with the next coordinate moved instead',
    kinds: ['ingredient'],
    claims: ['estimator', 'equals-backprop'],
    module: 'southwell/black-box/zeroth/query',
    name: 'moving',
    by:
      (original: Moving): Moving =>
      (x, coords, moved) => {
        const others = coords.map((_, k) => coords[(k + 1) % coords.length]);
        return original(
          x,
          others,
          moved.map((v, k) => x[others[k]] + v - x[coords[k]]),
        );
      },
  },
  {
    id: 'untrained',
    says: 'without training',
    kinds: ['nothing'],
    claims: ['equals-backprop', 'against-random'],
    ...coordinates,
    by:
      (original: Values): Values =>
      (model, data, parameters, run, pause) =>
        original(model, data, parameters, { ...run, rate: 1e-12 }, pause),
  },
  {
    id: 'other-directions',
    says: 'with random directions in place of coordinates',
    kinds: ['unequal'],
    claims: ['equals-backprop'],
    ...coordinates,
    by:
      (original: Values): Values =>
      (model, data, parameters, run, pause) =>
        original(model, data, parameters, { ...run, estimator: 'rge', directions: random.directions }, pause),
  },
  {
    id: 'random-directions',
    says: 'with random directions at their own rate in place of coordinates',
    kinds: ['baseline'],
    claims: ['against-random'],
    ...coordinates,
    by:
      (original: Values): Values =>
      (model, data, parameters, { steps, seed }, pause) => {
        const { directions, randomRate: rate } = random;
        return original(model, data, parameters, { steps, seed, rate, estimator: 'rge', directions }, pause);
      },
  },
  {
    id: 'one-mask-of-coordinates',
    says: 'with one set of coordinates that is never drawn anew',
    kinds: ['ingredient'],
    claims: ['against-random'],
    ...coordinates,
    by:
      (original: Values): Values =>
      (model, data, parameters, run, pause) =>
        original(model, data, parameters, { ...run, maskInterval: run.steps }, pause),
  },
  {
    id: 'not-trained',
    says: 'with the untrained network',
    kinds: ['nothing'],
    claims: ['sparse-gradients', 'near-dense'],
    ...updates,
    by: (): Updates => async (run) => run.start,
  },
  {
    id: 'sparse-network',
    says: 'with a sparse network in place of sparse updates',
    kinds: ['baseline'],
    claims: ['sparse-gradients', 'near-dense'],
    ...updates,
    by: (): Updates => (run: SparseRun, pause) => trainRival('sparse weights', run, pause),
  },
  {
    id: 'one-mask',
    says: 'with one set of weights that is never drawn anew',
    kinds: ['ingredient'],
    claims: ['sparse-gradients', 'near-dense'],
    ...updates,
    by:
      (original: Updates): Updates =>
      (run, pause) =>
        original({ ...run, interval: Number.POSITIVE_INFINITY }, pause),
  },
  {
    id: 'zero-loss',
    says: 'with zero in place of what is reused',
    kinds: ['nothing'],
    claims: ['feature-reuse'],
    ...staged,
    by: (Original: Staged) =>
      class extends Original {
        override moved(coord: number, to: number, reuse: 'none' | 'stages' | 'units'): number {
          return reuse === 'none' ? super.moved(coord, to, reuse) : 0;
        }
      },
  },
  {
    id: 'whole-passes',
    says: 'with whole passes',
    kinds: ['baseline'],
    claims: ['feature-reuse'],
    ...staged,
    by: (Original: Staged) =>
      class extends Original {
        override moved(coord: number, to: number): number {
          return super.moved(coord, to, 'none');
        }
      },
  },
  {
    id: 'not-passed-on',
    says: 'with rows after the changed unit passed on as if nothing came in',
    kinds: ['ingredient'],
    claims: ['feature-reuse'],
    module: 'southwell/training/zeroth/stages',
    name: 'linearRow',
    by: () => () => {},
  },
]);
