import { fail } from '@southwell/numerics/core';
import { isObject, type Json, type JsonObject, listAt, numberAt, objectAt, textAt } from './json.ts';
import type { TfGraph, TfNode, TfValue } from './nodes.ts';
import type { TfTensor, Weights } from './weights.ts';

// Models of Keras layers, as graphs of TensorFlow's operators.

/** A number of Keras that is one for both axes of images, or one for each. */
const two = (value: Json, fallback: number, where: string): number[] => {
  if (value === undefined || value === null) return [fallback, fallback];
  return Array.isArray(value) ? value.map((v) => numberAt(v, where)) : [numberAt(value, where), numberAt(value, where)];
};

const value = (name: string): TfValue => ({ name, output: 0 });

/** Builds the nodes of a graph, and the constants that they need. */
class Nodes {
  readonly nodes: TfNode[] = [];
  private count = 0;

  constructor(private readonly weights: Weights) {}

  add(name: string, op: string, inputs: readonly string[], attributes: JsonObject = {}): string {
    this.nodes.push({ name, op, inputs: inputs.map(value), attributes });
    return name;
  }

  /** Integers, as a scalar or a list. */
  integers(values: readonly number[], scalar = false): string {
    const name = `keras/integers${this.count++}`;
    return this.constant({ name, shape: scalar ? [] : [values.length], dtype: 'int32' }, values);
  }

  constant(t: TfTensor, values: readonly number[]): string {
    this.weights.define(t, values);
    return this.add(t.name, 'Const', []);
  }

  /** A weight of a layer; names are those of the layer, and of models around it, then that of the weight. */
  weight(layer: string, part: string): string {
    const fits = ({ name }: TfTensor): boolean =>
      name === `${layer}/${part}` || (name.endsWith(`/${part}`) && name.split('/').includes(layer));
    const found = this.weights.tensors.filter(fits);
    if (found.length !== 1)
      fail(
        'INVALID_FORMAT',
        `model.json: the layer '${layer}' has ${found.length === 0 ? 'no' : 'several'} weights '${part}'.`,
      );
    const { name } = found[0];
    if (!this.nodes.some((node) => node.name === name)) this.add(name, 'Const', []);
    return name;
  }
}

/** A layer: its name, what it is given, and its options. */
interface Layer {
  readonly name: string;
  readonly kind: string;
  readonly config: JsonObject;
}
type Build = (n: Nodes, layer: Layer, x: readonly string[]) => string;

const ACTIVATIONS: Readonly<Record<string, string>> = {
  ...{ relu: 'Relu', relu6: 'Relu6', sigmoid: 'Sigmoid', tanh: 'Tanh', softmax: 'Softmax', elu: 'Elu', selu: 'Selu' },
  ...{ softplus: 'Softplus', softsign: 'Softsign', exponential: 'Exp' },
};

/** The activation of a layer by its name in Keras. */
function activated(n: Nodes, { name, config }: Layer, x: string): string {
  const { activation = 'linear' } = config;
  if (activation === 'linear' || activation === null) return x;
  const what = isObject(activation)
    ? textAt(activation.class_name, `the activation of '${name}'`).toLowerCase()
    : String(activation);
  if (what === 'swish' || what === 'silu')
    return n.add(`${name}/swish`, 'Mul', [x, n.add(`${name}/sigmoid`, 'Sigmoid', [x])]);
  // An operator that is not there is told as one that is not supported.
  const op = Object.hasOwn(ACTIVATIONS, what) ? ACTIVATIONS[what] : `keras.activation ${what}`;
  return n.add(`${name}/${what}`, op, [x]);
}

