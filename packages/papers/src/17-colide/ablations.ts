import { ablations } from '../ablation.ts';
import { record } from './record.ts';

interface Score {
  rescale(): void;
  readonly sigma?: Float64Array;
}
type ScoreOf = (data: unknown, W: unknown, options: { readonly variance: string }) => Score;

export default ablations(record, [
  {
    id: 'least-squares',
    says: 'the fit is not divided by any scale',
    turns: ['one-weight'],
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
    says: 'the scale of the noise is 1 throughout',
    turns: ['one-weight', 'scale-estimate'],
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
    says: 'the scale of the noise stays at its start',
    turns: ['unequal-noise', 'scale-estimate'],
    module: 'southwell/structure-learning/continuous/scores',
    name: 'scoreOf',
    by:
      (original: ScoreOf): ScoreOf =>
      (...args) =>
        Object.assign(original(...args), { rescale: () => {} }),
  },
]);
