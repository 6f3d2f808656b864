import { type DType, owning, type Tensor, zeros } from '../tensor.ts';

/** A scalar. */
export function constant(value: number, dtype: DType): Tensor {
  const values = zeros(dtype, 1);
  values[0] = value;
  return owning(values, dtype, []);
}
