import { fail } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';

/** A rigid motion p ↦ R p + t. */
export interface Pose {
  /** R by rows, nine numbers. */
  readonly rotation: Float64Array;
  /** t. */
  readonly translation: Float64Array;
}

export const identityPose = (): Pose => ({
  rotation: Float64Array.of(1, 0, 0, 0, 1, 0, 0, 0, 1),
  translation: new Float64Array(3),
});

/** Rodrigues' formula: the rotation about `phi` by its norm in radians. */
export function expRotation(phi: ArrayLike<number>): Float64Array {
  const [x, y, z] = [phi[0], phi[1], phi[2]];
  const square = x * x + y * y + z * z;
  const angle = Math.sqrt(square);
  // For smaller angles the next term of the series is below rounding.
  const a = angle < 1e-4 ? 1 - square / 6 : elementary.sin(angle) / angle;
  const half = elementary.sin(angle / 2);
  const b = angle < 1e-4 ? 0.5 - square / 24 : (2 * half * half) / square;
  return Float64Array.of(
    1 - b * (y * y + z * z),
    b * x * y - a * z,
    b * x * z + a * y,
    b * x * y + a * z,
    1 - b * (x * x + z * z),
    b * y * z - a * x,
    b * x * z - a * y,
    b * y * z + a * x,
    1 - b * (x * x + y * y),
  );
}

/** The angle of (c, s), not both 0, from 0 to π for s ≥ 0: the same bits in every engine. */
function angleOf(s: number, c: number): number {
  // Newton steps on sin(θ − angle) from an approximate initial value.
  let theta = s < Math.abs(c) ? (c > 0 ? s / c : Math.PI + s / c) : Math.PI / 2 - c / s;
  for (let k = 0; k < 6; k++) {
    const [sine, cosine] = [elementary.sin(theta), elementary.cos(theta)];
    theta -= (sine * c - cosine * s) / Math.sqrt(c * c + s * s) / (cosine * c + sine * s > 0 ? 1 : -1);
  }
  return theta;
}

/** The vector of norm at most π whose {@link expRotation} is R; either of the two at π. */
export function logRotation(R: ArrayLike<number>): Float64Array {
  // By the quaternion, whose largest component is never small (Shepperd 1978).
  const trace = R[0] + R[4] + R[8];
  const squares = [1 + trace, 1 + 2 * R[0] - trace, 1 + 2 * R[4] - trace, 1 + 2 * R[8] - trace];
  const k = squares.indexOf(Math.max(...squares));
  const root = Math.sqrt(Math.max(squares[k], 0));
  const q = [R[7] - R[5], R[2] - R[6], R[3] - R[1], R[1] + R[3], R[2] + R[6], R[5] + R[7]];
  let [w, x, y, z] = [
    [root, q[0] / root, q[1] / root, q[2] / root],
    [q[0] / root, root, q[3] / root, q[4] / root],
    [q[1] / root, q[3] / root, root, q[5] / root],
    [q[2] / root, q[4] / root, q[5] / root, root],
  ][k];
  if (w < 0) [w, x, y, z] = [-w, -x, -y, -z];
  const s = Math.sqrt(x * x + y * y + z * z);
  if (s < 1e-300) return new Float64Array(3);
  const scale = (2 * angleOf(s, w)) / s;
  return Float64Array.of(scale * x, scale * y, scale * z);
}

function product(A: ArrayLike<number>, B: ArrayLike<number>): Float64Array {
  const out = new Float64Array(9);
  for (let i = 0; i < 3; i++) {
    for (let j = 0; j < 3; j++) out[3 * i + j] = A[3 * i] * B[j] + A[3 * i + 1] * B[3 + j] + A[3 * i + 2] * B[6 + j];
  }
  return out;
}

export function rotated(R: ArrayLike<number>, p: ArrayLike<number>): Float64Array {
  return Float64Array.of(
    R[0] * p[0] + R[1] * p[1] + R[2] * p[2],
    R[3] * p[0] + R[4] * p[1] + R[5] * p[2],
    R[6] * p[0] + R[7] * p[1] + R[8] * p[2],
  );
}

/** The composition: `second` after `first`. */
export const composePoses = (second: Pose, first: Pose): Pose => ({
  rotation: product(second.rotation, first.rotation),
  translation: rotated(second.rotation, first.translation).map((v, k) => v + second.translation[k]),
});

export function invertPose({ rotation: R, translation: t }: Pose): Pose {
  const rotation = Float64Array.of(R[0], R[3], R[6], R[1], R[4], R[7], R[2], R[5], R[8]);
  return { rotation, translation: rotated(rotation, t).map((v) => -v) };
}