/** Attributes of windows over images. */
function windows(
  layer: Layer,
  sizes: { readonly strides: readonly number[]; readonly ksize?: readonly number[] },
): JsonObject {
  const { name, config } = layer;
  if (config.data_format === 'channels_first')
    fail('NOT_SUPPORTED', `The layer '${name}' has its channels first, which is not supported.`);
  const gaps = two(config.dilation_rate, 1, `the dilation of '${name}'`);
  const ints = (values: readonly number[]) => ({ list: { i: [1, ...values, 1] } });
  return {
    ...{ strides: ints(sizes.strides), dilations: ints(gaps), data_format: { s: btoa('NHWC') } },
    padding: { s: btoa(config.padding === 'same' ? 'SAME' : 'VALID') },
    ...(sizes.ksize ? { ksize: ints(sizes.ksize) } : {}),
  };
}

function biased(n: Nodes, layer: Layer, x: string): string {
  const y =
    layer.config.use_bias === false ? x : n.add(`${layer.name}/BiasAdd`, 'BiasAdd', [x, n.weight(layer.name, 'bias')]);
  return activated(n, layer, y);
}

const convolution =
  (op: string, part: string): Build =>
  (n, layer, [x]) => {
    const strides = two(layer.config.strides, 1, `the strides of '${layer.name}'`);
    const y = n.add(`${layer.name}/${op}`, op, [x, n.weight(layer.name, part)], windows(layer, { strides }));
    return biased(n, layer, y);
  };

const pooling =
  (op: string): Build =>
  (n, layer, [x]) => {
    const ksize = two(layer.config.pool_size, 2, `the window of '${layer.name}'`);
    const strides = layer.config.strides ? two(layer.config.strides, 1, `the strides of '${layer.name}'`) : ksize;
    return n.add(`${layer.name}/${op}`, op, [x], windows(layer, { strides, ksize }));
  };

const overImage =
  (op: string): Build =>
  (n, { name, config }, [x]) =>
    n.add(`${name}/${op}`, op, [x, n.integers([1, 2])], { keep_dims: { b: config.keepdims === true } });

const merged =
  (op: string): Build =>
  (n, { name }, x) =>
    x.slice(1).reduce((all, next, i) => n.add(`${name}/${op}${i}`, op, [all, next]), x[0]);

const pass: Build = (_, __, [x]) => x;

const dense: Build = (n, layer, [x]) =>
  biased(n, layer, n.add(`${layer.name}/MatMul`, 'BatchMatMulV2', [x, n.weight(layer.name, 'kernel')]));

const batchNorm: Build = (n, layer, [x]) => {
  const { name, config } = layer;
  // Of any number of axes, so that it is not an operator on images.
  const small = numberAt(config.epsilon ?? 1e-3, `the epsilon of '${name}'`);
  const epsilon = n.constant({ name: `${name}/epsilon`, shape: [], dtype: 'float32' }, [small]);
  const spread = n.add(`${name}/spread`, 'Rsqrt', [
    n.add(`${name}/add`, 'AddV2', [n.weight(name, 'moving_variance'), epsilon]),
  ]);
  const scale = config.scale === false ? spread : n.add(`${name}/scale`, 'Mul', [spread, n.weight(name, 'gamma')]);
  const apart = n.add(`${name}/sub`, 'Sub', [x, n.weight(name, 'moving_mean')]);
  const y = n.add(`${name}/mul`, 'Mul', [apart, scale]);
  return config.center === false ? y : n.add(`${name}/shifted`, 'AddV2', [y, n.weight(name, 'beta')]);
};

