import { isPacked, type Tensor } from '@southwell/autodiff';
import {
  applyGraph,
  type ByteSource,
  type External,
  type GraphOptions,
  loadModel,
  read,
  type Stored,
} from '@southwell/autodiff/nn';
import type { TokeniserFiles } from '@southwell/autodiff/tokenisers';
import type { Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import type { Columns } from '../declaration/columns.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import { type SavedModel, spread } from '../saved-model.ts';
import { compiledIfPossible } from './compiled.ts';
import { fixedRows, graphNetwork, type RunnableGraph } from './graphNetwork.ts';
import { filled, type Part, partsOf, rowsOf } from './graphRows.ts';
import { type RowBatch, textBatches, textsOf, type Words, wordsOf } from './graphTexts.ts';
import { filesOf } from './model.ts';
import { weightsFor } from './unpackedOnce.ts';

// Networks from ONNX files, which nobody trained here: rows go in as they are, and outputs are told as they are.

/** Rows that go through the network at a time, where it takes any number. */
const BATCH = 256;

type Applied = (inputs: Readonly<Record<string, Tensor>>) => Readonly<Record<string, Tensor>>;

/**
 * The network as a function of its inputs. With packed weights it is compiled, so that products read them as they are; networks whose shapes depend on
 * values are not.
 */
function applierOf({ model, parameters, state }: RunnableGraph): Applied {
  const plain: Applied = (x) => applyGraph(model, parameters, x, { state });
  if (!Object.values(parameters).some(isPacked)) return plain;
  return compiledIfPossible(plain);
}

/** Rows of columns in batches, as the network takes them. */
function* columnBatches(
  parts: readonly Part[],
  rows: readonly number[],
  { fixed, divide }: { readonly fixed: number | undefined; readonly divide: number },
): Generator<RowBatch> {
  const batch = fixed ?? BATCH;
  for (let from = 0; from < rows.length; from += batch) {
    const some = rows.slice(from, from + batch);
    // A network of a fixed number of rows gets zeros in place of those that there are not.
    const taken = fixed ?? some.length;
    yield {
      rows: some,
      inputs: Object.fromEntries(parts.map((part) => [part.input.name, filled(part, some, taken, divide)])),
    };
  }
}

/** The outputs of the network, for each row a list of numbers. */
function outputsOf(network: RunnableGraph, batches: Iterable<RowBatch>): ReadonlyMap<string, Map<number, number[]>> {
  const apply = applierOf(network);
  const found = new Map<string, Map<number, number[]>>();
  for (const { rows, inputs } of batches) {
    const [{ shape }] = Object.values(inputs);
    for (const [output, t] of Object.entries(apply(inputs))) {
      if (t.shape[0] !== shape[0])
        throw new RequestError(
          `The network's output '${output}' has the shape [${t.shape.join(', ')}] for ${count(shape[0], 'row')}, and not one entry for each.`,
        );
      const data = t.data();
      const each = data.length / shape[0];
      const lists = found.get(output) ?? new Map<number, number[]>();
      const [first] = lists.values();
      if (first && first.length !== each)
        throw new RequestError(
          `The network's output '${output}' has ${first.length} numbers for some rows and ${each} for others, which are no columns of a table.`,
        );
      rows.forEach((row, i) => {
        lists.set(row, Array.from(data.subarray(i * each, (i + 1) * each)));
      });
      found.set(output, lists);
    }
  }
  return found;
}

/**
 * Checks that a network takes rows and can be run.
 * @throws NOT_SUPPORTED for missing operators and inputs that are no rows; NON_FINITE for weights that are NaN; in words that follow the name of a file.
 */
export function checkRunnable({ inputs, missing, parameters }: RunnableGraph): void {
  if (missing.length > 0) {
    const [{ op, nodes }] = missing;
    const more = missing.length > 1 ? ` and ${count(missing.length - 1, 'other')}` : '';
    fail(
      'NOT_SUPPORTED',
      `its operator ${op}${more} cannot be run here (node '${nodes[0]}'); southwell inspect lists what is missing.`,
    );
  }
  for (const [name, t] of Object.entries(parameters))
    if (!isPacked(t) && t.data().some(Number.isNaN)) fail('NON_FINITE', `its weights '${name}' contain NaN.`);
  if (inputs.length === 0) fail('NOT_SUPPORTED', 'it has no inputs.');
  const single = inputs.find(({ shape }) => shape?.length === 0);
  if (single) fail('NOT_SUPPORTED', `its input '${single.name}' is a single number, and no rows.`);
}

/** What goes into the network from a table: the tokens of its texts, or columns of numbers. */
function givenIn(
  table: Table,
  { inputs }: RunnableGraph,
  words: Words,
  divide: number,
): { readonly rows: readonly number[]; readonly batches: Iterable<RowBatch>; readonly notes: readonly string[] } {
  const fixed = fixedRows(inputs);
  const all = Array.from({ length: table.rows }, (_, i) => i);
  const read = textsOf(table, inputs, words);
  if (read) {
    if (table.format === 'text')
      throw new RequestError(`${table.name} is one text: give sentences as a column of a table, one in each row.`);
    const rows = Array.from(read.texts.keys()).filter((i) => read.texts[i] !== null);
    return { rows, batches: textBatches(read.texts, rows, { inputs, words, fixed }), notes: read.notes };
  }
  const given = rowsOf(table, divide);
  const { parts, notes } = partsOf(inputs, given, table.name);
  const used = parts.flatMap(({ columns }) => columns);
  const rows = all.filter((i) => used.every((column) => !Number.isNaN(column[i])));
  const whole = inputs.find(({ type }) => /^[iu]\d/.test(type));
  return {
    rows,
    batches: columnBatches(parts, rows, { fixed, divide }),
    notes: [
      ...[...given.notes, ...notes],
      ...(whole
        ? [`The network takes whole numbers (${whole.type}), such as tokens: columns went in as they are.`]
        : []),
    ],
  };
}

/** A network as a model. Throws as {@link checkRunnable}. */
function networkModel(network: RunnableGraph, words: Words): SavedModel {
  checkRunnable(network);
  return {
    divides: true,
    network: graphNetwork(network, words, (own) => networkModel(own, words)),
    predict(table, { proba = false, divide = 1 }) {
      if (proba)
        throw new RequestError('{proba} needs a model that southwell saved: outputs of this network are all told.');
      const { rows, batches, notes } = givenIn(table, network, words, divide);
      if (rows.length === 0) fail('EMPTY', `${table.name}: every row has a missing value, so no row is left.`);
      const columns: Record<string, Columns[string]> = { ...filesOf(table) };
      const finite = new Set(rows);
      const { weights, notes: unpacked } = weightsFor(network.parameters, rows.length);
      for (const [name, lists] of outputsOf({ ...network, parameters: weights }, batches)) {
        for (const [row, list] of lists) if (!list.every(Number.isFinite)) finite.delete(row);
        const [{ length: each }] = lists.values();
        for (let k = 0; k < each; k++) {
          const cells = rows.map((row) => {
            const value = lists.get(row)![k];
            return Number.isFinite(value) ? value : null;
          });
          columns[each === 1 ? name : `${name}_${k + 1}`] = spread(cells, table.rows, rows);
        }
      }
      return {
        columns,
        predicted: finite.size,
        notes: [...notes, ...unpacked],
        counted: {
          'with missing values: no prediction.': table.rows - rows.length,
          'for which the outputs of the network are not finite.': rows.length - finite.size,
        },
      };
    },
  };
}

/**
 * The network of an ONNX file as a model: it takes the columns of numbers, in their order or, of several inputs, by their names, and tells all its outputs. Networks
 * of tokens also take a column of texts.
 * @param tokeniser The files of its tokeniser, or why there are none, as a sentence.
 * @throws NOT_SUPPORTED for missing operators and inputs that are no rows; NON_FINITE for weights that are NaN; the last two in words that follow the name of a file; as `read`.
 */
export function openOnnx(
  source: Uint8Array | ByteSource,
  external?: External,
  tokeniser?: TokeniserFiles | string,
): SavedModel {
  const network = read(source, { external });
  return networkModel(network, wordsOf(network.inputs, tokeniser));
}

/**
 * The model of tensors that `ModelNetwork.stored` gave of such a network.
 * @throws INVALID_FORMAT if they are of another; as {@link openOnnx}.
 */
export function restoreGraph(stored: Stored, tokeniser?: TokeniserFiles | string): SavedModel {
  const { layer, parameters, state } = loadModel(stored, { packed: 'keep' });
  const { inputs, outputs } = layer as unknown as GraphOptions;
  if (layer.kind !== 'graph') fail('INVALID_FORMAT', `its architecture is not a graph, but ${layer.kind}.`);
  return networkModel({ model: layer, parameters, state, inputs, outputs, missing: [] }, wordsOf(inputs, tokeniser));
}
