import { add, cast, minimum, range, type Tensor } from '../../index.ts';

/** Indices of t consecutive positions, clamped to n − 1. */
export const placesFrom = (position: Tensor, t: number, n: number): Tensor =>
  cast(minimum(add(range(t, position.dtype), position), n - 1), 'i32');
