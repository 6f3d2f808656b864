import { countParameters, type Layer, saveModel } from '@southwell/autodiff/nn';
import { type Table, writeSafetensors } from '@southwell/data';
import { inOnePlace } from '@southwell/numerics/core';
import { outputsOf, type Trained } from 'southwell/training';
import { classificationOf, labelsOf } from '../classes/classification.ts';
import type { Columns } from '../declaration/columns.ts';
import { given, nameOf } from '../declaration/option.ts';
import type { TaskTools } from '../declaration/task.ts';
import { RequestError } from '../errors.ts';
import { number } from '../format.ts';
import { labelled, labelsIn } from '../labels.ts';
import { countedNotes, type Score } from '../saved-model.ts';
import { filledRows } from '../spread/filledRows.ts';
import { type Trainable, trainable } from './data.ts';
import { altering } from './images.ts';
import {
  filesOf,
  inChannels,
  networksSaved,
  networkText,
  openNetwork,
  predictionsBy,
  readingOf,
  type SavedNetwork,
} from './model.ts';
import { layersText, networkOf } from './network.ts';
import { fromOthers, isText, type TrainRequest } from './options.ts';
import { continued, type OthersNetwork, othersNetwork } from './others.ts';
import type { TrainResult } from './result.ts';
import { curvesOf, endedOf, nextOf, runTraining } from './run.ts';
import { splitScore } from './score.ts';
import { trainText } from './text/job.ts';
import { openText, TEXT_FORMAT } from './text/model.ts';

/** Number of images shown. */
const SHOWN = 8;
/** Default number of epochs for a table. */
const EPOCHS = 100;

/**
 * Reads the data, trains and evaluates; writes no files. All ranks read the data and split the work of each step.
 * Throws for invalid requests or data.
 */
export async function trainJob(request: TrainRequest, given: TaskTools): Promise<TrainResult> {
  const { ranks, whole } = given;
  const tools = ranks && whole ? { ...given, read: whole, signal: ranks.signal } : given;
  const from = await savedOf(request, tools);
  if (from?.kind === 'text' || (!from && isText(request))) return trainText(request, tools, from?.text);
  if (from?.kind === 'onnx') {
    if (request.predicts === 'characters')
      throw new RequestError(`${from.name} is trained on tables: leave ${tools.spell('predicts')} characters out.`);
    return trainTable({ ...request, standardize: false }, tools, undefined, from);
  }
  return trainTable(request, tools, from?.table);
}

async function trainTable(
  request: TrainRequest,
  tools: TaskTools,
  from: ReturnType<typeof openNetwork> | undefined,
  others?: OthersNetwork,
): Promise<TrainResult> {
  const started = performance.now();
  const { spell, signal } = tools;
  const table = await tableOf(request, tools, from?.saved);
  const data = trainable(table, request, tools, from?.saved);
  signal.throwIfAborted();
  const start = others
    ? { model: continued(others, data, table.name), saved: others.bytes }
    : from && { model: from.model, saved: from.saved.network };
  const layer = start?.model.layer ?? networkOf(data.width, data.outputs, data.image, request, spell);
  const alter = alterOf(request, data, spell);
  const { solution, rate, batch, epochs, search, ranks, forecast, sent, coded, notes } = await runTraining(
    layer,
    {
      train: data.train,
      ...(data.validation && { validation: data.validation }),
      loss: data.target.kind === 'classes' ? 'crossEntropy' : 'squares',
      ...(alter && { alter }),
      ...(start && { from: start.model, saved: start.saved }),
      ...{ usual: { epochs: EPOCHS }, noun: 'row', held: data.heldRows.length },
    },
    request,
    tools,
  );
  const { point, status } = solution;
  const { parameters, state, history, epoch } = point;
  const modelText = networkText({
    command: tools.command,
    encoding: data.encoding,
    ...(data.scaling && { scaling: data.scaling }),
    ...(data.image && { image: data.image }),
    ...((from?.saved.resize || given(request.resize)) && data.image && { resize: true as const }),
    target: data.target,
    network: writeSafetensors(saveModel(layer, parameters, { state })),
  });
  const classes = data.target.kind === 'classes';
  const {
    columns,
    score,
    counted = {},
  } = data.all
    ? predictionsBy(data, outputsOfAll(layer, point, data.all, data.outputs, ranks), data.all, classes)
    : networksSaved.load(modelText).predict(table, { proba: classes });
  const held = data.unseenRows ?? (data.validation ? data.heldRows : undefined);
  const judged = splitScore(table, data, columns, held);
  const of = judgedBy(data);
  const found: Score | undefined = held ? judged.score : score;
  const curves = curvesOf(point, search);
  return {
    command: tools.command,
    data: { ...data.about, notes: [...data.about.notes, ...countedNotes(counted), ...notes] },
    network: {
      layers: layersText(layer),
      parameters: countParameters(parameters),
    },
    training: {
      ...{ optimiser: request.optimiser, rate, batch, planned: epochs },
      epochs: history.loss.length,
      best: epoch,
      loss: curves.history.loss.at(-1) ?? null,
    },
    ...(forecast && { ranks: forecast }),
    ...(sent && { sent }),
    ...(coded && { coded }),
    validation: data.validation ? data.heldRows.length : 0,
    ...(data.unseenRows && { holdout: data.unseenRows.length }),
    ...(found &&
      Number.isFinite(found.value) && { score: { name: found.name, value: found.value, rows: found.rows, of } }),
    ...curves,
    ...(classes && { classification: classesOf(table, data, columns, held) }),
    worst: judged.worst,
    ...(tools.pictures && data.image && { pictures: picturesOf(data, judged.worst) }),
    predictions: data.all ? { ...filesOf(table), ...columns } : columns,
    status,
    ...nextOf(status, spell),
    ended: endedOf(status, history.loss.length, epochs, request, data.validation && epoch > 0 ? epoch : undefined),
    iterations: solution.iterations,
    seconds: (performance.now() - started) / 1000,
    modelText,
  };
}

