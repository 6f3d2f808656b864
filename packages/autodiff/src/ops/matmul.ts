import { gemmWorkBytes } from '@southwell/kernels';
import { needTensors } from '../given.ts';
import { apply, arithmetic, misfit, packed } from '../op.ts';
import type { TensorCall } from '../primitive.ts';
import { defineOp, type Op } from '../primitive.ts';
import { productTime, shared } from '../programs/sharing.ts';
import { broadcastShape, broadcastStrides, isContiguous, rowMajor, show, sizeOf } from '../shapes.ts';
import { BYTES, type Layout, type Tensor } from '../tensor.ts';
import { ofProduct, turnedSets } from './dependence.ts';
import { reshape, turned } from './views.ts';

/** Whether gemm can read a matrix in place: one of its two axes must be contiguous, and the other must not overlap. */
function readable({ shape, strides }: Layout): boolean {
  const [m, n] = shape.slice(-2);
  const [rows, cols] = strides.slice(-2);
  return (
    ((cols === 1 || n <= 1) && (m <= 1 || rows >= Math.max(1, n))) ||
    ((rows === 1 || m <= 1) && (n <= 1 || cols >= Math.max(1, m)))
  );
}

/** Leading dimension of a matrix, and whether its rows (rather than its columns) are contiguous. */
function lying(shape: readonly number[], strides: readonly number[]): { byRows: boolean; ld: number } {
  const [m, n] = shape.slice(-2);
  const [rows, cols] = strides.slice(-2);
  if ((cols === 1 || n <= 1) && (m <= 1 || rows >= Math.max(1, n)))
    return { byRows: true, ld: Math.max(1, n, m <= 1 ? 1 : rows) };
  return { byRows: false, ld: Math.max(1, m, n <= 1 ? 1 : cols) };
}

/** Byte offsets of the matrices of a batch. */
function offsets(batch: readonly number[], strides: readonly number[], bytes: number): Int32Array {
  const out = new Int32Array(sizeOf(batch));
  const steps = rowMajor(batch);
  for (let i = 0; i < out.length; i++) {
    for (let d = 0; d < batch.length; d++) out[i] += (Math.floor(i / steps[d]) % batch[d]) * strides[d] * bytes;
  }
  return out;
}

const matmulOp: Op<Record<never, never>> = defineOp<Record<never, never>>({
  name: 'matmul',
  strided: true,
  infer: ([a, b]) => {
    const batch = broadcastShape([a.shape.slice(0, -2), b.shape.slice(0, -2)])!;
    return [{ shape: [...batch, a.shape[a.rank - 2], b.shape[b.rank - 1]], dtype: a.dtype }];
  },
  depends: (given) => ofProduct(given, given.x[0], turnedSets(given.x[1])),
  work: ([a, b]) => {
    const [m, k] = a.shape.slice(-2);
    return gemmWorkBytes(b.shape.at(-1)!, m, k);
  },
  bind: (binding) => {
    const {
      kernels,
      x: [a, b],
      y: [y],
      work,
    } = binding;
    // In the column-major order of gemm, the product is Yᵀ = Bᵀ·Aᵀ with rows of length n.
    const [m, k] = a.shape.slice(-2);
    const n = b.shape.at(-1)!;
    const batch = y.shape.slice(0, -2);
    const bytes = BYTES[y.dtype];
    const [la, lb] = [lying(a.shape, a.strides), lying(b.shape, b.strides)];
    const over = (p: typeof a) =>
      offsets(batch, broadcastStrides(p.shape.slice(0, -2), p.strides.slice(0, -2), batch), bytes);
    const [atA, atB] = [over(a), over(b)];
    const name = y.dtype === 'f64' ? 'gemm' : 'sgemm';
    const gemm = kernels[name];
    const [transB, transA] = [!lb.byRows, !la.byRows];
    const step = m * n * bytes;
    const count = sizeOf(batch);
    const [pa, pb, to] = [a.pointer, b.pointer, y.pointer];
    const ldc = Math.max(1, n);
    if (m === 0 || n === 0) return () => {};
    const alone = () => {
      for (let i = 0; i < count; i++) {
        gemm(transB, transA, n, m, k, 1, pb + atB[i], lb.ld, pa + atA[i], la.ld, 0, to + i * step, ldc, work);
      }
    };
    // Rows of the results, consecutively over the whole batch; a range may begin and end within a matrix.
    const rowA = (la.byRows ? la.ld : 1) * bytes;
    const share = (from: number, until: number, own: number): TensorCall[] => {
      const calls: TensorCall[] = [];
      for (let i = Math.floor(from / m); i * m < until; i++) {
        const [first, last] = [Math.max(0, from - i * m), Math.min(m, until - i * m)];
        const [pi, ti] = [pa + atA[i] + first * rowA, to + i * step + first * n * bytes];
        calls.push([name, transB, transA, n, last - first, k, 1, pb + atB[i], lb.ld, pi, la.ld, 0, ti, ldc, own]);
      }
      return calls;
    };
    return shared(binding, count * m, productTime(count * m, n, k, bytes), share, 4) ?? alone;
  },
  vjp: ({ o, x: [a, b], g: [g], needs }) => {
    if (!g) return [];
    return [
      needs[0] ? o.sumTo(o.matmul(g, turned(b)), a.shape) : undefined,
      needs[1] ? o.sumTo(o.matmul(turned(a), g), b.shape) : undefined,
    ];
  },
  batch: ({ o, x, mapped, size }) => {
    // The batch axis comes before the other batch axes, which are first brought to the same rank.
    const rank = Math.max(...x.map((t, i) => t.rank - (mapped[i] ? 1 : 0)));
    const [a, b] = x.map((t, i) =>
      mapped[i] ? o.reshape(t, [size, ...new Array<number>(rank + 1 - t.rank).fill(1), ...t.shape.slice(1)]) : t,
    );
    return [o.matmul(a, b)];
  },
});

