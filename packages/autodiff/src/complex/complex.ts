import { described, isComplex, isTensor, needTensors } from '../given.ts';
import { misfit, refuse } from '../op.ts';
import { stack } from '../ops/concat.ts';
import { constant } from '../ops/constants.ts';
import { broadcastTo, slice } from '../ops/views.ts';
import { broadcastShape, sameShape } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

/**
 * Complex numbers: two real tensors of the same shape and dtype. It is a tree like any other, so that `grad`, `vmap`,
 * `compile` and the others take and return it; the gradient of a real function f with respect to z is ∂f/∂re + i·∂f/∂im.
 */
export interface Complex {
  readonly re: Tensor;
  readonly im: Tensor;
}

/** What elementwise functions of complex numbers take; tensors and numbers are real. */
export type Operand = Complex | Tensor | number;

/** x, unless it is not complex or its parts do not belong together. */
export function needComplex(name: string, which: string, x: unknown): Complex {
  if (!isComplex(x)) {
    return refuse(
      name,
      `${which} is ${described(x)}, not complex; complex(re, im) makes complex numbers of their parts, and complex(x) of real numbers.`,
    );
  }
  if (!sameShape(x.re.shape, x.im.shape))
    misfit(name, [x.re, x.im], `the parts re and im of ${which} differ in shape.`);
  if (x.re.dtype !== x.im.dtype || x.re.dtype === 'i32')
    refuse(name, `the parts of ${which} must both be f32 or both f64, not ${x.re.dtype} and ${x.im.dtype}.`);
  return x;
}

/** Zeros like a tensor, as a view of one number. */
export const zerosLike = (x: Tensor): Tensor => broadcastTo(constant(0, x.dtype), x.shape);

/** Real and imaginary part of an operand; real ones have no imaginary part. */
export interface Parts {
  readonly re: Tensor;
  readonly im: Tensor | undefined;
}

/** The parts of operands; numbers take the dtype of the others, or double precision. */
export function partsOf(name: string, given: readonly Operand[]): Parts[] {
  const which = (i: number): string => (given.length > 1 ? `operand ${i + 1}` : 'its argument');
  const parts = given.map((x, i): Parts | number => {
    if (typeof x === 'number') return x;
    if (!isTensor(x)) return needComplex(name, which(i), x);
    if (x.dtype === 'i32') refuse(name, `${which(i)} has whole numbers (i32); cast(x, 'f64') converts them.`);
    return { re: x, im: undefined };
  });
  const dtype = parts.find((x) => typeof x !== 'number')?.re.dtype ?? 'f64';
  return parts.map((x) => (typeof x === 'number' ? { re: constant(x, dtype), im: undefined } : x));
}

/** Both parts in one shape. */
export function paired(re: Tensor, im: Tensor): Complex {
  const shape = broadcastShape([re.shape, im.shape])!;
  const spread = (x: Tensor): Tensor => (sameShape(x.shape, shape) ? x : broadcastTo(x, shape));
  return { re: spread(re), im: spread(im) };
}

/** The only argument of a function, as complex numbers. */
export function complexOf(name: string, x: Operand): Complex {
  const [{ re, im }] = partsOf(name, [x]);
  return { re, im: im ?? zerosLike(re) };
}

/** Two real arguments, which broadcast; numbers take the dtype of the other. */
function realPair(name: string, given: Readonly<Record<string, Tensor | number>>): readonly [Tensor, Tensor] {
  for (const [key, x] of Object.entries(given)) if (typeof x !== 'number') needTensors(name, { [key]: x });
  const both = Object.values(given);
  const dtype = both.find((x) => typeof x !== 'number')?.dtype ?? 'f64';
  const [first, second] = both.map((x) => (typeof x === 'number' ? constant(x, dtype) : x));
  const names = Object.keys(given).join(' and ');
  if (dtype === 'i32' || first.dtype !== second.dtype)
    refuse(name, `${names} must both be f32 or both f64, not ${first.dtype} and ${second.dtype}.`);
  if (!broadcastShape([first.shape, second.shape])) misfit(name, [first, second], `${names} must broadcast.`);
  return [first, second];
}

/**
 * Complex numbers of their real and imaginary parts, which broadcast; without the latter, of real numbers.
 * @throws INVALID_SHAPE if the parts do not broadcast; INVALID_PARAMETER for others than tensors of f32 or f64 and numbers.
 */
export function complex(re: Tensor | number, im: Tensor | number = 0): Complex {
  return paired(...realPair('complex', { re, im }));
}

/**
 * r·e^(iθ), by elements that broadcast; θ in radians.
 * @throws INVALID_SHAPE if r and θ do not broadcast; INVALID_PARAMETER for others than tensors of f32 or f64 and numbers.
 */
export function polar(r: Tensor | number, theta: Tensor | number): Complex {
  const [radius, angle] = realPair('polar', { r, theta });
  return { re: o.mul(radius, o.cos(angle)), im: o.mul(radius, o.sin(angle)) };
}

/**
 * Complex numbers as pairs of real ones on a new last axis, as files and other packages store them.
 * @throws INVALID_PARAMETER for what is not complex.
 */
export function toPairs(z: Complex): Tensor {
  const { re, im } = needComplex('toPairs', 'z', z);
  return stack([re, im], -1);
}

/**
 * The inverse of {@link toPairs}: complex numbers of pairs […, 2].
 * @throws INVALID_SHAPE for other shapes; INVALID_PARAMETER for what is not a tensor of f32 or f64.
 */
export function fromPairs(x: Tensor): Complex {
  needTensors('fromPairs', { x });
  if (x.shape.at(-1) !== 2) misfit('fromPairs', [x], 'it takes pairs of real and imaginary parts, [..., 2].');
  const all = x.shape.slice(1).map(() => undefined);
  return complex(slice(x, ...all, 0), slice(x, ...all, 1));
}
