import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type Moving = (x: Float64Array, coords: Int32Array, moved: Float64Array) => unknown;
type DrawActive = (...of: readonly unknown[]) => Int32Array;

export default ablations(record, [
  {
    id: 'too-far',
    says: 'coordinates are moved twice as far as differences are divided by',
    turns: ['estimator', 'equals-backprop'],
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
    says: 'the next coordinate is moved instead',
    turns: ['estimator', 'equals-backprop'],
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
    id: 'one-weight',
    says: 'a single weight is active at a time',
    turns: ['sparse-gradients'],
    module: 'southwell/black-box/zeroth/active',
    name: 'drawActive',
    by:
      (original: DrawActive): DrawActive =>
      (...of) =>
        original(...of).slice(0, 1),
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