/**
 * Matrix product: a […, m, k] by b […, k, n] gives […, m, n]; batch axes broadcast. A vector counts as a row on the
 * left and as a column on the right, and that axis is removed from the result. Strided operands such as transposes are
 * not copied. O(m·n·k) for each matrix.
 * @throws INVALID_SHAPE if inner lengths or batches do not match.
 */
export function matmul(a: Tensor, b: Tensor): Tensor {
  needTensors('matmul', { a, b });
  [a, b] = arithmetic([a, b]);
  if (a.rank === 0 || b.rank === 0)
    misfit('matmul', [a, b], 'it takes vectors, matrices or batches of them; mul takes scalars.');
  if (a.dtype !== b.dtype || a.dtype === 'i32') {
    misfit('matmul', [a, b], `their dtypes ${a.dtype} and ${b.dtype} must be the same, f32 or f64; see cast.`);
  }
  const left = a.rank === 1 ? reshape(a, [1, a.shape[0]]) : a;
  const right = b.rank === 1 ? reshape(b, [b.shape[0], 1]) : b;
  const k = left.shape.at(-1)!;
  if (k !== right.shape[right.rank - 2]) {
    misfit(
      'matmul',
      [a, b],
      `${k} columns on the left need as many rows on the right, not ${right.shape[right.rank - 2]}.`,
    );
  }
  if (!broadcastShape([left.shape.slice(0, -2), right.shape.slice(0, -2)])) {
    misfit(
      'matmul',
      [a, b],
      `the batches ${show(left.shape.slice(0, -2))} and ${show(right.shape.slice(0, -2))} do not broadcast.`,
    );
  }
  let y: Tensor;
  if (right.rank === 2 && left.rank > 2 && isContiguous(left.shape, left.strides)) {
    // As one large product, which also makes the derivative of b a single product.
    const flat = apply(matmulOp, [reshape(left, [sizeOf(left.shape.slice(0, -1)), k]), laid(right)], {})[0];
    y = reshape(flat, [...left.shape.slice(0, -1), right.shape[1]]);
  } else {
    y = apply(matmulOp, [laid(left), laid(right)], {})[0];
  }
  if (a.rank > 1 && b.rank > 1) return y;
  const shape = y.shape.slice(0, -2);
  return reshape(y, [
    ...shape,
    ...(a.rank > 1 ? [y.shape[y.rank - 2]] : []),
    ...(b.rank > 1 ? [y.shape[y.rank - 1]] : []),
  ]);
}

const laid = (x: Tensor): Tensor => (readable(x) ? x : packed(x));
