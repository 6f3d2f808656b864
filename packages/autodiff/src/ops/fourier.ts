import { Cosine, Fourier, RealFourier } from '@southwell/numerics/transforms';
import { needTensors } from '../given.ts';
import { apply, misfit } from '../op.ts';
import { type Binding, defineOp, type Op, type Place } from '../primitive.ts';
import { heapOf } from '../programs/evaluate.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { inBlocks } from './dependence.ts';

// Discrete Fourier and cosine transforms of rows, in double precision; complex numbers are two tensors, real and imaginary parts.

interface Transform {
  /** The sign of the exponent: −1 forward, 1 backward. */
  readonly sign: -1 | 1;
  readonly scale: number;
}

/** A row of complex numbers in two tensors, read into pairs or written from them. */
function eachRow(
  { arena, x, y }: Binding<unknown>,
  rows: number,
  [from, to]: readonly [Float64Array, Float64Array],
  transform: () => void,
): () => void {
  const { dtype } = x[0];
  const start = ({ pointer }: Place) => pointer / BYTES[dtype];
  const load = (heap: Float32Array | Float64Array, r: number) => {
    const n = from.length / x.length;
    for (let part = 0; part < x.length; part++) {
      const at = start(x[part]) + r * n;
      for (let i = 0, k = part; i < n; i++, k += x.length) from[k] = heap[at + i];
    }
  };
  const store = (heap: Float32Array | Float64Array, r: number) => {
    const n = to.length / y.length;
    for (let part = 0; part < y.length; part++) {
      const at = start(y[part]) + r * n;
      for (let i = 0, k = part; i < n; i++, k += y.length) heap[at + i] = to[k];
    }
  };
  return () => {
    const heap = heapOf(arena, dtype) as Float32Array | Float64Array;
    for (let r = 0; r < rows; r++) {
      load(heap, r);
      transform();
      store(heap, r);
    }
  };
}

/** Both cotangents of a complex output; zeros for a part that nothing uses. */
const cotangents = (g: ReadonlyArray<Tensor | undefined>, zerosLike: (x: Tensor) => Tensor): [Tensor, Tensor] => {
  const [re, im] = g;
  return [re ?? zerosLike(im!), im ?? zerosLike(re!)];
};

const complexOp: Op<Transform> = defineOp<Transform>({
  name: 'fft',
  depends: inBlocks(1, 1),
  infer: ([re, im]) => [re, im].map(({ shape, dtype }) => ({ shape, dtype })),
  bind: (binding) => {
    const { sign, scale } = binding.attrs;
    const { shape, size } = binding.x[0];
    const n = shape.at(-1)!;
    if (size === 0) return () => {};
    const plan = new Fourier(n);
    const [from, to] = [new Float64Array(2 * n), new Float64Array(2 * n)];
    const factor = sign === -1 ? scale : scale * n;
    return eachRow(binding, size / n, [from, to], () => {
      if (sign === -1) plan.forward(from, to);
      else plan.inverse(from, to);
      if (factor !== 1) for (let i = 0; i < to.length; i++) to[i] *= factor;
    });
  },
  // The matrix is symmetric: its adjoint is its conjugate.
  vjp: ({ o, g, attrs: { sign, scale } }) =>
    apply(complexOp, cotangents(g, o.zerosLike), { sign: sign === -1 ? 1 : -1, scale }),
});

/**
 * scale·Σ_j x_j e^(sign·2πi·jk/n) of complex rows […, n], as real and imaginary part.
 */
export function fourierRows(re: Tensor, im: Tensor, sign: -1 | 1, scale: number): readonly [Tensor, Tensor] {
  return apply(complexOp, [re, im], { sign, scale }) as [Tensor, Tensor];
}

interface Real {
  /** The length of the real rows. */
  readonly n: number;
  /** Factor of the transform, or of the inverse of the one without a factor. */
  readonly scale: number;
  /** Whether it is the transpose of the other transform, rather than its inverse. */
  readonly transposed: boolean;
}

/**
 * How often each frequency counts in the whole spectrum: the first, and the last of an even length, are their own
 * conjugates.
 */
