import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type Lower = (surrogate: unknown, x: unknown, gradient: unknown, o: { readonly steps: number }) => unknown;

export default ablations(record, [
  {
    id: 'one-step',
    says: 'one step on each surrogate',
    turns: ['full-batch', 'mini-batch', 'imitation'],
    module: 'southwell/optimisers/stochastic/surrogate/lowerSurrogate',
    name: 'lowerSurrogate',
    by:
      (original: Lower): Lower =>
      (surrogate, x, gradient, o) =>
        original(surrogate, x, gradient, { ...o, steps: 1 }),
  },
]);
