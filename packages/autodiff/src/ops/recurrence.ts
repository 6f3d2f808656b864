import { apply } from '../op.ts';
import { type Calculus, defineOp, type Op } from '../primitive.ts';
import { sizeOf } from '../shapes.ts';
import type { Tensor } from '../tensor.ts';
import { inBlocks } from './dependence.ts';
import { padWith, slice } from './views.ts';

interface Direction {
  readonly reverse: boolean;
}

/** Entries of the last axis. */
const last = (x: Tensor, from: number, to?: number): Tensor =>
  slice(x, ...x.shape.slice(0, -1).map(() => undefined), [from, to]);
/** The entries before each one along the last axis (after, in reverse), beginning with 0. */
const shifted = (o: Calculus, y: Tensor, reverse: boolean): Tensor => {
  const kept = reverse ? last(y, 1) : last(y, 0, -1);
  return padWith(o, kept, [reverse ? [0, 1] : [1, 0]]);
};

// y_k = a_k·y_{k−1} + b_k along the last axis, from y_{−1} = 0; in reverse, y_k = a_k·y_{k+1} + b_k.
const recurrenceOp: Op<Direction> = defineOp<Direction>({
  name: 'recurrence',
  inPlace: [0, 1],
  depends: inBlocks(1, 1),
  infer: ([a]) => [{ shape: a.shape, dtype: a.dtype }],
  bind: ({ kernels, x: [a, b], y: [y], attrs: { reverse } }) => {
    const n = y.shape.at(-1)!;
    const rows = sizeOf(y.shape.slice(0, -1));
    const [pa, pb, py] = [a, b, y].map((p) => p.pointer);
    const kernel = y.dtype === 'f64' ? kernels.recurrenceRows : kernels.srecurrenceRows;
    return () => kernel(reverse, rows, n, pa, pb, py);
  },
  vjp: ({ o, x: [a], y: [y], g: [g], attrs: { reverse }, needs }) => {
    if (!g) return [];
    // In the other direction, each factor belongs to the step after it.
    const [db] = apply(recurrenceOp, [shifted(o, a, !reverse), g], { reverse: !reverse });
    return [needs[0] ? o.mul(db, shifted(o, y, reverse)) : undefined, db];
  },
});

/** @internal y_k = a_k·y_{k−1} + b_k along the last axis, from y_{−1} = 0, for a and b of the same shape. */
export const recurrence = (a: Tensor, b: Tensor): Tensor => apply(recurrenceOp, [a, b], { reverse: false })[0];
