import { fail, knownKeys, type OptionKeys, SouthwellError } from '@southwell/numerics/core';
import { type Shape, tensor, tensorOver, withLine } from '../../index.ts';
import type { LanguageModel } from '../language/languageModel.ts';
import { isLlama2c, readLlama2c } from '../language/llama2c.ts';
import type { Layer, Parameters, Precision, State } from '../layer.ts';
import { graph } from '../layers/graph.ts';
import {
  classOf,
  type GraphBody,
  type GraphConstant,
  type GraphNode,
  type GraphOptions,
  type GraphValue,
  type NodeAttribute,
  type PlainNumber,
  placeOfNode,
} from '../operators/description.ts';
import { operatorOf } from '../operators/index.ts';
import { bodiesOf, capturedBy, ordered, takenBy, withInner } from '../operators/order.ts';
import { constantVal, runNode } from '../operators/run.ts';
import { parseNetwork } from './network.ts';
import type { OnnxFile, OnnxGraph, OnnxInfo, OnnxNode, OnnxTensor } from './parse.ts';
import { withOneScope } from './scopes.ts';
import type { ByteSource } from './source.ts';
import { type External, tensorData } from './tensorData.ts';

/** Versions of ONNX's operators that graphs can run. */
export const OPSETS = { from: 7, to: 23 } as const;

/** Options of {@link read}. */
export interface ReadOptions {
  /** Reads ranges of the files that hold the numbers of large models, which the model names. */
  readonly external?: External;
  /** Data type of parameters; default: f64 if the file has double-precision weights only, else f32. */
  readonly dtype?: Precision;
}
const readKeys: OptionKeys<ReadOptions> = { external: true, dtype: true };

/** An operator that is not supported, with the nodes that need it. */
export interface MissingOperator {
  readonly op: string;
  readonly nodes: readonly string[];
}

/** A network from a file. */
export interface ReadModel {
  readonly model: Layer;
  readonly parameters: Parameters;
  readonly state: State;
  readonly inputs: readonly GraphValue[];
  readonly outputs: readonly GraphValue[];
  /** Operators that are not supported; without any, the network can be run. */
  readonly missing: readonly MissingOperator[];
}

/** Integer tensors are part of the description, up to this number of integers. */
const LARGEST_CONSTANT = 1 << 20;
/** Types of the weights of quantised networks. Single precision holds their numbers exactly. */
const QUANTISED = /^[iu](4|8|16)$/;
/** Floats of `Constant` nodes up to this number are part of the description, and not state. */
const FEW = 16;
/** Inputs, by position, that determine a result's shape or are settings, and must be known as numbers. */
const SETTINGS: Readonly<Record<string, readonly number[]>> = {
  ...{ Resize: [1, 2, 3], Upsample: [1], Pad: [2], Range: [0, 1, 2], Dropout: [1, 2], OneHot: [1] },
  NonMaxSuppression: [2, 3, 4],
};

/** Nodes of an ONNX file in order; checks that every value is given once and that there are no cycles. */
export function orderedNodes(file: OnnxFile): OnnxNode[] {
  const known = [...file.inputs, ...file.initialisers].map(({ name }) => name);
  return ordered(
    file.nodes,
    known,
    file.outputs.map(({ name }) => name),
  );
}

/** Operators that are not supported, by name. */
export function missingOperators(nodes: ReadonlyArray<OnnxNode | GraphNode>): MissingOperator[] {
  const found = new Map<string, string[]>();
  for (const node of withInner<OnnxNode | GraphNode>(nodes)) {
    if (node.op === 'Constant' || operatorOf(node.op)) continue;
    found.set(node.op, [...(found.get(node.op) ?? []), node.name || node.outputs[0] || '']);
  }
  return [...found].map(([op, names]) => ({ op, nodes: names }));
}

const described = ({ name, type, shape }: OnnxInfo): GraphValue => ({ name, type, shape: shape ?? null });

const plain = (v: number): PlainNumber => (Number.isFinite(v) ? v : (String(v) as PlainNumber));

