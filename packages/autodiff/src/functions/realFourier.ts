import { needTensors } from '../given.ts';
import { misfit, refuse } from '../op.ts';
import { concat, stack } from '../ops/concat.ts';
import { fft, ifft } from '../ops/transforms.ts';
import { slice } from '../ops/views.ts';
import { owning, type Tensor, zeros } from '../tensor.ts';
import { calculus as o } from '../transforms/calculus.ts';

/** A range of the second axis from the end. */
const entries = (x: Tensor, range: readonly [number, number, number?], last?: number): Tensor =>
  slice(x, ...x.shape.slice(0, -2).map(() => undefined), range, last);

/**
 * Discrete Fourier transform of real rows […, n]: the first ⌊n/2⌋ + 1 frequencies, […, ⌊n/2⌋ + 1, 2], of which the others
 * are the conjugates. O(n log n) per row.
 * @throws INVALID_SHAPE for scalars, integers and empty rows.
 */
export function rfft(x: Tensor): Tensor {
  needTensors('rfft', { x });
  if (x.rank === 0 || x.dtype === 'i32' || x.shape.at(-1) === 0)
    misfit('rfft', [x], 'it transforms the last axis of floating-point tensors, which must not be empty.');
  const whole = fft(stack([x, o.zerosLike(x)], -1));
  return entries(whole, [0, Math.floor(x.shape.at(-1)! / 2) + 1]);
}

/**
 * The inverse of {@link rfft}: real rows […, n] from the frequencies […, ⌊n/2⌋ + 1, 2]; by default n is even.
 * @throws INVALID_SHAPE for other shapes; INVALID_PARAMETER if n has another number of frequencies.
 */
export function irfft(x: Tensor, length?: number): Tensor {
  needTensors('irfft', { x });
  if (x.rank < 2 || x.shape.at(-1) !== 2 || x.dtype === 'i32')
    misfit('irfft', [x], 'it takes frequencies [..., m, 2] as pairs of real and imaginary parts.');
  const m = x.shape[x.rank - 2];
  const n = length ?? 2 * (m - 1);
  if (!Number.isInteger(n) || n < 1 || Math.floor(n / 2) + 1 !== m)
    refuse('irfft', `n must be ${2 * (m - 1)} or ${2 * m - 1} for ${m} frequencies, not ${n}.`);
  const signs = owning(zeros(x.dtype, 2), x.dtype, [2]);
  signs.storage.values!.set([1, -1]);
  const mirrored = o.mul(entries(x, [n - m, 0, -1]), signs);
  return entries(ifft(concat([x, mirrored], -2)), [0, n], 0);
}
