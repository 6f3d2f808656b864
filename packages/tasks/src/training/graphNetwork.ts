import { type Tensor, tensor } from '@southwell/autodiff';
import {
  applyGraph,
  type GraphValue,
  type ReadModel,
  saveModel,
  toOnnx,
  unpackParameters,
  type Weights,
} from '@southwell/autodiff/nn';
import { encodePlain } from '@southwell/numerics/core';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import type { ModelNetwork, SavedModel } from '../saved-model.ts';
import { MODEL, spreadBatches } from '../saved-models/modelNetwork.ts';
import { filled, partsOf, rowsOf } from './graphRows.ts';
import { type Texts, textBatches, textsOf, type Words } from './graphTexts.ts';
import { outputsFirst } from './outputsFirst.ts';

/** A network of an ONNX file that runs, perhaps with packed weights. */
export type RunnableGraph = Omit<ReadModel, 'parameters'> & { readonly parameters: Weights };

export const GRAPH_FORMAT = 'southwell-graph';

/** The number of rows that a network takes; undefined for any. Throws a message if its inputs differ. */
export function fixedRows(inputs: readonly GraphValue[]): number | undefined {
  const numbers = inputs.flatMap(({ shape }) => (typeof shape?.[0] === 'number' ? [shape[0]] : []));
  if (new Set(numbers).size > 1)
    throw new RequestError(`The network takes different numbers of rows, ${numbers.join(' and ')}, in its inputs.`);
  return numbers.length > 0 ? Math.max(1, numbers[0]) : undefined;
}

/** An input of zeros, with one place on axes of any length. */
export function zerosFor({ type, shape }: GraphValue): Tensor {
  const axes = (shape ?? [1, 1]).map((n) => (typeof n === 'number' ? n : 1));
  const dtype = /^[iu]\d|bool/.test(type) ? 'i32' : type === 'f64' ? 'f64' : 'f32';
  return tensor(new Float64Array(axes.reduce((a, b) => a * b, 1)), { shape: axes, dtype });
}

/** The network of an ONNX file, whose rows are columns of numbers or texts. @param opened Makes a model of such a network. */
export function graphNetwork(
  network: RunnableGraph,
  words: Words,
  opened: (network: RunnableGraph) => SavedModel,
): ModelNetwork {
  const { model, state, inputs, outputs } = network;
  return {
    get parameters() {
      return unpackParameters(network.parameters);
    },
    gives: 'unknown',
    ...{ layer: model, state },
    takes: { inputs, outputs: outputs.map(({ name }) => name) },
    apply: (own, x, other = model) => applyGraph(other, own, x, { state })[outputs[0].name],
    example: () => ({ inputs: Object.fromEntries(inputs.map((input) => [input.name, zerosFor(input)])) }),
    batches(table, most, divide = 1) {
      const read = textsOf(table, inputs, words);
      if (read) return textsIn(read, most, { inputs, words });
      const given = rowsOf(table, divide);
      const { parts, notes } = partsOf(inputs, given, table.name);
      const used = parts.flatMap(({ columns }) => columns);
      const rows = Array.from({ length: table.rows }, (_, i) => i).filter((i) =>
        used.every((column) => !Number.isNaN(column[i])),
      );
      const fixed = fixedRows(inputs);
      const lists = spreadBatches(rows.length, most).flatMap((places) => {
        const own = places.map((i) => rows[i]);
        return fixed === undefined ? [own] : slices(own, fixed);
      });
      const lost = table.rows - rows.length;
      return {
        batches: lists.map((own) => ({
          inputs: Object.fromEntries(parts.map((part) => [part.input.name, filled(part, own, own.length, divide)])),
        })),
        notes: [
          ...given.notes,
          ...notes,
          ...(lost > 0 ? [`${count(lost, 'row')} with missing values were left out.`] : []),
        ],
      };
    },
    with: (own, after = state) => opened({ ...network, parameters: own, state: after }),
    stored: (own, turned) =>
      saveModel(...outputsFirst(model, own, turned), {
        state,
        metadata: { [MODEL]: encodePlain({ format: GRAPH_FORMAT, version: 1 }) },
      }),
    onnx: (own) => toOnnx(model, own, { state }),
  };
}

/** Texts in batches to calibrate on. */
function textsIn(
  { texts, notes }: Texts,
  most: number,
  how: { readonly inputs: readonly GraphValue[]; readonly words: Words },
): ReturnType<ModelNetwork['batches']> {
  const fixed = fixedRows(how.inputs);
  const rows = Array.from(texts.keys()).filter((i) => texts[i] !== null);
  const batches = spreadBatches(rows.length, most).flatMap((places) =>
    textBatches(
      texts,
      places.map((i) => rows[i]),
      { ...how, fixed },
    ),
  );
  const lost = texts.length - rows.length;
  return {
    // Those with rows of zeros at the end are not like the others.
    batches: batches.filter((batch) => fixed === undefined || batch.rows.length === fixed),
    notes: [...notes, ...(lost > 0 ? [`${count(lost, 'row')} without text were left out.`] : [])],
  };
}

/** Lists of `length` rows, without those left over. */
const slices = (rows: readonly number[], length: number): number[][] =>
  Array.from({ length: Math.floor(rows.length / length) }, (_, i) => rows.slice(i * length, (i + 1) * length));
