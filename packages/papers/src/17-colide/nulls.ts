import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

interface Score {
  rescale(): void;
  readonly sigma?: Float64Array;
}
type ScoreOf = (data: unknown, W: unknown, options: { readonly variance: string }) => Score;

export default nulls(record, [
  {
    id: 'least-squares',
    says: 'with the fit is not divided by any scale',
    kinds: ['ingredient'],
    claims: ['one-weight'],
    module: 'southwell/structure-learning/continuous/scores',
    name: 'scoreOf',
    by:
      (original: ScoreOf): ScoreOf =>
      (data, W, options) => {
        const score = original(data, W, { ...options, variance: 'none' });
        // Stages look at it.
        return Object.assign(score, { sigma: new Float64Array(0) });
      },
  },
  {
    id: 'scale-one',
    says: 'with the scale of the noise is 1 throughout',
    kinds: ['ingredient'],
    claims: ['one-weight', 'scale-estimate'],
    module: 'southwell/structure-learning/continuous/scores',
    name: 'scoreOf',
    by:
      (original: ScoreOf): ScoreOf =>
      (...args) => {
        const score = original(...args);
        score.sigma?.fill(1);
        return Object.assign(score, { rescale: () => {} });
      },
  },
  {
    id: 'scale-fixed',
    says: 'with the scale of the noise stays at its start',
    kinds: ['ingredient'],
    claims: ['unequal-noise', 'scale-estimate'],
    module: 'southwell/structure-learning/continuous/scores',
    name: 'scoreOf',
    by:
      (original: ScoreOf): ScoreOf =>
      (...args) =>
        Object.assign(original(...args), { rescale: () => {} }),
  },
]);
