import type { LdpOptions } from 'southwell/private-models';
import { nulls } from '../verdicts/nulls.ts';
import type { Estimates } from './estimates.ts';
import type { RoundsTrial } from './lab.ts';
import { record } from './record.ts';

interface Design {
  readonly options: LdpOptions;
  readonly moments?: object;
}
type DesignOf = (options: LdpOptions) => Design;
type Deviations = (moments: object) => { readonly matrix: number; readonly vector: number };
type Once = (...given: readonly unknown[]) => Estimates;
type Rounds = (people: object, n: number, trial: RoundsTrial, random: object) => number;
type WithNoise = (value: number, noise: number) => number;
type Draw = (noise: object, source: object) => number;
interface Simulation {
  readonly people: number;
}
type Person = (i: number, x: Float64Array) => number;
type Simulate = (options: LdpOptions, draw: Person, simulation: Simulation) => object;

const own = { module: 'papers/41-ldp-sparse-regression/estimates', name: 'estimatesOnce' } as const;
/** Some of the estimates replaced. */
const instead =
  (of: (found: Estimates) => Partial<Estimates>) =>
  (original: Once): Once =>
  (...given) => {
    const found = original(...given);
    return { ...found, ...of(found) };
  };
const zero = ({ plain }: Estimates) => new Float64Array(plain.length);

export default nulls(record, [
  {
    ...own,
    id: 'zero-public',
    says: 'with zero as the estimate with public data',
    kinds: ['nothing'],
    claims: ['rate', 'public-data'],
    by: instead((found) => ({ withPublic: zero(found), halved: zero(found) })),
  },
  {
    ...own,
    id: 'zero-one-round',
    says: 'with zero as the estimate from one round',
    kinds: ['nothing'],
    claims: ['regularised-inverse'],
    by: instead((found) => ({ oneRound: zero(found) })),
  },
  {
    ...own,
    id: 'zero',
    says: 'with zero as every estimate',
    kinds: ['nothing'],
    claims: ['dimension-and-privacy'],
    by: instead((found) => ({ oneRound: zero(found), withPublic: zero(found) })),
  },
  {
    module: 'papers/41-ldp-sparse-regression/lab',
    name: 'roundsError',
    id: 'no-rounds',
    says: 'with zero as the estimate of the rounds',
    kinds: ['nothing'],
    claims: ['interaction'],
    by: (): Rounds => () => 1,
  },
  {
    module: 'southwell/private-models/exactNoise',
    name: 'withNoise',
    id: 'noise-alone',
    says: 'with reports of noise alone from one round and with public covariates',
    kinds: ['nothing'],
    claims: ['one-report'],
    by:
      (original: WithNoise): WithNoise =>
      (_, noise) =>
        original(0, noise),
  },
  {
    ...own,
    id: 'private-least-squares',
    says: 'with private least squares, without a floor, a threshold and public data',
    kinds: ['baseline'],
    claims: ['rate', 'regularised-inverse', 'dimension-and-privacy'],
    by: instead(({ plain }) => ({ oneRound: plain, withPublic: plain, halved: plain })),
  },
  {
    ...own,
    id: 'one-round',
    says: 'with the estimate from one round in place of that with public data',
    kinds: ['baseline'],
    claims: ['public-data'],
    by: instead(({ oneRound }) => ({ withPublic: oneRound, halved: oneRound })),
  },
  {
    module: 'southwell/private-models/grids',
    name: 'draw',
    id: 'half-noise',
    says: 'with noise for people who are left out, which is half as large, in one round and with public covariates',
    kinds: ['unequal'],
    claims: ['one-report'],
    by:
      (original: Draw): Draw =>
      (noise, source) =>
        Math.round(original(noise, source) / 2),
  },
  {
    module: 'southwell/private-models/protocol',
    name: 'deviationsOf',
    id: 'no-noise',
    says: 'with reports without noise',
    kinds: ['ingredient'],
    claims: ['rate', 'dimension-and-privacy'],
    by: (): Deviations => () => ({ matrix: 0, vector: 0 }),
  },
  {
    module: 'southwell/private-models/protocol',
    name: 'deviationsOf',
    id: 'exact-matrix',
    says: 'without noise in the matrix of one round',
    kinds: ['ingredient'],
    claims: ['public-data'],
    by:
      (original: Deviations): Deviations =>
      (moments) => ({ ...original(moments), matrix: 0 }),
  },
  {
    module: 'southwell/private-models/solve',
    name: 'softThreshold',
    id: 'no-threshold',
    says: 'with the floor, but without the threshold',
    kinds: ['ingredient'],
    claims: ['regularised-inverse'],
    by: () => (values: Float64Array) => values.slice(),
  },
  {
    module: 'southwell/private-models/simulate',
    name: 'simulateLdp',
    id: 'single-round',
    says: 'with a single round, in which all people report',
    kinds: ['baseline', 'ingredient'],
    claims: ['interaction'],
    by:
      (original: Simulate): Simulate =>
      (options, draw, simulation) =>
        original({ ...options, rounds: 1 }, draw, simulation),
  },
  {
    module: 'southwell/private-models/protocol',
    name: 'designOf',
    id: 'unsplit',
    says: 'with all of ε for each of the two parts of a report',
    kinds: ['ingredient'],
    claims: ['one-report'],
    by:
      (original: DesignOf): DesignOf =>
      (options) =>
        options.mode === 'noninteractive'
          ? {
              ...original(options),
              moments: original({ ...options, epsilon: 2 * options.epsilon, delta: 2 * (options.delta ?? 0) }).moments,
            }
          : original(options),
  },
]);
