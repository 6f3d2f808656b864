import { Random } from '@southwell/numerics/core';
import type { SwarmState } from 'southwell/black-box';
import { experiment } from '../../define.ts';
import { type ExperimentContext, type ExperimentEvent, type Parameter, parameterValue } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { libraryMethod, runSwarm, type Swarm, type SwarmRun, type Told } from '../lab.ts';
import { canyon, descend } from '../landscape.ts';
import { record } from '../record.ts';

const runs: Parameter = {
  name: 'runs',
  title: 'Runs',
  default: { quick: 20, full: 100 },
  min: 2,
  max: 1000,
  integer: true,
};
const noise: Parameter = { name: 'noise', title: 'Noise σ', default: { quick: 1.6, full: 1.6 }, min: 0, max: 4 };
const particles: Parameter = {
  name: 'particles',
  title: 'Particles',
  default: { quick: 200, full: 200 },
  min: 2,
  max: 2000,
  integer: true,
};

/** The defaults of the paper's figures. */
const START = { x0: [8, 8], sigma: 0.5 };
const STEPS = 250;
/** Steps between the snapshots of the picture. */
const EVERY = 50;
const f = ([x, y]: Float64Array) => canyon(x, y);
const near = (x: number, y: number) => Math.hypot(x, y) <= 0.25;
const PANEL = 'distance to the global minimum, first run';

const seedOf = (context: ExperimentContext, k: number) => context.seed * 10_000 + k;

/** Figs. 1 and 2: a swarm, consensus hopping, gradient descent and Langevin dynamics in the canyon; and smaller swarms. */
export default experiment(record, {
  id: 'canyon',
  title: 'Through the canyon',
  axes: { x: 'evaluations', y: 'distance to the global minimum', logY: true },
  parameters: [runs, noise, particles],
  claims: ['canyon', 'swarm-size'],
  method: libraryMethod,
  async *run(context, decide, told) {
    const full = context.size === 'full';
    const pause = pauses(context);
    yield { kind: 'picture', title: 'The canyon, dark is low', picture: landscapeImage() };
    const swarms = yield* swarmShares(context, told, pause);
    const descents = yield* descentShares(context, pause);
    yield {
      kind: 'table',
      title: 'Runs that end within 0.25 of the global minimum',
      columns: ['method', 'share'],
      rows: Object.entries({ ...swarms, ...descents.shares }),
    };
    yield decide('canyon', {
      swarm: swarms.swarm,
      hopping: full ? swarms.hopping : undefined,
      langevin: descents.shares.Langevin,
      descent: descents.shares['gradient descent'],
      stuck: full ? descents.stuck : undefined,
    });
    yield decide('swarm-size', { gain: swarms.swarm - swarms['swarm of 40'] });
    yield* sizesAndNoises(context, told, pause);
  },
});

