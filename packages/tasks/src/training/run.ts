import type { Layer, Parameters, State } from '@southwell/autodiff/nn';
import { type AgreedSettings, agree } from '@southwell/distributed';
import { fail, fingerprint, runAsync, type Solution, type Status } from '@southwell/numerics/core';
import { equalAverage, exponentialAverage } from 'southwell/optimisers';
import {
  type Alter,
  type Examples,
  type FoundRate,
  findRate,
  type Trained,
  type TrainingOptions,
  type TrainingState,
  trainingIterates,
} from 'southwell/training';
import { Stages } from '../checkpoints.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { count, duration, number } from '../format.ts';
import { bytesText } from '../networks/words.ts';
import { splitPieces } from '../spread/splitRows.ts';
import { optimisers, schedules } from './methods.ts';
import type { TrainRequest } from './options.ts';
import { type Coded, CodedExchange } from './ranks/codedExchange.ts';
import { exchangeSettings, lateRanks } from './ranks/exchangeSettings.ts';
import { Forecasted, stepForecast } from './ranks/forecast.ts';
import { CompressedExchange, type Sent } from './ranks/gradientExchange.ts';
import { planRanks, type RankForecast } from './ranks/planRanks.ts';
import { partsOf } from './ranks/stepModel.ts';

/** Decay of the exponential average. */
const DECAY = 0.99;
/** Minimum milliseconds between two progress messages. */
const WORDS_MS = 50;

/** Training data of any kind, with the options that depend on them. */
export interface Training {
  readonly train: Examples;
  readonly validation?: Examples;
  readonly loss: 'crossEntropy' | 'squares';
  readonly alter?: Alter;
  readonly from?: { readonly parameters: Parameters; readonly state?: State };
  /** The contents of the file `from`, for the fingerprint. */
  readonly saved?: Uint8Array;
  /** Defaults for options not given in `request`. */
  readonly usual: { readonly epochs: number; readonly clip?: number };
  /** What an example is called in messages. */
  readonly noun: string;
  /** Number of validation examples. */
  readonly held: number;
}

/** The result of a training run. */
export interface TrainingRun {
  readonly solution: Solution<Trained>;
  readonly rate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly search?: FoundRate;
  /** The ranks that trained. */
  readonly ranks: TaskTools['ranks'];
  readonly forecast?: RankForecast;
  /** What ranks sent in place of exact sums of gradients. */
  readonly sent?: Sent;
  /** What became of the gradients under a code. */
  readonly coded?: Coded;
  readonly notes: readonly string[];
}

/**
 * Trains with the options of a request. Throws messages for options that do not fit the data, and for networks that do
 * not fit into memory.
 */
export async function runTraining(
  layer: Layer,
  training: Training,
  request: TrainRequest,
  tools: TaskTools,
): Promise<TrainingRun> {
  try {
    return await trained(layer, training, request, tools);
  } catch (error) {
    if (!['ArenaMemoryError', 'RangeError'].includes((error as Error)?.name)) throw error;
    throw new RequestError(
      `The network and the intermediate results of a step do not fit into memory (at most 4 GiB per program): use smaller layers or a smaller ${tools.spell('batch')}.`,
    );
  }
}

