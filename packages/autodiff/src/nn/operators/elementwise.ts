import * as ad from '../../index.ts';
import { bool, type Call, classed, float, int, type Operator, type Val } from './call.ts';

// Elementwise operators. Those of numbers keep the class of their inputs.

type Unary = (x: ad.Tensor, c: Call) => ad.Tensor;
const real =
  (f: Unary): Operator =>
  (c) =>
    float(f(c.float(0), c));
const alike =
  (f: Unary): Operator =>
  (c) => {
    const v = c.x(0);
    return { class: v.class, t: f(v.t, c) };
  };

type Binary = (a: ad.Tensor, b: ad.Tensor) => ad.Tensor;
/** Both inputs in the class of the first that is floating-point, or else of the first. */
function pair(c: Call): readonly [Val, Val] {
  const [a, b] = [c.x(0), c.x(1)];
  const to = b.class === 'float' ? 'float' : a.class;
  return [classed(a, to, c.real), classed(b, to, c.real)];
}
const arithmetic =
  (f: Binary, whole: Binary = f): Operator =>
  (c) => {
    const [a, b] = pair(c);
    return { class: a.class, t: (a.class === 'float' ? f : whole)(a.t, b.t) };
  };
const comparison =
  (f: Binary): Operator =>
  (c) => {
    const [a, b] = pair(c);
    return bool(f(a.t, b.t));
  };
const logical =
  (f: Binary): Operator =>
  (c) =>
    bool(f(c.x(0).t, c.x(1).t));
/** Any number of inputs. */
const folded =
  (f: Binary): Operator =>
  (c) =>
    c.all().reduce((a, b) => ({ class: a.class, t: f(a.t, b.t) }));

const truncated: Binary = (a, b) => {
  const q = ad.div(a, b);
  return ad.mul(ad.sign(q), ad.floor(ad.abs(q)));
};
const flooredMod: Binary = (a, b) => ad.sub(a, ad.mul(ad.floor(ad.div(a, b)), b));
const truncatedMod: Binary = (a, b) => ad.sub(a, ad.mul(truncated(a, b), b));

export const leaky = (x: ad.Tensor, alpha: number): ad.Tensor => ad.where(ad.less(x, 0), ad.mul(x, alpha), x);
const elu = (x: ad.Tensor, alpha: number): ad.Tensor =>
  // The exponential of the positive part is not taken, so that its derivative does not overflow.
  ad.where(ad.greater(x, 0), x, ad.mul(ad.expm1(ad.minimum(x, 0)), alpha));
export const hardSigmoid = (x: ad.Tensor, alpha: number, beta: number): ad.Tensor =>
  ad.clip(ad.add(ad.mul(x, alpha), beta), 0, 1);
/** The approximation of GELU by tanh. */
export const tanhGelu = (x: ad.Tensor): ad.Tensor =>
  ad.mul(
    ad.mul(x, 0.5),
    ad.add(ad.tanh(ad.mul(ad.add(x, ad.mul(ad.mul(ad.square(x), x), 0.044715)), Math.sqrt(2 / Math.PI))), 1),
  );

