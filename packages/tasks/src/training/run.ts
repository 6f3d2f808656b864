import type { Layer, Parameters, State } from '@southwell/autodiff/nn';
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
import { splitPieces } from '../spread/splitRows.ts';
import { optimisers, schedules } from './methods.ts';
import type { TrainRequest } from './options.ts';

/** The weight of the past in the exponential average. */
const DECAY = 0.99;
/** Milliseconds between two words on steps. */
const WORDS_MS = 50;

/** What is trained on, of whatever kind. */
export interface Training {
  readonly train: Examples;
  readonly validation?: Examples;
  readonly loss: 'crossEntropy' | 'squares';
  readonly alter?: Alter;
  readonly from?: { readonly parameters: Parameters; readonly state?: State };
  /** The file of `from`, for the fingerprint. */
  readonly saved?: Uint8Array;
  /** Of what `request` leaves open. */
  readonly usual: { readonly epochs: number; readonly clip?: number };
  /** What an example is called. */
  readonly noun: string;
  /** How many of them were kept for the validation. */
  readonly held: number;
}

/** How a training went. */
export interface TrainingRun {
  readonly solution: Solution<Trained>;
  readonly rate: number;
  readonly batch: number;
  readonly epochs: number;
  readonly search?: FoundRate;
}

/** Trains by the options of a request. Throws sentences for those that do not go with the examples, and for networks that do not fit into memory. */
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
      `The network and what a step of it takes do not fit into memory, of which one program has 4 GiB at most: take smaller layers, or a smaller ${tools.spell('batch')}.`,
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
  const batch = batchOf(training, request, tools.spell);
  const epochs = request.epochs ?? training.usual.epochs;
  const { ranks } = tools;
  const asked = {
    ...optionsOf(training, request, batch, epochs),
    ...(ranks && {
      accumulate: partsOf(batch, request.accumulate, ranks.size),
      spread: (pieces: number) => splitPieces(ranks, pieces),
    }),
  };
  const search = request.rate === 'find' ? searched(layer, train, asked, tools) : undefined;
  const rate = search?.rate ?? (request.rate as number | undefined) ?? optimisers[request.optimiser].rate;
  const print = tools.checkpoint ? printOf(training, request) : '';
  const stage = new Stages('train', print, tools.checkpoint).stage<TrainingState>('training');
  const { resume, ...keeping } = stage;
  const perEpoch = Math.floor(train.count / asked.batchSize!);
  const steps = Math.min(request.maxIter ?? Number.POSITIVE_INFINITY, epochs * perEpoch);
  const tell = teller(tools, epochs, steps);
  const solution = await runAsync(trainingIterates(layer, train, { ...asked, rate, ...(resume && { resume }) }), {
    ...{ maxIter: request.maxIter, timeLimit: request.timeLimit, signal: tools.signal, ...keeping },
    onIterate: ({ iteration, objective, metrics = {} }) => tell(iteration, objective, metrics),
  });
  return { solution, rate, batch: asked.batchSize!, epochs, ...(search && { search }) };
}

/** Examples of a step. Throws where there are not as many. */
function batchOf({ train, held, noun }: Training, request: TrainRequest, spell: TaskTools['spell']): number {
  const { accumulate } = request;
  const batch = request.batch ?? Math.max(1, Math.min(32, Math.floor(train.count / accumulate)));
  if (batch * accumulate <= train.count) return batch;
  const rows = `${train.count === 1 ? `there is 1 ${noun}` : `there are ${count(train.count, noun)}`} to train on${
    held > 0 ? `, without the ${held} for ${spell('validation')}` : ''
  }`;
  throw new RequestError(
    accumulate > 1
      ? `A step takes ${batch * accumulate} ${noun}s, ${spell('batch')} ${batch} times ${spell('accumulate')} ${accumulate}, but ${rows}: take fewer.`
      : `${spell('batch')} is ${batch}, but ${rows}: take a smaller one.`,
  );
}

/** Equal parts of a step for so many ranks: its batches, cut further where they are fewer. */
function partsOf(batch: number, accumulate: number, ranks: number): number {
  for (let pieces = 1; pieces < batch; pieces++)
    if (batch % pieces === 0 && pieces * accumulate >= ranks) return pieces * accumulate;
  return batch * accumulate;
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

/** A rate by trying. Throws where no rate made the loss smaller. */
function searched(layer: Layer, train: Examples, asked: TrainingOptions, { progress }: TaskTools): FoundRate {
  progress({ text: 'looking for a rate' });
  const found = findRate(layer, train, asked);
  if (!(found.rate > 0)) fail('NUMERICAL', 'No rate was found at which the loss falls: give one.');
  return found;
}

/** Of the data and of all that shapes the course of the training. */
function printOf({ train, validation, saved }: Training, request: TrainRequest): string {
  const { data: _, format: __, maxIter: ___, timeLimit: ____, from: _____, ...shape } = request;
  const numbers = [train, validation].flatMap((e) => (e ? [e.inputs.values, e.targets.values, e.weights] : []));
  return fingerprint(...(numbers as Float32Array[]), saved, shape);
}

/** Progress with the loss, the rate and the seconds left. */
function teller({ progress }: TaskTools, epochs: number, steps: number) {
  const began = performance.now();
  let [told, first] = [Number.NEGATIVE_INFINITY, -1];
  let judged = '';
  return (iteration: number, objective: number, metrics: Readonly<Record<string, number>>): void => {
    const { validation, rate, epoch } = metrics;
    if (first < 0) first = iteration;
    // Short enough for a line of a terminal, with the seconds that come after it.
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

/** How it ended, a sentence. */
export function endedOf(
  status: Status,
  made: number,
  planned: number,
  request: TrainRequest,
  best: number | undefined,
): string {
  const kept = best === undefined ? '' : `; the weights of epoch ${best}, the best on the validation, are kept`;
  const after = `after ${count(made, 'epoch')}`;
  if (status === 'completed' && made < planned) {
    return `Ended ${after}, ${request.patience ?? 20} without a smaller loss of the validation${kept}.`;
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

/** What to try where it diverged. */
export const nextOf = (status: Status, spell: TaskTools['spell']): { readonly next?: string } =>
  status === 'iteration-limit'
    ? { next: `More steps than ${spell('maxIter')} would go further.` }
    : status === 'diverged'
      ? {
          next: `The weights are those of the last good epoch, or of before the first where none was: try a smaller ${spell('rate')}, or shorter gradients by ${spell('clip')}.`,
        }
      : {};

/** Numbers of curves, null where they are not finite. */
export const finite = (values: readonly number[]): Array<number | null> =>
  values.map((v) => (Number.isFinite(v) ? v : null));

/** Curves of a run, and the search for its rate. */
export const curvesOf = ({ history }: Trained, search: FoundRate | undefined) => ({
  history: {
    loss: finite(history.loss),
    rate: [...history.rate],
    ...(history.validation && { validation: finite(history.validation) }),
    ...(history.accuracy && { accuracy: finite(history.accuracy) }),
  },
  ...(search && { search: { rates: [...search.rates], losses: finite(search.losses) } }),
});
