import { RealFourier } from '@southwell/numerics/transforms';
import { needTensors } from '../given.ts';
import { apply, misfit, refuse } from '../op.ts';
import { type Binding, defineOp, type Op } from '../primitive.ts';
import { heapOf } from '../programs/evaluate.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { inBlocks } from './dependence.ts';

interface Real {
  /** The length of the real rows. */
  readonly n: number;
  /** Whether it is the transpose of the other transform, rather than its inverse. */
  readonly transposed: boolean;
}

/**
 * How often each frequency counts in the whole spectrum: the first, and the last of an even length, are their own
 * conjugates.
 */
const weights = (n: number): Float64Array =>
  Float64Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => (k === 0 || 2 * k === n ? 1 : 2));

/** The row of a tensor that is being transformed, and that of the result, in double precision. */
function eachRow(
  { arena, x: [x], y: [y] }: Binding<Real>,
  [from, to]: readonly [Float64Array, Float64Array],
  transform: () => void,
): () => void {
  const rows = from.length === 0 ? 0 : x.size / from.length;
  const [start, end] = [x.pointer / BYTES[x.dtype], y.pointer / BYTES[y.dtype]];
  return () => {
    const heap = heapOf(arena, x.dtype);
    for (let r = 0; r < rows; r++) {
      const [at, into] = [start + r * from.length, end + r * to.length];
      for (let i = 0; i < from.length; i++) from[i] = heap[at + i];
      transform();
      for (let i = 0; i < to.length; i++) heap[into + i] = to[i];
    }
  };
}

const forwardOp: Op<Real> = defineOp<Real>({
  name: 'rfft',
  depends: inBlocks(1),
  infer: ([x], { n }) => [{ shape: [...x.shape.slice(0, -1), Math.floor(n / 2) + 1, 2], dtype: x.dtype }],
  bind: (binding) => {
    const { n, transposed } = binding.attrs;
    const plan = new RealFourier(n);
    const [from, to] = [new Float64Array(n), new Float64Array(2 * plan.frequencies)];
    const scale = weights(n).map((w) => w / n);
    return eachRow(binding, [from, to], () => {
      plan.forward(from, to);
      if (transposed) for (let i = 0; i < to.length; i++) to[i] *= scale[i >> 1];
    });
  },
  vjp: ({ g: [g], attrs: { n, transposed } }) => [g && apply(backOp, [g], { n, transposed: !transposed })[0]],
});

const backOp: Op<Real> = defineOp<Real>({
  name: 'irfft',
  depends: inBlocks(2),
  infer: ([x], { n }) => [{ shape: [...x.shape.slice(0, -2), n], dtype: x.dtype }],
  bind: (binding) => {
    const { n, transposed } = binding.attrs;
    const plan = new RealFourier(n);
    const [from, to] = [new Float64Array(2 * plan.frequencies), new Float64Array(n)];
    const scale = weights(n).map((w) => n / w);
    return eachRow(binding, [from, to], () => {
      if (transposed) for (let i = 0; i < from.length; i++) from[i] *= scale[i >> 1];
      plan.inverse(from, to);
    });
  },
  vjp: ({ g: [g], attrs: { n, transposed } }) => [g && apply(forwardOp, [g], { n, transposed: !transposed })[0]],
});

/**
 * Discrete Fourier transform of real rows […, n]: the first ⌊n/2⌋ + 1 frequencies, […, ⌊n/2⌋ + 1, 2], of which the others
 * are the conjugates. O(n log n) per row.
 * @throws INVALID_SHAPE for scalars, integers and empty rows.
 */
export function rfft(x: Tensor): Tensor {
  needTensors('rfft', { x });
  const n = x.shape.at(-1);
  if (n === undefined || n === 0 || x.dtype === 'i32')
    return misfit('rfft', [x], 'it transforms the last axis of floating-point tensors, which must not be empty.');
  return apply(forwardOp, [x], { n, transposed: false })[0];
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
  return apply(backOp, [x], { n, transposed: false })[0];
}