const activations: Readonly<Record<string, Operator>> = {
  Relu: alike((x) => ad.relu(x)),
  LeakyRelu: real((x, c) => leaky(x, c.real1('alpha', 0.01))),
  PRelu: (c) => {
    const x = c.float(0);
    return float(ad.where(ad.less(x, 0), ad.mul(x, c.float(1)), x));
  },
  Elu: real((x, c) => elu(x, c.real1('alpha', 1))),
  Celu: real((x, c) => {
    const alpha = c.real1('alpha', 1);
    return ad.add(ad.maximum(x, 0), ad.mul(ad.expm1(ad.div(ad.minimum(x, 0), alpha)), alpha));
  }),
  Selu: real((x, c) => ad.mul(elu(x, c.real1('alpha', 1.6732632423543772)), c.real1('gamma', 1.0507009873554805))),
  ThresholdedRelu: real((x, c) => ad.where(ad.greater(x, c.real1('alpha', 1)), x, 0)),
  Gelu: real((x, c) => (c.text('approximate', 'none') === 'tanh' ? tanhGelu(x) : ad.gelu(x))),
  Sigmoid: real(ad.sigmoid),
  HardSigmoid: real((x, c) => hardSigmoid(x, c.real1('alpha', 0.2), c.real1('beta', 0.5))),
  HardSwish: real((x) => ad.mul(x, hardSigmoid(x, 1 / 6, 0.5))),
  Mish: real((x) => ad.mul(x, ad.tanh(ad.softplus(x)))),
  Shrink: real((x, c) => {
    const [limit, bias] = [c.real1('lambd', 0.5), c.real1('bias', 0)];
    const [low, high] = [ad.less(x, -limit), ad.greater(x, limit)];
    return ad.where(low, ad.add(x, bias), ad.where(high, ad.sub(x, bias), 0));
  }),
  Softplus: real(ad.softplus),
  Softsign: real((x) => ad.div(x, ad.add(ad.abs(x), 1))),
  Tanh: real(ad.tanh),
  Clip: (c) => {
    const v = c.x(0);
    const bound = (i: number, name: string, none: number): ad.Tensor | number =>
      c.has(i) ? ad.cast(c.x(i).t, v.t.dtype) : c.real1(name, none);
    return { class: v.class, t: ad.clip(v.t, bound(1, 'min', -Infinity), bound(2, 'max', Infinity)) };
  },
};

/** Elementwise operators by name. */
export const elementwise: Readonly<Record<string, Operator>> = {
  ...activations,
  ...{ Exp: real(ad.exp), Log: real(ad.log), Sqrt: real(ad.sqrt), Erf: real(ad.erf) },
  ...{ Sin: real(ad.sin), Cos: real(ad.cos), Reciprocal: real(ad.reciprocal) },
  ...{ Abs: alike(ad.abs), Neg: alike(ad.neg), Sign: alike(ad.sign) },
  ...{ Floor: real(ad.floor), Ceil: real(ad.ceil), Round: real(ad.round) },
  ...{ Add: arithmetic(ad.add), Sub: arithmetic(ad.sub), Mul: arithmetic(ad.mul), Div: arithmetic(ad.div, truncated) },
  Pow: (c) => {
    const base = c.x(0);
    const power = ad.pow(base.t, ad.cast(c.x(1).t, base.t.dtype));
    // Powers are within a few ulp: those of integers are rounded.
    return base.class === 'float' ? float(power) : int(ad.round(power));
  },
  Mod: (c) => arithmetic(c.int('fmod', 0) ? truncatedMod : flooredMod)(c),
  ...{ Max: folded(ad.maximum), Min: folded(ad.minimum), Sum: folded(ad.add) },
  Mean: (c) => float(ad.div((folded(ad.add)(c) as Val).t, c.count)),
  ...{ Equal: comparison(ad.equal), Less: comparison(ad.less), LessOrEqual: comparison(ad.lessEqual) },
  ...{ Greater: comparison(ad.greater), GreaterOrEqual: comparison(ad.greaterEqual) },
  ...{ And: logical(ad.mul), Or: logical(ad.maximum), Xor: logical(ad.notEqual) },
  Not: (c) => bool(ad.equal(c.x(0).t, 0)),
  IsInf: (c) => {
    const x = c.float(0);
    const ends = [c.int('detect_positive', 1) && Infinity, c.int('detect_negative', 1) && -Infinity];
    const none = ad.full(x.shape, 0, c.real);
    return bool(
      ends.reduce<ad.Tensor>((found, end) => (end === 0 ? found : ad.maximum(found, ad.equal(x, end))), none),
    );
  },
  ...{ Tan: real(ad.tan), Asin: real(ad.asin), Acos: real(ad.acos), Atan: real(ad.atan) },
  ...{ Sinh: real(ad.sinh), Cosh: real(ad.cosh), Asinh: real(ad.asinh), Acosh: real(ad.acosh), Atanh: real(ad.atanh) },
  IsNaN: (c) => bool(ad.notEqual(c.x(0).t, c.x(0).t)),
  Where: (c) => {
    const [a, b] = [c.x(1), c.x(2)];
    return { class: a.class, t: ad.where(ad.cast(c.x(0).t, a.t.dtype), a.t, ad.cast(b.t, a.t.dtype)) };
  },
  Identity: (c) => c.x(0),
  Dropout: (c) => [c.x(0), bool(ad.full(c.x(0).t.shape, 1, 'f64'))],
};
