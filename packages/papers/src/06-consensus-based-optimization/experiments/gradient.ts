import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { gibbsMean } from 'southwell/black-box';
import { experiment } from '../../define.ts';
import type { ExperimentContext, ExperimentEvent } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { libraryMethod, runSwarm, type Told } from '../lab.ts';
import { record } from '../record.ts';

const A = [3, 1, 1, 2];
const b = [1, -2];
const m = [2, 1];
const energy = (x: number, y: number) => 0.5 * (A[0] * x * x + 2 * A[1] * x * y + A[3] * y * y) - b[0] * x - b[1] * y;
const gradient = [A[0] * m[0] + A[1] * m[1] - b[0], A[2] * m[0] + A[3] * m[1] - b[1]];

/** One consensus step from m: its angle to the negative gradient, and its length over ασ²‖∇E‖. */
async function step(N: number, sigma: number, alpha: number, random: Random, told: Told, pause: Pause) {
  const points: Float64Array[] = [];
  const energies = new Float64Array(N);
  for (let i = 0; i < N; i++) {
    if ((i & 4095) === 0) await pause();
    const [x, y] = [m[0] + sigma * random.normal(), m[1] + sigma * random.normal()];
    points.push(Float64Array.of(x, y));
    energies[i] = energy(x, y);
  }
  const values = told(energies, random);
  const { mean, effectiveSampleSize } = gibbsMean(points, values, alpha);
  const [dx, dy] = [mean[0] - m[0], mean[1] - m[1]];
  const length = Math.hypot(dx, dy);
  const steep = Math.hypot(gradient[0], gradient[1]);
  return {
    cosine: -(dx * gradient[0] + dy * gradient[1]) / (length * steep),
    ratio: length / (alpha * sigma * sigma * steep),
    effectiveSampleSize,
  };
}

const rastrigin = (x: Float64Array) => x.reduce((s, v) => s + v * v + 10 * (1 - elementary.cos(2 * Math.PI * v)), 0);

/** What stands for the theorem: a step of consensus hopping beside the gradient. */
export default experiment(record, {
  id: 'gradient',
  title: 'A consensus step beside the gradient',
  axes: { x: 'particles', y: '1 − cosine', logY: true, logX: true },
  claims: ['gradient-likeness'],
  method: libraryMethod,
  async *run(context, decide, told) {
    const N = context.size === 'full' ? 200_000 : 20_000;
    const pause = pauses(context);
    const random = new Random(context.seed);
    yield { kind: 'progress', label: 'a consensus step', fraction: 0 };
    const { cosine, ratio } = await step(N, 0.03, 10, random.split(0), told, pause);
    yield decide('gradient-likeness', { cosine, length: ratio });
    yield* angles(N, random, told, pause);
    yield* steps(N, random, told, pause);
    yield* rastriginRuns(context, told, pause);
  },
});

/** How the angle falls with the number of particles. */
async function* angles(N: number, random: Random, told: Told, pause: Pause): AsyncGenerator<ExperimentEvent> {
  const begin = performance.now();
  for (const alpha of [1, 10, 100]) {
    const [x, y, seconds]: [number[], number[], number[]] = [[], [], []];
    for (let n = 100; n <= N; n *= 2) {
      x.push(n);
      // Rounding may take the cosine to 1.
      y.push(Math.max(1e-16, 1 - (await step(n, 0.03, alpha, random.split(n + alpha), told, pause)).cosine));
      seconds.push((performance.now() - begin) / 1000);
    }
    const panel = 'angle of a consensus step, σ̃ = 0.03';
    yield { kind: 'points', panel, series: `α = ${alpha}`, x, y, work: { seconds } };
  }
}

/** Steps of other sharpness and width. */
async function* steps(N: number, random: Random, told: Told, pause: Pause): AsyncGenerator<ExperimentEvent> {
  const rows: number[][] = [];
  for (const alpha of [1, 10, 100, 1000]) {
    for (const sigma of [0.01, 0.03, 0.1]) {
      const r = await step(N, sigma, alpha, random.split(1000 * alpha + 1000 * sigma), told, pause);
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
