import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type Choose = (scores: Float64Array, r: number) => Int32Array;

export default ablations(record, [
  {
    id: 'worst-aligned',
    says: 'the vectors that are aligned worst',
    turns: ['projection'],
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
    says: 'always the first vectors',
    turns: ['projection'],
    module: 'southwell/optimisers/stochastic/lowRank/topIndices',
    name: 'topIndices',
    by: (): Choose => (_, r) => Int32Array.from({ length: r }, (__, k) => k),
  },
  {
    id: 'moments-stay',
    says: 'moments that stay where they are',
    turns: ['quality', 'rotation'],
    module: 'southwell/optimisers/stochastic/lowRank/rotation',
    name: 'moveMoments',
    by: () => () => {},
  },
  {
    id: 'whole-moments',
    says: 'moments of all vectors',
    turns: ['memory-and-time'],
    module: 'southwell/optimisers/stochastic/lowRank/geometry',
    name: 'momentsOf',
    by: () => (range: { readonly rows: number; readonly cols: number }) => range.rows * range.cols,
  },
]);
