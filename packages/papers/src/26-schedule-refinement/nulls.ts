import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Decay = (options: { readonly rate: number; readonly steps: number }) => (step: number) => number;
type Refine = (norms: Float64Array, options?: object) => Float64Array;
type RefinedWeights = (norms: Float64Array, power: 1 | 2) => Float64Array;

const schedules = 'southwell/optimisers/stochastic/schedules';
const linear = {
  claims: ['linear-decay', 'exponents', 'worst-case', 'real-sets', 'images'],
  module: `${schedules}/schedules`,
  name: 'linearDecay',
} as const;
const refined = ['refinement', 'real-ranks', 'images-refined'] as const;

export default nulls(record, [
  {
    ...linear,
    claims: [...linear.claims, 'shape'],
    id: 'no-steps',
    says: 'with a rate of zero',
    kinds: ['nothing'],
    by: (): Decay => () => () => 0,
  },
  {
    ...linear,
    id: 'no-decay',
    says: 'with a constant rate',
    kinds: ['baseline'],
    by:
      (): Decay =>
      ({ rate }) =>
      () =>
        rate,
  },
  {
    ...linear,
    id: 'quadratic',
    says: 'with quadratic decay',
    kinds: ['ingredient'],
    by:
      (): Decay =>
      ({ rate, steps }) =>
      (step) =>
        rate * (1 - Math.min(1, step / steps)) ** 2,
  },
  {
    id: 'zero-schedule',
    says: 'with a schedule of zeros',
    kinds: ['nothing'],
    claims: refined,
    module: `${schedules}/refinement`,
    name: 'refineSchedule',
    by:
      (original: Refine): Refine =>
      (norms, options) =>
        original(norms, options).fill(0),
  },
  {
    id: 'equal-weights',
    says: 'with equal weights of all steps, which is linear decay',
    kinds: ['baseline', 'ingredient'],
    claims: [...refined, 'shape'],
    module: `${schedules}/refinedWeights`,
    name: 'refinedWeights',
    by: (): RefinedWeights => (norms) => norms.map(() => 1),
  },
]);