/** The shares of runs of three swarms that reach the global minimum, with the curves of the first runs. */
async function* swarmShares(
  context: ExperimentContext,
  told: Told,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Record<string, number>> {
  const count = parameterValue(runs, context);
  const N = parameterValue(particles, context);
  const swarms: Readonly<Record<string, Swarm>> = {
    swarm: {
      kind: 'cbo',
      options: { particles: N, steps: STEPS, noise: parameterValue(noise, context), diffusion: 'isotropic' },
    },
    'swarm of 40': { kind: 'cbo', options: { particles: 40, steps: STEPS, diffusion: 'isotropic' } },
    // Steps in units of the space's: 0.7 is 1.4 of 0.5.
    hopping: { kind: 'hopping', options: { particles: N, steps: STEPS, spread: 1.4 } },
  };
  const shares: Record<string, number> = {};
  for (const [part, [name, swarm]] of Object.entries(swarms).entries()) {
    let hits = 0;
    for (let k = 0; k < count; k++) {
      yield { kind: 'progress', label: `${name}: run ${k + 1} of ${count}`, fraction: (part + k / count) / 5 };
      const snapshots: Float64Array[][] = [];
      const see = (state: SwarmState) => {
        if (k === 0 && state.step % EVERY === 0) snapshots.push(state.points.map((p) => p.slice()));
      };
      const run = await runSwarm(f, swarm, START, seedOf(context, k), told, pause, see);
      if (near(run.x[0], run.x[1])) hits++;
      if (k > 0) continue;
      if (name === 'swarm') yield swarmPicture(snapshots, run);
      const x = run.path.map((p) => p.evaluations);
      const y = run.path.map((p) => Math.hypot(p.x, p.y));
      yield { kind: 'points', panel: PANEL, series: name, x, y, work: { seconds: run.seconds } };
    }
    shares[name] = hits / count;
  }
  return shares;
}

/** The same of gradient descent and of Langevin dynamics, and how far descent ends from where it sticks in the study. */
async function* descentShares(
  context: ExperimentContext,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, { readonly shares: Record<string, number>; readonly stuck: number }> {
  const shares: Record<string, number> = {};
  let stuck = Number.POSITIVE_INFINITY;
  let part = 3;
  for (const [name, sigma] of [
    ['gradient descent', 0],
    ['Langevin', 10],
  ] as const) {
    let hits = 0;
    // Without noise every run is the same.
    const times = sigma === 0 ? 1 : parameterValue(runs, context);
    for (let k = 0; k < times; k++) {
      yield { kind: 'progress', label: `${name}: run ${k + 1} of ${times}`, fraction: (part + k / times) / 5 };
      const [x, y, seconds]: [number[], number[], number[]] = [[], [], []];
      let last = { x: 8, y: 8 };
      const begin = performance.now();
      for (const point of descend(new Random(seedOf(context, k)), sigma, 10_000)) {
        last = point;
        x.push(point.evaluations);
        y.push(Math.hypot(point.x, point.y));
        seconds.push((performance.now() - begin) / 1000);
        await pause();
      }
      if (near(last.x, last.y)) hits++;
      if (sigma === 0) stuck = Math.hypot(last.x - 2.336, last.y - 2.466);
      if (k === 0) yield { kind: 'points', panel: PANEL, series: name, x, y, work: { seconds } };
    }
    shares[name] = hits / times;
    part++;
  }
  return { shares, stuck };
}

/** Further: how success depends on the number of particles and the noise. */
async function* sizesAndNoises(context: ExperimentContext, told: Told, pause: Pause): AsyncGenerator<ExperimentEvent> {
  const full = context.size === 'full';
  const sizes = full ? [20, 40, 80, 200, 400] : [20, 40, 80, 200];
  const noises = [0.8, 1.2, 1.6, 2];
  const tries = full ? 50 : 6;
  const rows: Array<Array<number>> = [];
  for (const size of sizes) {
    const row = [size];
    for (const sigma of noises) {
      yield { kind: 'progress', label: `${size} particles, σ = ${sigma}`, fraction: rows.length / sizes.length };
      let hits = 0;
      for (let k = 0; k < tries; k++) {
        const options = { particles: size, steps: STEPS, noise: sigma, diffusion: 'isotropic' } as const;
        const { x } = await runSwarm(f, { kind: 'cbo', options }, START, seedOf(context, 5000 + k), told, pause);
        if (near(x[0], x[1])) hits++;
      }
      row.push(hits / tries);
    }
    rows.push(row);
  }
  yield {
    kind: 'table',
    title: `Share of ${tries} runs that succeed, by particles and noise σ`,
    columns: ['particles', ...noises.map((s) => `σ = ${s}`)],
    rows,
  };
  const values = rows.flatMap((row) => row.slice(1));
  const picture = { type: 'image', width: noises.length, height: sizes.length, values } as const;
  yield { kind: 'picture', title: 'Success by noise (across) and particles (down), bright is more', picture };
}

/** E on [−2, 8]², the y axis upwards, with the root taken so that the valley shows. */
function landscapeImage() {
  const size = 120;
  const values: number[] = [];
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++)
      values.push(Math.sqrt(canyon(-2 + (10 * c) / (size - 1), 8 - (10 * r) / (size - 1))));
  }
  return { type: 'image', width: size, height: size, values } as const;
}

/**
 * The floor of the canyon in a first colour, where the swarm was at some steps in one each, the path of its consensus
 * point and the global minimum. Tails are heavy: particles far outside would make all the rest a dot.
 */
function swarmPicture(snapshots: ReadonlyArray<readonly Float64Array[]>, run: SwarmRun): ExperimentEvent {
  const floor: Array<{ x: number; y: number }> = [];
  for (let x = -2; x <= 8; x += 0.125) for (let y = -2; y <= 8; y += 0.125) if (canyon(x, y) < 8) floor.push({ x, y });
  const layers = [floor, ...snapshots.map((points) => points.map(([x, y]) => ({ x, y }))), run.path, [{ x: 0, y: 0 }]];
  return {
    kind: 'picture',
    title: `The canyon's floor, the swarm every ${EVERY} steps, the path of its consensus point, the global minimum`,
    picture: {
      type: 'scatter',
      xLabel: 'x',
      yLabel: 'y',
      points: layers.flatMap((layer, group) =>
        layer.filter(({ x, y }) => Math.abs(x - 4) <= 8 && Math.abs(y - 4) <= 8).map(({ x, y }) => ({ x, y, group })),
      ),
    },
  };
}