/** Collects the tensors of a file, each as a parameter, as state or as a constant. */
class Sorting {
  // Without a prototype, as values may have any name.
  readonly parameters: Record<string, OnnxTensor> = Object.create(null);
  readonly state: Record<string, OnnxTensor> = Object.create(null);
  readonly constants: Record<string, GraphConstant> = Object.create(null);
  private readonly settings = new Set<string>();
  private readonly statistics = new Set<string>();

  constructor(
    private readonly file: OnnxFile,
    private readonly external: External | undefined,
  ) {
    for (const { op, inputs } of withInner(file.nodes)) {
      for (const i of SETTINGS[op] ?? []) if (inputs[i]) this.settings.add(inputs[i]);
      if (op === 'BatchNormalization') for (const name of inputs.slice(3, 5)) this.statistics.add(name);
    }
  }

  values(t: OnnxTensor): readonly PlainNumber[] {
    return Array.from(tensorData(t, this.file.bytes, this.external), plain);
  }

  private constant(name: string, t: OnnxTensor): void {
    this.constants[name] = { type: t.type, shape: t.shape, values: this.values(t) };
  }

  put(name: string, t: OnnxTensor, fixed: boolean): void {
    const size = t.shape.reduce((a, b) => a * b, 1);
    if (QUANTISED.test(t.type) && size > FEW && !this.settings.has(name)) {
      this.state[name] = t;
      return;
    }
    if (classOf(t.type) !== 'float' || this.settings.has(name)) {
      if (size > LARGEST_CONSTANT)
        fail(
          'NOT_SUPPORTED',
          `The tensor '${name}' has ${size} integers (${t.type}); up to ${LARGEST_CONSTANT} are supported.`,
        );
      this.constant(name, t);
    } else if (this.statistics.has(name)) this.state[name] = t;
    else if (fixed || t.shape.length === 0) {
      if (size <= FEW) this.constant(name, t);
      else this.state[name] = t;
    } else this.parameters[name] = t;
  }
}

/** The tensor of a `Constant` node. */
function constantOf(node: OnnxNode): OnnxTensor | GraphConstant {
  const [key, value] = Object.entries(node.attributes)[0] ?? [];
  const where = placeOfNode(node);
  if (typeof value === 'object' && 'tensor' in value) return value.tensor;
  if (key === 'value_int' && typeof value === 'number') return { type: 'i64', shape: [], values: [value] };
  if (key === 'value_ints' && Array.isArray(value)) return { type: 'i64', shape: [value.length], values: value };
  if (key === 'value_float' && typeof value === 'object' && 'float' in value)
    return { type: 'f32', shape: [], values: [plain(value.float)] };
  if (key === 'value_floats' && typeof value === 'object' && 'floats' in value)
    return { type: 'f32', shape: [value.floats.length], values: value.floats.map(plain) };
  return fail('NOT_SUPPORTED', `${where}: a constant given by ${key ?? 'no attribute'} is not supported.`);
}

function attributesOf(node: OnnxNode, sorting: Sorting): Readonly<Record<string, NodeAttribute>> {
  // Operators that cannot be run keep their place, not their settings.
  if (!operatorOf(node.op)) return {};
  // The type of an optional value is that of its input.
  const given = Object.entries(node.attributes).filter(([name]) => node.op !== 'Optional' || name !== 'type');
  const entries = given.map(([name, value]): [string, NodeAttribute] => {
    if (typeof value === 'object' && 'unread' in value)
      return fail(
        'NOT_SUPPORTED',
        `${placeOfNode(node)}: its attribute '${name}' is ${value.unread}, which is not supported.`,
      );
    if (typeof value === 'object' && 'graph' in value) return [name, { graph: bodyOf(value.graph, sorting) }];
    if (typeof value === 'object' && 'tensor' in value)
      return [name, { numbers: sorting.values(value.tensor), class: classOf(value.tensor.type) }];
    return [name, value];
  });
  return Object.fromEntries(entries);
}

/** A branch or the body of a loop. */
function bodyOf(graph: OnnxGraph, sorting: Sorting): GraphBody {
  const known = [...graph.inputs.map(({ name }) => name), ...capturedBy(graph)];
  const names = graph.outputs.map(({ name }) => name);
  return {
    ...{ inputs: graph.inputs.map(described), outputs: graph.outputs.map(described) },
    nodes: ordered(graph.nodes, known, names).map((node) => ({ ...node, attributes: attributesOf(node, sorting) })),
  };
}

