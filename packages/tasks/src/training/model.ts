import { isPacked, packedMatrix, tensor, unpackMatrix } from '@southwell/autodiff';
import {
  apply,
  loadModel,
  type Model,
  type PackedModel,
  type Stored,
  saveModel,
  unpackParameters,
} from '@southwell/autodiff/nn';
import { applyEncoding, type EncodingTally, readSafetensors, type Table } from '@southwell/data';
import { decodePlain, encodePlain, fail } from '@southwell/numerics/core';
import type { DenseMatrix } from 'southwell';
import { outputsOf } from 'southwell/training';
import * as v from 'valibot';
import type { TaskTools } from '../declaration/task.ts';
import { denseRows, predictorEncodingSchema, readsOf, vector } from '../encoded.ts';
import { RequestError } from '../errors.ts';
import type { ModelNetwork } from '../saved-model.ts';
import {
  type Predictions,
  r2Score,
  type SavedModel,
  type SavedModels,
  type Score,
  savedData,
  spread,
} from '../saved-model.ts';
import { MODEL, spreadBatches } from '../saved-models/modelNetwork.ts';
import { filledRows } from '../spread/filledRows.ts';
import { tableOnnx } from './networkOnnx.ts';
import { outputsFirst } from './outputsFirst.ts';
import { weightsFor } from './unpackedOnce.ts';

/** Files of networks for tables: weights and architecture, as safetensors, and the encoding of the table. */

const FORMAT = 'southwell-network';
const size = v.pipe(v.number(), v.safeInteger(), v.minValue(1));
const schema = v.object({
  format: v.literal(FORMAT),
  version: v.literal(1),
  command: v.string(),
  encoding: predictorEncodingSchema,
  /** Height, width and channels, if rows are images. */
  image: v.optional(v.tuple([size, size, size])),
  /** Whether new images are resized to that size. */
  resize: v.optional(v.literal(true)),
  /** The mean subtracted from each column and the standard deviation it is divided by. */
  scaling: v.optional(v.object({ means: vector, deviations: vector })),
  target: v.variant('kind', [
    v.object({
      kind: v.literal('classes'),
      labels: v.pipe(
        v.array(v.union([v.string(), v.number()])),
        v.check((labels) => new Set(labels.map(String)).size === labels.length),
      ),
    }),
    v.object({ kind: v.literal('numbers'), mean: v.number(), deviation: v.number() }),
  ]),
  network: v.instance(Uint8Array) as v.GenericSchema<Uint8Array>,
});
export type SavedNetwork = v.InferOutput<typeof schema>;
type Scaling = SavedNetwork['scaling'];

export const networkText = (saved: Omit<SavedNetwork, 'format' | 'version'>): string =>
  `${encodePlain({ format: FORMAT, version: 1, ...saved })}\n`;

export const networksSaved: SavedModels = {
  formats: [FORMAT],
  load: (text) => savedModel(openNetwork(text)),
};

/**
 * The model of tensors that `ModelNetwork.stored` gave, with what the file says of it.
 * @throws as {@link openNetwork}.
 */
export const restoreNetwork = (rest: object, stored: Stored): SavedModel =>
  savedModel(
    fittingParts(
      savedData(FORMAT, schema, { ...rest, network: new Uint8Array() }),
      loadModel(stored, { packed: 'keep' }),
    ),
  );

/**
 * Parses a saved network.
 * @throws INVALID_FORMAT, INVALID_SHAPE and INVALID_PARAMETER, with messages that continue after the name of a file.
 */
export function openNetwork(text: string): { readonly saved: SavedNetwork; readonly model: Model } {
  const saved = savedData(FORMAT, schema, decodePlain(text));
  return fittingParts(saved, loadModel(readSafetensors(saved.network)));
}