const weights = (n: number): Float64Array =>
  Float64Array.from({ length: Math.floor(n / 2) + 1 }, (_, k) => (k === 0 || 2 * k === n ? 1 : 2));

const realOp: Op<Real> = defineOp<Real>({
  name: 'rfft',
  depends: inBlocks(1),
  infer: ([x], { n }) => {
    const spec = { shape: [...x.shape.slice(0, -1), Math.floor(n / 2) + 1], dtype: x.dtype };
    return [spec, spec];
  },
  bind: (binding) => {
    const { n, scale, transposed } = binding.attrs;
    const plan = new RealFourier(n);
    const [from, to] = [new Float64Array(n), new Float64Array(2 * plan.frequencies)];
    const factors = weights(n).map((w) => (transposed ? (w / n) * scale : scale));
    return eachRow(binding, binding.x[0].size / n, [from, to], () => {
      plan.forward(from, to);
      for (let i = 0; i < to.length; i++) to[i] *= factors[i >> 1];
    });
  },
  vjp: ({ o, g, attrs: { n, scale, transposed } }) =>
    apply(backOp, cotangents(g, o.zerosLike), { n, scale, transposed: !transposed }),
});

const backOp: Op<Real> = defineOp<Real>({
  name: 'irfft',
  depends: inBlocks(1, 1),
  infer: ([x], { n }) => [{ shape: [...x.shape.slice(0, -1), n], dtype: x.dtype }],
  bind: (binding) => {
    const { n, scale, transposed } = binding.attrs;
    const plan = new RealFourier(n);
    const [from, to] = [new Float64Array(2 * plan.frequencies), new Float64Array(n)];
    const factors = weights(n).map((w) => (transposed ? (n / w) * scale : scale));
    return eachRow(binding, binding.y[0].size / n, [from, to], () => {
      for (let i = 0; i < from.length; i++) from[i] *= factors[i >> 1];
      plan.inverse(from, to);
    });
  },
  vjp: ({ g: [g], attrs: { n, scale, transposed } }) =>
    g ? apply(realOp, [g], { n, scale, transposed: !transposed }) : [],
});

/** scale·Σ_j x_j e^(−2πi·jk/n) of real rows […, n], for the first ⌊n/2⌋ + 1 frequencies k. */
export function realFourierRows(x: Tensor, scale: number): readonly [Tensor, Tensor] {
  return apply(realOp, [x], { n: x.shape.at(-1)!, scale, transposed: false }) as [Tensor, Tensor];
}

/** scale times the rows […, n] of which the first ⌊n/2⌋ + 1 frequencies are given: the inverse for scale 1. */
export function inverseRealRows(re: Tensor, im: Tensor, n: number, scale: number): Tensor {
  return apply(backOp, [re, im], { n, scale, transposed: false })[0];
}

interface Kind {
  readonly inverse: boolean;
}

const cosineOp: Op<Kind> = defineOp<Kind>({
  name: 'dct',
  depends: inBlocks(1),
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  bind: (binding) => {
    const { shape, size } = binding.x[0];
    const n = shape.at(-1)!;
    if (size === 0) return () => {};
    const plan = new Cosine(n);
    const [from, to] = [new Float64Array(n), new Float64Array(n)];
    return eachRow(binding, size / n, [from, to], () =>
      binding.attrs.inverse ? plan.inverse(from, to) : plan.forward(from, to),
    );
  },
  // Orthogonal: the transpose is the inverse.
  vjp: ({ g: [g], attrs: { inverse } }) => [g && apply(cosineOp, [g], { inverse: !inverse })[0]],
});

/**
 * The orthonormal discrete cosine transform (DCT-II) of rows […, n], or its inverse (DCT-III). O(n log n) per row.
 * @throws INVALID_SHAPE for scalars.
 */
export function dct(x: Tensor, inverse = false): Tensor {
  needTensors('dct', { x });
  if (x.rank === 0 || x.dtype === 'i32') misfit('dct', [x], 'it transforms the last axis of floating-point tensors.');
  return apply(cosineOp, [x], { inverse })[0];
}