/** The network's outputs for all rows of the table, in their order; each rank computes its share. */
function outputsOfAll(
  layer: Layer,
  { parameters, state }: Trained,
  { parts, rows: all }: NonNullable<Trainable['all']>,
  outputs: number,
  ranks: TaskTools['ranks'],
): Float32Array {
  const values = new Float32Array(all * outputs);
  for (const { rows, inputs } of parts) {
    const found = new Float32Array(rows.length * outputs);
    const size = inputs.values.length / Math.max(1, rows.length);
    filledRows(ranks, found, rows.length, (from, to) => {
      const own = { ...inputs, values: inputs.values.subarray(from * size, to * size) };
      found.set(outputsOf(layer, parameters, own, to - from, state).values, from * outputs);
    });
    for (const [k, row] of rows.entries()) values.set(found.subarray(k * outputs, (k + 1) * outputs), row * outputs);
  }
  return values;
}

/** The data, with labels from another file if requested. Throws if the numbers of rows differ. */
async function tableOf(request: TrainRequest, tools: TaskTools, from: SavedNetwork | undefined): Promise<Table> {
  const own = from && readingOf(from).resize;
  const table = await tools.read('data', own && !given(request.resize) ? { resize: own } : undefined);
  const fitting = from?.image ? inChannels(table, from.image) : table;
  if (request.labels === undefined) return fitting;
  return labelled(fitting, labelsIn(await tools.read('labels'), tools.spell('labels')));
}

/** The pre-trained network, if requested. Throws a message for files that are not saved networks. */
async function savedOf({ from }: TrainRequest, { contents, file, ranges, spell }: TaskTools) {
  if (from === undefined) return undefined;
  const name = nameOf(from);
  if (fromOthers({ from })) return othersNetwork(name, await file!('from'), ranges?.('from'));
  const text = await contents!('from');
  if (/"(modelTopology|weightsManifest)"\s*:/.test(text))
    throw new RequestError(
      `${spell('from')}: ${name} is a network of TensorFlow.js, and ONNX files and networks that southwell saved are trained further: read and toOnnx of @southwell/autodiff/nn write it as one.`,
    );
  try {
    const isOfText = (JSON.parse(text) as { readonly format?: unknown } | null)?.format === TEXT_FORMAT;
    if (isOfText) return { kind: 'text' as const, text: openText(text) };
    return { kind: 'table' as const, table: openNetwork(text) };
  } catch (error) {
    throw new RequestError(
      `${spell('from')}: ${name} is not a network saved by southwell train: ${(error as Error).message}`,
    );
  }
}

/** Random shifts and flips of images, if requested. */
function alterOf({ shift = 0, flip = false }: TrainRequest, { image }: Trainable, spell: TaskTools['spell']) {
  if (!image && (shift > 0 || flip))
    throw new RequestError(`${spell(flip ? 'flip' : 'shift')} is for images: give their size with ${spell('image')}.`);
  return image && altering(image, shift, flip);
}

/** The images with the worst predictions. */
const picturesOf = ({ image, grey, rowName }: Trainable, worst: TrainResult['worst']) =>
  worst.slice(0, SHOWN).map(({ row, truth, predicted }) => ({
    title: `${rowName(row - 1)}: ${truth}, predicted ${typeof predicted === 'number' ? number(predicted) : predicted}`,
    ...{ height: image![0], width: image![1], values: grey(row - 1) },
  }));

/** The rows by which a network is judged: those that nothing was chosen by, if there are any. */
const judgedBy = ({ unseenRows, validation }: Trainable): 'held out' | 'validation' | 'fitted' =>
  unseenRows ? 'held out' : validation ? 'validation' : 'fitted';

function classesOf(table: Table, data: Trainable, columns: Columns, held: readonly number[] | undefined) {
  const { target, about } = data;
  const labels = target.kind === 'classes' ? target.labels.map(String) : [];
  const rows = held ?? Array.from({ length: table.rows }, (_, i) => i);
  const truth = labelsOf(table, about.target);
  const pick = <T>(values: ArrayLike<T>) => rows.map((i) => values[i]);
  return classificationOf({
    rows: judgedBy(data),
    labels,
    truth: pick(truth),
    spread: inOnePlace(rows.length),
    predicted: pick(columns.prediction).map((label) => (label === null ? null : String(label))),
    probabilities: labels.map((label) => pick(columns[`probability_${label}`]) as Array<number | null>),
  });
}
