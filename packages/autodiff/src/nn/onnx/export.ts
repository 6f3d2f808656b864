import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import type { Layer, State, WeightTree } from '../layer.ts';
import { apply } from '../model.ts';
import type { GraphOptions } from '../operators/description.ts';
import { unpackParameters } from '../parameters.ts';
import { joined, placeOf, resolve } from '../registry.ts';
import { checkParameters } from '../weights.ts';
import type { Attribute, Exporter, Value } from './graph.ts';
import { fileBytes, infoBytes, nodeBytes, tensorBytes } from './messages.ts';
import { writeGraph } from './writeGraph.ts';

/** Version of ONNX's operators that layers emit. */
const OPSET = 17;

/** Options of {@link toOnnx}. */
export interface OnnxOptions {
  /** Input shape; null is a dynamic batch size. Required but for a graph, which has its own. */
  readonly input?: ReadonlyArray<number | null>;
  /** Running statistics of batch norms; required for models that have some. */
  readonly state?: State;
  /** Shape of the source, [null, s, width], for models with cross-attention. */
  readonly source?: ReadonlyArray<number | null>;
  /** Names of inputs and outputs ('input', 'output' and 'source'). */
  readonly names?: { readonly input: string; readonly output: string; readonly source?: string };
  /** What programs that read it should know, such as `Image.NominalPixelRange`. */
  readonly metadata?: Readonly<Record<string, string>>;
}
const onnxKeys: OptionKeys<OnnxOptions> = { metadata: true, input: true, state: true, source: true, names: true };

/** Collects the nodes and constants that layers emit. */
class Graph {
  readonly nodes: Uint8Array[] = [];
  readonly constants: Uint8Array[] = [];
  private readonly known = new Map<string, Value>();
  private readonly uses = new Map<string, number>();
  private count = 0;

  constructor(
    private readonly parameters: Readonly<Record<string, ad.Tensor>>,
    private readonly state: State,
    private readonly source: Value | undefined,
  ) {}

  private constant(key: string, name: string, x: () => ad.Tensor): Value {
    const before = this.known.get(key);
    if (before) return before;
    const t = x();
    const values = Float32Array.from(t.data());
    this.constants.push(tensorBytes(name, 'f32', t.shape, new Uint8Array(values.buffer)));
    const value = { name, shape: t.shape };
    this.known.set(key, value);
    return value;
  }

  private fresh(t: ad.Tensor): Value {
    const name = `constant${this.count++}`;
    return this.constant(name, name, () => t);
  }

  private parameter(full: string, change?: (x: ad.Tensor) => ad.Tensor): Value {
    const x = this.parameters[full];
    const used = this.uses.get(full) ?? 0;
    this.uses.set(full, used + 1);
    // Parameters keep their names, also where axes are in another order; numbered where a network needs several.
    const name = used === 0 ? full : `${full}.${used + 1}`;
    return change ? this.constant(name, name, () => change(x)) : this.whole(full, name, x);
  }

  /** A parameter as it is, only once. */
  private whole(full: string, name: string, x: ad.Tensor): Value {
    return this.constant(`${full} as it is`, name, () => x);
  }

  layer(layer: Layer, path: string, x: Value): Value {
    const { kind, options, children } = resolve(layer, path);
    const where = placeOf(path, kind.kind);
    const exporter: Exporter = {
      where,
      children: Object.keys(children),
      param: (name, change) => this.parameter(joined(path, name), change),
      shared: (name, change) => this.parameter(name, change),
      state: (name) => this.constant(joined(path, name), joined(path, name), () => this.state[joined(path, name)]),
      source: this.source,
      number: (value) => this.constant(`#${value}`, `number${this.count++}`, () => ad.tensor(value)),
      constant: (t) => this.fresh(t),
      integers: (values) => this.integers(values),
      node: (op, inputs, shape, attributes = {}) => this.node(op, inputs, shape, attributes, path),
      child: (name, v) => this.layer(children[name], joined(path, name), v),
      refuse: (why) => fail('NOT_SUPPORTED', `${where} ${why}`),
    };
    if (!kind.onnx) return exporter.refuse('cannot be exported to ONNX.');
    return kind.onnx(options, exporter, x);
  }

