import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Bar = (values: Float64Array, ...rest: readonly unknown[]) => number;

export default nulls(record, [
  {
    id: 'no-bar',
    says: 'without bar, so that nothing is cut',
    kinds: ['ingredient'],
    claims: ['sharpness', 'local-decrease', 'training', 'steep-coordinate'],
    module: 'numerics/arrays/coordinateBar',
    name: 'coordinateBar',
    by: () => () => Number.POSITIVE_INFINITY,
  },
  {
    id: 'least-bar',
    says: 'with a bar that only the largest coordinate reaches',
    kinds: ['ingredient'],
    claims: ['sharpness', 'local-decrease', 'training', 'steep-coordinate'],
    module: 'numerics/arrays/coordinateBar',
    name: 'coordinateBar',
    by:
      (original: Bar): Bar =>
      (values, _, ...rest) =>
        original(values, 1 / values.length, ...rest),
  },
  {
    id: 'whole-vector',
    says: 'with the whole direction shortened, to the length that cutting leaves',
    kinds: ['ingredient'],
    claims: ['sharpness', 'local-decrease', 'steep-coordinate'],
    module: 'southwell/diagnostics/sharpness',
    name: 'clipCoordinates',
    by:
      (original: (direction: Float64Array, ...rest: readonly unknown[]) => Float64Array) =>
      (direction: Float64Array, ...rest: readonly unknown[]): Float64Array => {
        const norm = (v: Float64Array) => Math.sqrt(v.reduce((sum, u) => sum + u * u, 0));
        const scale = norm(original(direction, ...rest)) / norm(direction);
        return direction.map((v) => scale * v);
      },
  },
]);
