import { fail } from '@southwell/numerics/core';
import type { Shape, Tensor } from '../../index.ts';
import type { State } from '../layer.ts';
import {
  classOf,
  type GraphBody,
  type GraphNode,
  type GraphOptions,
  type GraphValue,
  type NodeAttribute,
  placeOfNode,
} from '../operators/description.ts';
import { operatorOf } from '../operators/index.ts';
import { withInner } from '../operators/order.ts';
import {
  domainOf,
  fileBytes,
  graphBytes,
  infoBytes,
  isWritten,
  nodeBytes,
  tensorBytes,
  type Written,
  type WrittenAttribute,
} from './messages.ts';

/** The numbers of a type, as they are in a file. */
function numbersOf(type: Written, values: ArrayLike<number>): Uint8Array {
  const arrays = {
    u8: Uint8Array,
    bool: Uint8Array,
    i8: Int8Array,
    u16: Uint16Array,
    i16: Int16Array,
    i32: Int32Array,
  };
  if (type === 'f32') return new Uint8Array(Float32Array.from(values).buffer);
  if (type === 'u4' || type === 'i4') {
    const bytes = new Uint8Array(Math.ceil(values.length / 2));
    for (let i = 0; i < values.length; i++) bytes[i >> 1] |= (values[i] & 15) << (i % 2 === 0 ? 0 : 4);
    return bytes;
  }
  if (type === 'u32') return new Uint8Array(Uint32Array.from(values).buffer);
  if (type === 'i64' || type === 'u64') {
    // Doubles round the largest integers, which stand for the end of an axis, up.
    const whole = Array.from(values, (v) => BigInt.asIntN(64, BigInt(v >= 2 ** 63 ? 2n ** 63n - 1n : BigInt(v))));
    return new Uint8Array(BigInt64Array.from(whole).buffer);
  }
  return new Uint8Array(arrays[type].from(Array.from(values)).buffer);
}

/** Floating-point types that are written in single precision. */
const SINGLE: readonly string[] = ['f16', 'bf16', 'f64'];
const written = (type: string): Written => (classOf(type) === 'float' ? 'f32' : (type as Written));

/** A value of a body, whose type need not be known. */
const declared = ({ name, type, shape }: GraphValue): Uint8Array =>
  infoBytes(name, isWritten(type) ? type : SINGLE.includes(type) ? 'f32' : undefined, shape);

/** A graph as an ONNX file of its own opset, with all its inputs and outputs. */
export function writeGraph(
  g: GraphOptions,
  parameters: Readonly<Record<string, Tensor>>,
  state: State,
  metadata?: Readonly<Record<string, string>>,
): Uint8Array {
  const tensor = (name: string, type: string, shape: Shape, values: ArrayLike<number>): Uint8Array =>
    tensorBytes(name, written(type), shape, numbersOf(written(type), values));
  const whole = (name: string, t: Tensor): Uint8Array => tensor(name, 'f32', t.shape, t.data());
  const constant = (name: string, value: Uint8Array): Uint8Array => nodeBytes('Constant', name, [], [name], { value });
  // Branches that were chosen while reading may have brought nodes of the same name, which onnxruntime refuses.
  const names = new Set(['']);
  const unlike = (name: string): string => {
    let made = name;
    for (let k = 1; name !== '' && names.has(made); k++) made = `${name}.${k}`;
    names.add(made);
    return made;
  };
  const body = ({ inputs, outputs, nodes }: GraphBody): Uint8Array =>
    graphBytes({
      nodes: nodes.map(node),
      initialisers: [],
      ...{ inputs: inputs.map(declared), outputs: outputs.map(declared) },
    });
  const attribute = (name: string, value: NodeAttribute, op: string): WrittenAttribute => {
    if (typeof value === 'object' && 'graph' in value) return { graph: body(value.graph) };
    if (typeof value === 'object' && 'numbers' in value) {
      const type = value.class === 'float' ? 'f32' : value.class === 'bool' ? 'bool' : 'i64';
      return tensor('', type, [value.numbers.length], value.numbers.map(Number));
    }
    // Half and double precision are written as single.
    return op === 'Cast' && name === 'to' && [10, 11, 16].includes(value as number) ? 1 : value;
  };
  const statistics = new Set(
    withInner(g.nodes).flatMap(({ op, inputs }) => (op === 'BatchNormalization' ? inputs.slice(3, 5) : [])),
  );
  const get = (name: string): Tensor =>
    state[name] ??
    fail('INVALID_PARAMETER', `The graph needs the state '${name}': toOnnx(model, parameters, { state }).`);
  const ofState = (as: string, name: string): Uint8Array => {
    const t = get(name);
    return tensor(as, g.types?.[name] ?? 'f32', t.shape, t.data());
  };
  // Constants are nodes and not initialisers, so that they are not parameters when the file is read again.
  const constants = [
    ...Object.entries(g.constants).map(([name, c]) =>
      constant(name, tensor('', c.type, c.shape, c.values.map(Number))),
    ),
    ...Object.keys(g.state).flatMap((name) => (statistics.has(name) ? [] : [constant(name, ofState('', name))])),
  ];
  const node = (node: GraphNode): Uint8Array => {
    if (!operatorOf(node.op))
      fail('NOT_SUPPORTED', `${placeOfNode(node)}: its operator is not supported, so that it cannot be written.`);
    const attributes = Object.entries(node.attributes).map(([name, v]) => [name, attribute(name, v, node.op)] as const);
    return nodeBytes(node.op, unlike(node.name), node.inputs, node.outputs, Object.fromEntries(attributes));
  };
  const initialisers = [
    ...Object.keys(g.parameters).map((name) => whole(name, parameters[name])),
    ...Object.keys(g.state).flatMap((name) => (statistics.has(name) ? [ofState(name, name)] : [])),
  ];
  const [inputs, outputs] = [g.inputs, g.outputs].map((all) =>
    all.map(({ name, type, shape }) => infoBytes(name, written(type), shape)),
  );
  const domains = [...new Set(withInner(g.nodes).map(({ op }) => domainOf(op)))].filter((domain) => domain !== '');
  return fileBytes(
    { nodes: [...constants, ...g.nodes.map(node)], initialisers, inputs, outputs },
    g.opset,
    metadata,
    domains,
  );
}
