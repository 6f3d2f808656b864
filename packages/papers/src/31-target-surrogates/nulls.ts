import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Lower = (surrogate: unknown, x: unknown, gradient: unknown, o: { readonly steps: number }) => unknown;

export default nulls(record, [
  {
    id: 'one-step',
    says: 'with one step on each surrogate',
    kinds: ['ingredient'],
    claims: ['full-batch', 'mini-batch', 'imitation'],
    module: 'southwell/optimisers/stochastic/surrogate/lowerSurrogate',
    name: 'lowerSurrogate',
    by:
      (original: Lower): Lower =>
      (surrogate, x, gradient, o) =>
        original(surrogate, x, gradient, { ...o, steps: 1 }),
  },
]);
