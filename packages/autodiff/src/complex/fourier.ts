import { knownKeys } from '@southwell/numerics/core';
import { pad } from '../functions/composites.ts';
import { needAxis, needTensors } from '../given.ts';
import { misfit, refuse } from '../op.ts';
import { fourierRows, inverseRealRows, realFourierRows } from '../ops/fourier.ts';
import { permute, slice } from '../ops/views.ts';
import type { Tensor } from '../tensor.ts';
import { type Complex, needComplex, partsOf, zerosLike } from './complex.ts';

/** Where the factor 1/n goes: to the inverse, to neither in equal shares (1/√n each), or to the forward transform. */
export type FourierNorm = 'backward' | 'ortho' | 'forward';

/** Options of Fourier transforms, named as NumPy's and PyTorch's. */
export interface FourierOptions {
  /** The length of the transform: the axis is cut off or padded with zeros to it (default: its length). */
  readonly n?: number;
  /** The axis (default −1, the last). */
  readonly axis?: number;
  /** Default `backward`. */
  readonly norm?: FourierNorm;
}

const NORMS: readonly FourierNorm[] = ['backward', 'ortho', 'forward'];

/** Checked options: the axis counted from the end, and the factor of a transform of n numbers. */
function settings(name: string, x: Tensor, options: FourierOptions, inverse: boolean) {
  knownKeys(name, options, { n: true, axis: true, norm: true });
  const { norm = 'backward' } = options;
  if (x.rank === 0) misfit(name, [x], 'a single number has no axis to transform.');
  if (!NORMS.includes(norm)) refuse(name, `norm must be backward, ortho or forward, not ${String(norm)}.`);
  const axis = needAxis(name, x, options.axis ?? -1);
  const scale = (n: number): number => {
    if (norm === 'ortho') return 1 / Math.sqrt(n);
    return (norm === 'backward') === inverse ? 1 / n : 1;
  };
  return { axis, scale };
}

/** The number of entries of an axis that a transform of length n takes. */
function needLength(name: string, n: number): number {
  if (!Number.isSafeInteger(n) || n < 1 || n > 2 ** 28)
    refuse(name, `the length of a transform is a whole number from 1 to 2^28, not ${n}.`);
  return n;
}

/** Moves an axis, counted from the end, to the last place, or back. */
function swapped(x: Tensor, axis: number): Tensor {
  if (axis === -1) return x;
  const order = x.shape.map((_, d) => d);
  [order[x.rank + axis], order[x.rank - 1]] = [order[x.rank - 1], order[x.rank + axis]];
  return permute(x, order);
}

/** The last axis cut off or padded with zeros. */
function fitted(x: Tensor, n: number): Tensor {
  const now = x.shape[x.rank - 1];
  if (now === n) return x;
  if (now < n) return pad(x, [[0, n - now]]);
  return slice(x, ...x.shape.slice(1).map(() => undefined), [0, n]);
}

function transform(name: string, z: Complex | Tensor, options: FourierOptions, inverse: boolean): Complex {
  const [{ re, im }] = partsOf(name, [z]);
  const { axis, scale } = settings(name, re, options, inverse);
  const n = needLength(name, options.n ?? re.shape[re.rank + axis]);
  const rows = [re, im ?? zerosLike(re)].map((x) => fitted(swapped(x, axis), n));
  const [first, second] = fourierRows(rows[0], rows[1], inverse ? 1 : -1, scale(n));
  return { re: swapped(first, axis), im: swapped(second, axis) };
}

/**
 * The discrete Fourier transform X_k = Σ_j x_j e^(−2πi·jk/n) along an axis, of complex or real numbers. O(n log n) a row
 * for every n; in double precision inside.
 * @throws INVALID_PARAMETER for what is neither complex nor a tensor, and options that do not fit; INVALID_SHAPE for single
 * numbers.
 */
export function fft(z: Complex | Tensor, options: FourierOptions = {}): Complex {
  return transform('fft', z, options, false);
}

/**
 * The inverse of {@link fft}, (1/n)·Σ_k X_k e^(2πi·jk/n).
 * @throws as {@link fft}.
 */
export function ifft(z: Complex | Tensor, options: FourierOptions = {}): Complex {
  return transform('ifft', z, options, true);
}

/**
 * The transform of real numbers along an axis: the first ⌊n/2⌋ + 1 frequencies, of which the others are the conjugates.
 * Transforms of several axes follow with {@link fft} along the others.
 * @throws INVALID_PARAMETER for what is not a real tensor, and options that do not fit; INVALID_SHAPE for single numbers.
 */
export function rfft(x: Tensor, options: FourierOptions = {}): Complex {
  needTensors('rfft', { x });
  const [{ re }] = partsOf('rfft', [x]);
  const { axis, scale } = settings('rfft', re, options, false);
  const n = needLength('rfft', options.n ?? re.shape[re.rank + axis]);
  const [first, second] = realFourierRows(fitted(swapped(re, axis), n), scale(n));
  return { re: swapped(first, axis), im: swapped(second, axis) };
}

/**
 * The inverse of {@link rfft}: n real numbers along an axis from their first ⌊n/2⌋ + 1 frequencies, by default 2(m − 1) from
 * m of them. The imaginary parts of the first frequency, and of the last for even n, do not count.
 * @throws INVALID_PARAMETER for what is not complex, and options that do not fit; INVALID_SHAPE for single numbers.
 */
export function irfft(z: Complex, options: FourierOptions = {}): Tensor {
  const { re, im } = needComplex('irfft', 'z', z);
  const { axis, scale } = settings('irfft', re, options, true);
  const n = needLength('irfft', options.n ?? 2 * (re.shape[re.rank + axis] - 1));
  const [first, second] = [re, im].map((x) => fitted(swapped(x, axis), Math.floor(n / 2) + 1));
  // The plan divides by n.
  return swapped(inverseRealRows(first, second, n, scale(n) * n), axis);
}
