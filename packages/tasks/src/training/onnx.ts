import { isPacked } from '@southwell/autodiff';
import {
  applyGraph,
  type ByteSource,
  type External,
  type GraphOptions,
  loadModel,
  read,
  type Stored,
} from '@southwell/autodiff/nn';
import { fail } from '@southwell/numerics/core';
import type { Columns } from '../declaration/columns.ts';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import { type SavedModel, spread } from '../saved-model.ts';
import { fixedRows, graphNetwork, type RunnableGraph } from './graphNetwork.ts';
import { filled, type Part, partsOf, rowsOf } from './graphRows.ts';
import { filesOf } from './model.ts';

// Networks from ONNX files, which nobody trained here: rows go in as they are, and outputs are told as they are.

/** Rows that go through the network at a time, where it takes any number. */
const BATCH = 256;

/** The outputs of the network for rows, each a list of rows of numbers. */
function outputsOf(network: RunnableGraph, parts: readonly Part[], rows: readonly number[], divide: number) {
  const { model, parameters, state } = network;
  const fixed = fixedRows(network.inputs);
  const batch = fixed ?? BATCH;
  const found = new Map<string, number[][]>();
  for (let from = 0; from < rows.length; from += batch) {
    const some = rows.slice(from, from + batch);
    // A network of a fixed number of rows gets zeros in place of those that there are not.
    const taken = fixed ?? some.length;
    const x = Object.fromEntries(parts.map((part) => [part.input.name, filled(part, some, taken, divide)]));
    for (const [output, t] of Object.entries(applyGraph(model, parameters, x, { state }))) {
      if (t.shape[0] !== taken)
        throw new RequestError(
          `The network's output '${output}' has the shape [${t.shape.join(', ')}] for ${count(taken, 'row')}, and not one entry for each.`,
        );
      const data = t.data();
      const each = data.length / taken;
      const lists = found.get(output) ?? [];
      for (let i = 0; i < some.length; i++) lists.push(Array.from(data.subarray(i * each, (i + 1) * each)));
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

/** A network as a model. Throws as {@link checkRunnable}. */
function networkModel(network: RunnableGraph): SavedModel {
  checkRunnable(network);
  const whole = network.inputs.find(({ type }) => /^[iu]\d/.test(type));
  return {
    divides: true,
    network: graphNetwork(network, networkModel),
    predict(table, { proba = false, divide = 1 }) {
      if (proba)
        throw new RequestError('{proba} needs a model that southwell saved: outputs of this network are all told.');
      const given = rowsOf(table, divide);
      const { parts, notes } = partsOf(network.inputs, given, table.name);
      const used = parts.flatMap(({ columns }) => columns);
      const rows = Array.from({ length: table.rows }, (_, i) => i).filter((i) =>
        used.every((column) => !Number.isNaN(column[i])),
      );
      if (rows.length === 0) fail('EMPTY', `${table.name}: every row has a missing value, so no row is left.`);
      const columns: Record<string, Columns[string]> = { ...filesOf(table) };
      const finite = new Set(rows);
      for (const [name, lists] of outputsOf(network, parts, rows, divide)) {
        for (const [i, row] of lists.entries()) if (!row.every(Number.isFinite)) finite.delete(rows[i]);
        const each = lists[0].length;
        for (let k = 0; k < each; k++) {
          const cells = lists.map((row) => (Number.isFinite(row[k]) ? row[k] : null));
          columns[each === 1 ? name : `${name}_${k + 1}`] = spread(cells, table.rows, rows);
        }
      }
      const lost = table.rows - rows.length;
      return {
        columns,
        predicted: finite.size,
        notes: [
          ...[...given.notes, ...notes],
          ...(whole
            ? [`The network takes whole numbers (${whole.type}), such as tokens: columns went in as they are.`]
            : []),
        ],
        counted: {
          'with missing values: no prediction.': lost,
          'for which the outputs of the network are not finite.': rows.length - finite.size,
        },
      };
    },
  };
}

/**
 * The network of an ONNX file as a model: it takes the columns of numbers, in their order or, of several inputs, by their names, and tells all its outputs.
 * @throws NOT_SUPPORTED for missing operators and inputs that are no rows; NON_FINITE for weights that are NaN; the last two in words that follow the name of a file; as `read`.
 */
export const openOnnx = (source: Uint8Array | ByteSource, external?: External): SavedModel =>
  networkModel(read(source, { external }));

/**
 * The model of tensors that `ModelNetwork.stored` gave of such a network.
 * @throws INVALID_FORMAT if they are of another; as {@link openOnnx}.
 */
export function restoreGraph(stored: Stored): SavedModel {
  const { layer, parameters, state } = loadModel(stored, { packed: 'keep' });
  const { inputs, outputs } = layer as unknown as GraphOptions;
  if (layer.kind !== 'graph') fail('INVALID_FORMAT', `its architecture is not a graph, but ${layer.kind}.`);
  return networkModel({ model: layer, parameters, state, inputs, outputs, missing: [] });
}
