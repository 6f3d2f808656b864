import type { Table } from '@southwell/data';
import { fail, fingerprint, runAsync, type Status } from '@southwell/numerics/core';
import { countParameters, type Layer, saveModel } from 'southwell/nn';
import { equalAverage, exponentialAverage } from 'southwell/optimisers';
import {
  type FoundRate,
  findRate,
  type Spread,
  type TrainingOptions,
  type TrainingState,
  trainingIterates,
} from 'southwell/training';
import { Stages } from '../checkpoints.ts';
import { classificationOf, labelsOf } from '../classes/classification.ts';
import type { Columns } from '../columns.ts';
import { RequestError } from '../errors.ts';
import { count, duration, number } from '../format.ts';
import type { JobRanks } from '../ranks.ts';
import type { Score } from '../saved-model.ts';
import { splitPieces } from '../splitRows.ts';
import type { TaskTools } from '../task.ts';
import { type Trainable, trainable } from './data.ts';
import { altering } from './images.ts';
import { optimisers, schedules } from './methods.ts';
import { networksSaved, networkText, openNetwork, type SavedNetwork } from './model.ts';
import { layersText, networkOf } from './network.ts';
import type { TrainRequest } from './options.ts';
import type { TrainResult } from './result.ts';
import { splitScore } from './score.ts';

/** The weight of the past in the exponential average. */
const DECAY = 0.99;
/** Pictures of images. */
const SHOWN = 8;
/** Milliseconds between two words on steps. */
const WORDS_MS = 50;

/**
 * Reads, trains and judges; writes nothing. Ranks read all and share out each step. Throws where the request or the data are at fault.
 */
export async function trainJob(request: TrainRequest, given: TaskTools): Promise<TrainResult> {
  const started = performance.now();
  const tools = given.whole ? { ...given, read: given.whole } : given;
  const { spell, ranks } = tools;
  const signal = ranks?.signal ?? tools.signal;
  const from = await savedOf(request, tools);
  const table = await tools.read();
  const data = trainable(table, request, spell, from?.saved);
  signal.throwIfAborted();
  const layer = from?.model.layer ?? networkOf(data.width, data.outputs, request, spell);
  const batch = batchOf(data, request, spell);
  const asked = {
    ...optionsOf(request, data, batch, spell),
    ...(from && { from: from.model }),
    ...(ranks && { accumulate: partsOf(batch, request.accumulate, ranks.size), spread: spreadOver(ranks) }),
  };
  const search = request.rate === 'find' ? searched(layer, data, asked, tools) : undefined;
  const rate = search?.rate ?? (request.rate as number | undefined) ?? optimisers[request.optimiser].rate;
  const stage = new Stages(
    'train',
    tools.checkpoint ? printOf(data, request, from?.saved) : '',
    tools.checkpoint,
  ).stage<TrainingState>('training');
  const { resume, ...keeping } = stage;
  const perEpoch = Math.floor(data.train.count / asked.batchSize!);
  const steps = Math.min(request.maxIter ?? Number.POSITIVE_INFINITY, request.epochs * perEpoch);
  const tell = teller(tools, request.epochs, steps);
  const solution = await runAsync(trainingIterates(layer, data.train, { ...asked, rate, ...(resume && { resume }) }), {
    ...{ maxIter: request.maxIter, timeLimit: request.timeLimit, signal, ...keeping },
    onIterate: ({ iteration, objective, metrics = {} }) => tell(iteration, objective, metrics),
  });
  const { point, status } = solution;
  const { parameters, state, history, epoch } = point;
  const modelText = networkText({
    command: tools.command,
    encoding: data.encoding,
    ...(data.scaling && { scaling: data.scaling }),
    ...(data.image && { image: data.image }),
    target: data.target,
    network: saveModel(layer, parameters, { state }),
  });
  const classes = data.target.kind === 'classes';
  const { columns, score } = networksSaved.load(modelText).predict(table, { proba: classes });
  const held = data.validation ? data.heldRows : undefined;
  const judged = splitScore(table, data, columns, held);
  const finite = (values: readonly number[]) => values.map((v) => (Number.isFinite(v) ? v : null));
  const of = held ? ('held out' as const) : ('fitted' as const);
  const found: Score | undefined = held ? judged.score : score;
  return {
    command: tools.command,
    data: data.about,
    network: {
      layers: layersText(layer),
      parameters: countParameters(parameters),
    },
    training: {
      ...{ optimiser: request.optimiser, rate, batch: asked.batchSize!, planned: request.epochs },
      epochs: history.loss.length,
      best: epoch,
      loss: finite(history.loss.slice(-1))[0] ?? null,
    },
    validation: held?.length ?? 0,
    ...(found &&
      Number.isFinite(found.value) && { score: { name: found.name, value: found.value, rows: found.rows, of } }),
    history: {
      loss: finite(history.loss),
      rate: [...history.rate],
      ...(history.validation && { validation: finite(history.validation) }),
      ...(history.accuracy && { accuracy: finite(history.accuracy) }),
    },
    ...(search && { search: { rates: [...search.rates], losses: finite(search.losses) } }),
    ...(classes && { classification: classesOf(table, data, columns, held) }),
    worst: judged.worst,
    ...(tools.pictures && data.image && { pictures: picturesOf(data, judged.worst) }),
    predictions: columns,
    status,
    ...(status === 'diverged' && {
      next: `The weights are those of the last good epoch, or of before the first: try a smaller ${spell('rate')}, or shorter gradients by ${spell('clip')}.`,
    }),
    ended: endedOf(status, history.loss.length, request, held !== undefined && epoch > 0 ? epoch : undefined),
    iterations: solution.iterations,
    seconds: (performance.now() - started) / 1000,
    modelText,
  };
}

