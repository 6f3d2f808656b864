import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Choose = (scores: Float64Array, r: number) => Int32Array;

export default nulls(record, [
  {
    id: 'worst-aligned',
    says: 'with the vectors that are aligned worst',
    kinds: ['ingredient'],
    claims: ['projection'],
    module: 'southwell/optimisers/stochastic/lowRank/topIndices',
    name: 'topIndices',
    by:
      (original: Choose): Choose =>
      (scores, r) =>
        original(
          scores.map((score) => -score),
          r,
        ),
  },
  {
    id: 'first-vectors',
    says: 'with always the first vectors',
    kinds: ['ingredient'],
    claims: ['projection'],
    module: 'southwell/optimisers/stochastic/lowRank/topIndices',
    name: 'topIndices',
    by: (): Choose => (_, r) => Int32Array.from({ length: r }, (__, k) => k),
  },
  {
    id: 'moments-stay',
    says: 'with moments that stay where they are',
    kinds: ['ingredient'],
    claims: ['quality', 'rotation'],
    module: 'southwell/optimisers/stochastic/lowRank/rotation',
    name: 'moveMoments',
    by: () => () => {},
  },
  {
    id: 'whole-moments',
    says: 'with moments of all vectors',
    kinds: ['ingredient'],
    claims: ['memory-and-time'],
    module: 'southwell/optimisers/stochastic/lowRank/geometry',
    name: 'momentsOf',
    by: () => (range: { readonly rows: number; readonly cols: number }) => range.rows * range.cols,
  },
]);
