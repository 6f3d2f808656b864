import * as ad from '@southwell/autodiff';
import type { Cell } from '@southwell/data';
import { type Barrier, barrier, modelDistance, permutationSpec, permuteModel } from 'southwell/merging';
import type { ExperimentContext, ExperimentEvent } from '../experiment.ts';
import { quality } from '../material/perceptrons.ts';
import type { Panel } from '../panels.ts';
import type { Pause } from '../pauses.ts';
import { linePanel, median } from './lab.ts';
import type { matchedBy } from './matched.ts';
import { network, seedsOf, type Task } from './networks.ts';

export interface WidthSizes {
  readonly draws: number;
  readonly width: number;
  readonly narrow: number;
  readonly epochs: number;
  readonly gamma: number;
  /** Networks of another width and initial variance, beside those that are judged. */
  readonly contrastWidth?: number;
  readonly contrastVariance?: number;
}

/** Barriers of two networks, before and after matching. */
interface Matched {
  readonly naive: Barrier;
  readonly line: Barrier;
  /** Distance after over before. */
  readonly distance: number;
}

export const widthPanels: readonly Panel[] = [
  {
    ...linePanel,
    series: [
      { id: 'narrow', name: 'smaller width, matched' },
      { id: 'wide', name: 'larger width, matched' },
      { id: 'narrow as trained', name: 'smaller width, as trained' },
      { id: 'wide as trained', name: 'larger width, as trained' },
    ],
    control: 'narrow as trained',
  },
];

async function* matchedPair(
  task: Task,
  of: { readonly width: number; readonly epochs: number; readonly gamma: number; readonly variance?: number },
  seeds: readonly number[],
  method: typeof matchedBy,
  pause: Pause,
  series?: string,
): AsyncGenerator<ExperimentEvent, Matched> {
  const { gamma, ...form } = of;
  const a = await network(task, { ...form, seed: seeds[0] }, pause);
  if (series !== undefined)
    yield { kind: 'points', panel: linePanel.title, series, x: [0], y: [quality(a, task.train).loss] };
  const b = await network(task, { ...form, seed: seeds[1] }, pause);
  const { inputs } = task.judged;
  const spec = permutationSpec(a, ad.slice(inputs, [0, 2]));
  const given = { spec, gamma, seed: seeds[0], inputs };
  const ordered = permuteModel(b, spec, await method('weights', a, b, given, pause));
  const [naive, line] = [b, ordered].map((other) => barrier(a, other, task.judged));
  return { naive, line, distance: modelDistance(a, ordered) / modelDistance(a, b) };
}

/** How much larger the barrier is at the smaller width: itself, or over the naive one if that is less. */
const growth = ({ narrow, wide }: Readonly<Record<'narrow' | 'wide', Matched>>): number => {
  const share = ({ line, naive }: Matched) => line.barrier / naive.barrier;
  return Math.min(narrow.line.barrier / wide.line.barrier, share(narrow) / share(wide));
};

/**
 * Trains two networks of two widths in each draw and matches them; yields the median growth of the barrier towards the smaller
 * width as soon as it is known, by `decided`.
 */
export async function* compareWidths(
  { seed, signal }: ExperimentContext,
  task: Task,
  sizes: WidthSizes,
  method: typeof matchedBy,
  pause: Pause,
  decided: (growth: number) => ExperimentEvent,
): AsyncGenerator<ExperimentEvent, void> {
  const { epochs, gamma, contrastWidth, contrastVariance } = sizes;
  const rows: Cell[][] = [];
  const draws: Array<Record<'narrow' | 'wide', Matched>> = [];
  const row = (draw: number, width: number, variance: string, { naive, line, distance }: Matched): Cell[] => [
    ...[draw + 1, width, variance, naive.barrier, line.barrier],
    ...[line.barrier / naive.barrier, distance],
  ];
  for (let draw = 0; draw < sizes.draws; draw++) {
    const seeds = seedsOf(seed, draw);
    const found: Partial<Record<'narrow' | 'wide', Matched>> = {};
    for (const which of ['narrow', 'wide'] as const) {
      const width = which === 'narrow' ? sizes.narrow : sizes.width;
      yield { kind: 'progress', label: `draw ${draw + 1}: width ${width}`, fraction: draw / sizes.draws };
      const started = draw === 0 ? `${which} as trained` : undefined;
      const pair = yield* matchedPair(task, { width, epochs, gamma }, seeds, method, pause, started);
      found[which] = pair;
      rows.push(row(draw, width, '1/(3 inputs)', pair));
      if (draw === 0)
        for (const [series, { lambdas, losses }] of [
          [`${which} as trained`, pair.naive],
          [which, pair.line],
        ] as const)
          yield { kind: 'points', panel: linePanel.title, series, restart: true, x: [...lambdas], y: [...losses] };
      signal?.throwIfAborted();
    }
    draws.push(found as Record<'narrow' | 'wide', Matched>);
  }
  yield decided(median(draws.map(growth)));
  if (contrastWidth !== undefined && contrastVariance !== undefined) {
    yield { kind: 'progress', label: `width ${contrastWidth}, larger initial weights`, fraction: 0.95 };
    const form = { width: contrastWidth, epochs, gamma, variance: contrastVariance };
    const pair = yield* matchedPair(task, form, seedsOf(seed, 0), method, pause);
    rows.push(row(0, contrastWidth, `${contrastVariance}/inputs`, pair));
  }
  yield {
    kind: 'table',
    title: 'Barriers by width',
    columns: [
      ...['draw', 'width', 'variance of initial weights', 'barrier as trained', 'matched'],
      ...['matched over as trained', 'distance over before'],
    ],
    rows,
  };
}
