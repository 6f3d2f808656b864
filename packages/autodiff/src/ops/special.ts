import { type SpecialCode, specialCodes } from '@southwell/kernels/networks';
import * as special from '@southwell/numerics/special';
import { apply, misfit, refuse } from '../op.ts';
import { type Binding, type Calculus, defineOp, type Op, type TensorCall } from '../primitive.ts';
import { heapOf } from '../programs/evaluate.ts';
import { inTurn, shared } from '../programs/sharing.ts';
import { broadcastShape, broadcastStrides, rowMajor, sameShape } from '../shapes.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { readThrough } from './dependence.ts';
import { operands } from './elementwise.ts';

// Elementwise functions by those of numerics/special, in double precision; most of a single number have a kernel in
// single precision.

type None = Record<never, never>;
type Slopes<A> = (o: Calculus, x: readonly Tensor[], y: Tensor, attrs: A) => ReadonlyArray<() => Tensor>;

/** Nanoseconds per element of a kernel. */
const TIME = 4;

/** Binds a function of contiguous numbers in single precision. */
function bindSpecial(binding: Binding<unknown>, code: SpecialCode): () => void {
  const [x, y] = [binding.x[0], binding.y[0]];
  const part = (from: number, to: number, work: number): TensorCall[] => [
    ['sspecialElements', specialCodes[code], to - from, x.pointer + 4 * from, y.pointer + 4 * from, work],
  ];
  return shared(binding, y.size, y.size * TIME, part, 16) ?? inTurn(binding.kernels, part(0, y.size, binding.work));
}

/**
 * Declares an elementwise function of one or two numbers, with the derivative in each; `kernel` is that of single
 * precision, if there is one.
 */
function scalarwise<A>(
  name: string,
  f: (attrs: A) => (a: number, b: number) => number,
  slopes: Slopes<A>,
  kernel: (attrs: A) => SpecialCode | undefined = () => undefined,
): Op<A> {
  return defineOp<A>({
    name,
    inPlace: [0, 1],
    batch: 'elementwise',
    infer: (x) => {
      const [{ dtype }] = x;
      if (x.some((t) => t.dtype !== dtype) || dtype === 'i32')
        misfit(name, x, `it takes f32 or f64, not ${x.map((t) => t.dtype).join(' and ')}; cast(x, 'f64') converts.`);
      const shape = broadcastShape(x.map((t) => t.shape));
      if (!shape) misfit(name, x, 'from the last axis on lengths must agree or be 1.');
      return [{ shape, dtype }];
    },
    work: (_x, _y, attrs) => (kernel(attrs) ? 16 : 0),
    bind: (binding) => {
      const {
        arena,
        x,
        y: [y],
        attrs,
      } = binding;
      const code = y.dtype === 'f32' ? kernel(attrs) : undefined;
      if (code) return bindSpecial(binding, code);
      const call = f(attrs);
      const bytes = BYTES[y.dtype];
      const starts = [x[0], x[1] ?? x[0]].map((p) => p.pointer / bytes);
      const to = y.pointer / bytes;
      // The elements of an operand that is repeated.
      const places = [x[0], x[1] ?? x[0]].map((p) => {
        if (sameShape(p.shape, y.shape)) return undefined;
        const strides = broadcastStrides(p.shape, rowMajor(p.shape), y.shape);
        return readThrough(undefined, { shape: y.shape, strides, offset: 0 });
      });
      return () => {
        const heap = heapOf(arena, y.dtype);
        for (let i = 0; i < y.size; i++) {
          const [a, b] = [places[0] ? places[0][i] : i, places[1] ? places[1][i] : i];
          heap[to + i] = call(heap[starts[0] + a], heap[starts[1] + b]);
        }
      };
    },
    vjp: ({ o, x, y: [y], g: [g], attrs, needs }) =>
      g ? slopes(o, x, y, attrs).map((d, i) => (needs[i] ? o.sumTo(o.mul(g, d()), x[i].shape) : undefined)) : [],
  });
}