/** @throws as {@link openNetwork} if the parts do not fit together. */
function fittingParts<M extends PackedModel>(
  saved: SavedNetwork,
  model: M,
): { readonly saved: SavedNetwork; readonly model: M } {
  const { encoding, scaling, target } = saved;
  const width = encoding.featureNames.length;
  const shape = saved.image ?? [width];
  if (shape.reduce((a, b) => a * b, 1) !== width) fail('INVALID_FORMAT', 'the sizes of its parts do not match.');
  checkWeights(model);
  const own = { values: new Float32Array(width), shape };
  const [out] = outputsOf(model.layer, model.parameters, own, 1, model.state).shape;
  const wanted = target.kind === 'classes' ? target.labels.length : 1;
  if (out !== wanted || (scaling && (scaling.means.length !== width || scaling.deviations.length !== width))) {
    fail('INVALID_FORMAT', 'the sizes of its parts do not match.');
  }
  return { saved, model };
}

/**
 * @throws NON_FINITE for weights that are not finite numbers, since networks would make predictions from them without
 * an error.
 */
export function checkWeights({ parameters, state }: PackedModel): void {
  for (const [name, t] of Object.entries({ ...parameters, ...state })) {
    const values = isPacked(t) ? unpackMatrix(packedMatrix(t)) : t.data();
    let sum = 0;
    for (let i = 0; i < values.length; i++) sum += 0 * values[i];
    if (sum !== 0) fail('NON_FINITE', `its weights '${name}' contain values that are not finite numbers.`);
  }
}

type Opened = ReturnType<typeof fittingParts<PackedModel>>;

function savedModel({ saved, model }: Opened): SavedModel {
  const { encoding, target } = saved;
  return {
    ...readsOf(encoding),
    reading: readingOf(saved),
    network: tableNetwork({ saved, model }),
    predict(table, { proba = false, tally }) {
      if (proba && target.kind === 'numbers')
        throw new RequestError('{proba} needs a classifier, but this network predicts numbers.');
      const fitting = saved.image ? inChannels(table, saved.image) : table;
      const found = predictionsOf(saved, model, fitting, proba, tally);
      return { ...found, columns: { ...filesOf(table), ...found.columns } };
    },
  };
}

/** The network alone. */
function tableNetwork({ saved, model }: Opened): ModelNetwork {
  const { encoding, scaling, target } = saved;
  const { layer, state } = model;
  const shape = saved.image ?? [encoding.featureNames.length];
  const inputOf = (values: Float32Array, rows: number) => ({ x: tensor(values, { shape: [rows, ...shape] }) });
  const { network: _, ...rest } = saved;
  return {
    get parameters() {
      return unpackParameters(model.parameters);
    },
    gives: target.kind,
    ...{ layer, state },
    takes: {
      columns: encoding.featureNames,
      ...(saved.image && { image: saved.image }),
      target: encoding.target?.name,
      classes: target.kind === 'classes' ? target.labels : undefined,
    },
    scales: { encoding, scaling, target },
    apply: (own, { x }, other = layer) => apply(other, own, x, { state }),
    example: () => ({ inputs: inputOf(new Float32Array(shape.reduce((a, b) => a * b, 1)), 1) }),
    batches(table, most) {
      const fitting = saved.image ? inChannels(table, saved.image) : table;
      const missing = encoding.missing === 'error' ? 'drop-rows' : encoding.missing;
      const { X, y, classes, notes } = applyEncoding(fitting, { ...encoding, missing });
      const dense = denseRows(X);
      const labelOf = (i: number): number => {
        if (target.kind === 'numbers') return (y![i] - target.mean) / target.deviation;
        const truth = Number.isNaN(y![i]) ? undefined : String(classes ? classes[y![i]] : y![i]);
        return target.labels.findIndex((label) => String(label) === truth);
      };
      const batches = spreadBatches(X.rows, most).map((rows) => ({
        inputs: inputOf(networkInputs(dense, scaling, Int32Array.from(rows).sort()), rows.length),
        ...(y
          ? {
              labels: Float64Array.from(
                [...rows].sort((a, b) => a - b),
                labelOf,
              ),
            }
          : {}),
      }));
      if (X !== fitting.sparse?.X) X.free();
      return { batches, notes };
    },
    with: (own, after = state) => savedModel({ saved, model: { ...model, parameters: own, state: after } }),
    stored: (own, turned) =>
      saveModel(...outputsFirst(layer, own, turned), { state, metadata: { [MODEL]: encodePlain(rest) } }),
    onnx: (own) => tableOnnx({ layer, parameters: own, state }, saved),
  };
}

