import type { Random } from '@southwell/numerics/core';
import { acos, elementary } from '@southwell/numerics/special';
import { randomDirection, scaledTo } from './randomDirection.ts';

const { cos, sin } = elementary;

/** The directions ±h of an orthonormal basis, or its n vectors and the negative of their sum. */
export type Poll = 'n+1' | '2n';

/**
 * Random directions that positively span the space, one at a time: for every vector, one of them makes an angle below
 * 90° with it. The basis consists of the columns of a Householder reflection I − 2vvᵀ with v uniform on the sphere. The
 * n + 1 directions are in addition turned by one rotation, of disjoint pairs of coordinates at random by random angles
 * of at most arccos(1/n). Each direction has a largest absolute value of 1. O(n) for each, and in memory.
 */
export function* pollDirections(n: number, poll: Poll, random: Random): Generator<Float64Array, void, undefined> {
  if (n === 0) return;
  const v = randomDirection(n, random);
  const column = (i: number) => {
    const h = v.map((vj) => -2 * v[i] * vj);
    h[i] += 1;
    return h;
  };
  if (poll === '2n') {
    for (let i = 0; i < n; i++) yield scaledTo(column(i), 1);
    for (let i = 0; i < n; i++) yield scaledTo(column(i), 1).map((h) => -h);
    return;
  }
  const turn = randomRotation(n, acos(1 / n), random);
  for (let i = 0; i < n; i++) yield scaledTo(turn(column(i)), 1);
  const sum = v.reduce((s, vj) => s + vj, 0);
  yield scaledTo(turn(v.map((vj) => 2 * sum * vj - 1)), 1);
}

/** Givens rotations of disjoint pairs of coordinates at random, each by at most `most` radians; applied in place. */
function randomRotation(n: number, most: number, random: Random): (d: Float64Array) => Float64Array {
  const order = random.permutation(n);
  const angles = Float64Array.from({ length: n >> 1 }, () => most * (2 * random.uniform() - 1));
  return (d) => {
    angles.forEach((angle, k) => {
      const [i, j] = [order[2 * k], order[2 * k + 1]];
      const [c, s] = [cos(angle), sin(angle)];
      [d[i], d[j]] = [c * d[i] + s * d[j], c * d[j] - s * d[i]];
    });
    return d;
  };
}
