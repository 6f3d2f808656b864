import type { Place } from '../primitive.ts';
import { rowMajor } from '../shapes.ts';
import { Storage, Tensor } from '../tensor.ts';

/** A tensor at the location that an operation was given, for a program that the operation runs. */
export function liveAt(p: Place): Tensor {
  const source = () => {
    throw new Error('Read by its program alone.');
  };
  return new Tensor(p.shape, p.dtype, new Storage(p.dtype, p.size, source, undefined, p.pointer), rowMajor(p.shape), 0);
}
