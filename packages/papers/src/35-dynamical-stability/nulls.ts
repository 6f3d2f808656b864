import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type SecondMoments = (gradients: unknown, curvatures: Float64Array, noise: number) => unknown;
type DrawBatch = (random: unknown, n: number, batch: number, out: number[]) => readonly number[];

export default nulls(record, [
  {
    id: 'no-noise',
    says: 'with second moments without the noise of the batches',
    kinds: ['ingredient'],
    claims: ['threshold'],
    module: 'southwell/diagnostics/secondMoments',
    name: 'secondMoments',
    by:
      (original: SecondMoments): SecondMoments =>
      (gradients, curvatures) =>
        original(gradients, curvatures, 0),
  },
  {
    id: 'all-examples',
    says: 'with gradients of all examples',
    kinds: ['ingredient'],
    claims: ['trace-bound', 'generalisation', 'batches', 'two-layer'],
    module: 'papers/35-dynamical-stability/drawBatch',
    name: 'drawBatch',
    by:
      (original: DrawBatch): DrawBatch =>
      (random, n, _, out) =>
        original(random, n, Number.POSITIVE_INFINITY, out),
  },
]);
