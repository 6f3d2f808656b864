import { ablations } from '../ablation.ts';
import { record } from './record.ts';

interface Score {
  rescale(): void;
}

export default ablations(record, [
  {
    id: 'scale-fixed',
    says: 'the scale of the noise stays at its start',
    turns: ['one-weight', 'scale-estimate', 'unequal-noise'],
    module: 'southwell/structure-learning/scores',
    name: 'scoreOf',
    by:
      (original: (...args: unknown[]) => Score) =>
      (...args: unknown[]) => ({ ...original(...args), rescale: () => {} }),
  },
]);
