import { fail } from '@southwell/numerics/core';
import { needTensors } from '../given.ts';
import { apply, recordingAll } from '../op.ts';
import { reshape } from '../ops/views.ts';
import { type Binding, defineOp, type Op } from '../primitive.ts';
import type { Tensor } from '../tensor.ts';
import { extentOf, FORMS, type PackedMatrix, type PackedSizes, sizesOf } from './matrix.ts';
import { arraysOf, checkTensors, type PackedTensor } from './tensors.ts';
import { unpackMatrix } from './unpack.ts';

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
  bind: ({ arena, x, y: [y], attrs }: Binding<PackedSizes>) => {
    const names = FORMS[attrs.form].arrays;
    return () => {
      const arrays = x.map(({ pointer, size, dtype }, i) => {
        const heap = dtype === 'f32' ? arena.f32 : arena.i32;
        return [names[i][0], heap.subarray(pointer / 4, pointer / 4 + size)];
      });
      arena.f32.set(unpackMatrix({ ...attrs, arrays: Object.fromEntries(arrays) } as PackedMatrix), y.pointer / 4);
    };
  },
  vjp: ({ needs }) => (needs.includes(true) ? fixed() : []),
  batch: () => fail('NOT_SUPPORTED', 'vmap cannot map over packed weights: leave them unbatched (axes: null).'),
});

/**
 * The tensor for which a packed matrix stands. Programs need not make it: products by it, and `take` of its rows, read
 * the packed matrix instead.
 * @param beside a tensor of the computation that is to read it, so that a function which is being compiled unpacks it in
 * each run.
 * @throws INVALID_FORMAT for damaged matrices; NOT_SUPPORTED for derivatives with respect to its arrays.
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
