import { add, cast, minimum, range, type Tensor } from '../../index.ts';

/** The numbers of t positions from one on, as indices; those past the last of `n` are the last. */
export const placesFrom = (position: Tensor, t: number, n: number): Tensor =>
  cast(minimum(add(range(t, position.dtype), position), n - 1), 'i32');