const KINDS: Readonly<Record<string, Build>> = {
  ...{ Dense: dense, Conv2D: convolution('Conv2D', 'kernel'), BatchNormalization: batchNorm },
  DepthwiseConv2D: convolution('DepthwiseConv2dNative', 'depthwise_kernel'),
  ...{ MaxPooling2D: pooling('MaxPool'), AveragePooling2D: pooling('AvgPool') },
  ...{ GlobalAveragePooling2D: overImage('Mean'), GlobalMaxPooling2D: overImage('Max') },
  ...{
    Dropout: pass,
    SpatialDropout2D: pass,
    GaussianNoise: pass,
    GaussianDropout: pass,
    ActivityRegularization: pass,
  },
  ...{ Add: merged('AddV2'), Multiply: merged('Mul'), Maximum: merged('Maximum'), Minimum: merged('Minimum') },
  Subtract: merged('Sub'),
  Activation: (n, layer, [x]) => activated(n, layer, x),
  Softmax: (n, { name }, [x]) => n.add(`${name}/Softmax`, 'Softmax', [x]),
  ReLU: (n, { name, config }, [x]) => {
    const most = config.max_value;
    const op = most === undefined || most === null ? 'Relu' : most === 6 ? 'Relu6' : `keras.ReLU up to ${most}`;
    return n.add(`${name}/${op}`, op, [x]);
  },
  LeakyReLU: (n, { name, config }, [x]) =>
    n.add(`${name}/LeakyRelu`, 'LeakyRelu', [x], { alpha: { f: config.alpha ?? config.negative_slope ?? 0.3 } }),
  Flatten: (n, { name }, [x]) => {
    const zero = n.integers([0], true);
    const rows = n.add(`${name}/rows`, 'GatherV2', [n.add(`${name}/shape`, 'Shape', [x]), zero, zero]);
    const shape = n.add(`${name}/to`, 'Pack', [rows, n.integers([-1], true)], { axis: { i: 0 }, T: { type: 3 } });
    return n.add(`${name}/Reshape`, 'Reshape', [x, shape]);
  },
  Reshape: (n, { name, config }, [x]) => {
    const to = listAt(config.target_shape, `the shape of '${name}'`).map((v) =>
      numberAt(v ?? -1, `the shape of '${name}'`),
    );
    const zero = n.integers([0], true);
    const rows = n.add(`${name}/rows`, 'GatherV2', [n.add(`${name}/shape`, 'Shape', [x]), zero, zero]);
    const parts = [rows, ...to.map((m) => n.integers([m], true))];
    return n.add(`${name}/Reshape`, 'Reshape', [
      x,
      n.add(`${name}/to`, 'Pack', parts, { axis: { i: 0 }, T: { type: 3 } }),
    ]);
  },
  Embedding: (n, { name }, [x]) => {
    const whole = n.add(`${name}/whole`, 'Cast', [x], { DstT: { type: 3 } });
    return n.add(`${name}/Gather`, 'GatherV2', [n.weight(name, 'embeddings'), whole, n.integers([0], true)]);
  },
  ZeroPadding2D: (n, { name, config }, [x]) => {
    const sides = listAt(config.padding ?? [1, 1], `the padding of '${name}'`);
    const pairs = sides.map((v) => two(v, 0, `the padding of '${name}'`));
    return n.add(`${name}/Pad`, 'Pad', [x, n.integers([0, 0, ...pairs.flat(), 0, 0])]);
  },
  Concatenate: (n, { name, config }, x) =>
    n.add(`${name}/Concat`, 'ConcatV2', [
      ...x,
      n.integers([numberAt(config.axis ?? -1, `the axis of '${name}'`)], true),
    ]),
};

const MODELS: ReadonlySet<string> = new Set(['Sequential', 'Functional', 'Model']);

/** A layer of the file. */
function layerOf(json: Json, i: number): Layer & { readonly inbound: Json } {
  const layer = objectAt(json, `layer ${i}`);
  const kind = textAt(layer.class_name, `layer ${i}, its class_name`);
  const config = Array.isArray(layer.config)
    ? { layers: layer.config }
    : objectAt(layer.config, `layer ${i}, its config`);
  return { name: String(layer.name ?? config.name ?? `layer${i}`), kind, config, inbound: layer.inbound_nodes };
}

function placeholder(n: Nodes, { name, config }: Layer): string {
  const shape = listAt(config.batch_input_shape ?? config.batch_shape, `the input shape of '${name}'`);
  const dim = shape.map((size) => ({ size: size ?? -1 }));
  const dtype = config.dtype === 'int32' ? 'DT_INT32' : 'DT_FLOAT';
  return n.add(name, 'Placeholder', [], { dtype: { type: dtype }, shape: { shape: { dim } } });
}