/** A step in the moving frame: R exp(φ) and t + R δ for (φ, δ). R is re-orthonormalised. */
export function stepPose({ rotation, translation }: Pose, step: ArrayLike<number>): Pose {
  const R = product(rotation, expRotation([step[0], step[1], step[2]]));
  const moved = rotated(rotation, [step[3], step[4], step[5]]);
  return { rotation: orthonormal(R), translation: translation.map((v, k) => v + moved[k]) };
}

/** Gram–Schmidt on the rows: rounding errors accumulate over many steps. */
function orthonormal(R: Float64Array): Float64Array {
  const unit = (x: number, y: number, z: number) => {
    const length = Math.sqrt(x * x + y * y + z * z);
    return [x / length, y / length, z / length];
  };
  const [a, b, c] = unit(R[0], R[1], R[2]);
  const along = R[3] * a + R[4] * b + R[5] * c;
  const [d, e, f] = unit(R[3] - along * a, R[4] - along * b, R[5] - along * c);
  return Float64Array.of(a, b, c, d, e, f, b * f - c * e, c * d - a * f, a * e - b * d);
}

/** R p + t of each point, three numbers each. O(n). */
export function transformPoints({ rotation: R, translation: t }: Pose, points: Float64Array): Float64Array {
  const out = new Float64Array(points.length);
  for (let k = 0; k < points.length; k += 3) {
    const x = points[k];
    const y = points[k + 1];
    const z = points[k + 2];
    out[k] = R[0] * x + R[1] * y + R[2] * z + t[0];
    out[k + 1] = R[3] * x + R[4] * y + R[5] * z + t[1];
    out[k + 2] = R[6] * x + R[7] * y + R[8] * z + t[2];
  }
  return out;
}

/** R v of each vector, three numbers each, for normals of moved points. O(n). */
export const rotateVectors = ({ rotation }: Pose, vectors: Float64Array): Float64Array =>
  transformPoints({ rotation, translation: new Float64Array(3) }, vectors);

/** The rotation angle in radians and the distance between two poses. */
export function poseDistance(a: Pose, b: Pose): { readonly rotation: number; readonly translation: number } {
  const { rotation } = composePoses(invertPose(a), b);
  const length = (v: Float64Array) => Math.sqrt(v[0] * v[0] + v[1] * v[1] + v[2] * v[2]);
  return {
    rotation: length(logRotation(rotation)),
    translation: length(a.translation.map((v, k) => v - b.translation[k])),
  };
}

/**
 * A pose from a 4×4 matrix by rows, or a pose itself.
 * @throws INVALID_SHAPE and NON_FINITE; INVALID_PARAMETER if it mirrors, scales or shears by more than 1e-3.
 */
export function poseOf(given: Pose | ArrayLike<number>): Pose {
  const flat = 'rotation' in given ? undefined : Array.from(given);
  if (flat && flat.length !== 16)
    fail('INVALID_SHAPE', `A pose is a 4×4 matrix by rows, 16 numbers; there are ${flat.length}.`);
  const R = flat ? [0, 1, 2, 4, 5, 6, 8, 9, 10].map((k) => flat[k]) : Array.from((given as Pose).rotation);
  const t = flat ? [3, 7, 11].map((k) => flat[k]) : Array.from((given as Pose).translation);
  if (R.length !== 9 || t.length !== 3)
    fail('INVALID_SHAPE', 'A pose has nine numbers of rotation and three of translation.');
  if (![...R, ...t, ...(flat ?? [])].every(Number.isFinite)) fail('NON_FINITE', 'A pose is of finite numbers.');
  if (flat && (flat[12] !== 0 || flat[13] !== 0 || flat[14] !== 0 || flat[15] !== 1)) {
    fail('INVALID_PARAMETER', 'The last row of a rigid motion is 0 0 0 1.');
  }
  const RtR = product(R, [R[0], R[3], R[6], R[1], R[4], R[7], R[2], R[5], R[8]]);
  const off = Math.max(...RtR.map((v, k) => Math.abs(v - (k % 4 === 0 ? 1 : 0))));
  const det =
    R[0] * (R[4] * R[8] - R[5] * R[7]) - R[1] * (R[3] * R[8] - R[5] * R[6]) + R[2] * (R[3] * R[7] - R[4] * R[6]);
  if (off > 1e-3 || det < 0)
    fail('INVALID_PARAMETER', 'The matrix is no rotation and translation: it scales, shears or mirrors.');
  return { rotation: orthonormal(Float64Array.from(R)), translation: Float64Array.from(t) };
}

/** The pose as a 4×4 matrix by rows. */
export const poseMatrix = ({ rotation: R, translation: t }: Pose): number[] => [
  ...[R[0], R[1], R[2], t[0]],
  ...[R[3], R[4], R[5], t[1]],
  ...[R[6], R[7], R[8], t[2]],
  ...[0, 0, 0, 1],
];
