import { needTensors } from '../given.ts';
import { apply, misfit } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import type { Tensor } from '../tensor.ts';
import { elementwise } from './dependence.ts';

const bits = new Float64Array(1);
const words = new Uint32Array(bits.buffer);
/** Index of the word that contains the exponent. */
const HIGH = new Uint8Array(new Uint32Array([1]).buffer)[0] === 1 ? 1 : 0;

/**
 * The nearest half-precision number (11 significant bits, exponents −14 to 15, subnormal numbers below), ties to even.
 */
export function nearestHalf(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const size = Math.abs(x);
  if (size >= 65520) return x > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  // 2^e ≤ |x|, at least 2^−14; it determines the unit in the last place, 2^(e − 10).
  bits[0] = size;
  words[HIGH] &= 0x7ff00000;
  words[1 - HIGH] = 0;
  const power = Math.max(bits[0], 2 ** -14);
  // A double between 2^52 and 2^53 units in the last place has no fraction of a unit, so adding it rounds, ties to
  // even.
  const shift = 1.5 * 2 ** 42 * power;
  const whole = size + shift - shift;
  return x < 0 ? -whole : whole;
}

const halfOp: Op<Record<never, never>> = defineOp<Record<never, never>>({
  name: 'roundToHalf',
  inPlace: [0],
  depends: elementwise,
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  bind: ({ arena, x: [x], y: [y] }) => {
    const [n, bytes] = [x.size, x.dtype === 'f64' ? 8 : 4];
    return () => {
      const heap = x.dtype === 'f64' ? arena.f64 : arena.f32;
      for (let i = 0; i < n; i++) heap[y.pointer / bytes + i] = nearestHalf(heap[x.pointer / bytes + i]);
    };
  },
  vjp: ({ g: [g] }) => [g],
});

/**
 * Rounds x to half precision, ties to even, as 16-bit hardware does; the derivative is straight-through.
 * crossEntropy(roundToHalf(logits), …) is the loss at emulated half precision.
 * @throws INVALID_SHAPE for integers.
 */
export function roundToHalf(x: Tensor): Tensor {
  needTensors('roundToHalf', { x });
  if (x.dtype === 'i32')
    misfit('roundToHalf', [x], "32-bit integers are indices; cast(x, 'f32') converts them to numbers.");
  return apply(halfOp, [x], {})[0];
}
