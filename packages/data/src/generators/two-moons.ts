import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { generator } from './common.ts';

/**
 * Two interleaved half circles (scikit-learn's make_moons): ⌊n/2⌋ points on the upper one, (cos t, sin t), with y = 0,
 * and the others on the lower one, (1 − cos t, ½ − sin t), with y = 1, for t evenly spaced over [0, π]; normal noise
 * with standard deviation `noise` (default 0.1) on each coordinate; rows in random order. O(n).
 * @throws INVALID_PARAMETER.
 */
export function twoMoons({ n, noise = 0.1, seed }: { n: number; noise?: number; seed?: number }): {
  X: DenseMatrix;
  y: Float64Array;
} {
  if (!Number.isInteger(n) || n < 2) fail('INVALID_PARAMETER', `n must be a whole number of at least 2, not ${n}.`);
  if (!(noise >= 0)) fail('INVALID_PARAMETER', `noise must not be negative, but is ${noise}.`);
  const random = generator(seed);
  const X = DenseMatrix.create(n, 2);
  const y = new Float64Array(n);
  const upper = Math.floor(n / 2);
  const order = random.permutation(n);
  for (let k = 0; k < n; k++) {
    const lower = k >= upper;
    const count = lower ? n - upper : upper;
    const t = (Math.PI * (lower ? k - upper : k)) / Math.max(1, count - 1);
    const i = order[k];
    X.set(i, 0, (lower ? 1 - elementary.cos(t) : elementary.cos(t)) + noise * random.normal());
    X.set(i, 1, (lower ? 0.5 - elementary.sin(t) : elementary.sin(t)) + noise * random.normal());
    y[i] = lower ? 1 : 0;
  }
  return { X, y };
}