/** The image files, as a column before the predictions. */
export function filesOf({ images, index }: Table): { readonly file?: readonly string[] } {
  if (!images || !index || index.type === 'number') return {};
  return { file: Array.from(index.codes, (code) => index.levels[code]) };
}

/** How images are read for a network. */
export const readingOf = ({ resize, image }: SavedNetwork) => ({
  ...(resize && image && { resize: [image[0], image[1]] as const }),
});

/**
 * Converts images to the channels of a network: grey values are repeated in each colour channel. Throws a message for
 * images of another size, and for colour images if the network takes grey ones.
 */
export function inChannels(table: Table, [height, width, channels]: NonNullable<SavedNetwork['image']>): Table {
  const { images, columns, name } = table;
  if (!images) return table;
  const text = (h: number, w: number, c: number) => `${h} × ${w}${c > 1 ? ` with ${c} channels` : ' without colour'}`;
  if (images.height !== height || images.width !== width || (images.channels !== channels && images.channels !== 1)) {
    throw new RequestError(
      `${name} has images of ${text(images.height, images.width, images.channels)}, but the network takes ${text(height, width, channels)}.`,
    );
  }
  if (images.channels === channels) return table;
  const pixels = columns.slice(0, height * width);
  const wide = Array.from({ length: height * width * channels }, (_, at) => ({
    ...pixels[Math.floor(at / channels)],
    name: `x${at + 1}`,
  }));
  return { ...table, images: { height, width, channels }, columns: [...wide, ...columns.slice(pixels.length)] };
}

/** Number of rows copied at a time. */
const ROWS = 64;

/**
 * Rows of a matrix as inputs of a network, in row-major order, by default all; fastest for ascending rows. Each rank
 * scales its share.
 */
export function networkInputs(
  X: DenseMatrix,
  scaling: Scaling,
  list?: ArrayLike<number>,
  ranks?: TaskTools['ranks'],
): Float32Array {
  const { rows, cols } = X;
  const { data } = X;
  const count = list?.length ?? rows;
  const values = new Float32Array(count * cols);
  return filledRows(ranks, values, count, (start, stop) => {
    // A few rows at a time: copying whole columns would touch each row's memory again and again.
    for (let first = start; first < stop; first += ROWS) {
      const end = Math.min(stop, first + ROWS);
      for (let j = 0; j < cols; j++) {
        const mean = scaling ? scaling.means[j] : 0;
        const deviation = scaling ? scaling.deviations[j] : 1;
        const at = j * rows;
        if (list) for (let i = first; i < end; i++) values[i * cols + j] = (data[at + list[i]] - mean) / deviation;
        else for (let i = first; i < end; i++) values[i * cols + j] = (data[at + i] - mean) / deviation;
      }
    }
  });
}

function predictionsOf(
  saved: SavedNetwork,
  { layer, parameters, state }: PackedModel,
  table: Table,
  proba: boolean,
  tally: EncodingTally | undefined,
): Predictions {
  const { encoding, scaling, image } = saved;
  // Rows with missing values have no prediction if training refused missing values; such rows are still valid data.
  const missing = encoding.missing === 'error' ? 'drop-rows' : encoding.missing;
  const { X, y, classes, rows: kept, notes } = applyEncoding(table, { ...encoding, missing }, tally);
  const dense = denseRows(X);
  const part = { values: networkInputs(dense, scaling), shape: image ?? [X.cols] };
  const { weights, notes: unpacked } = weightsFor(parameters, X.rows);
  const { values } = outputsOf(layer, weights, part, X.rows, state);
  if (X !== table.sparse?.X) X.free();
  return {
    ...predictionsBy(saved, values, { y, classes, kept, rows: table.rows }, proba),
    notes: [...notes, ...unpacked],
  };
}

