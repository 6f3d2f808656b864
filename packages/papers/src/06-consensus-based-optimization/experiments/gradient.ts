import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import type { SwarmState } from 'southwell/black-box';
import { experiment } from '../../define.ts';
import type { ExperimentContext, ExperimentEvent } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { libraryMethod, runSwarm, type Swarm, type Told } from '../lab.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const A = [3, 1, 1, 2];
const b = [1, -2];
const m = [2, 1];
const energy = ([x, y]: Float64Array) => 0.5 * (A[0] * x * x + 2 * A[1] * x * y + A[3] * y * y) - b[0] * x - b[1] * y;
const gradient = [A[0] * m[0] + A[1] * m[1] - b[0], A[2] * m[0] + A[3] * m[1] - b[1]];

interface Step {
  readonly cosine: number;
  readonly ratio: number;
  readonly effectiveSampleSize: number;
}

/**
 * The first consensus step from a normal cloud about m: its angle to the negative gradient, and its norm divided by
 * ασ²‖∇E‖.
 */
async function step(
  kind: Swarm['kind'],
  N: number,
  sigma: number,
  alpha: number,
  seed: number,
  told: Told,
  pause: Pause,
): Promise<Step> {
  const common = { particles: N, alpha };
  const swarm: Swarm =
    kind === 'cbo' ? { kind, options: { ...common, steps: 0 } } : { kind, options: { ...common, steps: 1 } };
  let effectiveSampleSize = Number.NaN;
  const see = (state: SwarmState) => {
    effectiveSampleSize = state.effectiveSampleSize;
  };
  const { x } = await runSwarm(energy, swarm, { x0: m, sigma }, seed, told, pause, see);
  const [dx, dy] = [x[0] - m[0], x[1] - m[1]];
  const length = Math.hypot(dx, dy);
  const steep = Math.hypot(gradient[0], gradient[1]);
  return {
    cosine: -(dx * gradient[0] + dy * gradient[1]) / (length * steep),
    ratio: length / (alpha * sigma * sigma * steep),
    effectiveSampleSize,
  };
}

/** The probability of a normal variable below one standard deviation above its median. */
const SIGMA = 0.8413;

const rastrigin = (x: Float64Array) => x.reduce((s, v) => s + v * v + 10 * (1 - elementary.cos(2 * Math.PI * v)), 0);

/**
 * Numerical counterpart of the theorem: consensus steps compared with the gradient; and the rate at which the swarm
 * contracts.
 */
export default experiment(record, {
  id: 'gradient',
  title: 'A consensus step beside the gradient',
  panels: [
    {
      title: 'angle of a consensus step, σ̃ = 0.03',
      x: { label: 'particles', log: true },
      y: { label: '1 − cosine', log: true },
      series: ['α = 1', 'α = 10', 'α = 100'],
    },
  ],
  claims: ['gradient-likeness', 'contraction'],
  method: libraryMethod,
  async *run(context, decide, told) {
    const { particles: N, alpha, spread } = locked.claims['gradient-likeness'].sizes[context.size];
    const { lambdas } = locked.claims.contraction.sizes[context.size];
    const pause = pauses(context);
    const random = new Random(context.seed);
    const seeds = (part: number, k: number) =>
      random
        .split(part)
        .split(k)
        .integer(2 ** 32);

    const steps: Record<Swarm['kind'], Step[]> = { cbo: [], hopping: [] };
    const of = (value: (one: Step) => number) => [
      { label: 'swarm', draws: steps.cbo.map(value) },
      { label: 'hopping', draws: steps.hopping.map(value) },
    ];
    const like = () => ({ cosine: of((one) => one.cosine), length: of((one) => one.ratio) });
    for (let k = 0; !decide.enough('gradient-likeness', k, like); k++) {
      yield { kind: 'progress', label: `a consensus step: run ${k + 1}`, fraction: k / 128 };
      steps.cbo.push(await step('cbo', N, spread, alpha, seeds(0, k), told, pause));
      steps.hopping.push(await step('hopping', N, spread, alpha, seeds(1, k), told, pause));
    }
    yield decide('gradient-likeness', like());

    const rates = lambdas.map((lambda) => ({ label: lambda, draws: [] as number[] }));
    const spreads = lambdas.map((lambda) => ({ label: lambda, draws: [] as number[] }));
    const contraction = () => ({ rate: rates, spread: spreads });
    for (let k = 0; !decide.enough('contraction', k, contraction); k++) {
      yield { kind: 'progress', label: `contraction: run ${k + 1}`, fraction: 0.5 + k / 128 };
      for (const [at, { label, draws }] of rates.entries()) {
        const one = await closing(label, seeds(2, k), told, pause);
        draws.push(one.rate);
        spreads[at].draws.push(one.spread);
      }
    }
    yield decide('contraction', contraction());

    yield* angles(N, seeds, told, pause);
    yield* table(N, seeds, told, pause);
    yield* rastriginRuns(context, told, pause);
  },
});

