import { gemmWorkBytes } from '@southwell/kernels';
import { fail } from '@southwell/numerics/core';
import { needTensors } from '../given.ts';
import { apply, recordingAll } from '../op.ts';
import { outside } from '../ops/indexing.ts';
import { reshape } from '../ops/views.ts';
import { defineOp, type Op } from '../primitive.ts';
import { inTurn, shared } from '../programs/sharing.ts';
import type { Tensor } from '../tensor.ts';
import { boundForm, formWork } from './forms.ts';
import { extentOf, type PackedSizes, sizesOf } from './matrix.ts';
import { arraysOf, checkTensors, type PackedTensor } from './tensors.ts';

const fixed = (): never =>
  fail(
    'NOT_SUPPORTED',
    'Packed weights have no derivatives: unpack them before training (unpackTensor, or loadModel without packed).',
  );

// The arrays of a packed matrix: [out, inner].
export const unpackOp: Op<PackedSizes> = defineOp<PackedSizes>({
  name: 'unpack',
  deferred: true,
  moves: true,
  infer: (_, sizes) => [{ shape: extentOf(sizes), dtype: 'f32' }],
  work: (_, __, sizes) => formWork(sizes),
  bind: ({ arena, kernels, x, y: [y], attrs, work }) => {
    const form = boundForm(arena, kernels, attrs, x);
    const [out] = y.shape;
    return () => form.rows(0, out, y.pointer, work);
  },
  vjp: ({ needs }) => (needs.includes(true) ? fixed() : []),
  batch: () => fail('NOT_SUPPORTED', 'vmap cannot map over packed weights: leave them unbatched (axes: null).'),
});

// Programs put the following operations in place of others that read an unpacked matrix (programs/unpacked.ts).

/** Number of rows up to which products go through the packed matrix once for each row. */
const FEW = 4;
/** Rows of the matrix that are unpacked at a time for products with more rows. */
const PANEL = 64;

// x [rows, inner] and the arrays of a packed matrix: x·Wᵀ, [rows, out].
export const packedProductOp: Op<PackedSizes> = defineOp<PackedSizes>({
  name: 'packed product',
  work: ([x], _, sizes) => {
    const [, inner] = extentOf(sizes);
    const [rows] = x.shape;
    return formWork(sizes) + (rows > FEW ? 4 * PANEL * inner + gemmWorkBytes(PANEL, rows, inner) : 0);
  },
  bind: (binding) => {
    const {
      arena,
      kernels,
      x: [x, ...arrays],
      y: [y],
      attrs,
      work,
    } = binding;
    const form = boundForm(arena, kernels, attrs, arrays);
    const [out, inner] = extentOf(attrs);
    const [rows] = x.shape;
    const ld = rows > 1 ? x.strides[0] : inner;
    const { part } = form;
    if (rows <= FEW) {
      if (!part)
        return () => {
          for (let i = 0; i < rows; i++) form.times(x.pointer + 4 * i * ld, y.pointer + 4 * i * out, work);
        };
      const calls = (from: number, to: number, own: number) =>
        Array.from({ length: rows }, (_, i) =>
          part(from, to, x.pointer + 4 * i * ld, y.pointer + 4 * (i * out + from), own),
        );
      return shared(binding, out, rows * out * inner * 0.15, calls, 8) ?? inTurn(kernels, calls(0, out, work));
    }
    const panel = work + formWork(attrs);
    const own = panel + 4 * PANEL * inner;
    return () => {
      for (let from = 0; from < out; from += PANEL) {
        const to = Math.min(out, from + PANEL);
        form.rows(from, to, panel, work);
        kernels.sgemm(
          true,
          false,
          to - from,
          rows,
          inner,
          1,
          panel,
          inner,
          x.pointer,
          ld,
          0,
          y.pointer + 4 * from,
          out,
          own,
        );
      }
    };
  },
});

// Indices […] and the arrays of a packed matrix: its rows at the indices, […, inner].
export const unpackRowsOp: Op<PackedSizes> = defineOp<PackedSizes>({
  name: 'unpack rows',
  work: (_, __, sizes) => formWork(sizes),
  bind: (binding) => {
    const {
      arena,
      kernels,
      x: [at, ...arrays],
      y: [y],
      attrs,
      work,
    } = binding;
    const form = boundForm(arena, kernels, attrs, arrays);
    const [out, inner] = extentOf(attrs);
    return () => {
      for (let j = 0; j < at.size; j++) {
        const index = arena.i32[at.pointer / 4 + j];
        if (index < 0 || index >= out) outside('take', binding, at.pointer, j, out);
        form.rows(index, index + 1, y.pointer + 4 * j * inner, work);
      }
    };
  },
});

/**
 * The tensor for which a packed matrix stands. Programs need not make it: products by it, and `take` of its rows, read
 * the packed matrix instead.
 * @param beside a tensor of the computation that is to read it, so that a function which is being compiled unpacks it in
 * each run.
 * @throws INVALID_FORMAT for damaged matrices; INVALID_PARAMETER for other values; NOT_SUPPORTED for derivatives with
 * respect to its arrays.
 */
export function unpackTensor(packed: PackedTensor, beside?: Tensor): Tensor {
  checkTensors('unpackTensor', packed);
  needTensors('unpackTensor', {}, { beside });
  const trace = beside?.storage.trace;
  const made = (): Tensor =>
    apply(
      unpackOp,
      arraysOf(packed).map(([, x]) => x),
      sizesOf(packed),
    )[0];
  return reshape(trace?.open ? recordingAll(trace, made) : made(), packed.shape);
}
