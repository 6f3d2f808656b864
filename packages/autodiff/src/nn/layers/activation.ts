import * as ad from '../../index.ts';
import { choice } from '../fields.ts';
import { type LayerKind, maker } from '../kind.ts';
import type { Layer } from '../layer.ts';
import type { Exporter, Value } from '../onnx/graph.ts';

/** An activation: its function and its ONNX nodes. */
interface Function {
  readonly f: (x: ad.Tensor) => ad.Tensor;
  readonly onnx: (e: Exporter, x: Value) => Value;
}
const node =
  (op: string, attributes = {}) =>
  (e: Exporter, x: Value): Value =>
    e.node(op, [x], x.shape, attributes);

/** Constants of the approximation of GELU by tanh (Hendrycks & Gimpel 2016). */
const [CUBIC, SCALE] = [0.044715, Math.sqrt(2 / Math.PI)];

const functions = {
  relu: { f: ad.relu, onnx: node('Relu') },
  gelu: {
    f: ad.gelu,
    onnx: (e, x) => {
      const inner = e.node('Erf', [e.node('Mul', [x, e.number(Math.SQRT1_2)], x.shape)], x.shape);
      const half = e.node('Mul', [x, e.number(0.5)], x.shape);
      return e.node('Mul', [half, e.node('Add', [inner, e.number(1)], x.shape)], x.shape);
    },
  },
  'gelu-tanh': {
    f: (x) =>
      ad.mul(ad.mul(x, 0.5), ad.add(ad.tanh(ad.mul(ad.add(x, ad.mul(ad.mul(ad.square(x), x), CUBIC)), SCALE)), 1)),
    onnx: (e, x) => {
      const times = (a: Value, b: Value) => e.node('Mul', [a, b], x.shape);
      const cube = times(times(times(x, x), x), e.number(CUBIC));
      const inner = e.node('Tanh', [times(e.node('Add', [x, cube], x.shape), e.number(SCALE))], x.shape);
      return times(times(x, e.number(0.5)), e.node('Add', [inner, e.number(1)], x.shape));
    },
  },
  silu: { f: ad.silu, onnx: (e, x) => e.node('Mul', [x, e.node('Sigmoid', [x], x.shape)], x.shape) },
  'leaky-relu': { f: (x) => ad.leakyRelu(x), onnx: node('LeakyRelu', { alpha: { float: 0.01 } }) },
  elu: { f: (x) => ad.elu(x), onnx: node('Elu') },
  celu: { f: (x) => ad.celu(x), onnx: node('Celu') },
  selu: { f: ad.selu, onnx: node('Selu') },
  softsign: { f: ad.softsign, onnx: node('Softsign') },
  hardtanh: {
    f: (x) => ad.hardtanh(x),
    onnx: (e, x) => e.node('Clip', [x, e.number(-1), e.number(1)], x.shape),
  },
  tanh: { f: ad.tanh, onnx: node('Tanh') },
  sigmoid: { f: ad.sigmoid, onnx: node('Sigmoid') },
  softplus: { f: ad.softplus, onnx: node('Softplus') },
  softmax: { f: (x) => ad.softmax(x), onnx: node('Softmax', { axis: -1 }) },
  'log-softmax': { f: (x) => ad.logSoftmax(x), onnx: node('LogSoftmax', { axis: -1 }) },
} satisfies Readonly<Record<string, Function>>;

/** The name of an activation. */
export type ActivationName = keyof typeof functions;
export const activationNames = Object.keys(functions) as ActivationName[];

/** Options of {@link activation}. */
export interface ActivationOptions {
  /** Name of the activation. */
  readonly name: ActivationName;
}

export const activationKind: LayerKind<ActivationOptions> = {
  kind: 'activation',
  options: { name: choice(activationNames) },
  apply: ({ name }, _, x) => functions[name].f(x),
  onnx: ({ name }, e, x) => functions[name].onnx(e, x),
};

/**
 * An activation by name: elementwise, or along the last axis (softmax, log-softmax). O(size).
 * @throws INVALID_PARAMETER for an unknown activation.
 */
export const activation = maker(activationKind);

const shortcut = (name: ActivationName) => (): Layer => activation({ name });
/** max(x, 0). */
export const relu = shortcut('relu');
/** x·Φ(x), exact rather than the tanh approximation (Hendrycks & Gimpel 2016). */
export const gelu = shortcut('gelu');
/** x·σ(x). */
export const silu = shortcut('silu');
/** x where it is positive, else 0.01·x. */
export const leakyRelu = shortcut('leaky-relu');
/** x where it is positive, else eˣ − 1 (Clevert et al. 2016). */
export const elu = shortcut('elu');
/** Hyperbolic tangent. */
export const tanh = shortcut('tanh');
/** 1/(1 + e⁻ˣ). */
export const sigmoid = shortcut('sigmoid');
/** Softmax along the last axis. */
export const softmax = shortcut('softmax');
