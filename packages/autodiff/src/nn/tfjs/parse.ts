import { fail, SouthwellError } from '@southwell/numerics/core';
import type { OnnxFile, OnnxInfo, OnnxNode, OnnxTensor } from '../onnx/parse.ts';
import { type ByteSource, Bytes } from '../onnx/source.ts';
import type { External } from '../onnx/tensorData.ts';
import { arrays } from './arrays.ts';
import { elementwise, type Translation } from './elementwise.ts';
import { Emitter, PASSING } from './emitter.ts';
import { images } from './images.ts';
import { isObject, type Json, objectAt } from './json.ts';
import { graphOfLayers } from './layers.ts';
import { attr, graphOfModel, nameOf, neededNodes, parsedValue, placeOfTf, type TfGraph, type TfNode } from './nodes.ts';
import { padded, ragged } from './ragged.ts';
import { fileOf, groupsOf, TYPES, Weights } from './weights.ts';

const translations: ReadonlyMap<string, Translation> = new Map(
  Object.entries({ ...elementwise, ...arrays, ...images, ...ragged }),
);

/** Version of ONNX's operators that stand for those of TensorFlow. */
const OPSET = 18;

/** The names by which values of the graph are known after the translation. */
class Names {
  private readonly all = new Map<string, string>();

  set(name: string, to: string): void {
    if (name !== to) this.all.set(name, to);
  }
  get(name: string): string {
    return this.all.get(name) ?? name;
  }
}

/** A node whose operator is not supported, with its place, and with the reason where only its use is not. */
function unsupported(e: Emitter, node: TfNode, x: readonly string[], outputs: readonly string[], why?: string): void {
  const op = node.op.startsWith('keras.') ? node.op : `tensorflow.${node.op}`;
  e.several(`${op}${why === undefined ? '' : ` (${why})`}`, x, outputs);
}

function translated(node: TfNode, e: Emitter, names: Names, outputs: readonly string[]): void {
  const x = node.inputs.map((input) => names.get(nameOf(input)));
  if (PASSING.has(node.op)) {
    names.set(node.name, x[0]);
    return;
  }
  const translation = translations.get(node.op);
  if (!translation) {
    unsupported(e, node, x, outputs);
    return;
  }
  const from = e.nodes.length;
  try {
    const made = translation(e, x, node);
    if (e.nodes.slice(from).some(({ inputs }) => inputs.includes(undefined as never)))
      fail('INVALID_FORMAT', `${placeOfTf(node)}: it has ${node.inputs.length} inputs, and needs more.`);
    (typeof made === 'string' ? [made] : made).forEach((value, i) => {
      const name = nameOf({ name: node.name, output: i });
      if (!e.rename(from, value, name)) names.set(name, value);
    });
  } catch (error) {
    if (!(error instanceof SouthwellError) || error.code !== 'NOT_SUPPORTED') throw error;
    e.nodes.length = from;
    unsupported(e, node, x, outputs, error.message.replace(/^node '.*?' \(\w+\): |\.$/g, ''));
  }
}

/** Nodes that outputs depend on; others were undone by those that follow them. */
function used(nodes: readonly OnnxNode[], outputs: readonly OnnxInfo[]): OnnxNode[] {
  const wanted = new Set(outputs.map(({ name }) => name));
  const kept: OnnxNode[] = [];
  for (const node of [...nodes].reverse()) {
    if (!node.outputs.some((name) => wanted.has(name))) continue;
    for (const name of node.inputs) wanted.add(name);
    kept.push(node);
  }
  return kept.reverse();
}

/** Outputs of each node that others or the model take. */
function outputsOf({ nodes, outputs }: TfGraph): ReadonlyMap<string, readonly string[]> {
  const most = new Map<string, number>();
  for (const { name, output } of [...outputs, ...nodes.flatMap(({ inputs }) => inputs)])
    most.set(name, Math.max(most.get(name) ?? 0, output));
  const all = nodes.map(({ name }) => {
    const count = (most.get(name) ?? 0) + 1;
    return [name, Array.from({ length: count }, (_, output) => nameOf({ name, output }))] as const;
  });
  return new Map(all);
}

function inputsOf(nodes: readonly TfNode[]): OnnxInfo[] {
  const declared = nodes.filter(({ op }) => op === 'Placeholder');
  return declared.map((node) => {
    const shape = attr.shape(node, 'shape');
    const type = attr.type(node, 'dtype') ?? 'f32';
    return { name: node.name, type, ...(shape === null ? {} : { shape }) };
  });
}

