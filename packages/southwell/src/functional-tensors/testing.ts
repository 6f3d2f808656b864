import { Random } from '@southwell/numerics/core';

/** A field of rank 2 at random points. */
export function field(N: number, seed: number, noise = 0.1, tests = 400) {
  const random = new Random(seed);
  const f = ([x, t]: readonly number[]) => Math.sin(3 * x) * Math.cos(4 * t) + 0.7 * x * Math.sin(5 * t);
  const point = () => [random.uniform(), random.uniform()];
  const indices = Array.from({ length: N }, point);
  const values = indices.map((row) => f(row) + noise * random.normal());
  const asked = Array.from({ length: tests }, point);
  const measured = asked.map((row) => f(row) + noise * random.normal());
  return { indices, values, asked, truth: asked.map(f), measured };
}

export const rmse = (a: ArrayLike<number>, b: ArrayLike<number>) =>
  Math.sqrt(Array.from(a).reduce((sum, v, n) => sum + (v - b[n]) ** 2, 0) / a.length);