  node(
    op: string,
    inputs: readonly Value[],
    shape: ad.Shape,
    attributes: Readonly<Record<string, Attribute>> = {},
    path = '',
  ): Value {
    // As exporters of other libraries name nodes: by the layer and the operator.
    const name = `${path === '' ? '' : `${path}/`}${op.toLowerCase()}${this.count++}`;
    const names = inputs.map((v) => v.name);
    this.nodes.push(nodeBytes(op, name, names, [name], attributes));
    return { name, shape };
  }

  private integers(values: readonly number[]): Value {
    const key = `integers ${values}`;
    const before = this.known.get(key);
    if (before) return before;
    const name = `integers${this.count++}`;
    const bytes = new Uint8Array(BigInt64Array.from(values, BigInt).buffer);
    this.constants.push(tensorBytes(name, 'i64', [values.length], bytes));
    const value = { name, shape: [values.length] };
    this.known.set(key, value);
    return value;
  }
}

/** Whether the input is tokens. */
function takesTokens(layer: Layer): boolean {
  const { kind, children } = resolve(layer, '');
  const [inner] = Object.values(children);
  return (
    kind.kind === 'embedding' ||
    (['sequential', 'residual'].includes(kind.kind) && inner !== undefined && takesTokens(inner))
  );
}

/**
 * Exports a model in inference mode as an ONNX file (opset 17), for onnxruntime and others: single precision, images
 * [n, height, width, channels] as here, tokens as 32-bit integers. A graph that `read` returned is written as it came, with its own inputs, outputs
 * and opset. O(parameters).
 * @throws INVALID_SHAPE, INVALID_PARAMETER as `apply`, for the given shape; NOT_SUPPORTED for layers that cannot be exported.
 */
export const toOnnx = ad.withLine((layer: Layer, parameters: WeightTree, options: OnnxOptions = {}): Uint8Array => {
  knownKeys('toOnnx', options, onnxKeys);
  const whole = resolve(layer, '');
  if (whole.kind.kind === 'graph') {
    const flat = unpackParameters(parameters);
    checkParameters(layer, flat);
    return writeGraph(whole.options as GraphOptions, flat, options.state ?? {}, options.metadata);
  }
  const { input = [], state = {}, source, names = { input: 'input', output: 'output' } } = options;
  for (const [given, example] of [
    [input, '[null, 28, 28, 1]'],
    [source ?? [1], '[null, 28, 64] for the source'],
  ] as const) {
    if (
      !Array.isArray(given) ||
      given.length === 0 ||
      !given.every((n, d) => (n === null && d === 0) || (Number.isInteger(n) && n > 0))
    )
      fail('INVALID_PARAMETER', `toOnnx takes the input shape, such as ${example}; only the first axis may be null.`);
  }
  const flat = unpackParameters(parameters);
  const type = takesTokens(layer) ? 'i32' : 'f32';
  // Shape errors are raised here, with the layer's own message.
  const [shape, other] = [input, source].map((given) => given?.map((n) => n ?? 1));
  const dtype = Object.values(flat)[0]?.dtype === 'f64' ? 'f64' : 'f32';
  const zeros = (of: readonly number[], kind: ad.DType): ad.Tensor =>
    ad.tensor(new Float64Array(of.reduce((a, b) => a * b, 1)), { shape: of, dtype: kind });
  const sample = zeros(shape!, type === 'i32' ? 'i32' : dtype);
  const made = apply(layer, flat, sample, { state, ...(other ? { source: zeros(other, dtype) } : {}) });
  const open = (given: ReadonlyArray<number | null>): number[] => given.map((n) => n ?? -1);
  const second = source && { name: names.source ?? 'source', shape: open(source) };
  const graph = new Graph(flat, state, second);
  const y = graph.layer(layer, '', { name: names.input, shape: open(input) });
  const rename = nodeBytes('Identity', '', [y.name], [names.output], {});
  const batch = input[0] === null;
  const named = (of: ad.Shape) => of.map((n) => (n < 0 ? 'batch' : n));
  const out = made.shape.map((n, d) => (batch && d === 0 ? -1 : n));
  const parts = {
    nodes: [...graph.nodes, rename],
    initialisers: graph.constants,
    inputs: [
      infoBytes(names.input, type, named(open(input))),
      ...(second ? [infoBytes(second.name, 'f32', named(second.shape))] : []),
    ],
    outputs: [infoBytes(names.output, 'f32', named(out))],
  };
  return fileBytes(parts, OPSET, options.metadata);
});