const built = (n: Nodes, layer: Layer, x: readonly string[]): string => {
  if (MODELS.has(layer.kind)) return modelOf(n, layer, x)[0];
  const build = Object.hasOwn(KINDS, layer.kind) ? KINDS[layer.kind] : undefined;
  return build ? build(n, layer, x) : n.add(layer.name, `keras.${layer.kind}`, x);
};

/** Layers one after the other. */
function sequence(n: Nodes, layers: readonly Layer[], given: readonly string[]): string[] {
  let x = given;
  for (const layer of layers) {
    const input = layer.kind === 'InputLayer';
    if (x.length === 0) x = [placeholder(n, input ? layer : { ...layer, name: `${layer.name}_input` })];
    if (!input) x = [built(n, layer, x)];
  }
  return [...x];
}

/** Names of layers, as inputs and outputs of a model and of its layers are given: [name, call, output]. */
function namesOf(json: Json, where: string): string[] {
  const entries = listAt(json, where);
  // A single one is not in a list of its own.
  const all = typeof entries[0] === 'string' ? [entries] : entries;
  return all.map((entry) => {
    const [name, call = 0, output = 0] = listAt(entry, where);
    if (call !== 0 || output !== 0)
      fail(
        'NOT_SUPPORTED',
        `The layer '${String(name)}' is used more than once, or has several outputs, which is not supported.`,
      );
    return textAt(name, where);
  });
}

/** Layers that say which others they take. */
function functional(
  n: Nodes,
  config: JsonObject,
  layers: ReturnType<typeof layerOf>[],
  given: readonly string[],
): string[] {
  const made = new Map<string, string>();
  namesOf(config.input_layers, 'input_layers').forEach((name, i) => {
    if (given[i] !== undefined) made.set(name, given[i]);
  });
  const byName = new Map(layers.map((layer) => [layer.name, layer]));
  const resultOf = (name: string, path: readonly string[]): string => {
    const before = made.get(name);
    if (before !== undefined) return before;
    const layer = byName.get(name) ?? fail('INVALID_FORMAT', `model.json: there is no layer '${name}'.`);
    if (path.includes(name)) fail('INVALID_FORMAT', `model.json: the layer '${name}' depends on itself.`);
    const calls = listAt(layer.inbound ?? [], `the inputs of '${name}'`);
    if (calls.length > 1) fail('NOT_SUPPORTED', `The layer '${name}' is used more than once, which is not supported.`);
    const x =
      calls.length === 0
        ? []
        : namesOf(calls[0], `the inputs of '${name}'`).map((input) => resultOf(input, [...path, name]));
    const result = layer.kind === 'InputLayer' ? placeholder(n, layer) : built(n, layer, x);
    made.set(name, result);
    return result;
  };
  return namesOf(config.output_layers, 'output_layers').map((name) => resultOf(name, []));
}

/** The values of a model for given inputs, or for its own. */
function modelOf(n: Nodes, { kind, config }: Layer, given: readonly string[]): string[] {
  const layers = listAt(config.layers, 'layers').map(layerOf);
  return kind === 'Sequential' ? sequence(n, layers, given) : functional(n, config, layers, given);
}

/**
 * The graph of a model of layers; its weights get the constants that it needs.
 * @throws INVALID_FORMAT if parts are missing; NOT_SUPPORTED for layers that are used more than once, and for channels first.
 */
export function graphOfLayers(topology: JsonObject, weights: Weights): TfGraph {
  const config = isObject(topology.model_config) ? topology.model_config : topology;
  const nodes = new Nodes(weights);
  const whole = layerOf(config, 0);
  if (!MODELS.has(whole.kind))
    fail('NOT_SUPPORTED', `The model is of the class ${whole.kind}, which is not supported.`);
  const outputs = modelOf(nodes, whole, []);
  return { nodes: nodes.nodes, outputs: outputs.map(value) };
}
