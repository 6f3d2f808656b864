import type { ZoGradient } from 'southwell/black-box';
import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type MovedBy = (x: Float64Array, coords: Int32Array, by: number) => Float64Array;
type Estimate = (...of: readonly unknown[]) => Generator<unknown, ZoGradient, Float64Array>;
type DrawActive = (
  size: number,
  layers: ReadonlyArray<{ readonly from: number; readonly to: number }>,
  seed: number,
  interval: number,
) => Int32Array;

export default ablations(record, [
  {
    id: 'far',
    says: 'coordinates are moved two hundred times as far',
    turns: ['estimator', 'equals-backprop'],
    module: 'southwell/black-box/zeroth/zoGradient',
    name: 'movedBy',
    by:
      (original: MovedBy): MovedBy =>
      (x, coords, by) =>
        original(x, coords, 200 * by),
  },
  {
    id: 'together',
    says: 'each estimate is spread over the coordinate and the next one',
    turns: ['estimator'],
    module: 'southwell/black-box/zeroth/zoGradient',
    name: 'estimateIn',
    by: (original: Estimate): Estimate =>
      function* (...of) {
        const found = yield* original(...of);
        const { gradient } = found;
        return { ...found, gradient: gradient.map((g, j) => (g + gradient[(j + 1) % gradient.length]) / 2) };
      },
  },
  {
    id: 'no-weights',
    says: 'no weight is ever active, only biases',
    turns: ['sparse-gradients'],
    module: 'southwell/black-box/zeroth/active',
    name: 'drawActive',
    by:
      (original: DrawActive): DrawActive =>
      (size, layers, seed, interval) =>
        original(size, layers, seed, interval).filter((j) => !layers.some(({ from, to }) => j >= from && j < to)),
  },
  {
    id: 'not-passed-on',
    says: 'rows after the changed unit are passed on as if nothing came in',
    turns: ['feature-reuse'],
    module: 'southwell/training/zeroth/stages',
    name: 'linearRow',
    by: () => () => {},
  },
]);
