import type { Attributes, Emitter } from './emitter.ts';
import { attr, type TfNode, typeOf } from './nodes.ts';

/** A translation of a node, given the names of its inputs, to the name of its value or the names of its outputs. */
export type Translation = (e: Emitter, x: readonly string[], node: TfNode) => string | readonly string[];

/** The same operator, with the same inputs. */
const as =
  (op: string, attributes: Attributes = {}): Translation =>
  (e, x) =>
    e.node(op, x, attributes);
const not =
  (op: string): Translation =>
  (e, x) =>
    e.node('Not', [e.node(op, x)]);

/** Numbers of the element type of ONNX, as Cast's `to` has it. */
const CASTS: Readonly<Record<string, number>> = { f32: 1, i64: 7, bool: 9 };
const whole = (node: TfNode): boolean => attr.type(node, 'T') === 'i64';

/** Adds a bias along the channels, which are last unless the data are NCHW. */
export function biased(e: Emitter, x: string, bias: string, format: string): string {
  // Of [c, 1, 1], which broadcasts along the second axis of images.
  return e.node('Add', [x, format === 'NCHW' ? e.node('Reshape', [bias, e.integers([-1, 1, 1])]) : bias]);
}

const clip = (e: Emitter, x: string, low: number, high: number): string =>
  e.node('Clip', [x, e.real(low), e.real(high)]);

/** The functions that fused operators apply, by their names there. */
export function activated(
  e: Emitter,
  x: string,
  name: string,
  node: TfNode,
  more: readonly string[],
): string | undefined {
  if (name === 'Relu6') return clip(e, x, 0, 6);
  if (name === 'LeakyRelu')
    return e.node('LeakyRelu', [x], { alpha: { float: attr.real(node, 'leakyrelu_alpha', 0.2) } });
  if (name === 'Prelu') return e.node('PRelu', [x, more[0]]);
  return ['Relu', 'Elu', 'Sigmoid', 'Tanh'].includes(name) ? e.node(name, [x]) : undefined;
}

/** Division towards −∞. */
const floorDiv: Translation = (e, x, node) =>
  whole(node) ? e.node('Div', [e.node('Sub', [x[0], e.node('Mod', x)]), x[1]]) : e.node('Floor', [e.node('Div', x)]);
const floorMod: Translation = (e, x, node) =>
  whole(node) ? e.node('Mod', x) : e.node('Sub', [x[0], e.node('Mul', [e.node('Floor', [e.node('Div', x)]), x[1]])]);

function divNoNan(e: Emitter, [a, b]: readonly string[]): string {
  const none = e.node('Equal', [b, e.real(0)]);
  return e.node('Where', [none, e.real(0), e.node('Div', [a, e.node('Where', [none, e.real(1), b])])]);
}

/** Reductions of booleans, as those of integers. */
export const ofTruths =
  (op: string): Translation =>
  (e, x, node) => {
    const numbers = e.node('Cast', [x[0]], { to: 7 });
    const keepdims = attr.flag(node, 'keep_dims') ? 1 : 0;
    const axes = e.integers(e.numbers(node, 1, 'list of axes'));
    return e.node('Cast', [e.node(op, [numbers, axes], { keepdims })], { to: 9 });
  };

/** Elementwise operators of TensorFlow by name. */
export const elementwise: Readonly<Record<string, Translation>> = {
  ...Object.fromEntries(
    [
      'Abs',
      'Neg',
      'Exp',
      'Log',
      'Sqrt',
      'Sin',
      'Cos',
      'Tan',
      'Tanh',
      'Sigmoid',
      'Relu',
      'Elu',
      'Selu',
      'Softplus',
      'Softsign',
    ].map((op) => [op, as(op)]),
  ),
  ...{ Erf: as('Erf'), Floor: as('Floor'), Ceil: as('Ceil'), Round: as('Round'), Sign: as('Sign'), Pow: as('Pow') },
  ...{ Add: as('Add'), AddV2: as('Add'), AddN: as('Sum'), Sub: as('Sub'), Mul: as('Mul') },
  ...{ RealDiv: as('Div'), Div: as('Div'), Maximum: as('Max'), Minimum: as('Min'), Prelu: as('PRelu') },
  ...{
    Reciprocal: as('Reciprocal'),
    Inv: as('Reciprocal'),
    IsNan: as('IsNaN'),
    Select: as('Where'),
    SelectV2: as('Where'),
  },
  ...{ Equal: as('Equal'), NotEqual: not('Equal'), Less: as('Less'), LessEqual: as('LessOrEqual') },
  ...{ Greater: as('Greater'), GreaterEqual: as('GreaterOrEqual'), LogicalNot: as('Not') },
  ...{ LogicalAnd: as('And'), LogicalOr: as('Or'), LogicalXor: as('Xor') },
  Square: (e, [x]) => e.node('Mul', [x, x]),
  SquaredDifference: (e, x) => {
    const apart = e.node('Sub', x);
    return e.node('Mul', [apart, apart]);
  },
  Rsqrt: (e, x) => e.node('Reciprocal', [e.node('Sqrt', x)]),
  Expm1: (e, x) => e.node('Sub', [e.node('Exp', x), e.real(1)]),
  Log1p: (e, [x]) => e.node('Log', [e.node('Add', [x, e.real(1)])]),
  Relu6: (e, [x]) => clip(e, x, 0, 6),
  ClipByValue: (e, x) => e.node('Min', [e.node('Max', [x[0], x[1]]), x[2]]),
  LeakyRelu: (e, x, node) => e.node('LeakyRelu', x, { alpha: { float: attr.real(node, 'alpha', 0.2) } }),
  BiasAdd: (e, [x, bias], node) => biased(e, x, bias, attr.text(node, 'data_format', 'NHWC')),
  ...{ FloorDiv: floorDiv, FloorMod: floorMod, Mod: floorMod, DivNoNan: divNoNan },
  Cast: (e, x, node) => {
    const to = typeOf((node.attributes.DstT as { type?: unknown } | undefined)?.type);
    return e.node('Cast', [x[0]], { to: CASTS[to ?? 'f32'] ?? 1 });
  },
  ...{ All: ofTruths('ReduceMin'), Any: ofTruths('ReduceMax') },
  Softmax: as('Softmax', { axis: -1 }),
  LogSoftmax: as('LogSoftmax', { axis: -1 }),
};
