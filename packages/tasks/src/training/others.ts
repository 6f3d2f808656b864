import {
  type External,
  type GraphNode,
  type GraphOptions,
  graph,
  type Model,
  type ReadModel,
  read,
} from '@southwell/autodiff/nn';
import type { Source } from '@southwell/data';
import { fail, SouthwellError } from '@southwell/numerics/core';
import { outputsOf } from 'southwell/training';
import { RequestError } from '../errors.ts';
import { count } from '../format.ts';
import type { Trainable } from './data.ts';
import { fresh } from './fresh.ts';
import { layoutOf } from './graphRows.ts';
import { checkRunnable } from './onnx.ts';

// Networks of ONNX files that are trained further.

/** A network of an ONNX file. */
export interface OthersNetwork {
  readonly kind: 'onnx';
  readonly name: string;
  readonly bytes: Uint8Array;
  readonly network: ReadModel;
}

/** Reads the network of an ONNX file. Throws a message with the name of the file if it cannot be trained. */
export async function othersNetwork(name: string, source: Source, external?: External): Promise<OthersNetwork> {
  const chunks: Uint8Array[] = [];
  for await (const chunk of source.stream()) chunks.push(chunk);
  const bytes = new Uint8Array(await new Blob(chunks as BlobPart[]).arrayBuffer());
  try {
    const network = read(bytes, { dtype: 'f32', external });
    checkRunnable(network);
    const { inputs } = network;
    if (inputs.length > 1) {
      const names = inputs.map((input) => input.name).join(', ');
      fail(
        'NOT_SUPPORTED',
        `it has ${inputs.length} inputs (${names}), and only networks of one are trained on a table.`,
      );
    }
    const [{ type }] = inputs;
    if (!/^b?f\d/.test(type)) fail('NOT_SUPPORTED', `it takes ${type}, and not numbers of a table.`);
    if (Object.keys(network.parameters).length === 0) fail('NOT_SUPPORTED', 'it has no weights.');
    return { kind: 'onnx', name, bytes, network };
  } catch (error) {
    if (!(error instanceof SouthwellError)) throw error;
    throw new RequestError(`${name}: ${error.message}`);
  }
}

/** The graph with its input made from rows: images with channels last, or columns. */
function fromRows(g: GraphOptions, { width, image }: Pick<Trainable, 'width' | 'image'>, table: string): GraphOptions {
  const [input] = g.inputs;
  const images = image && { height: image[0], width: image[1], channels: image[2] };
  const { shape } = layoutOf(input.shape?.slice(1), { width, ...(images ? { image: images } : {}) }, table);
  const given = image ?? [width];
  const same = shape.length === given.length && shape.every((n, d) => n === given[d]);
  if (same) return { ...g, inputs: [{ ...input, shape: [null, ...given] }] };
  const rows = fresh(g, `${input.name}_rows`);
  const inputs = [{ ...input, name: rows, shape: [null, ...given] }];
  const node = { name: rows, outputs: [input.name] };
  if (image && shape.length === 3) {
    if (shape[0] !== image[2])
      throw new RequestError(
        `${table} has images of ${count(image[2], 'channel')}, but the network takes ${shape[0]}.`,
      );
    const turned: GraphNode = { ...node, op: 'Transpose', inputs: [rows], attributes: { perm: [0, 3, 1, 2] } };
    return { ...g, inputs, nodes: [turned, ...g.nodes] };
  }
  const to = fresh(g, `${input.name}_shape`);
  const reshaped: GraphNode = { ...node, op: 'Reshape', inputs: [rows, to], attributes: {} };
  const constants = { ...g.constants, [to]: { type: 'i64', shape: [shape.length + 1], values: [-1, ...shape] } };
  return { ...g, inputs, constants, nodes: [reshaped, ...g.nodes] };
}

/** The graph without the softmax at its end: the loss takes logits. */
function toLogits(g: GraphOptions): GraphOptions {
  const [output] = g.outputs;
  const last = g.nodes.find(({ outputs }) => outputs[0] === output.name);
  if (last?.op !== 'Softmax' && last?.op !== 'LogSoftmax') return g;
  return { ...g, nodes: g.nodes.filter((node) => node !== last), outputs: [{ ...output, name: last.inputs[0] }] };
}

/**
 * The network for rows of a table, its first output as predictions of the target. Throws a message if columns or classes do not match it.
 */
export function continued({ name, network }: OthersNetwork, data: Trainable, table: string): Model {
  const { parameters, state } = network;
  const { kind: _, ...whole } = network.model as unknown as GraphOptions & { readonly kind: string };
  const one = fromRows({ ...whole, outputs: whole.outputs.slice(0, 1) }, data, table);
  const layer = graph(data.target.kind === 'classes' ? toLogits(one) : one);
  const shape = data.image ?? [data.width];
  const [out = 1, ...more] = outputsOf(
    layer,
    parameters,
    { values: new Float32Array(data.width), shape },
    1,
    state,
  ).shape;
  if (more.length > 0 || out !== data.outputs) {
    const has = more.length > 0 ? `outputs of [${[out, ...more].join(', ')}]` : count(out, 'output');
    const wanted = data.target.kind === 'classes' ? `${data.outputs} classes` : 'one number';
    throw new RequestError(`${name} has ${has} for a row, but the target of ${table} is ${wanted}.`);
  }
  return { layer, parameters, state };
}
