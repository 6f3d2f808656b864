import { Cosine, Fourier } from '@southwell/numerics/transforms';
import { needTensors } from '../given.ts';
import { apply, misfit } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import { sizeOf } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { inBlocks } from './dependence.ts';

interface Kind {
  readonly inverse: boolean;
}

/** Applies a transform to rows of `width` numbers, converted to doubles. */
function rowwise(
  plan: (width: number) => (from: Float64Array, to: Float64Array) => void,
  tail: number,
): Pick<Op<Kind>, 'infer' | 'bind'> {
  return {
    infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
    bind: ({ arena, x: [x], y: [y] }) => {
      const width = sizeOf(x.shape.slice(-tail));
      const rows = sizeOf(x.shape.slice(0, -tail));
      const bytes = x.dtype === 'f64' ? 8 : 4;
      const [from, to] = [new Float64Array(width), new Float64Array(width)];
      if (width === 0 || rows === 0) return () => {};
      const run = plan(width);
      return () => {
        const heap = x.dtype === 'f64' ? arena.f64 : arena.f32;
        for (let r = 0; r < rows; r++) {
          const at = x.pointer / bytes + r * width;
          // Copying a subarray has a fixed cost of a fraction of a microsecond, which does not pay for short rows.
          if (width > 64) from.set(heap.subarray(at, at + width));
          else for (let i = 0; i < width; i++) from[i] = heap[at + i];
          run(from, to);
          heap.set(to, y.pointer / bytes + r * width);
        }
      };
    },
  };
}

const fourierOp = (inverse: boolean): Op<Kind> =>
  defineOp<Kind>({
    name: inverse ? 'ifft' : 'fft',
    depends: inBlocks(2),
    ...rowwise((width) => {
      const f = new Fourier(width / 2);
      return (from, to) => (inverse ? f.inverse(from, to) : f.forward(from, to));
    }, 2),
    // The transpose of the transform is its conjugate: n times the inverse.
    vjp: ({ o, x: [x], g: [g] }) => {
      const n = x.shape[x.rank - 2];
      return [
        g &&
          (inverse
            ? o.div(apply(forwardOp, [g], { inverse: false })[0], n)
            : o.mul(apply(inverseOp, [g], { inverse: true })[0], n)),
      ];
    },
  });
const forwardOp = fourierOp(false);
const inverseOp = fourierOp(true);

function complex(name: string, x: Tensor): void {
  needTensors(name, { x });
  if (x.rank < 2 || x.shape.at(-1) !== 2 || x.dtype === 'i32') {
    misfit(
      name,
      [x],
      'complex numbers are pairs of real and imaginary parts: [..., n, 2]. stack([x, zeros], -1) converts real numbers.',
    );
  }
}

/**
 * Discrete Fourier transform of complex rows […, n, 2] (real and imaginary parts): X_k = Σ_j x_j e^(−2πi·jk/n). O(n log
 * n) per row.
 * @throws INVALID_SHAPE for other shapes.
 */
export function fft(x: Tensor): Tensor {
  complex('fft', x);
  return apply(forwardOp, [x], { inverse: false })[0];
}

/**
 * The inverse of {@link fft}: (1/n)·Σ_k X_k e^(2πi·jk/n).
 * @throws INVALID_SHAPE as fft.
 */
export function ifft(x: Tensor): Tensor {
  complex('ifft', x);
  return apply(inverseOp, [x], { inverse: true })[0];
}

const cosineOp: Op<Kind> = defineOp<Kind>({
  name: 'dct',
  depends: inBlocks(1),
  infer: ([x]) => [{ shape: x.shape, dtype: x.dtype }],
  bind: (binding) => {
    const { inverse } = binding.attrs;
    const plan = (width: number) => {
      const c = new Cosine(width);
      return (from: Float64Array, to: Float64Array) => (inverse ? c.inverse(from, to) : c.forward(from, to));
    };
    return rowwise(plan, 1).bind!(binding);
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
