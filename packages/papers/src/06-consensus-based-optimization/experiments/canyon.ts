import { Random } from '@southwell/numerics/core';
import type { SwarmState } from 'southwell/black-box';
import { experiment } from '../../define.ts';
import { type ExperimentContext, type ExperimentEvent, type Parameter, parameterValue } from '../../experiment.ts';
import { type Pause, pauses } from '../../pauses.ts';
import { libraryMethod, runSwarm, type Swarm, type Told } from '../lab.ts';
import { canyon, type Descent, descend, near, START } from '../landscape.ts';
import { locked } from '../locked.ts';
import { record } from '../record.ts';

const { quick, full } = locked.claims.canyon.sizes;
const noise: Parameter = {
  name: 'noise',
  title: 'Noise σ',
  default: { quick: quick.noise, full: full.noise },
  min: 0,
  max: 4,
};
const particles: Parameter = {
  name: 'particles',
  title: 'Particles',
  default: { quick: quick.particles, full: full.particles },
  min: 2,
  max: 2000,
  integer: true,
};

const { steps: STEPS, alpha, few, low } = quick;
/** Steps between the snapshots of the picture. */
const EVERY = 50;
const f = ([x, y]: Float64Array) => canyon(x, y);
const PANEL = 'distance to the global minimum, first run';

const seedOf = (context: ExperimentContext, k: number) => context.seed * 10_000 + k;

/** Figs. 1 and 2: a swarm, consensus hopping, gradient descent and Langevin dynamics in the canyon; and other swarms. */
export default experiment(record, {
  id: 'canyon',
  title: 'Through the canyon',
  panels: [
    {
      title: PANEL,
      x: { label: 'evaluations' },
      y: { label: 'distance to the global minimum', log: true },
      series: [
        'swarm',
        'hopping',
        'Langevin',
        { id: 'gradient descent', name: 'gradient' },
        'swarm of 40',
        'swarm, α = 10',
      ],
      control: 'gradient descent',
    },
  ],
  parameters: [noise, particles],
  claims: ['canyon', 'hopping', 'swarm-size', 'large-alpha'],
  method: libraryMethod,
  async *run(context, decide, told) {
    const pause = pauses(context);
    yield { kind: 'picture', title: 'The canyon, dark is low', picture: landscapeImage() };
    const runs = new Runs(context, told, pause);
    yield* firstRuns(runs);
    const { ends } = runs;
    const descent = await runs.end('gradient descent', 0);
    const { stuck } = runs;

    const through = () => ({
      swarm: { draws: ends.swarm },
      near: { draws: ends.swarm },
      langevin: { draws: ends.Langevin },
      descent,
      stuck,
    });
    for (let k = 0; !decide.enough('canyon', k, through); k++) {
      yield runs.progress('canyon', k);
      await runs.end('swarm', k);
      await runs.end('Langevin', k);
    }
    yield decide('canyon', through());

    const hopping = () => ({ hopping: { draws: ends.hopping } });
    for (let k = 0; !decide.enough('hopping', k, hopping); k++) {
      yield runs.progress('hopping', k);
      await runs.end('hopping', k);
    }
    yield decide('hopping', hopping());

    const hit = (distance: number) => Number(near(distance));
    const size = () => ({ gain: { draws: ends['swarm of 40'].map((end, k) => hit(ends.swarm[k]) - hit(end)) } });
    for (let k = 0; !decide.enough('swarm-size', k, size); k++) {
      yield runs.progress('swarm-size', k);
      await runs.end('swarm', k);
      await runs.end('swarm of 40', k);
    }
    yield decide('swarm-size', size());

    const sharp = () => ({ ratio: { draws: ends['swarm, α = 10'].map((end, k) => ends.swarm[k] / end) } });
    for (let k = 0; !decide.enough('large-alpha', k, sharp); k++) {
      yield runs.progress('large-alpha', k);
      await runs.end('swarm', k);
      await runs.end('swarm, α = 10', k);
    }
    yield decide('large-alpha', sharp());

    yield {
      kind: 'table',
      title: 'Runs that end within 0.25 of the global minimum',
      columns: ['method', 'runs', 'share'],
      rows: players.map((name) => [name, ends[name].length, ends[name].filter(near).length / ends[name].length]),
    };
    yield* sizesAndNoises(context, told, pause);
  },
});

const players = ['swarm', 'swarm of 40', 'swarm, α = 10', 'hopping', 'gradient descent', 'Langevin'] as const;
type Player = (typeof players)[number];

/** Runs by number, each computed once, and their final distances from the global minimum. */
class Runs {
  readonly ends = Object.fromEntries(players.map((name) => [name, [] as number[]])) as Record<Player, number[]>;
  /** The final distance of gradient descent where it gets stuck in the study. */
  stuck = Number.POSITIVE_INFINITY;
  private readonly swarms: Readonly<Partial<Record<Player, Swarm>>>;

