import * as real from '../functions/functions.ts';
import { stopGradient } from '../ops/casts.ts';
import { where } from '../ops/elementwise.ts';
import { atan2 } from '../ops/special.ts';
import type { Tensor } from '../tensor.ts';
import { type Complex, complexOf, type Operand, type Parts, paired, partsOf, zerosLike } from './complex.ts';

// Elementwise arithmetic for any shapes that broadcast. Operands are complex, or real tensors or numbers; the result is
// complex, in the dtype of the operands. All throw INVALID_PARAMETER for other operands, and INVALID_SHAPE if they do not
// broadcast or differ in dtype. O(size).

type Unary = (z: Operand) => Complex;
type Binary = (a: Operand, b: Operand) => Complex;

const binary =
  (name: string, f: (a: Parts, b: Parts) => readonly [re: Tensor, im: Tensor | undefined]): Binary =>
  (a, b) => {
    const [first, second] = partsOf(name, [a, b]);
    const [re, im] = f(first, second);
    return paired(re, im ?? zerosLike(re));
  };

/** The sum of imaginary parts, of which either may be absent. */
const total = (a: Tensor | undefined, b: Tensor | undefined): Tensor | undefined =>
  a && b ? real.add(a, b) : (a ?? b);

/** a + b. */
export const add: Binary = binary('add', (a, b) => [real.add(a.re, b.re), total(a.im, b.im)]);

/** a − b. */
export const sub: Binary = binary('sub', (a, b) => [real.sub(a.re, b.re), total(a.im, b.im && real.neg(b.im))]);

/** a·b. */
export const mul: Binary = binary('mul', (a, b) => {
  const both = real.mul(a.re, b.re);
  return [
    a.im && b.im ? real.sub(both, real.mul(a.im, b.im)) : both,
    total(b.im && real.mul(a.re, b.im), a.im && real.mul(a.im, b.re)),
  ];
});

/**
 * A constant by which z can be divided so that the square of its magnitude neither overflows nor vanishes: the greater
 * magnitude of its parts, 1 for 0. Results do not depend on it, hence it has no derivative.
 */
function scaleOf({ re, im }: Complex): Tensor {
  const m = stopGradient(real.maximum(real.abs(re), real.abs(im)));
  return where(real.equal(m, 0), 1, m);
}

/** a/b, without overflow of squares (Smith 1962 scales in the same way). */
export const div: Binary = binary('div', (a, { re, im }) => {
  if (!im) return [real.div(a.re, re), a.im && real.div(a.im, re)];
  const m = scaleOf(paired(re, im));
  const [c, d] = [real.div(re, m), real.div(im, m)];
  const below = real.add(real.square(c), real.square(d));
  const over = (x: Tensor): Tensor => real.div(real.div(x, below), m);
  if (!a.im) return [over(real.mul(a.re, c)), over(real.neg(real.mul(a.re, d)))];
  return [over(real.add(real.mul(a.re, c), real.mul(a.im, d))), over(real.sub(real.mul(a.im, c), real.mul(a.re, d)))];
});

/** −z. */
export const neg: Unary = (z) => {
  const { re, im } = complexOf('neg', z);
  return { re: real.neg(re), im: real.neg(im) };
};

/** The complex conjugate, re − i·im. */
export const conj: Unary = (z) => {
  const { re, im } = complexOf('conj', z);
  return { re, im: real.neg(im) };
};

/** z². */
export const square: Unary = (z) => {
  const x = complexOf('square', z);
  return mul(x, x);
};

/** 1/z. */
export const reciprocal: Unary = (z) => div(1, complexOf('reciprocal', z));

/** |z|, without overflow of squares; the derivative at 0 is 0, as PyTorch's. */
export function abs(z: Operand): Tensor {
  const parts = complexOf('abs', z);
  const m = scaleOf(parts);
  const squares = real.add(real.square(real.div(parts.re, m)), real.square(real.div(parts.im, m)));
  const zero = real.equal(squares, 0);
  return where(zero, 0, real.mul(real.sqrt(where(zero, 1, squares)), m));
}

/** The argument of z in [−π, π]; the derivative at 0 is 0, as PyTorch's. */
export function angle(z: Operand): Tensor {
  const { re, im } = complexOf('angle', z);
  const zero = real.mul(real.equal(re, 0), real.equal(im, 0));
  return where(zero, 0, atan2(im, where(zero, 1, re)));
}
