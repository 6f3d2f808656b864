import { hessianAbout } from './degeneracy.ts';

/** An unconstrained motion: a rotation, or a translation. */
export interface FreeMotion {
  /** (φ, δ) of unit norm, where the part of the other kind is 0. */
  readonly direction: Float64Array;
  /**
   * The centre of rotation, in the frame of the source: its origin if that lies among the points, else their centre.
   */
  readonly about: readonly number[];
  /** `shift along x`. */
  readonly name: string;
}

const cross = (a: ArrayLike<number>, b: ArrayLike<number>, sign: 1 | -1) => [
  sign * (a[1] * b[2] - a[2] * b[1]),
  sign * (a[2] * b[0] - a[0] * b[2]),
  sign * (a[0] * b[1] - a[1] * b[0]),
];

/**
 * Normal equations about the centre of the held motions, in which steps have no component along these, and the inverse
 * transformation of a step.
 */
export interface HeldStill {
  readonly H: Float64Array;
  readonly g: Float64Array;
  /** A solution as a step about the origin. */
  step(x: Float64Array): Float64Array;
}

/**
 * P H P and P g with the projection P orthogonal to the held motions, plus a stiffness along them so that the matrix is
 * as well conditioned as the remainder.
 */
export function heldStill(H: Float64Array, g: Float64Array, held: readonly FreeMotion[]): HeldStill {
  const { about: c } = held[0];
  const [turn, shift] = [g.subarray(0, 3), g.subarray(3)];
  let A = hessianAbout(H, c);
  let b = Float64Array.from([...cross(c, shift, -1).map((v, k) => v + turn[k]), ...shift]);
  for (const { direction: v } of held) {
    const own = v[0] !== 0 || v[1] !== 0 || v[2] !== 0 ? 0 : 3;
    const stiffness = Math.max(A[7 * own], A[7 * (own + 1)], A[7 * (own + 2)]) || 1;
    const Av = Float64Array.from({ length: 6 }, (_, i) => v.reduce((sum, w, j) => sum + A[6 * i + j] * w, 0));
    const vAv = v.reduce((sum, w, i) => sum + w * Av[i], 0);
    const bv = v.reduce((sum, w, i) => sum + w * b[i], 0);
    A = A.map((a, k) => {
      const [i, j] = [Math.floor(k / 6), k % 6];
      return a - v[i] * Av[j] - Av[i] * v[j] + v[i] * v[j] * (vAv + stiffness);
    });
    b = b.map((w, i) => w - v[i] * bv);
  }
  return {
    // Exactly symmetric, as the solver requires.
    H: A.map((a, k) => (a + A[6 * (k % 6) + Math.floor(k / 6)]) / 2),
    g: b,
    step: (x) => {
      const moved = cross(x, c, -1);
      return x.map((v, k) => (k < 3 ? v : v + moved[k - 3]));
    },
  };
}