/** The nodes of a choice that is known, and the values that it gives; undefined for other nodes. */
function chosen(node: GraphNode, { constants }: Sorting): readonly GraphNode[] | undefined {
  const condition = node.op === 'If' ? constants[node.inputs[0]] : undefined;
  if (condition?.values.length !== 1) return undefined;
  const branch = node.attributes[Number(condition.values[0]) === 0 ? 'else_branch' : 'then_branch'];
  if (typeof branch !== 'object' || !('graph' in branch) || branch.graph.outputs.length < node.outputs.length)
    return undefined;
  const { nodes, outputs } = branch.graph;
  const given = node.outputs.flatMap((name, i): GraphNode[] =>
    name === '' ? [] : [{ name, op: 'Identity', inputs: [outputs[i].name], outputs: [name], attributes: {} }],
  );
  return [...nodes, ...given];
}

/** Computes the nodes whose inputs are integer constants, such as shapes and axes, and leaves out the branches that are never taken. */
function folded(
  nodes: readonly GraphNode[],
  sorting: Sorting,
  opset: number,
  outputs: ReadonlySet<string>,
): GraphNode[] {
  const { constants } = sorting;
  return nodes.flatMap((node): readonly GraphNode[] => {
    const choice = chosen(node, sorting);
    if (choice) return folded(choice, sorting, opset, outputs);
    if (bodiesOf(node).length > 0) {
      const attributes = Object.entries(node.attributes).map(([key, value]): [string, NodeAttribute] => {
        if (typeof value !== 'object' || !('graph' in value)) return [key, value];
        const own = new Set(value.graph.outputs.map(({ name }) => name));
        return [key, { graph: { ...value.graph, nodes: folded(value.graph.nodes, sorting, opset, own) } }];
      });
      return [{ ...node, attributes: Object.fromEntries(attributes) }];
    }
    const inputs = node.inputs.map((name) => (name === '' ? undefined : constants[name]));
    const whole = inputs.every(
      (c, i) => node.inputs[i] === '' || (c && classOf(c.type) !== 'float' && !QUANTISED.test(c.type)),
    );
    if (!whole || node.inputs.length === 0 || node.outputs.length !== 1 || outputs.has(node.outputs[0])) return [node];
    if (!operatorOf(node.op)) return [node];
    try {
      const [made] = runNode(
        node,
        opset,
        'f64',
        inputs.map((c) => c && constantVal(c, 'f64')),
      );
      if (!made || !('t' in made) || made.class === 'float' || made.t.size > FEW * FEW) return [node];
      const type = made.class === 'bool' ? 'bool' : 'i64';
      constants[node.outputs[0]] = { type, shape: made.t.shape, values: Array.from(made.t.data(), plain) };
      return [];
    } catch (error) {
      // It fails again, with its message, when the network is run.
      if (error instanceof SouthwellError) return [node];
      throw error;
    }
  });
}

/** Names that are used by nodes or are outputs. */
function used<T>(
  all: Readonly<Record<string, T>>,
  nodes: readonly GraphNode[],
  outputs: readonly GraphValue[],
): Record<string, T> {
  const names = new Set([...nodes.flatMap(takenBy), ...outputs.map(({ name }) => name)]);
  return Object.fromEntries(Object.entries(all).filter(([name]) => names.has(name)));
}

/** A graph, and the tensors of the file that are its parameters and its state. */
export interface Described {
  readonly graph: GraphOptions;
  readonly parameters: Readonly<Record<string, OnnxTensor>>;
  readonly state: Readonly<Record<string, OnnxTensor>>;
}

/**
 * The graph of a file, without the numbers of its weights.
 * @throws as {@link read}.
 */
