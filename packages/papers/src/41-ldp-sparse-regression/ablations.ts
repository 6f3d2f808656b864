import { ablations } from '../ablation.ts';
import { record } from './record.ts';

type Deviations = (moments: object) => { readonly matrix: number; readonly vector: number };
type Solve = (covariance: Float64Array, moment: Float64Array, floor: number) => object;
type Draw = (noise: object, source: object) => number;

export default ablations(record, [
  {
    id: 'no-noise',
    says: 'reports without noise, so that nobody is protected and people do not matter',
    turns: ['rate', 'public-data', 'dimension-and-privacy'],
    module: 'southwell/linear-models/private/protocol',
    name: 'deviationsOf',
    by: (): Deviations => () => ({ matrix: 0, vector: 0 }),
  },
  {
    id: 'no-floor',
    says: 'the inverse without a floor, and no threshold',
    turns: ['regularised-inverse'],
    module: 'southwell/linear-models/private/solve',
    name: 'solveFloored',
    by:
      (original: Solve): Solve =>
      (covariance, moment) => ({ ...original(covariance, moment, Number.NEGATIVE_INFINITY), least: 1 }),
  },
  {
    id: 'all-kept',
    says: 'all coefficients kept in every round',
    turns: ['interaction'],
    module: 'southwell/linear-models/private/solve',
    name: 'hardThreshold',
    by: () => (values: Float64Array) => values,
  },
  {
    id: 'less-noise',
    says: 'noise of an eighth of the deviation',
    turns: ['one-report'],
    module: 'southwell/linear-models/private/grids',
    name: 'draw',
    by:
      (original: Draw): Draw =>
      (noise, source) =>
        Math.round(original(noise, source) / 8),
  },
]);
