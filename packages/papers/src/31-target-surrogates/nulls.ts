import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

interface Options {
  readonly inner: string;
  readonly steps: number;
}
type Lower = (surrogate: unknown, x: Float64Array, gradient: unknown, o: Options) => unknown;

const inner = {
  claims: ['full-batch', 'mini-batch', 'real-table', 'imitation'],
  module: 'southwell/optimisers/stochastic/surrogate/lowerSurrogate',
  name: 'lowerSurrogate',
} as const;
/** Gradient descent, which the experiments run by the same function, is left as it is. */
const isMethod = (o: Options): boolean => o.inner !== 'gradient';

export default nulls(record, [
  {
    ...inner,
    id: 'no-step',
    says: 'with parameters that stay as they are',
    kinds: ['nothing'],
    by:
      (original: Lower): Lower =>
      (surrogate, x, gradient, o) =>
        isMethod(o) ? { decrease: 0, steepness: 0 } : original(surrogate, x, gradient, o),
  },
  {
    ...inner,
    id: 'one-step',
    says: 'with one step on each surrogate, which is stochastic gradient descent',
    kinds: ['baseline', 'ingredient'],
    by:
      (original: Lower): Lower =>
      (surrogate, x, gradient, o) =>
        original(surrogate, x, gradient, { ...o, steps: 1 }),
  },
]);
