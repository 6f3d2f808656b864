import { needDtype, needTensors } from '../given.ts';
import { apply } from '../op.ts';
import { defineOp, type Op } from '../primitive.ts';
import { BYTES, type DType, type Tensor } from '../tensor.ts';
import { elementwise } from './dependence.ts';

const castOp: Op<{ dtype: DType }> = defineOp<{ dtype: DType }>({
  name: 'cast',
  infer: ([x], { dtype }) => [{ shape: x.shape, dtype }],
  depends: elementwise,
  bind: ({ arena, x: [x], y: [y] }) => {
    const view = (dtype: DType) => (dtype === 'f64' ? arena.f64 : dtype === 'f32' ? arena.f32 : arena.i32);
    const [from, to, n] = [x.pointer / BYTES[x.dtype], y.pointer / BYTES[y.dtype], x.size];
    return () => {
      const [a, b] = [view(x.dtype), view(y.dtype)];
      for (let i = 0; i < n; i++) b[to + i] = a[from + i];
    };
  },
  vjp: ({ x: [x], g: [g] }) => [g && x.dtype !== 'i32' ? cast(g, x.dtype) : undefined],
});

/** Casts to another dtype: rounds to f32, truncates to i32, which has no derivative. */
export function cast(x: Tensor, dtype: DType): Tensor {
  needTensors('cast', { x });
  needDtype('cast', dtype);
  return x.dtype === dtype ? x : apply(castOp, [x], { dtype })[0];
}

const stopOp = defineOp<Record<never, never>>({
  name: 'stopGradient',
  view: ({ shape, strides, offset }) => ({ shape, strides, offset }),
});

/** x with its gradient stopped: a constant for differentiation. A view. */
export function stopGradient(x: Tensor): Tensor {
  needTensors('stopGradient', { x });
  return x.tracked ? apply(stopOp, [x], {})[0] : x;
}
