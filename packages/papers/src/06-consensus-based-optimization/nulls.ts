import { Random } from '@southwell/numerics/core';
import { nulls } from '../verdicts/nulls.ts';
import type { runSwarm } from './lab.ts';
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

/** The best of as many normal points about the start, as far out as the start is from the origin. */
const randomSearch: typeof runSwarm = async (f, swarm, { x0 }, seed, _told, pause) => {
  const random = new Random(seed);
  const { particles = 200, steps = 250 } = swarm.options;
  const spread = Math.hypot(...x0) / Math.sqrt(x0.length);
  let [x, least] = [Float64Array.from(x0), Number.POSITIVE_INFINITY];
  const path: Array<{ x: number; y: number; evaluations: number }> = [];
  for (let k = 0; k < steps; k++) {
    await pause();
    for (let i = 0; i < particles; i++) {
      const point = Float64Array.from(x0, (v) => v + spread * random.normal());
      const value = f(point);
      if (value < least) [x, least] = [point, value];
    }
    path.push({ x: x[0], y: x[1], evaluations: (k + 1) * particles });
  }
  return { x, path, seconds: path.map(() => 0) };
};

export default nulls(record, [
  {
    id: 'plain-mean',
    says: 'without the values, as the plain mean of the particles',
    kinds: ['nothing'],
    claims: ['canyon', 'hopping', 'swarm-size', 'large-alpha', 'gradient-likeness'],
    ...weights,
    by:
      (original: GibbsMean): GibbsMean =>
      (points, values) =>
        original(points, values, 0),
  },
  {
    id: 'still',
    says: 'with particles that do not move',
    kinds: ['nothing'],
    claims: ['contraction'],
    module: 'southwell/black-box/methods/particle',
    name: 'moveParticle',
    by: (): Move => () => {},
  },
  {
    id: 'random-search',
    says: 'with the best of as many random points about the start',
    kinds: ['baseline'],
    claims: ['canyon', 'hopping', 'swarm-size', 'large-alpha'],
    module: 'papers/06-consensus-based-optimization/lab',
    name: 'runSwarm',
    by: () => randomSearch,
  },
  {
    id: 'best-particle',
    says: 'with the best particle as the consensus',
    kinds: ['baseline'],
    claims: ['gradient-likeness'],
    ...weights,
    by:
      (original: GibbsMean): GibbsMean =>
      (points, values) =>
        original(points, values, Number.MAX_VALUE),
  },
  {
    id: 'no-drift',
    says: 'without the drift to the consensus',
    kinds: ['baseline'],
    claims: ['contraction'],
    ...move((s) => ({ ...s, lambda: 0 })),
  },
  {
    id: 'tenth-alpha',
    says: 'with a tenth of the α that is asked for',
    kinds: ['ingredient'],
    claims: ['canyon', 'hopping', 'gradient-likeness'],
    ...weights,
    by:
      (original: GibbsMean): GibbsMean =>
      (points, values, alpha) =>
        original(points, values, alpha / 10),
  },
  {
    id: 'no-noise',
    says: 'without noise',
    kinds: ['ingredient'],
    claims: ['canyon'],
    ...move((s) => ({ ...s, sigma: 0 })),
  },
  {
    id: 'first-forty',
    says: 'with a consensus of the first forty particles',
    kinds: ['ingredient'],
    claims: ['swarm-size'],
    ...weights,
    by:
      (original: GibbsMean): GibbsMean =>
      (points, values, alpha) =>
        original(points.slice(0, 40), Float64Array.from(values).subarray(0, 40), alpha),
  },
  {
    id: 'one-alpha',
    says: 'with α = 100, whatever is asked for',
    kinds: ['ingredient'],
    claims: ['large-alpha'],
    ...weights,
    by:
      (original: GibbsMean): GibbsMean =>
      (points, values) =>
        original(points, values, 100),
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
]);
