// What tests of geometry share. Not exported from the package.
import { Random } from '@southwell/numerics/core';

/**
 * A landscape of hills from one x to another, seen by points drawn anew each time: nothing in it is repeated.
 * @param half Its hills lie between −half and half along x.
 */
export function hills(
  n: number,
  seed: number,
  from: number,
  to: number,
  { half, count }: { half: number; count: number },
): Float64Array {
  const random = new Random(seed);
  const shape = new Random(5);
  const tops = Array.from({ length: count }, () => [
    2 * half * shape.uniform() - half,
    20 * shape.uniform() - 10,
    1 + 2 * shape.uniform(),
    0.6 + shape.uniform(),
  ]);
  const out = new Float64Array(3 * n);
  for (let i = 0; i < n; i++) {
    const [x, y] = [from + (to - from) * random.uniform(), 20 * random.uniform() - 10];
    const z = tops.reduce((sum, [a, b, h, w]) => sum + h * Math.exp(-((x - a) ** 2 + (y - b) ** 2) / (2 * w * w)), 0);
    out.set([x, y, z], 3 * i);
  }
  return out;
}
