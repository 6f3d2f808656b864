import { DTYPES } from '../dtypes.ts';
import { needDtype, needTensors } from '../given.ts';
import { apply, converted } from '../op.ts';
import { defineOp } from '../primitive.ts';
import type { DType, Tensor } from '../tensor.ts';

/**
 * Casts to another dtype: rounds to f32, and to f16 and bf16, ties to even; truncates to i32, which has no derivative.
 * Numbers beyond the largest become infinite ({@link findNaN} names such a cast). The derivative is a cast back.
 */
export function cast(x: Tensor, dtype: DType): Tensor {
  needTensors('cast', { x });
  needDtype('cast', dtype, DTYPES);
  return converted(x, dtype);
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
