import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Moving = (x: Float64Array, coords: Int32Array, moved: Float64Array) => unknown;
type DrawActive = (...of: readonly unknown[]) => Int32Array;

export default nulls(record, [
  {
    id: 'too-far',
    says: 'with coordinates are moved twice as far as differences are divided by',
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
    says: 'with the next coordinate is moved instead',
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
    id: 'one-weight',
    says: 'with a single weight is active at a time',
    kinds: ['ingredient'],
    claims: ['sparse-gradients'],
    module: 'southwell/black-box/zeroth/active',
    name: 'drawActive',
    by:
      (original: DrawActive): DrawActive =>
      (...of) =>
        original(...of).slice(0, 1),
  },
  {
    id: 'not-passed-on',
    says: 'with rows after the changed unit are passed on as if nothing came in',
    kinds: ['ingredient'],
    claims: ['feature-reuse'],
    module: 'southwell/training/zeroth/stages',
    name: 'linearRow',
    by: () => () => {},
  },
]);
