import { Arena, arenaFor } from '@southwell/kernels';
import { networkKernels } from '@southwell/kernels/networks';
import { fail } from '@southwell/numerics/core';
import type { Numbers } from './state.ts';

/**
 * Number of values per partial sum of squares. Fixed, so that the sum is bit-identical wherever the values are stored.
 */
const TOGETHER = 4096;

function sumOfSquares(values: Numbers): number {
  const own = Arena.holding(values);
  const single = values instanceof Float32Array;
  const bytes = values.BYTES_PER_ELEMENT;
  const arena = own ?? arenaFor(0);
  const kernels = arena.use(networkKernels);
  const sum = (n: number, at: number) => (single ? kernels.ssumOfSquares(n, at) : kernels.sumOfSquares(n, at));
  const staged = own ? undefined : arena.f64Block(TOGETHER);
  let total = 0;
  for (let a = 0; a < values.length; a += TOGETHER) {
    const b = Math.min(values.length, a + TOGETHER);
    if (staged) {
      (single ? arena.f32 : arena.f64).set(values.subarray(a, b), staged.pointer / bytes);
      total += sum(b - a, staged.pointer);
    } else total += sum(b - a, values.byteOffset + a * bytes);
  }
  staged?.free();
  return total;
}

/**
 * ‖g‖₂, accumulated in double precision. O(size).
 * @throws NON_FINITE, with the index.
 */
export function gradientNorm(gradient: Numbers): number {
  const sum = sumOfSquares(gradient);
  if (Number.isFinite(sum) && sum > 1e-280) return Math.sqrt(sum);
  // Squares may overflow or underflow where values do not.
  let most = 0;
  for (let k = 0; k < gradient.length; k++) {
    const v = Math.abs(gradient[k]);
    if (!Number.isFinite(v)) {
      fail('NON_FINITE', `The gradient holds ${gradient[k]} in entry ${k + 1}: look where it comes from.`);
    }
    if (v > most) most = v;
  }
  if (most === 0) return 0;
  let scaled = 0;
  for (let k = 0; k < gradient.length; k++) scaled += (gradient[k] / most) ** 2;
  return most * Math.sqrt(scaled);
}

/**
 * Clips a gradient by its norm to at most `most`, in place; returns the original norm. O(size).
 * @throws NON_FINITE, with the index; INVALID_PARAMETER.
 */
export function clipNorm(gradient: Numbers, most: number): number {
  if (!(most > 0)) fail('INVALID_PARAMETER', `The largest norm must be above 0, but is ${most}.`);
  const norm = gradientNorm(gradient);
  if (norm > most) {
    const scale = most / norm;
    for (let k = 0; k < gradient.length; k++) gradient[k] *= scale;
  }
  return norm;
}

/**
 * Clips every value to [−most, most], including infinite ones, in place; returns the number of clipped values. O(size).
 * @throws NON_FINITE for NaN, with the index; INVALID_PARAMETER.
 */
export function clipValues(gradient: Numbers, most: number): number {
  if (!(most > 0)) fail('INVALID_PARAMETER', `The largest value must be above 0, but is ${most}.`);
  let count = 0;
  for (let k = 0; k < gradient.length; k++) {
    const v = gradient[k];
    if (v >= -most && v <= most) continue;
    if (Number.isNaN(v)) fail('NON_FINITE', `The gradient holds NaN in entry ${k + 1}: look where it comes from.`);
    gradient[k] = v > 0 ? most : -most;
    count++;
  }
  return count;
}
