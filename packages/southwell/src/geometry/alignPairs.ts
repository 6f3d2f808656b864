import { symmetricEigen } from '@southwell/numerics/linalg';
import { type Pose, rotated } from './pose.ts';

/**
 * Least-squares pose between corresponding points, from the quaternion that is the leading eigenvector of Horn's matrix
 * (1987). `pairs` are indices of points of both clouds, interleaved. O(n).
 */
export function alignPairs(source: Float64Array, target: Float64Array, pairs: ArrayLike<number>): Pose {
  const n = pairs.length / 2;
  const [a, b] = [new Float64Array(3), new Float64Array(3)];
  for (let j = 0; j < pairs.length; j += 2) {
    for (let k = 0; k < 3; k++) {
      a[k] += source[3 * pairs[j] + k] / n;
      b[k] += target[3 * pairs[j + 1] + k] / n;
    }
  }
  const S = new Float64Array(9);
  for (let j = 0; j < pairs.length; j += 2) {
    for (let i = 0; i < 3; i++) {
      for (let k = 0; k < 3; k++)
        S[3 * i + k] += (source[3 * pairs[j] + i] - a[i]) * (target[3 * pairs[j + 1] + k] - b[k]);
    }
  }
  const [xx, xy, xz, yx, yy, yz, zx, zy, zz] = S;
  const N = Float64Array.of(
    ...[xx + yy + zz, yz - zy, zx - xz, xy - yx],
    ...[yz - zy, xx - yy - zz, xy + yx, zx + xz],
    ...[zx - xz, xy + yx, yy - xx - zz, yz + zy],
    ...[xy - yx, zx + xz, yz + zy, zz - xx - yy],
  );
  const { values, vectors } = symmetricEigen(N, 4);
  const top = values.indexOf(Math.max(...values));
  const [w, x, y, z] = [0, 1, 2, 3].map((i) => vectors[4 * i + top]);
  const rotation = Float64Array.of(
    ...[w * w + x * x - y * y - z * z, 2 * (x * y - w * z), 2 * (x * z + w * y)],
    ...[2 * (x * y + w * z), w * w - x * x + y * y - z * z, 2 * (y * z - w * x)],
    ...[2 * (x * z - w * y), 2 * (y * z + w * x), w * w - x * x - y * y + z * z],
  );
  const moved = rotated(rotation, a);
  return { rotation, translation: b.map((v, k) => v - moved[k]) };
}