/** Element type of outputs: that which their node declares, by the attribute that holds it. */
function typeOfOutput(node: TfNode | undefined): string {
  if (!node) return 'f32';
  if (['Shape', 'Size', 'Rank', 'Where'].includes(node.op)) return 'i64';
  if (/^(Less|Greater|Equal|NotEqual|Logical|Is|All$|Any$)/.test(node.op)) return 'bool';
  if (node.op.startsWith('Arg')) return 'i64';
  return attr.type(node, node.op === 'Cast' ? 'DstT' : node.op === 'Const' ? 'dtype' : 'T') ?? 'f32';
}

/**
 * A model.json of TensorFlow.js, a graph or layers of Keras, as a network of ONNX's operators, of opset 18, whose tensors are those of its shards. O(nodes); numbers are read
 * when they are asked for.
 * @throws INVALID_FORMAT for a file that is damaged, and for shards that are missing or of another length; NOT_SUPPORTED for layers of Keras that are used more than once.
 */
export function parseTfjs(text: string, external: External | undefined): OnnxFile {
  let model: Json;
  try {
    model = JSON.parse(text);
  } catch (error) {
    return fail('INVALID_FORMAT', `The file begins as JSON, but is not: ${(error as Error).message}.`);
  }
  const { weightsManifest, format, generatedBy, convertedBy } = objectAt(model, 'the file');
  const topology = isObject(model) ? model.modelTopology : undefined;
  if (!isObject(topology))
    fail('INVALID_FORMAT', 'The file is JSON, but not a model of TensorFlow.js: it has no modelTopology.');
  const weights = new Weights(groupsOf(weightsManifest ?? [], 'weightsManifest'), external);
  const layered = format === 'layers-model' || topology.model_config !== undefined || topology.class_name !== undefined;
  const found = layered ? graphOfLayers(topology, weights) : graphOfModel(model);
  const shape = (name: string) => weights.get(name)?.shape;
  const known = Object.assign((name: string) => (shape(name) ? Array.from(weights.numbers(name)) : undefined), {
    shape,
  });
  const graph = padded(found, known) ?? found;
  const nodes = neededNodes(graph);
  const byName = new Map(nodes.map((node) => [node.name, node]));
  const e = new Emitter(weights, byName);
  const [names, outputs] = [new Names(), outputsOf(graph)];
  for (const node of nodes) {
    if (node.op === 'Placeholder') continue;
    if (node.op !== 'Const') translated(node, e, names, outputs.get(node.name) ?? [node.name]);
    else if (!weights.get(node.name))
      fail('INVALID_FORMAT', `model.json: the constant '${node.name}' is not among the weights.`);
  }
  const results = graph.outputs.map((output): OnnxInfo => {
    const name = nameOf(output);
    if (names.get(name) !== name) e.node('Identity', [names.get(name)], {}, name);
    return { name, type: typeOfOutput(byName.get(parsedValue(name).name)) };
  });
  const { source, places } = fileOf(weights);
  const taken = new Set(nodes.map(({ name }) => name));
  const initialisers = weights.tensors.flatMap(({ name, shape: axes, dtype }): OnnxTensor[] => {
    if (!taken.has(name)) return [];
    return [{ name, type: TYPES[dtype] ?? dtype, shape: axes, raw: places.get(name)!, typed: [] }];
  });
  const producer = [generatedBy, convertedBy].filter((t) => typeof t === 'string').join(', ');
  return {
    ...{ bytes: new Bytes(source), format: 'TensorFlow.js', producer, metadata: {}, opset: OPSET, graph: '' },
    ...{ nodes: used(e.nodes, results), initialisers, inputs: inputsOf(nodes), outputs: results },
  };
}

/** The text of a source that begins as JSON; undefined for others. */
export function jsonOf(source: Uint8Array | ByteSource): string | undefined {
  const bytes = new Bytes(source);
  const start = bytes.slice({ from: 0, to: Math.min(bytes.size, 64) });
  const first = new TextDecoder().decode(start).trimStart();
  return first.startsWith('{') ? new TextDecoder().decode(bytes.slice({ from: 0, to: bytes.size })) : undefined;
}