/**
 * How particles approach their consensus: the rate at which their median distance shrinks, over λ; and how far one in
 * six lags behind the median, as a logarithm over σ√t. In two coordinates, noise proportional to the distance changes
 * the logarithm by −λ dt + σ dW: one in six is a standard deviation above. Below the median the motion of the consensus
 * dominates.
 */
async function closing(lambda: number, seed: number, told: Told, pause: Pause) {
  const dt = 0.01;
  const { particles, steps, noise } = locked.claims.contraction.sizes.quick;
  const far: Float64Array[] = [];
  const see = ({ points, consensus, step }: SwarmState) => {
    if (step % steps === 0)
      far.push(Float64Array.from(points, ([x, y]) => Math.hypot(x - consensus[0], y - consensus[1])));
  };
  const options = { particles, steps, dt, lambda, noise, alpha: 100, diffusion: 'isotropic' } as const;
  const place = { x0: [0, 0], sigma: 0.5 };
  await runSwarm(([x, y]) => x * x + y * y, { kind: 'cbo', options }, place, seed, told, pause, see);
  const [before, after] = far;
  const median = (values: Float64Array) => values.toSorted()[values.length >> 1];
  const left = after.map((v, i) => elementary.log(v / before[i])).toSorted();
  const upper = left[Math.floor(SIGMA * left.length)] - left[left.length >> 1];
  return {
    rate: elementary.log(median(before) / median(after)) / (steps * dt * lambda),
    spread: upper / (noise * Math.sqrt(steps * dt)),
  };
}

type Seeds = (part: number, k: number) => number;

/** The angle as a function of the number of particles. */
async function* angles(N: number, seeds: Seeds, told: Told, pause: Pause): AsyncGenerator<ExperimentEvent> {
  const begin = performance.now();
  for (const alpha of [1, 10, 100]) {
    const [x, y, seconds]: [number[], number[], number[]] = [[], [], []];
    for (let n = 100; n <= N; n *= 2) {
      x.push(n);
      // Rounding may make the cosine 1.
      y.push(Math.max(1e-16, 1 - (await step('hopping', n, 0.03, alpha, seeds(3, n + alpha), told, pause)).cosine));
      seconds.push((performance.now() - begin) / 1000);
    }
    const panel = 'angle of a consensus step, σ̃ = 0.03';
    yield { kind: 'points', panel, series: `α = ${alpha}`, x, y, work: { seconds } };
  }
}

/** Steps for other sharpness and width. */
async function* table(N: number, seeds: Seeds, told: Told, pause: Pause): AsyncGenerator<ExperimentEvent> {
  const rows: number[][] = [];
  for (const alpha of [1, 10, 100, 1000]) {
    for (const sigma of [0.01, 0.03, 0.1]) {
      const r = await step('hopping', N, sigma, alpha, seeds(4, 1000 * alpha + 1000 * sigma), told, pause);
      rows.push([alpha, sigma, r.cosine, r.ratio, Math.round(r.effectiveSampleSize)]);
    }
  }
  yield {
    kind: 'table',
    title: `A step of ${N.toLocaleString('en')} particles: where few of them carry the mean, it is no gradient`,
    columns: ['α', 'σ̃', 'cosine', 'length over ασ̃²‖∇E‖', 'effective particles'],
    rows,
  };
}

/** A whole swarm in ten coordinates, with both kinds of noise. */
async function* rastriginRuns(context: ExperimentContext, told: Told, pause: Pause): AsyncGenerator<ExperimentEvent> {
  const tries = context.size === 'full' ? 20 : 4;
  const rows: Array<[string, number, number]> = [];
  for (const diffusion of ['anisotropic', 'isotropic'] as const) {
    const found: number[] = [];
    for (let k = 0; k < tries; k++) {
      yield { kind: 'progress', label: `Rastrigin, ${diffusion} noise`, fraction: k / tries };
      const options = { particles: 200, steps: 500, dt: 0.02, noise: 4, alpha: 100, diffusion };
      const place = { x0: new Array<number>(10).fill(2), sigma: 1.5 };
      const swarm = { kind: 'cbo', options } as const;
      const { x } = await runSwarm(rastrigin, swarm, place, context.seed * 1000 + k, told, pause);
      found.push(rastrigin(x));
    }
    found.sort((p, q) => p - q);
    rows.push([diffusion, found[0], found[found.length >> 1]]);
  }
  const title = 'Rastrigin in 10 coordinates: E at the last consensus';
  yield { kind: 'table', title, columns: ['noise', 'best', 'median'], rows };
}
