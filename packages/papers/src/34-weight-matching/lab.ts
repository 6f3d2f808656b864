import type * as nn from '@southwell/autodiff/nn';
import type { Cell } from '@southwell/data';
import { alignmentScore, type Barrier, barrier, interpolateModels, modelDistance } from 'southwell/merging';
import type { ExperimentEvent } from '../experiment.ts';
import { quality } from '../material/perceptrons.ts';
import type { Task } from './networks.ts';

/** A network and another whose neurons have been put in order, compared. */
export interface Compared {
  readonly line: Barrier;
  /** Alignment scores, by threshold. */
  readonly scores: readonly number[];
  readonly distance: number;
  /** Of the network halfway, on test examples. */
  readonly halfway: { readonly loss: number; readonly accuracy: number };
}

export const compared = (a: nn.Model, b: nn.Model, task: Task, thresholds: readonly number[]): Compared => ({
  line: barrier(a, b, task.judged),
  scores: alignmentScore(a, b, thresholds),
  distance: modelDistance(a, b),
  halfway: quality(interpolateModels(a, b, 0.5), task.test),
});

export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const half = sorted.length >> 1;
  return sorted.length % 2 === 1 ? sorted[half] : (sorted[half - 1] + sorted[half]) / 2;
}

export const LINE = 'Training loss on the line between two networks';
export const SCORES = 'Alignment by threshold';

/** The curves of a comparison. */
export function* curvesOf(
  series: string,
  { line, scores }: Compared,
  thresholds: readonly number[],
): Generator<ExperimentEvent> {
  yield { kind: 'points', panel: LINE, series, restart: true, x: [...line.lambdas], y: [...line.losses] };
  yield { kind: 'points', panel: SCORES, series, restart: true, x: [...thresholds], y: [...scores] };
}

export const linePanel = {
  title: LINE,
  x: { label: 'place on the line, λ' },
  y: { label: 'cross-entropy on training examples' },
} as const;
export const scorePanel = {
  title: SCORES,
  x: { label: 'threshold γ' },
  y: { label: 'alignment score R' },
} as const;

export const columnsOf = (thresholds: readonly number[]): string[] => [
  'barrier',
  'over the naive one',
  'distance over before',
  ...thresholds.map((gamma) => `R at ${gamma}`),
  'test loss halfway',
  'test accuracy halfway',
];

/** The numbers of a comparison, beside that of the networks as trained. */
export const cellsOf = (one: Compared, naive: Compared): Cell[] => [
  one.line.barrier,
  one.line.barrier / naive.line.barrier,
  one.distance / naive.distance,
  ...one.scores,
  one.halfway.loss,
  one.halfway.accuracy,
];