/** The note on rows for which the outputs of a network are not finite. */
export const BEYOND = 'so far from the training data that the outputs of the network are not finite: no prediction.';

/** Predictions for the rows of a table from the network's outputs for the rows that were not dropped. */
export function predictionsBy(
  { target }: Pick<SavedNetwork, 'target'>,
  values: ArrayLike<number>,
  {
    y,
    classes,
    kept,
    rows: among,
  }: {
    readonly y: Float64Array | undefined;
    readonly classes: readonly string[] | undefined;
    readonly kept?: ArrayLike<number>;
    readonly rows: number;
  },
  proba: boolean,
): Omit<Predictions, 'notes'> {
  const each = target.kind === 'classes' ? target.labels.length : 1;
  const made = values.length / each;
  const good = Array.from({ length: made }, (_, i) => i).filter((i) => {
    for (let k = i * each; k < (i + 1) * each; k++) if (!Number.isFinite(values[k])) return false;
    return true;
  });
  if (good.length < made) {
    const own = {
      y: y && Float64Array.from(good, (i) => y[i]),
      ...{ classes, kept: good.map((i) => kept?.[i] ?? i), rows: among },
    };
    const found = predictionsBy(
      { target },
      good.flatMap((i) => Array.from({ length: each }, (_, k) => values[i * each + k])),
      own,
      proba,
    );
    return { ...found, counted: { [BEYOND]: made - good.length } };
  }
  const all = <T>(of: ArrayLike<T>) => spread(of, among, kept);
  const known = y ? Array.from(y.keys()).filter((i) => !Number.isNaN(y[i])) : [];
  if (target.kind === 'numbers') {
    const found = Float64Array.from(values, (value) => target.mean + target.deviation * value);
    const score = y && known.length > 0 ? r2Score(known, [y], [found]) : undefined;
    return { predicted: found.length, columns: { prediction: all(found) }, score };
  }
  const { labels } = target;
  const shares = sharesOf(values, labels.length);
  const guesses = Array.from({ length: values.length / labels.length }, (_, i) =>
    shares.reduce((best, share, k) => (share[i] > shares[best][i] ? k : best), 0),
  );
  const truth = (i: number) => String(classes ? classes[y![i]] : y![i]);
  const right = known.filter((i) => truth(i) === String(labels[guesses[i]])).length;
  const score: Score | undefined =
    known.length > 0 ? { name: 'accuracy', value: right / known.length, rows: known.length } : undefined;
  return {
    predicted: guesses.length,
    columns: {
      prediction: all(guesses.map((k) => labels[k])),
      ...(proba && Object.fromEntries(shares.map((share, k) => [`probability_${labels[k]}`, all(share)]))),
    },
    score,
  };
}

/** Class probabilities from logits in row-major order. */
function sharesOf(logits: ArrayLike<number>, classes: number): Float64Array[] {
  const rows = logits.length / classes;
  const shares = Array.from({ length: classes }, () => new Float64Array(rows));
  for (let i = 0; i < rows; i++) {
    let [most, sum] = [Number.NEGATIVE_INFINITY, 0];
    for (let k = 0; k < classes; k++) most = Math.max(most, logits[i * classes + k]);
    for (let k = 0; k < classes; k++) sum += shares[k][i] = Math.exp(logits[i * classes + k] - most);
    for (let k = 0; k < classes; k++) shares[k][i] /= sum;
  }
  return shares;
}
