import { binary, operands, unary } from '../ops/elementwise.ts';
import type { Tensor } from '../tensor.ts';

// Elementwise functions: for any shapes that broadcast, of f32 or f64, O(size). All throw INVALID_SHAPE, with the
// shapes and the line of the call, if the operands do not broadcast.

/** −x. */
export const neg: (x: Tensor) => Tensor = unary('neg');
/** |x|; the derivative at 0 is 0. */
export const abs: (x: Tensor) => Tensor = unary('abs');
/** −1, 0 or 1; no derivative. */
export const sign: (x: Tensor) => Tensor = unary('sign');
/** √x. */
export const sqrt: (x: Tensor) => Tensor = unary('sqrt');
/** eˣ. */
export const exp: (x: Tensor) => Tensor = unary('exp');
/** eˣ − 1 without cancellation. */
export const expm1: (x: Tensor) => Tensor = unary('expm1');
/** Natural logarithm. */
export const log: (x: Tensor) => Tensor = unary('log');
/** log(1 + x) without cancellation. */
export const log1p: (x: Tensor) => Tensor = unary('log1p');
/** Hyperbolic tangent. */
export const tanh: (x: Tensor) => Tensor = unary('tanh');
/** 1/(1 + e⁻ˣ). */
export const sigmoid: (x: Tensor) => Tensor = unary('sigmoid');
/** max(x, 0); the derivative at 0 is 0. */
export const relu: (x: Tensor) => Tensor = unary('relu');
/** x·Φ(x), Φ the normal distribution function (Hendrycks & Gimpel 2016). */
export const gelu: (x: Tensor) => Tensor = unary('gelu');
/** x·σ(x). */
export const silu: (x: Tensor) => Tensor = unary('silu');
/** log(1 + eˣ). */
export const softplus: (x: Tensor) => Tensor = unary('softplus');
/** Sine, accurate for arguments of any size. */
export const sin: (x: Tensor) => Tensor = unary('sin');
/** Cosine, accurate for arguments of any size. */
export const cos: (x: Tensor) => Tensor = unary('cos');
/** Error function, within an ulp. */
export const erf: (x: Tensor) => Tensor = unary('erf');
/** x². */
export const square: (x: Tensor) => Tensor = unary('square');
/** 1/x. */
export const reciprocal: (x: Tensor) => Tensor = unary('reciprocal');
/** Floor; no derivative. */
export const floor: (x: Tensor) => Tensor = unary('floor');
/** Rounds to the nearest integer, ties to even; no derivative. */
export const round: (x: Tensor) => Tensor = unary('round');
/** Ceiling; no derivative. */
export const ceil: (x: Tensor) => Tensor = unary('ceil');

type Binary = (a: Tensor | number, b: Tensor | number) => Tensor;
/** a + b. */
export const add: Binary = binary('add');
/** a − b. */
export const sub: Binary = binary('sub');
/** a·b. */
export const mul: Binary = binary('mul');
/** a/b. */
export const div: Binary = binary('div');
/** Elementwise minimum; ties share the derivative. */
export const minimum: Binary = binary('min');
/** Elementwise maximum; ties share the derivative. */
export const maximum: Binary = binary('max');
/** aᵇ; negative a only for integer b; within a few ulp. */
export const pow: Binary = binary('pow');
/** 1 where a < b, else 0; no derivative. */
export const less: Binary = binary('lt');
/** 1 where a ≤ b, else 0; no derivative. */
export const lessEqual: Binary = binary('le');
/** 1 where a = b, else 0; no derivative. */
export const equal: Binary = binary('eq');
/** 1 where a ≠ b, else 0; no derivative. */
export const notEqual: Binary = binary('ne');
/** 1 where a > b, else 0; no derivative. */
export const greater: Binary = (a, b) => {
  operands('greater', [a, b]);
  return less(b, a);
};
/** 1 where a ≥ b, else 0; no derivative. */
export const greaterEqual: Binary = (a, b) => {
  operands('greaterEqual', [a, b]);
  return lessEqual(b, a);
};