async function trained(
  layer: Layer,
  training: Training,
  request: TrainRequest,
  tools: TaskTools,
): Promise<TrainingRun> {
  const { train } = training;
  tools.ranks?.together((comm) => agree(comm, agreedOf(request, tools.spell)));
  const batch = batchOf(training, request, tools.spell);
  const epochs = request.epochs ?? training.usual.epochs;
  const options = optionsOf(training, request, batch, epochs);
  const perEpoch = Math.floor(train.count / options.batchSize!);
  const exchanging = exchangeSettings(request, layer, perEpoch, tools);
  const late = lateRanks(request, tools);
  const coded = late === undefined ? undefined : new CodedExchange(tools.ranks!, late);
  const step = { batch, accumulate: request.accumulate, noun: training.noun };
  if (tools.dry) throw new Forecasted(stepForecast(layer, train, options, exchanging, step, tools));
  const planned =
    tools.ranks &&
    !exchanging &&
    !coded &&
    planRanks(layer, train, options, tools.ranks, { ...step, spell: tools.spell });
  const { forecast, note } = planned || {};
  const ranks = planned ? planned.ranks : tools.ranks;
  if (note !== undefined && ranks?.rank === 0) tools.tell?.(note);
  const asked = {
    ...options,
    ...(ranks && {
      accumulate: partsOf(batch, request.accumulate, coded?.partsNeeded ?? ranks.size),
      spread: (pieces: number) => splitPieces(ranks, pieces),
    }),
  };
  const search = request.rate === 'find' ? searched(layer, train, asked, tools) : undefined;
  const rate = search?.rate ?? (request.rate as number | undefined) ?? optimisers[request.optimiser].rate;
  const print = tools.checkpoint ? printOf(training, request) : '';
  const stage = new Stages('train', print, tools.checkpoint).stage<TrainingState>('training');
  const { resume, ...keeping } = stage;
  const exchange = exchanging && ranks ? new CompressedExchange(ranks, exchanging) : undefined;
  const steps = Math.min(request.maxIter ?? Number.POSITIVE_INFINITY, epochs * perEpoch);
  const tell = teller(tools, epochs, steps);
  const combining = coded ?? exchange;
  const iterates = trainingIterates(layer, train, {
    ...{ ...asked, rate, exchange: combining },
    ...(resume && { resume }),
  });
  let first: number | undefined;
  const solution = await runAsync(iterates, {
    ...{ maxIter: request.maxIter, timeLimit: request.timeLimit, signal: ranks?.signal ?? tools.signal, ...keeping },
    onIterate: ({ iteration, objective, metrics = {} }) => {
      tell(iteration, objective, metrics);
      first ??= objective;
      ranks?.mark?.('loss', iteration, objective);
      const { work } = ranks ?? {};
      if (work && !coded) ranks!.together((comm) => comm.work(work));
    },
  });
  coded?.close();
  ranks?.suspect?.((exchange?.sent.leftOut ?? []).flatMap((times, rank) => (times > 0 ? [rank] : [])));
  return {
    ...{ solution, rate, batch: asked.batchSize!, epochs, ranks },
    notes: [
      ...(note === undefined ? [] : [note]),
      ...(exchange ? [...sentNotes(exchange.sent), ...lateNotes(request, [first, solution.objective], tools)] : []),
      ...(coded ? codedNotes(coded.coded) : []),
    ],
    ...(search && { search }),
    ...(forecast && { forecast }),
    ...(exchange && { sent: exchange.sent }),
    ...(coded && { coded: coded.coded }),
  };
}

const sentNotes = ({ rounds, bytes, whole, leftOut = [] }: Sent): readonly string[] => [
  `Each rank sent about ${bytesText(bytes)} to each of the others in ${count(rounds, 'round')}, ${number((100 * bytes) / whole, 3)} % of what whole gradients in each step take.`,
  ...leftOut.flatMap((times, rank) =>
    times > 0 ? [`What rank ${rank} sent was not finite in ${count(times, 'round')}, and did not count there.`] : [],
  ),
];

/** Who was late, under a code. */
function codedNotes({ steps, without }: Coded): readonly string[] {
  const late = without.flatMap((times, rank) => (times > 0 ? [`rank ${rank} (${times})`] : []));
  return late.length === 0
    ? [`No rank was late for any of ${count(steps, 'gradient')}.`]
    : [`Of ${count(steps, 'gradient')}, some were decoded before these ranks had answered: ${late.join(', ')}.`];
}

/** What to do where the loss of a training with compressed messages has risen. */
function lateNotes(
  { compress, feedback }: TrainRequest,
  [first, last]: ReadonlyArray<number | undefined>,
  { spell }: TaskTools,
): readonly string[] {
  if (compress === undefined || first === undefined || last === undefined || last <= first) return [];
  const other = feedback === 'ec' ? '' : `, try ${spell('feedback')} ec,`;
  return [
    `The loss rose from ${number(first, 3)} to ${number(last, 3)}: what ${spell('compress')} ${compress} leaves out comes too late for this step size. Send more${other} or lower ${spell('rate')}.`,
  ];
}

/** Batch size. Throws if it exceeds the number of examples. */
function batchOf({ train, held, noun }: Training, request: TrainRequest, spell: TaskTools['spell']): number {
  const { accumulate } = request;
  const batch = request.batch ?? Math.max(1, Math.min(32, Math.floor(train.count / accumulate)));
  if (batch * accumulate <= train.count) return batch;
  const rows = `${train.count === 1 ? `there is 1 ${noun}` : `there are ${count(train.count, noun)}`} to train on${
    held > 0 ? `, besides the ${held} for ${spell('validation')}` : ''
  }`;
  throw new RequestError(
    accumulate > 1
      ? `A step needs ${batch * accumulate} ${noun}s, ${spell('batch')} ${batch} times ${spell('accumulate')} ${accumulate}, but ${rows}: use fewer.`
      : `${spell('batch')} is ${batch}, but ${rows}: use a smaller batch size.`,
  );
}

function optionsOf(
  { loss, validation, alter, from, usual }: Training,
  request: TrainRequest,
  batch: number,
  epochs: number,
): TrainingOptions {
  const { accumulate, seed, weightDecay, clip = usual.clip } = request;
  const averages = { none: undefined, exponential: exponentialAverage({ decay: DECAY }), equal: equalAverage() };
  return {
    ...{ loss, epochs, accumulate, seed, clip, average: averages[request.average] },
    batchSize: batch * accumulate,
    optimiser: (rate) => optimisers[request.optimiser].make(rate, weightDecay),
    schedule: schedules[request.schedule].of,
    ...(alter && { alter }),
    ...(from && { from }),
    ...(validation && { validation, patience: request.patience ?? 20 }),
  };
}