/** The network to go on from, if there is one. Throws a sentence for a file that is none. */
async function savedOf({ from }: TrainRequest, { contents, spell }: TaskTools) {
  if (from === undefined) return undefined;
  const name = from instanceof Blob ? 'the file' : from;
  const text = await contents!('from');
  try {
    return openNetwork(text);
  } catch (error) {
    throw new RequestError(
      `${spell('from')}: ${name} is no network that southwell train saved: ${(error as Error).message}`,
    );
  }
}

/** Rows of a step. Throws where there are not as many. */
function batchOf({ train, heldRows }: Trainable, request: TrainRequest, spell: TaskTools['spell']): number {
  const { accumulate } = request;
  const batch = request.batch ?? Math.max(1, Math.min(32, Math.floor(train.count / accumulate)));
  if (batch * accumulate <= train.count) return batch;
  const rows = `${train.count === 1 ? 'there is 1 row' : `there are ${count(train.count, 'row')}`} to train on${
    heldRows.length > 0 ? `, without the ${heldRows.length} for ${spell('validation')}` : ''
  }`;
  throw new RequestError(
    accumulate > 1
      ? `A step takes ${batch * accumulate} rows, ${spell('batch')} ${batch} times ${spell('accumulate')} ${accumulate}, but ${rows}: take fewer.`
      : `${spell('batch')} is ${batch}, but ${rows}: take a smaller one.`,
  );
}

/** Equal parts of a step for so many ranks: its batches, cut further where they are fewer. */
function partsOf(batch: number, accumulate: number, ranks: number): number {
  for (let pieces = 1; pieces < batch; pieces++)
    if (batch % pieces === 0 && pieces * accumulate >= ranks) return pieces * accumulate;
  return batch * accumulate;
}

const spreadOver =
  (ranks: JobRanks): Spread =>
  (pieces) =>
    splitPieces(ranks, pieces);

function optionsOf(
  request: TrainRequest,
  { target, validation, image }: Trainable,
  batch: number,
  spell: TaskTools['spell'],
): TrainingOptions {
  const { shift = 0, flip = false } = request;
  if (!image && (shift > 0 || flip))
    throw new RequestError(
      `${spell(flip ? 'flip' : 'shift')} is for images: say how large they are with ${spell('image')}.`,
    );
  const alter = image && altering(image, shift, flip);
  const { epochs, accumulate, seed, clip, weightDecay } = request;
  const averages = { none: undefined, exponential: exponentialAverage({ decay: DECAY }), equal: equalAverage() };
  return {
    loss: target.kind === 'classes' ? 'crossEntropy' : 'squares',
    ...{ epochs, accumulate, seed, clip, average: averages[request.average] },
    batchSize: batch * accumulate,
    optimiser: (rate) => optimisers[request.optimiser].make(rate, weightDecay),
    schedule: schedules[request.schedule].of,
    ...(alter && { alter }),
    ...(validation && { validation, patience: request.patience ?? 20 }),
  };
}

/** A rate by trying. Throws where no rate made the loss smaller. */
function searched(layer: Layer, { train }: Trainable, asked: TrainingOptions, { progress }: TaskTools): FoundRate {
  progress({ text: 'looking for a rate' });
  const found = findRate(layer, train, asked);
  if (!(found.rate > 0)) fail('NUMERICAL', 'No rate was found at which the loss falls: give one.');
  return found;
}

/** Of the data and of all that shapes the course of the training. */
function printOf({ train, validation }: Trainable, request: TrainRequest, from: SavedNetwork | undefined): string {
  const { data: _, format: __, maxIter: ___, timeLimit: ____, from: _____, ...shape } = request;
  const numbers = [train, validation].flatMap((e) => (e ? [e.inputs.values, e.targets.values, e.weights] : []));
  return fingerprint(...(numbers as Float32Array[]), from?.network, shape);
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

function endedOf(status: Status, epochs: number, request: TrainRequest, best: number | undefined): string {
  const kept = best === undefined ? '' : `; the weights of epoch ${best}, the best on the validation, are kept`;
  const after = `after ${count(epochs, 'epoch')}`;
  if (status === 'completed' && epochs < request.epochs) {
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

/** The images that were predicted worst. */
const picturesOf = ({ image, grey }: Trainable, worst: TrainResult['worst']) =>
  worst.slice(0, SHOWN).map(({ row, truth, predicted }) => ({
    title: `row ${row}: ${truth}, predicted ${typeof predicted === 'number' ? number(predicted) : predicted}`,
    ...{ height: image![0], width: image![1], values: grey(row - 1) },
  }));

function classesOf(
  table: Table,
  { target, about, validation }: Trainable,
  columns: Columns,
  held: readonly number[] | undefined,
) {
  const labels = target.kind === 'classes' ? target.labels.map(String) : [];
  const rows = held ?? Array.from({ length: table.rows }, (_, i) => i);
  const truth = labelsOf(table, about.target);
  const pick = <T>(values: ArrayLike<T>) => rows.map((i) => values[i]);
  return classificationOf({
    rows: validation ? 'held out' : 'fitted',
    labels,
    truth: pick(truth),
    predicted: pick(columns.prediction).map((label) => (label === null ? null : String(label))),
    probabilities: labels.map((label) => pick(columns[`probability_${label}`]) as Array<number | null>),
  });
}
