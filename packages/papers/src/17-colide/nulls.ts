import { DenseMatrix } from 'southwell';
import { nulls } from '../verdicts/nulls.ts';
import { columnVariances, type Learned } from './lab.ts';
import { record } from './record.ts';

interface Score {
  rescale(): void;
}
type ScoreOf = (data: unknown, W: unknown, options: unknown) => Score;
type Fit = (method: unknown, X: DenseMatrix, variance: string, context: unknown) => Promise<Learned>;

const fits = { module: 'papers/17-colide/lab', name: 'fit' } as const;
const all = ['one-weight', 'one-weight-unequal', 'unequal-noise', 'fewest-edges', 'scale-estimate'] as const;

export default nulls(record, [
  {
    ...fits,
    id: 'no-edges',
    says: 'with no edges, and the scale that belongs to them',
    kinds: ['nothing'],
    claims: all,
    by:
      (original: Fit): Fit =>
      async (...given) => {
        const [, X, variance] = given;
        if (variance === 'none') return original(...given);
        const own = columnVariances(X);
        const mean = own.reduce((a, b) => a + b, 0) / own.length;
        const sigma = variance === 'equal' ? Float64Array.of(Math.sqrt(mean)) : own.map(Math.sqrt);
        return { dag: DenseMatrix.create(X.cols, X.cols), sigma, seconds: 0 };
      },
  },
  {
    ...fits,
    id: 'least-squares',
    says: 'with least squares in its place',
    kinds: ['baseline'],
    claims: all,
    by:
      (original: Fit): Fit =>
      (method, X, _, context) =>
        original(method, X, 'none', context),
  },
  {
    module: 'southwell/structure-learning/continuous/scores',
    name: 'scoreOf',
    id: 'scale-fixed',
    says: 'with the scale of the noise held at its start',
    kinds: ['ingredient'],
    claims: all,
    by:
      (original: ScoreOf): ScoreOf =>
      (...args) =>
        Object.assign(original(...args), { rescale: () => {} }),
  },
]);
