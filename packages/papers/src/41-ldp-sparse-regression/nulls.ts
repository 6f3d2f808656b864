import { type LdpOptions, solveFloored } from 'southwell/private-models';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type Deviations = (moments: object) => { readonly matrix: number; readonly vector: number };
type Estimate = (design: object, covariance: Float64Array, moment: Float64Array, n: number) => object;
type Draw = (noise: object, source: object) => number;

export default nulls(record, [
  {
    id: 'no-noise',
    says: 'with reports without noise, so that nobody is protected and people do not matter',
    kinds: ['ingredient'],
    claims: ['rate', 'public-data', 'dimension-and-privacy'],
    module: 'southwell/private-models/protocol',
    name: 'deviationsOf',
    by: (): Deviations => () => ({ matrix: 0, vector: 0 }),
  },
  {
    id: 'no-floor',
    says: 'with the inverse as it is, without a floor and a threshold',
    kinds: ['ingredient'],
    claims: ['regularised-inverse'],
    module: 'southwell/private-models/server',
    name: 'estimateFrom',
    by:
      (original: Estimate): Estimate =>
      (design, covariance, moment, n) => ({
        ...original(design, covariance, moment, n),
        theta: solveFloored(covariance, moment, Number.NEGATIVE_INFINITY).theta,
      }),
  },
  {
    id: 'wide-bounds',
    says: 'with bounds of the size that the theory has, four times as large',
    kinds: ['ingredient'],
    claims: ['interaction'],
    module: 'southwell/private-models/protocol',
    name: 'designOf',
    by:
      (original: (options: LdpOptions) => object) =>
      (options: LdpOptions): object =>
        original(
          options.mode === 'sequential'
            ? { ...options, clip: { x: 4 * options.clip.x, y: 4 * options.clip.y } }
            : options,
        ),
  },
  {
    id: 'less-noise',
    says: 'with noise of an eighth of the deviation',
    kinds: ['ingredient'],
    claims: ['one-report'],
    module: 'southwell/private-models/grids',
    name: 'draw',
    by:
      (original: Draw): Draw =>
      (noise, source) =>
        Math.round(original(noise, source) / 8),
  },
]);
