import * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import type { Cell } from '@southwell/data';
import { permutationSpec, permuteModel } from 'southwell/merging';
import type { ExperimentContext, ExperimentEvent } from '../experiment.ts';
import { chosen, quality, tensorsOf } from '../material/perceptrons.ts';
import type { Pause } from '../pauses.ts';
import { changeOfValues } from './directions.ts';
import { type Compared, cellsOf, columnsOf, compared, curvesOf, LINE, median } from './lab.ts';
import { type Arm, armNames, type Given, type matchedBy } from './matched.ts';
import { network, seedsOf, spread, type Task } from './networks.ts';
import { neuronPicture } from './neurons.ts';
import { lineDerivatives, predictedBarrier } from './taylor.ts';

export interface PairSizes {
  readonly draws: number;
  readonly width: number;
  readonly epochs: number;
  readonly pairs: number;
  readonly thresholds: readonly number[];
  readonly gamma: number;
  readonly calibration: number;
}

export const pairArms = ['none', 'weights', 'activations', 'strong', 'weak', 'random'] as const;
type PairArm = (typeof pairArms)[number];

/** A pair of networks, the second of which has been put in order by each of the arms. */
export type ComparedPair = Readonly<Record<PairArm, Compared>>;

export interface Pairs {
  /** By draw and pair. */
  readonly draws: ReadonlyArray<readonly ComparedPair[]>;
  /** The largest relative change of singular values by matching. */
  readonly change: number;
  /** The first pair, with what matching makes of its second network. */
  readonly first: { readonly a: nn.Model; readonly b: nn.Model; readonly matched: nn.Model };
}

export const givenFor = (
  a: nn.Model,
  { train, judged }: Task,
  { calibration, gamma }: Pick<PairSizes, 'calibration' | 'gamma'>,
  seed: number,
): Given => ({
  ...{ gamma, seed, spec: permutationSpec(a, ad.slice(judged.inputs, [0, 2])) },
  inputs: tensorsOf(chosen(train, spread(train.count, calibration)))[0],
});

/** Trains networks from different seeds, and puts each in order by each arm to agree with the first of its draw. */
export async function* comparePairs(
  { seed, signal }: ExperimentContext,
  task: Task,
  sizes: PairSizes,
  method: typeof matchedBy,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, Pairs> {
  const { width, epochs, thresholds } = sizes;
  const draws: ComparedPair[][] = [];
  let change = 0;
  let first: Pairs['first'] | undefined;
  for (let draw = 0; draw < sizes.draws; draw++) {
    const [own, ...others] = seedsOf(seed, draw);
    const progress = (label: string): ExperimentEvent => ({
      kind: 'progress',
      label: sizes.draws > 1 ? `draw ${draw + 1}: ${label}` : label,
      fraction: draw / sizes.draws,
    });
    yield progress('training');
    const a = await network(task, { width, epochs, seed: own }, pause);
    const given = givenFor(a, task, sizes, own);
    if (draw === 0) yield { kind: 'points', panel: LINE, series: 'none', x: [0], y: [quality(a, task.train).loss] };
    const pairs: ComparedPair[] = [];
    for (const [k, other] of others.slice(0, sizes.pairs).entries()) {
      const b = await network(task, { width, epochs, seed: other }, pause);
      const found: Partial<Record<PairArm, Compared>> = {};
      for (const arm of pairArms) {
        const ordered = permuteModel(b, given.spec, await method(arm, a, b, given, pause));
        found[arm] = compared(a, ordered, task, thresholds);
        if (arm === 'weights') {
          change = Math.max(change, changeOfValues(b, ordered));
          first ??= { a, b, matched: ordered };
        }
        if (draw === 0 && k === 0) yield* curvesOf(arm, found[arm], thresholds);
        yield progress(armNames[arm]);
        await pause();
        signal?.throwIfAborted();
      }
      pairs.push(found as ComparedPair);
    }
    draws.push(pairs);
  }
  return { draws, change, first: first! };
}

/** A statistic of every pair, its worst in each draw, and the median of these. */
export const overDraws = (
  { draws }: Pairs,
  worst: (...of: number[]) => number,
  of: (pair: ComparedPair) => number,
): number => median(draws.map((pairs) => worst(...pairs.map(of))));

/** The score at the threshold `gamma`. */
export const scoreAt = ({ scores }: Compared, { thresholds, gamma }: PairSizes): number =>
  scores[thresholds.indexOf(gamma)];

/** What both data sets measure of weights that are matched. */
export const matchedValues = (pairs: Pairs, sizes: PairSizes & { readonly times: number }) => ({
  barrier: overDraws(pairs, Math.max, ({ weights, none }) => weights.line.barrier / none.line.barrier),
  distance: overDraws(pairs, Math.min, ({ weights, none }) => weights.distance / none.distance),
  score: overDraws(pairs, Math.min, ({ weights }) => {
    const score = scoreAt(weights, sizes);
    return score >= sizes.times * weights.scores[sizes.thresholds.indexOf(0)] ? score : 0;
  }),
});

/** All comparisons as a table; the barriers that an expansion to second order predicts; and neurons as a picture. */
export function* shownPairs(
  { draws, first }: Pairs,
  task: Task,
  { thresholds }: PairSizes,
): Generator<ExperimentEvent> {
  const rows = draws.flatMap((pairs, draw) =>
    pairs.flatMap((pair, k) =>
      pairArms.map((arm): Cell[] => [
        draw + 1,
        k === 0 ? 'a, b' : 'a, c',
        armNames[arm],
        ...cellsOf(pair[arm], pair.none),
      ]),
    ),
  );
  const columns = ['draw', 'networks', 'order of neurons', ...columnsOf(thresholds)];
  yield { kind: 'table', title: 'Networks from different seeds', columns, rows };
  const { a, b, matched } = first;
  yield { kind: 'picture', title: 'Neurons of the first layer', picture: neuronPicture(a, b, matched) };
  const [pair] = draws[0];
  const arms = [
    ['none', b],
    ['weights', matched],
  ] as const satisfies ReadonlyArray<readonly [Arm, nn.Model]>;
  yield {
    kind: 'table',
    title: 'Barriers predicted by an expansion to second order around the first network',
    columns: ['order of neurons', 'distance', 'slope', 'curvature', 'predicted barrier', 'barrier'],
    rows: arms.map(([arm, model]): Cell[] => {
      const derivatives = lineDerivatives(a, model, task.judged);
      const { distance, line } = pair[arm];
      return [
        armNames[arm],
        distance,
        derivatives[1],
        derivatives[2],
        predictedBarrier(derivatives, line),
        line.barrier,
      ];
    }),
  };
}