function unary(name: SpecialCode, f: (x: number) => number, slope: (o: Calculus, x: Tensor, y: Tensor) => Tensor) {
  const op = scalarwise<None>(
    name,
    () => f,
    (o, [x], y) => [() => slope(o, x, y)],
    () => name,
  );
  return (x: Tensor): Tensor => apply(op, [x], {})[0];
}

/** (1 − x)(1 + x). */
const complement = (o: Calculus, x: Tensor): Tensor => o.mul(o.sub(1, x), o.add(x, 1));
const inverseRoot = (o: Calculus, x: Tensor): Tensor => o.div(1, o.sqrt(x));

/** Tangent. */
export const tan = unary('tan', special.tan, (o, _, y) => o.add(o.square(y), 1));
/** Inverse sine, from −π/2 to π/2; NaN outside [−1, 1]. */
export const asin = unary('asin', special.asin, (o, x) => inverseRoot(o, complement(o, x)));
/** Inverse cosine, from 0 to π; NaN outside [−1, 1]. */
export const acos = unary('acos', special.acos, (o, x) => o.neg(inverseRoot(o, complement(o, x))));
/** Inverse tangent, from −π/2 to π/2. */
export const atan = unary('atan', special.atan, (o, x) => o.div(1, o.add(o.square(x), 1)));
/** Hyperbolic sine. */
export const sinh: (x: Tensor) => Tensor = unary('sinh', special.sinh, (_, x) => cosh(x));
/** Hyperbolic cosine. */
export const cosh: (x: Tensor) => Tensor = unary('cosh', special.cosh, (_, x) => sinh(x));
/** Inverse hyperbolic sine. */
export const asinh = unary('asinh', special.asinh, (o, x) => inverseRoot(o, o.add(o.square(x), 1)));
/** Inverse hyperbolic cosine; NaN below 1. */
export const acosh = unary('acosh', special.acosh, (o, x) => inverseRoot(o, o.mul(o.sub(x, 1), o.add(x, 1))));
/** Inverse hyperbolic tangent; NaN outside [−1, 1]. */
export const atanh = unary('atanh', special.atanh, (o, x) => o.div(1, complement(o, x)));
/** log |Γ(x)|, the logarithm of the gamma function; ∞ at 0, −1, −2, …. */
export const lgamma = unary('lgamma', special.logGamma, (_, x) => digamma(x));
/** The derivative of log Γ(x); NaN at 0, −1, −2, …. */
export const digamma: (x: Tensor) => Tensor = unary('digamma', special.digamma, (_, x) => polygamma(1, x));

const polygammaOp: Op<{ n: number }> = scalarwise<{ n: number }>(
  'polygamma',
  ({ n }) =>
    (x) =>
      special.polygamma(n, x),
  (_, [x], __, { n }) => [() => polygamma(n + 1, x)],
  ({ n }) => (n === 1 ? 'trigamma' : undefined),
);
/**
 * The n-th derivative of {@link digamma}.
 * @throws INVALID_PARAMETER unless n is a whole number from 0 to 100.
 */
export function polygamma(n: number, x: Tensor): Tensor {
  if (!Number.isInteger(n) || n < 0 || n > 100)
    refuse('polygamma', `n must be a whole number from 0 to 100, not ${n}.`);
  return apply(polygammaOp, [x], { n })[0];
}

const atan2Op = scalarwise<None>(
  'atan2',
  () => special.atan2,
  (o, [y, x]) => {
    const size = o.add(o.square(x), o.square(y));
    return [() => o.div(x, size), () => o.neg(o.div(y, size))];
  },
);
/**
 * The angle of the point (x, y) from the first axis, from −π to π.
 * @throws INVALID_SHAPE if the operands do not broadcast; INVALID_PARAMETER if neither is a tensor.
 */
export function atan2(y: Tensor | number, x: Tensor | number): Tensor {
  return apply(atan2Op, operands('atan2', [y, x]), {})[0];
}
