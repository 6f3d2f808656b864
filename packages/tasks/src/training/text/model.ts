import { tensor } from '@southwell/autodiff';
import {
  apply,
  type Layer,
  loadModel,
  type PackedModel,
  type Stored,
  saveModel,
  toOnnx,
  unpackParameters,
} from '@southwell/autodiff/nn';
import { type CategoryColumn, readSafetensors, type Table } from '@southwell/data';
import { decodePlain, encodePlain, fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { outputsOf } from 'southwell/training';
import * as v from 'valibot';
import { RequestError } from '../../errors.ts';
import { count, number } from '../../format.ts';
import type { ModelNetwork } from '../../saved-model.ts';
import { type Predictions, type SavedModel, type SavedModels, savedData } from '../../saved-model.ts';
import { MODEL } from '../../saved-models/modelNetwork.ts';
import { checkWeights } from '../model.ts';
import { judgedText } from './judge.ts';
import { named } from './named.ts';
import type { TextNetwork } from './network.ts';
import { sampled } from './sample.ts';
import { windowBatches } from './windows.ts';

/** Files of networks for texts: weights and architecture, as safetensors, and the vocabulary. */

export const TEXT_FORMAT = 'southwell-text';
const schema = v.object({
  format: v.literal(TEXT_FORMAT),
  version: v.literal(1),
  command: v.string(),
  /** In the order of their tokens; the token after the last is for unknown characters. */
  characters: v.pipe(v.array(v.pipe(v.string(), v.nonEmpty())), v.nonEmpty()),
  /** Context length: the maximum number of preceding characters used. */
  context: v.pipe(v.number(), v.safeInteger(), v.minValue(1)),
  network: v.instance(Uint8Array) as v.GenericSchema<Uint8Array>,
});
type SavedText = v.InferOutput<typeof schema>;

export const textOf = (saved: Omit<SavedText, 'format' | 'version'>): string =>
  `${encodePlain({ format: TEXT_FORMAT, version: 1, ...saved })}\n`;

/**
 * Parses a saved network for texts.
 * @throws INVALID_FORMAT, INVALID_SHAPE and INVALID_PARAMETER, with messages that continue after the name of a file.
 */
export function openText(text: string): TextNetwork & { readonly saved: SavedText } {
  const saved = savedData(TEXT_FORMAT, schema, decodePlain(text));
  return fitting(saved, loadModel(readSafetensors(saved.network)));
}

/** @throws as {@link openText} if the parts do not fit together. */
function fitting<M extends PackedModel>(saved: SavedText, model: M): TextNetwork<M> & { readonly saved: SavedText } {
  const { characters, context } = saved;
  checkWeights(model);
  const { positions } = model.layer.layers as Readonly<Record<string, Layer>>;
  const shape = [context];
  const [length, out] =
    positions?.count === context
      ? outputsOf(model.layer, model.parameters, { values: new Int32Array(context), shape }, 1).shape
      : [0, 0];
  if (length !== context || out !== characters.length + 1 || new Set(characters).size < characters.length) {
    fail('INVALID_FORMAT', 'the sizes of its parts do not match.');
  }
  return { saved, model, characters, context };
}

/** The column of a text. Throws if the table is not a text. */
export function charactersOf(table: Table): CategoryColumn {
  const [column] = table.columns;
  if (table.format === 'text' && column && column.type !== 'number') return column;
  throw new RequestError(`${table.name} was read as ${table.format}, but must be a text.`);
}

/** The tokens of a text's characters, and the characters that are not in the vocabulary. */
export function tokensOf(table: Table, characters: readonly string[]) {
  const column = charactersOf(table);
  const places = new Map(characters.map((character, k) => [character, k]));
  const tokens = column.levels.map((level) => places.get(level) ?? characters.length);
  const values = Int32Array.from(column.codes, (code) => tokens[code]);
  return { values, unknown: column.levels.filter((level) => !places.has(level)) };
}

export const textsSaved: SavedModels = {
  formats: [TEXT_FORMAT],
  writing: [TEXT_FORMAT],
  load: (text) => textSaved(openText(text)),
};

/**
 * The model of tensors that `ModelNetwork.stored` gave, with what the file says of it.
 * @throws as {@link openText}.
 */
export const restoreText = (rest: object, stored: Stored): SavedModel =>
  textSaved(
    fitting(
      savedData(TEXT_FORMAT, schema, { ...rest, network: new Uint8Array() }),
      loadModel(stored, { packed: 'keep' }),
    ),
  );

type OpenText = ReturnType<typeof fitting<PackedModel>>;

function textSaved(network: OpenText): SavedModel {
  return {
    reading: { format: 'text' },
    network: charactersNetwork(network),
    writes: (how) => sampled(network, how),
    predict(table, { proba = false }) {
      if (proba) throw new RequestError('{proba} needs a classifier, but this network is for texts.');
      return predicted(network, table);
    },
  };
}

/** The network alone, which takes texts. */
function charactersNetwork(text: OpenText): ModelNetwork {
  const { model, characters, context, saved } = text;
  const { layer } = model;
  const { network: _, ...rest } = saved;
  return {
    get parameters() {
      return unpackParameters(model.parameters);
    },
    gives: 'tokens',
    ...{ layer, state: model.state },
    takes: { characters, context },
    apply: (own, { x }, other = layer) => apply(other, own, x),
    example: () => ({ inputs: { x: tensor(new Int32Array(context), { shape: [1, context] }) } }),
    batches(table, most) {
      const { values } = tokensOf(table, characters);
      return {
        batches: windowBatches(values, most, { length: context, name: table.name, unknown: characters.length }),
        notes: [],
      };
    },
    with: (own) => textSaved({ ...text, model: { ...model, parameters: own } }),
    stored: (own) => saveModel(layer, own, { metadata: { [MODEL]: encodePlain(rest) } }),
    onnx: (own) => toOnnx(layer, own, { input: [null, context], names: { input: 'characters', output: 'output' } }),
  };
}

/** The probability of each character of a text given the preceding ones. */
function predicted(network: TextNetwork<PackedModel>, table: Table): Predictions {
  const { values, unknown } = tokensOf(table, network.characters);
  if (values.length < 2) throw new RequestError(`${table.name} has 1 character, too few to predict one from another.`);
  const { losses, mean, judged } = judgedText(network, values);
  const { codes, levels } = charactersOf(table);
  const strange = values.reduce((sum, token) => sum + Number(token === network.characters.length), 0);
  return {
    columns: {
      character: Array.from(codes, (code) => levels[code]),
      probability: Array.from(losses, (loss) => (Number.isNaN(loss) ? null : elementary.exp(-loss))),
    },
    predicted: judged,
    ...(judged > 0 && { score: { name: 'perplexity', value: elementary.exp(mean), rows: judged, noun: 'character' } }),
    notes: [
      ...(judged > 0 ? [`Loss ${number(mean)} (${number(mean / Math.LN2)} bits) per character.`] : []),
      ...(strange > 0
        ? [
            `${count(strange, 'character')} of the text ${strange === 1 ? 'is' : 'are'} unknown to the network (${named(unknown)}) and not evaluated.`,
          ]
        : []),
    ],
  };
}
