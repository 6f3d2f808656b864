import type * as nn from '@southwell/autodiff/nn';
import type { Cell } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { interpolateModels, permuteModel } from 'southwell/merging';
import type { ExperimentContext, ExperimentEvent } from '../experiment.ts';
import { chosen, quality } from '../material/perceptrons.ts';
import type { Panel } from '../panels.ts';
import type { Pause } from '../pauses.ts';
import { type Emit, streamed } from '../streamed.ts';
import { givenFor, type PairSizes, scoreAt } from './comparison.ts';
import { type Compared, compared, linePanel, median } from './lab.ts';
import { armNames, type Given, type matchedBy } from './matched.ts';
import { dataOf, network, seedsOf, type Task } from './networks.ts';

export interface TrioSizes extends PairSizes {
  readonly learnedFrom: number;
  readonly steps: number;
  readonly noise: number;
}

const arms = ['none', 'weights', 'activations', 'learned'] as const;
type TrioArm = (typeof arms)[number];

/** Three networks, of which the second and the third have been put in order to agree with the first. */
interface Trio {
  readonly ab: Compared;
  readonly ac: Compared;
  readonly bc: Compared;
  /** Of the average of all three, on test examples. */
  readonly average: ReturnType<typeof quality>;
}

export type Trios = ReadonlyArray<Readonly<Record<TrioArm, Trio>>>;

const OTHERS = 'Training loss between the two networks that were put in order';
const LEARNING = 'Loss halfway while permutations are learned';

const series = arms.map((id) => ({ id, name: armNames[id] }));
export const trioPanels: readonly Panel[] = [
  { ...linePanel, title: OTHERS, series, control: 'none' },
  {
    title: LEARNING,
    x: { label: 'steps' },
    y: { label: 'lowest cross-entropy so far' },
    series: [
      { id: 'a, b', name: 'second network' },
      { id: 'a, c', name: 'third network' },
    ],
  },
];

/** Steps between points of the curve of permutations that are learned. */
const SHOWN = 5;

async function trioBy(
  arm: TrioArm,
  [a, ...others]: readonly nn.Model[],
  { task, sizes, given }: { readonly task: Task; readonly sizes: TrioSizes; readonly given: Given },
  method: typeof matchedBy,
  pause: Pause,
  emit: Emit,
): Promise<Trio> {
  const ordered: nn.Model[] = [];
  for (const [k, other] of others.entries()) {
    const onStep = (step: number, loss: number) => {
      if (step % SHOWN === 1 || step === sizes.steps)
        emit({ kind: 'points', panel: LEARNING, series: k === 0 ? 'a, b' : 'a, c', x: [step], y: [loss] });
    };
    ordered.push(permuteModel(other, given.spec, await method(arm, a, other, given, pause, onStep)));
  }
  const [b, c] = ordered;
  const pair = async (x: nn.Model, y: nn.Model) => {
    await pause();
    return compared(x, y, task, sizes.thresholds);
  };
  const average = interpolateModels(interpolateModels(a, b, 0.5), c, 1 / 3);
  return {
    ab: await pair(a, b),
    ac: await pair(a, c),
    bc: await pair(b, c),
    average: quality(average, task.test),
  };
}

/** Trains three networks in each draw, and puts two of them in order by each of the arms. */
export async function* compareTrios(
  { seed, signal }: ExperimentContext,
  task: Task,
  sizes: TrioSizes,
  method: typeof matchedBy,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Trios> {
  const { width, epochs } = sizes;
  const draws: Array<Record<TrioArm, Trio>> = [];
  for (let draw = 0; draw < sizes.draws; draw++) {
    const seeds = seedsOf(seed, draw);
    const progress = (label: string): ExperimentEvent => ({
      kind: 'progress',
      label: sizes.draws > 1 ? `draw ${draw + 1}: ${label}` : label,
      fraction: draw / sizes.draws,
    });
    yield progress('training');
    const models: nn.Model[] = [];
    for (const [k, own] of seeds.entries()) {
      models.push(await network(task, { width, epochs, seed: own }, pause));
      // The ends of the line in the first panel are the second and the third network.
      if (draw === 0 && k > 0)
        yield { kind: 'points', panel: OTHERS, series: 'none', x: [k - 1], y: [quality(models[k], task.train).loss] };
    }
    const rows = new Random(seeds[0]).sample(task.train.count, sizes.learnedFrom);
    const learning = { data: dataOf(chosen(task.train, rows)), steps: sizes.steps, noise: sizes.noise };
    const given = { ...givenFor(models[0], task, sizes, seeds[0]), learning };
    const found: Partial<Record<TrioArm, Trio>> = {};
    for (const arm of arms) {
      yield progress(armNames[arm]);
      const silent: Emit = () => {};
      const trio = yield* streamed((emit) =>
        trioBy(arm, models, { task, sizes, given }, method, pause, draw === 0 ? emit : silent),
      );
      found[arm] = trio;
      if (draw === 0) {
        const { lambdas, losses } = trio.bc.line;
        yield { kind: 'points', panel: OTHERS, series: arm, restart: true, x: [...lambdas], y: [...losses] };
      }
      signal?.throwIfAborted();
    }
    draws.push(found as Record<TrioArm, Trio>);
  }
  return draws;
}

const overDraws = (draws: Trios, of: (trios: Trios[number]) => number): number => median(draws.map(of));

/** What both data sets measure of permutations that are learned, against weights that are matched. */
export const trioValues = (draws: Trios, sizes: TrioSizes) => {
  const score = ({ ab, ac }: Trio) => (scoreAt(ab, sizes) + scoreAt(ac, sizes)) / 2;
  const both = ({ ab, ac }: Trio) => Math.max(ab.line.barrier, ac.line.barrier);
  return {
    barrier: overDraws(draws, ({ learned, weights }) => learned.bc.line.barrier / weights.bc.line.barrier),
    score: overDraws(draws, ({ learned, weights }) => score(learned) / score(weights)),
    own: overDraws(draws, ({ learned, none }) => both(learned) / both(none)),
    average: overDraws(draws, ({ weights }) => weights.average.loss),
  };
};

export function trioTable(draws: Trios, sizes: TrioSizes): ExperimentEvent {
  const rows = draws.flatMap((trios, draw) =>
    arms.map((arm): Cell[] => {
      const { ab, ac, bc, average } = trios[arm];
      const barriers = [ab, ac, bc].map(({ line }) => line.barrier);
      const scores = [ab, ac, bc].map((one) => scoreAt(one, sizes));
      return [draw + 1, armNames[arm], ...barriers, ...scores, average.loss, average.accuracy];
    }),
  );
  const columns = ['draw', 'order of neurons', 'barrier a, b', 'a, c', 'b, c'];
  const of = (pair: string) => `R at ${sizes.gamma}, ${pair}`;
  return {
    kind: 'table',
    title: 'Two networks put in order to agree with a third',
    columns: [...columns, of('a, b'), of('a, c'), of('b, c'), 'test loss of the average', 'test accuracy'],
    rows,
  };
}
