import { apply, misfit } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import type { Tensor } from '../tensor.ts';

/** The nearest number of half precision (11 bits, exponents −14 to 15, subnormal ones below), ties to even. */
export function nearestHalf(x: number): number {
  if (!Number.isFinite(x) || x === 0) return x;
  const size = Math.abs(x);
  if (size >= 65520) return x > 0 ? Number.POSITIVE_INFINITY : Number.NEGATIVE_INFINITY;
  // The place of the last bit: 2^(e − 10), at least 2^−24.
  let unit = 2 ** -24;
  while (size >= unit * 2048) unit *= 2;
  const scaled = size / unit;
  const low = Math.floor(scaled);
  const rest = scaled - low;
  const whole = rest > 0.5 || (rest === 0.5 && low % 2 === 1) ? low + 1 : low;
  return x < 0 ? -whole * unit : whole * unit;
}

const halfOp: Op<Record<never, never>> = defineOp<Record<never, never>>({
  name: 'roundToHalf',
  inPlace: [0],
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
 * x rounded to numbers of half precision, ties to even, as hardware of 16 bits has them; the derivative goes straight through.
 * crossEntropy(roundToHalf(logits), …) is the loss at emulated half precision.
 * @throws INVALID_SHAPE for integers.
 */
export function roundToHalf(x: Tensor): Tensor {
  if (x.dtype === 'i32')
    misfit('roundToHalf', [x], "32-bit integers are indices; cast(x, 'f32') makes numbers of them.");
  return apply(halfOp, [x], {})[0];
}
