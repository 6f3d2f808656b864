import { gemmWorkBytes } from '@southwell/kernels';
import { needTensors } from '../given.ts';
import { apply, arithmetic, misfit } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import { productTime, shared } from '../programs/sharing.ts';
import { sizeOf } from '../shapes.ts';
import { BYTES, type Tensor } from '../tensor.ts';
import { ofProduct } from './dependence.ts';
import { reshape, turned } from './views.ts';

type None = Record<never, never>;

/**
 * Number of rows up to which matrix-vector products are faster: nothing is packed, and the weights are read once for
 * each row.
 */
const FEW = 2;

// x [rows, in] and w [out, in], both contiguous: [rows, out].
const turnedProductOp: Op<None> = defineOp<None>({
  name: 'turnedProduct',
  infer: ([x, w]) => [{ shape: [x.shape[0], w.shape[0]], dtype: x.dtype }],
  depends: (given) => ofProduct(given, given.x[0], given.x[1]),
  work: ([x, w]) => gemmWorkBytes(w.shape[0], x.shape[0], w.shape[1]),
  bind: (binding) => {
    const {
      kernels,
      x: [x, w],
      y: [y],
      work,
    } = binding;
    const [rows, n] = x.shape;
    const [out] = w.shape;
    const bytes = BYTES[y.dtype];
    const [name, gemvT] = bytes === 8 ? (['gemm', kernels.gemvT] as const) : (['sgemm', kernels.sgemvT] as const);
    const gemm = kernels[name];
    const [from, by, to, ld] = [x.pointer, w.pointer, y.pointer, Math.max(1, n)];
    if (rows * out === 0) return () => {};
    if (rows > FEW) {
      const part = (r: number, end: number, own: number) => {
        const [a, b] = [from + r * n * bytes, to + r * out * bytes];
        return [[name, true, false, out, end - r, n, 1, by, ld, a, ld, 0, b, out, own] as const];
      };
      const together = shared(binding, rows, productTime(rows, out, n, bytes), part, 4);
      return together ?? (() => gemm(true, false, out, rows, n, 1, by, ld, from, ld, 0, to, out, work));
    }
    return () => {
      for (let i = 0; i < rows; i++) gemvT(n, out, by, ld, from + i * n * bytes, to + i * out * bytes);
    };
  },
  vjp: ({ o, x: [x, w], g: [g], needs }) =>
    g ? [needs[0] ? o.matmul(g, w) : undefined, needs[1] ? o.matmul(turned(g), x) : undefined] : [],
  batch: ({ o, x: [x, w], mapped, size, apply: again }) => {
    if (mapped[1]) return [o.matmul(x, turned(w))];
    const [y] = again([o.reshape(x, [size * x.shape[1], x.shape[2]]), w]);
    return [o.reshape(y, [size, -1, y.shape[1]])];
  },
});

/**
 * x·wᵀ for x […, in] and weights w [out, in], PyTorch's layout: […, out]. Equal to `matmul(x, transpose(w))`, but the
 * weights' derivative is contiguous, and for one or two rows the weights are not packed. O(size·out).
 * @throws INVALID_SHAPE if shapes do not match.
 */
export function matmulTransposed(x: Tensor, w: Tensor): Tensor {
  needTensors('matmulTransposed', { x, w });
  [x, w] = arithmetic([x, w]);
  if (w.rank !== 2 || x.rank < 1 || x.shape.at(-1) !== w.shape[1] || x.dtype !== w.dtype || x.dtype === 'i32')
    misfit('matmulTransposed', [x, w], 'it takes […, in] and [out, in] of the same dtype, f32 or f64.');
  const before = x.shape.slice(0, -1);
  const [y] = apply(turnedProductOp, [reshape(x, [sizeOf(before), w.shape[1]]), w], {});
  return reshape(y, [...before, w.shape[0]]);
}
