import * as real from '../functions/functions.ts';
import { constant } from '../ops/constants.ts';
import { clip, where } from '../ops/elementwise.ts';
import { cosh as realCosh, sinh as realSinh, tan as realTan } from '../ops/special.ts';
import { broadcastTo } from '../ops/views.ts';
import type { Tensor } from '../tensor.ts';
import { abs, angle, mul, reciprocal } from './arithmetic.ts';
import { type Complex, complexOf, type Operand, paired, partsOf, zerosLike } from './complex.ts';

// Elementary functions of complex numbers, elementwise, with the usual branch cuts along the axes (Kahan 1987); zeros count
// as positive there, whatever their sign. All throw INVALID_PARAMETER for what is neither complex nor a real tensor or
// number. O(size).

type Unary = (z: Operand) => Complex;

/** eᶻ. */
export const exp: Unary = (z) => {
  const { re, im } = complexOf('exp', z);
  const r = real.exp(re);
  return { re: real.mul(r, real.cos(im)), im: real.mul(r, real.sin(im)) };
};

/** The natural logarithm, log |z| + i·arg z; cut along the negative real axis. */
export const log: Unary = (z) => {
  const parts = complexOf('log', z);
  return { re: real.log(abs(parts)), im: angle(parts) };
};

/** The square root with a real part of at least 0; cut along the negative real axis. 0 has no derivative. */
export const sqrt: Unary = (z) => {
  const { re, im } = complexOf('sqrt', z);
  const half = real.mul(real.add(abs({ re, im }), real.abs(re)), 0.5);
  const zero = real.equal(half, 0);
  // The root of larger magnitude of the two parts; the other follows from 2·re·im without cancellation.
  const major = real.sqrt(where(zero, 1, half));
  const minor = real.div(real.mul(real.abs(im), 0.5), major);
  const right = real.lessEqual(0, re);
  const signed = (x: Tensor): Tensor => where(real.less(im, 0), real.neg(x), x);
  return {
    re: where(zero, 0, where(right, major, minor)),
    im: where(zero, 0, signed(where(right, minor, major))),
  };
};

/** z by itself n times, in O(log n) products. */
function power(z: Complex, n: number): Complex {
  if (n === 0) return { re: broadcastTo(constant(1, z.re.dtype), z.re.shape), im: zerosLike(z.im) };
  if (n === 1) return z;
  const half = power(z, Math.floor(n / 2));
  const even = mul(half, half);
  return n % 2 === 0 ? even : mul(even, z);
}

/**
 * zʷ: by products for a whole number w of magnitude up to 64, otherwise the principal value e^(w·log z); 0 to a power
 * with positive real part is 0.
 */
export function pow(z: Operand, w: Operand): Complex {
  if (typeof w === 'number' && Number.isInteger(w) && Math.abs(w) <= 64) {
    const raised = power(complexOf('pow', z), Math.abs(w));
    return w < 0 ? reciprocal(raised) : raised;
  }
  const [base, exponent] = partsOf('pow', [z, w]).map(({ re, im }) => ({ re, im: im ?? zerosLike(re) }));
  const zero = real.mul(real.equal(base.re, 0), real.equal(base.im, 0));
  const { re, im } = exp(mul(exponent, log({ re: where(zero, 1, base.re), im: base.im })));
  // 0⁰ = 1; other powers of 0 without a positive real part are not defined.
  const isOne = real.mul(real.equal(exponent.re, 0), real.equal(exponent.im, 0));
  const ofZero = where(real.less(0, exponent.re), 0, where(isOne, 1, Number.NaN));
  return paired(where(zero, ofZero, re), where(zero, real.mul(ofZero, 0), im));
}

/** Hyperbolic sine. */
export const sinh: Unary = (z) => {
  const { re, im } = complexOf('sinh', z);
  return { re: real.mul(realSinh(re), real.cos(im)), im: real.mul(realCosh(re), real.sin(im)) };
};

/** Hyperbolic cosine. */
export const cosh: Unary = (z) => {
  const { re, im } = complexOf('cosh', z);
  return { re: real.mul(realCosh(re), real.cos(im)), im: real.mul(realSinh(re), real.sin(im)) };
};

/** Hyperbolic tangent (Kahan 1987). */
export const tanh: Unary = (z) => {
  const { re, im } = complexOf('tanh', z);
  // From |re| = 20 on the real part is ±1 to the last digit.
  const t = realTan(im);
  const s = realSinh(clip(re, -20, 20));
  const beta = real.add(real.square(t), 1);
  const below = real.add(real.mul(beta, real.square(s)), 1);
  const root = real.sqrt(real.add(real.square(s), 1));
  return { re: real.div(real.mul(real.mul(beta, root), s), below), im: real.div(t, below) };
};

/** i·z. */
const turned = ({ re, im }: Complex): Complex => ({ re: real.neg(im), im: re });
/** −i·z. */
const turnedBack = ({ re, im }: Complex): Complex => ({ re: im, im: real.neg(re) });

/** Sine. */
export const sin: Unary = (z) => turnedBack(sinh(turned(complexOf('sin', z))));
/** Cosine. */
export const cos: Unary = (z) => cosh(turned(complexOf('cos', z)));
/** Tangent. */
export const tan: Unary = (z) => turnedBack(tanh(turned(complexOf('tan', z))));