/** Finds a learning rate. Throws if no rate reduced the loss. */
function searched(layer: Layer, train: Examples, asked: TrainingOptions, { progress }: TaskTools): FoundRate {
  progress({ text: 'finding a learning rate' });
  const found = findRate(layer, train, asked);
  if (!(found.rate > 0)) fail('NUMERICAL', 'No learning rate was found that reduces the loss: give one.');
  return found;
}

/** Fingerprint of the data and of all options that determine the course of the training. */
function printOf({ train, validation, saved }: Training, request: TrainRequest): string {
  const { data: _, format: __, maxIter: ___, timeLimit: ____, from: _____, ...shape } = request;
  const numbers = [train, validation].flatMap((e) => (e ? [e.inputs.values, e.targets.values, e.weights] : []));
  return fingerprint(...(numbers as Float32Array[]), saved, shape);
}

/** The options that all ranks must have alike, as messages spell them. */
function agreedOf(request: TrainRequest, spell: TaskTools['spell']): AgreedSettings {
  // Processes on several machines may have the same files in different places.
  const { data: _, labels: __, from: ___, timeLimit: ____, ...shape } = request;
  const settings = Object.entries(shape) as Array<[keyof typeof shape, unknown]>;
  return Object.fromEntries(
    settings.map(([name, value]) => [
      spell(name),
      typeof value === 'string' || typeof value === 'number' ? value : JSON.stringify(value),
    ]),
  );
}

/** Reports progress with the loss, the learning rate and the remaining seconds. */
function teller({ progress }: TaskTools, epochs: number, steps: number) {
  const began = performance.now();
  let [told, first] = [Number.NEGATIVE_INFINITY, -1];
  let judged = '';
  return (iteration: number, objective: number, metrics: Readonly<Record<string, number>>): void => {
    const { validation, rate, epoch } = metrics;
    if (first < 0) first = iteration;
    // Short enough for a line of a terminal, with the seconds that are appended.
    if (validation !== undefined) judged = `, validation ${number(validation, 3)}`;
    const now = performance.now();
    if (now - told < WORDS_MS && iteration < steps) return;
    told = now;
    const made = iteration - first;
    const left = made > 0 ? ((now - began) / 1000 / made) * (steps - iteration) : undefined;
    progress({
      text: `epoch ${Math.min(epoch + 1, epochs)}/${epochs}${left === undefined ? '' : `, ${duration(left)} left`}: loss ${number(objective, 3)}, rate ${number(rate, 2)}${judged}`,
      ...{ iteration, objective, done: iteration, total: steps },
    });
  };
}

/** A sentence on how the training ended. */
export function endedOf(
  status: Status,
  made: number,
  planned: number,
  request: TrainRequest,
  best: number | undefined,
): string {
  const kept = best === undefined ? '' : `; the weights of epoch ${best} are kept, the best on the validation set`;
  const after = `after ${count(made, 'epoch')}`;
  if (status === 'completed' && made < planned) {
    return `Ended ${after}, ${request.patience ?? 20} without a smaller validation loss${kept}.`;
  }
  const words: Partial<Record<Status, string>> = {
    completed: 'Completed as planned',
    'iteration-limit': 'Ended at the limit of steps',
    'time-limit': 'Stopped at the time limit',
    aborted: 'Stopped on request',
    diverged: 'Diverged',
  };
  return `${words[status] ?? 'Ended'} ${after}${kept}.`;
}

/** What to try next. */
export const nextOf = (status: Status, spell: TaskTools['spell']): { readonly next?: string } =>
  status === 'iteration-limit'
    ? { next: `More steps than ${spell('maxIter')} would go further.` }
    : status === 'diverged'
      ? {
          next: `The weights are those of the last epoch with a finite loss, or the initial ones if there was none: try a smaller ${spell('rate')}, or clip gradients with ${spell('clip')}.`,
        }
      : {};

/** Numbers of curves, with null for those that are not finite. */
export const finite = (values: readonly number[]): Array<number | null> =>
  values.map((v) => (Number.isFinite(v) ? v : null));

/** Curves of a run, and of the learning-rate search. */
export const curvesOf = ({ history }: Trained, search: FoundRate | undefined) => ({
  history: {
    loss: finite(history.loss),
    rate: [...history.rate],
    ...(history.validation && { validation: finite(history.validation) }),
    ...(history.accuracy && { accuracy: finite(history.accuracy) }),
  },
  ...(search && { search: { rates: [...search.rates], losses: finite(search.losses) } }),
});
