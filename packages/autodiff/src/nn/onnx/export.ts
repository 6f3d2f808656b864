import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import * as ad from '../../index.ts';
import type { Layer, State } from '../layer.ts';
import { apply } from '../model.ts';
import { flattenParameters } from '../parameters.ts';
import { joined, placeOf, resolve } from '../registry.ts';
import type { Attribute, Exporter, Value } from './graph.ts';
import { bytesField, floatField, intField, intsField, joinBytes, message } from './protobuf.ts';

// Field numbers are those of onnx.proto3; operators are those of opset 17.
const OPSET = 17;
const IR_VERSION = 8;
const TYPES = { f32: 1, i32: 6, i64: 7 } as const;

/** Options of {@link toOnnx}. */
export interface OnnxOptions {
  /** Input shape; null is a dynamic batch size. */
  readonly input: ReadonlyArray<number | null>;
  /** Running statistics of batch norms; required for models that have some. */
  readonly state?: State;
  /** Shape of the source, [null, s, width], for models with cross-attention. */
  readonly source?: ReadonlyArray<number | null>;
  /** Names of inputs and outputs ('input', 'output' and 'source'). */
  readonly names?: { readonly input: string; readonly output: string; readonly source?: string };
}
const onnxKeys: OptionKeys<OnnxOptions> = { input: true, state: true, source: true, names: true };

function tensorBytes(name: string, type: keyof typeof TYPES, shape: ad.Shape, bytes: Uint8Array): Uint8Array {
  return joinBytes([intsField(1, shape), intField(2, TYPES[type]), bytesField(8, name), bytesField(9, bytes)]);
}

function attributeBytes(name: string, value: Attribute): Uint8Array {
  const kind = (type: number, ...fields: Uint8Array[]) =>
    joinBytes([bytesField(1, name), ...fields, intField(20, type)]);
  if (typeof value === 'number') return kind(2, intField(3, value));
  if (typeof value === 'string') return kind(3, bytesField(4, value));
  if ('float' in value) return kind(1, floatField(2, value.float));
  return kind(7, ...value.map((v) => intField(8, v)));
}

function infoBytes(name: string, type: keyof typeof TYPES, shape: ad.Shape): Uint8Array {
  const dims = shape.map((n) => message(1, [n < 0 ? bytesField(2, 'batch') : intField(1, n)]));
  return joinBytes([bytesField(1, name), message(2, [message(1, [intField(1, TYPES[type]), message(2, dims)])])]);
}

/** Collects the nodes and constants that layers emit. */
class Graph {
  readonly nodes: Uint8Array[] = [];
  readonly constants: Uint8Array[] = [];
  private readonly known = new Map<string, Value>();
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
    if (!change) return this.constant(full, full, () => x);
    const name = `${full}.changed${this.count++}`;
    return this.constant(name, name, () => change(x));
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
      node: (op, inputs, shape, attributes = {}) => this.node(op, inputs, shape, attributes),
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
  ): Value {
    const name = `${op.toLowerCase()}${this.count++}`;
    this.nodes.push(
      joinBytes([
        ...inputs.map((v) => bytesField(1, v.name)),
        ...[bytesField(2, name), bytesField(3, name), bytesField(4, op)],
        ...Object.entries(attributes).map(([key, value]) => bytesField(5, attributeBytes(key, value))),
      ]),
    );
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
 * [n, height, width, channels] as here, tokens as 32-bit integers. O(parameters).
 * @throws INVALID_SHAPE, INVALID_PARAMETER as `apply`, for the given shape; NOT_SUPPORTED for layers that cannot be exported.
 */
export function toOnnx(layer: Layer, parameters: ad.Tree, options: OnnxOptions): Uint8Array {
  knownKeys('toOnnx', options, onnxKeys);
  const { input, state = {}, source, names = { input: 'input', output: 'output' } } = options;
  for (const [given, example] of [
    [input, '[null, 28, 28, 1]'],
    [source ?? [1], '[null, 28, 64] for the source'],
  ] as const) {
    if (!Array.isArray(given) || !given.every((n, d) => (n === null && d === 0) || (Number.isInteger(n) && n > 0)))
      fail('INVALID_PARAMETER', `toOnnx takes the input shape, such as ${example}; only the first axis may be null.`);
  }
  const flat = flattenParameters(parameters);
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
  const rename = joinBytes([bytesField(1, y.name), bytesField(2, names.output), bytesField(4, 'Identity')]);
  const batch = input[0] === null;
  const out = made.shape.map((n, d) => (batch && d === 0 ? -1 : n));
  const body = joinBytes([
    ...[...graph.nodes, rename].map((node) => bytesField(1, node)),
    bytesField(2, 'southwell'),
    ...graph.constants.map((c) => bytesField(5, c)),
    bytesField(11, infoBytes(names.input, type, open(input))),
    ...(second ? [bytesField(11, infoBytes(second.name, 'f32', second.shape))] : []),
    bytesField(12, infoBytes(names.output, 'f32', out)),
  ]);
  return joinBytes([
    ...[intField(1, IR_VERSION), bytesField(2, 'southwell'), bytesField(7, body)],
    message(8, [bytesField(1, ''), intField(2, OPSET)]),
  ]);
}