  constructor(
    private readonly context: ExperimentContext,
    private readonly told: Told,
    private readonly pause: Pause,
  ) {
    const N = parameterValue(particles, context);
    const { spread } = locked.claims.hopping.sizes.quick;
    const cbo = { particles: N, steps: STEPS, noise: parameterValue(noise, context), diffusion: 'isotropic' } as const;
    this.swarms = {
      swarm: { kind: 'cbo', options: { ...cbo, alpha } },
      'swarm of 40': { kind: 'cbo', options: { ...cbo, alpha, particles: few } },
      'swarm, α = 10': { kind: 'cbo', options: { ...cbo, alpha: low } },
      // Steps are relative to the standard deviation of the start.
      hopping: { kind: 'hopping', options: { particles: N, steps: STEPS, spread: spread / START.sigma, alpha } },
    };
  }

  /** Computes runs 0 … k − 1. */
  async end(name: Player, k: number): Promise<number> {
    const ends = this.ends[name];
    if (k === ends.length) ends.push((await this.make(name, k)).end);
    return ends[k];
  }

  /** Computes run k with its trajectory. */
  async make(name: Player, k: number, see?: (state: SwarmState) => void): Promise<Course> {
    const swarm = this.swarms[name];
    const seed = seedOf(this.context, k);
    if (swarm) {
      const { x, path, seconds } = await runSwarm(f, swarm, START, seed, this.told, this.pause, see);
      return { end: Math.hypot(x[0], x[1]), path, seconds };
    }
    const path: Descent[] = [];
    const seconds: number[] = [];
    const begin = performance.now();
    for (const point of descend(new Random(seed), name === 'Langevin' ? 10 : 0, 10_000)) {
      path.push(point);
      seconds.push((performance.now() - begin) / 1000);
      await this.pause();
    }
    const { x, y } = path[path.length - 1];
    if (name === 'gradient descent') this.stuck = Math.hypot(x - 2.336, y - 2.466);
    return { end: Math.hypot(x, y), path, seconds };
  }

  progress(claim: 'canyon' | 'hopping' | 'swarm-size' | 'large-alpha', k: number): ExperimentEvent {
    const index = record.claims.findIndex(({ id }) => id === claim);
    const most = Math.max(...record.claims[index].draws[this.context.size]);
    return { kind: 'progress', label: `${claim}: run ${k + 1}`, fraction: (index + k / most) / 5 };
  }
}

interface Course {
  readonly end: number;
  readonly path: readonly Descent[];
  readonly seconds: readonly number[];
}

/** The curves of the first run of each, and the picture of the swarm's. */
async function* firstRuns(runs: Runs): AsyncGenerator<ExperimentEvent> {
  for (const name of players) {
    const snapshots: Float64Array[][] = [];
    const see = (state: SwarmState) => {
      if (state.step % EVERY === 0) snapshots.push(state.points.map((p) => p.slice()));
    };
    const course = await runs.make(name, 0, see);
    if (name === 'swarm') yield swarmPicture(snapshots, course);
    const x = course.path.map((p) => p.evaluations);
    const y = course.path.map((p) => Math.hypot(p.x, p.y));
    yield { kind: 'points', panel: PANEL, series: name, x, y, work: { seconds: course.seconds } };
  }
}

/** Further results: the success rate as a function of the number of particles and the noise. */
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
        if (near(Math.hypot(x[0], x[1]))) hits++;
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
  const axes = { x: { label: 'noise σ', at: noises }, y: { label: 'particles', at: sizes } };
  const value = 'share of runs that succeed';
  const picture = { type: 'image', width: noises.length, height: sizes.length, values, ...axes, value } as const;
  yield { kind: 'picture', title: 'Success by noise and particles', picture };
}

/** E on [−2, 8]², y axis upwards, on a root scale to make the valley visible. */
function landscapeImage() {
  const size = 120;
  const values: number[] = [];
  for (let r = 0; r < size; r++) {
    for (let c = 0; c < size; c++)
      values.push(Math.sqrt(canyon(-2 + (10 * c) / (size - 1), 8 - (10 * r) / (size - 1))));
  }
  const axes = { x: { label: 'x', from: -2, to: 8 }, y: { label: 'y', from: 8, to: -2 } };
  return { type: 'image', width: size, height: size, values, ...axes, value: '√E' } as const;
}

/**
 * The floor of the canyon in a first colour, the swarm at some steps in one colour each, the path of its consensus
 * point and the global minimum. Distributions are heavy-tailed: far outliers would shrink everything else to a dot.
 */
function swarmPicture(snapshots: ReadonlyArray<readonly Float64Array[]>, { path }: Course): ExperimentEvent {
  const floor: Array<{ x: number; y: number }> = [];
  for (let x = -2; x <= 8; x += 0.125) for (let y = -2; y <= 8; y += 0.125) if (canyon(x, y) < 8) floor.push({ x, y });
  const layers = [floor, ...snapshots.map((points) => points.map(([x, y]) => ({ x, y }))), path, [{ x: 0, y: 0 }]];
  return {
    kind: 'picture',
    title: 'The swarm in the canyon',
    picture: {
      type: 'scatter',
      xLabel: 'x',
      yLabel: 'y',
      points: layers.flatMap((layer, group) =>
        layer.filter(({ x, y }) => Math.abs(x - 4) <= 8 && Math.abs(y - 4) <= 8).map(({ x, y }) => ({ x, y, group })),
      ),
      groups: [
        'floor of the canyon',
        ...snapshots.map((_, k) => `swarm, step ${k * EVERY}`),
        'path of the consensus point',
        'global minimum',
      ],
    },
  };
}
