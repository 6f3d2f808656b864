import type { Layer } from '@southwell/autodiff/nn';
import type { Examples, TrainingOptions } from 'southwell/training';
import type { TaskTools } from '../../declaration/task.ts';
import { count, grouped, number } from '../../format.ts';
import { type JobRanks, NotNeeded } from '../../spread/ranks.ts';
import { measuredCosts } from './measureStep.ts';
import {
  exchangeSeconds,
  fastestRanks,
  partsOf,
  paysFrom,
  type Step,
  type StepCosts,
  stepSeconds,
} from './stepModel.ts';

/** The predicted times by which a number of ranks was chosen or judged. */
export interface RankForecast {
  /** Number of ranks that train. */
  readonly ranks: number;
  /** Number of ranks that were available. */
  readonly of: number;
  /** Predicted seconds of a step on this many ranks. */
  readonly seconds: ReadonlyArray<{ readonly ranks: number; readonly step: number }>;
  /** The batch size from which all of them are faster than one; null if rows cost nothing measurable. */
  readonly batch: number | null;
}

/** The ranks that train, with what is told of them before the training. */
export interface RankPlan {
  readonly ranks: JobRanks;
  readonly forecast?: RankForecast;
  readonly note?: string;
}

/** Ratio of the times from which ranks are said to be slower than one. */
const SLOWER = 1.1;

/** What is being planned. */
export interface Planned {
  readonly batch: number;
  readonly accumulate: number;
  /** Number of examples, and what they are called. */
  readonly examples: number;
  readonly noun: string;
}

/**
 * Predicts the times of steps. The ranks of a job are those that were requested, or if it may choose, those that are
 * fastest; the others leave by throwing {@link NotNeeded}. To be called on all ranks.
 */
export function planRanks(
  layer: Layer,
  train: Examples,
  asked: TrainingOptions,
  ranks: JobRanks,
  { noun, spell, ...step }: Pick<Planned, 'batch' | 'accumulate' | 'noun'> & Pick<TaskTools, 'spell'>,
): RankPlan {
  if (ranks.simulated) return { ranks };
  if (ranks.size === 1) return { ranks, ...(ranks.choose && { note: loneCore(spell) }) };
  const costs = measuredCosts(layer, train, asked, ranks, step);
  if (!costs) return { ranks };
  const planned = { ...step, examples: train.count, noun };
  const taken = ranks.choose ? fastestRanks(costs, stepOn(planned), ranks.size) : ranks.size;
  const forecast = forecastOf(costs, planned, taken, ranks.size);
  const note = ranks.choose ? choiceNote(forecast, planned, spell) : slowNote(costs, forecast, planned, spell);
  const left = taken === ranks.size ? ranks : ranks.first(taken);
  if (!left) throw new NotNeeded();
  return { ranks: left, forecast, ...(note !== undefined && { note }) };
}

const stepOn =
  ({ batch, accumulate }: Pick<Planned, 'batch' | 'accumulate'>) =>
  (ranks: number): Step => ({ rows: batch * accumulate, parts: partsOf(batch, accumulate, ranks) });

/** Predictions for one rank, for those that are taken and for all. */
export function forecastOf(costs: StepCosts, planned: Planned, taken: number, all: number): RankForecast {
  const sizes = [...new Set([1, taken, all])].toSorted((a, b) => a - b);
  const rows = paysFrom(costs, all);
  return {
    ...{ ranks: taken, of: all },
    seconds: sizes.map((ranks) => ({ ranks, step: stepSeconds(costs, stepOn(planned)(ranks), ranks) })),
    batch: Number.isFinite(rows) ? rounded(Math.max(1, rows / planned.accumulate)) : null,
  };
}

/** Two digits, rounded up, since a prediction has no more. */
function rounded(rows: number): number {
  const unit = 10 ** Math.max(0, Math.floor(Math.log10(rows)) - 1);
  return unit * Math.ceil(rows / unit);
}

const milliseconds = (seconds: number): string => `${number(1000 * seconds, 2)} ms`;
const timeOn = ({ seconds }: RankForecast, on: number): string =>
  milliseconds(seconds.find(({ ranks }) => ranks === on)!.step);
const rowsOf = ({ batch, accumulate, noun }: Planned): string => count(batch * accumulate, noun);

/** Whether a step of this batch size can be made. */
const fits = (batch: number | null, { accumulate, examples }: Planned): boolean =>
  batch !== null && batch * accumulate <= examples;

/** Says that the ranks are slower than one, and when they are not; undefined if they are not slower. */
export function slowNote(
  costs: StepCosts,
  forecast: RankForecast,
  planned: Planned,
  spell: TaskTools['spell'],
): string | undefined {
  const { ranks, seconds, batch } = forecast;
  const [one, several] = [seconds[0].step, seconds.at(-1)!.step];
  if (several <= SLOWER * one) return undefined;
  const exchange = milliseconds(exchangeSeconds(costs, ranks));
  const advice = fits(batch, planned)
    ? `use one rank, or ${spell('batch')} ${batch} or more, from where ${ranks} ranks are faster`
    : `use one rank; no batch of the ${grouped(planned.examples)} ${planned.noun}s is large enough for ${ranks} ranks to be faster`;
  return `On ${ranks} ranks a step of ${rowsOf(planned)} is predicted to take ${timeOn(forecast, ranks)}, and on one ${timeOn(forecast, 1)}, since the gradients are exchanged in ${exchange}: ${advice}.`;
}

/** Says which ranks were chosen, and why. */
export function choiceNote(forecast: RankForecast, planned: Planned, spell: TaskTools['spell']): string {
  const { ranks, of, batch } = forecast;
  const times = forecast.seconds.map(({ ranks: on }) => `${timeOn(forecast, on)} on ${on === 1 ? 'one' : on}`);
  const last = times.pop();
  const when =
    ranks > 1
      ? ''
      : fits(batch, planned)
        ? `; ${of} ranks are faster from ${spell('batch')} ${batch} on`
        : `; no batch of the ${grouped(planned.examples)} ${planned.noun}s is large enough for ${of} ranks to be faster`;
  return `${spell('ranks')} auto uses ${count(ranks, 'rank')} of ${of}: a step of ${rowsOf(planned)} is predicted to take ${times.join(', ')} and ${last}${when}.`;
}

const loneCore = (spell: TaskTools['spell']): string =>
  `${spell('ranks')} auto uses 1 rank, since this machine has one core.`;
