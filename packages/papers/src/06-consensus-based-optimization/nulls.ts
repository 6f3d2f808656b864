import type { Random } from '@southwell/numerics/core';
import { nulls } from '../verdicts/nulls.ts';
import { record } from './record.ts';

type GibbsMean = (points: readonly Float64Array[], values: ArrayLike<number>, alpha: number) => unknown;

/** The weighted mean, changed. */
const weights = { module: 'southwell/black-box/methods/gibbsMean', name: 'gibbsMean' } as const;

interface ParticleStep {
  readonly dt: number;
  readonly lambda: number;
  readonly sigma: number;
  readonly diffusion: string;
}
type Move = (x: Float64Array, centre: Float64Array, step: ParticleStep, random: Random) => void;

/** The move of a particle, changed. */
const move = (change: (step: ParticleStep) => ParticleStep) => ({
  module: 'southwell/black-box/methods/particle',
  name: 'moveParticle',
  by:
    (original: Move): Move =>
    (x, centre, step, random) =>
      original(x, centre, change(step), random),
});

export default nulls(record, [
  {
    id: 'plain-mean',
    says: 'with the consensus is the plain mean',
    kinds: ['ingredient'],
    claims: ['canyon', 'hopping', 'gradient-likeness'],
    ...weights,
    by:
      (original: GibbsMean): GibbsMean =>
      (points, values) =>
        original(points, values, 0),
  },
  {
    id: 'tenth-alpha',
    says: 'with α is a tenth of what is asked for',
    kinds: ['ingredient'],
    claims: ['canyon', 'gradient-likeness'],
    ...weights,
    by:
      (original: GibbsMean): GibbsMean =>
      (points, values, alpha) =>
        original(points, values, alpha / 10),
  },
  {
    id: 'one-alpha',
    says: 'with α is 100, whatever is asked for',
    kinds: ['ingredient'],
    claims: ['large-alpha', 'gradient-likeness'],
    ...weights,
    by:
      (original: GibbsMean): GibbsMean =>
      (points, values) =>
        original(points, values, 100),
  },
  {
    id: 'first-forty',
    says: 'with the consensus is of the first forty particles',
    kinds: ['ingredient'],
    claims: ['swarm-size'],
    ...weights,
    by:
      (original: GibbsMean): GibbsMean =>
      (points, values, alpha) =>
        original(points.slice(0, 40), Float64Array.from(values).subarray(0, 40), alpha),
  },
  {
    id: 'no-noise',
    says: 'with particles are not shaken',
    kinds: ['ingredient'],
    claims: ['canyon', 'contraction'],
    ...move((s) => ({ ...s, sigma: 0 })),
  },
  {
    id: 'constant-noise',
    says: 'with noise as large as half a unit from the consensus, wherever a particle is',
    kinds: ['ingredient'],
    claims: ['contraction'],
    module: 'southwell/black-box/methods/particle',
    name: 'moveParticle',
    by:
      (): Move =>
      (x, centre, { dt, lambda, sigma }, random) => {
        const size = 0.5 * sigma * Math.sqrt(dt);
        for (let j = 0; j < x.length; j++) x[j] += size * random.normal() - lambda * dt * (x[j] - centre[j]);
      },
  },
  {
    id: 'moves-skipped',
    says: 'with every third move is left out',
    kinds: ['ingredient'],
    claims: ['contraction'],
    module: 'southwell/black-box/methods/particle',
    name: 'moveParticle',
    by: (original: Move): Move => {
      let moves = 0;
      return (...args) => {
        if (++moves % 3 > 0) original(...args);
      };
    },
  },
  {
    id: 'anisotropic',
    says: 'with each coordinate is shaken by its own distance alone',
    kinds: ['ingredient'],
    claims: ['canyon', 'contraction'],
    ...move((s) => ({ ...s, diffusion: 'anisotropic' })),
  },
  {
    id: 'no-drift',
    says: 'with particles do not drift to the consensus',
    kinds: ['ingredient'],
    claims: ['contraction'],
    ...move((s) => ({ ...s, lambda: 0 })),
  },
]);