export function graphOf(file: OnnxFile, external: External | undefined): Described {
  const { opset } = file;
  if (opset < OPSETS.from || opset > OPSETS.to)
    fail(
      'NOT_SUPPORTED',
      `The network is of opset ${opset}; opsets ${OPSETS.from} to ${OPSETS.to} can be read. It can be inspected, or exported again with opset 17.`,
    );
  const whole = withOneScope(file);
  const sorting = new Sorting(whole, external);
  for (const t of whole.initialisers) sorting.put(t.name, t, false);
  const left: GraphNode[] = [];
  for (const node of orderedNodes(whole)) {
    if (node.op === 'Constant') {
      const t = constantOf(node);
      if ('values' in t) sorting.constants[node.outputs[0]] = t;
      else sorting.put(node.outputs[0], t, true);
    } else left.push({ ...node, attributes: attributesOf(node, sorting) });
  }
  const [inputs, outputs] = [file.inputs, file.outputs].map((all) => all.map(described));
  const nodes = folded(left, sorting, opset, new Set(outputs.map(({ name }) => name)));
  const parameters = used(sorting.parameters, nodes, outputs);
  const state = used(sorting.state, nodes, outputs);
  const shapes = (all: Readonly<Record<string, OnnxTensor>>): Readonly<Record<string, Shape>> =>
    Object.fromEntries(Object.entries(all).map(([name, t]) => [name, t.shape]));
  const types = Object.entries(state).flatMap(([name, { type }]) => (QUANTISED.test(type) ? [[name, type]] : []));
  const own = { parameters: shapes(parameters), state: shapes(state), types: Object.fromEntries(types) };
  return {
    graph: { opset, inputs, outputs, nodes, ...own, constants: used(sorting.constants, nodes, outputs) },
    ...{ parameters, state },
  };
}

/** The tensors of a file as those of a network. */
export const loaded = (
  all: Readonly<Record<string, OnnxTensor>>,
  file: OnnxFile,
  external: External | undefined,
  dtype: Precision,
): Parameters =>
  Object.fromEntries(
    Object.entries(all).map(([name, t]) => {
      const values = tensorData(t, file.bytes, external) as Float32Array | Float64Array;
      const same = values instanceof Float32Array ? dtype === 'f32' : dtype === 'f64';
      return [name, same ? tensorOver(values, t.shape) : tensor(values, { shape: t.shape, dtype })];
    }),
  );

/** A model of texts as a network with an input and an output. */
const withTokens = ({ layer, parameters, vocabulary }: LanguageModel): ReadModel => ({
  ...{ model: layer, parameters, state: {}, missing: [] },
  inputs: [{ name: 'tokens', type: 'i32', shape: ['n', 't'] }],
  outputs: [{ name: 'logits', type: 'f32', shape: ['n', 't', vocabulary] }],
});

/**
 * Reads a network from an ONNX file, a model.json of TensorFlow.js, or a model of llama2.c, its bytes or a file that is read by ranges: opsets 7 to 23, in single precision, or double if all weights are.
 * Initialisers become parameters; scalars, constants and statistics of batch norms do not. Operators that are not supported are listed as `missing`, and
 * the network can still be inspected, but not run. Weights may share the memory of the bytes that are given, which must not change afterwards. O(size).
 * @throws INVALID_FORMAT, with place and byte, for a file that is damaged or cut short, for cycles, and if external data are missing;
 * NOT_SUPPORTED for other opsets, and for strings, sparse and large integer tensors.
 */
export const read = withLine((source: Uint8Array | ByteSource, options: ReadOptions = {}): ReadModel => {
  knownKeys('read', options, readKeys);
  const { external } = options;
  if (isLlama2c(source)) return withTokens(readLlama2c(source, options.dtype));
  const file = parseNetwork(source, external);
  const { graph: description, ...tensors } = graphOf(file, external);
  const weights = Object.values(tensors.parameters);
  const double = weights.length > 0 && weights.every(({ type }) => type === 'f64');
  const dtype = options.dtype ?? (double ? 'f64' : 'f32');
  return {
    model: graph(description),
    parameters: loaded(tensors.parameters, file, external, dtype),
    state: loaded(tensors.state, file, external, dtype),
    ...{ inputs: description.inputs, outputs: description.outputs },
    missing: missingOperators(description.nodes),
  };
});
