import { fail } from '@southwell/numerics/core';
import type { Pose } from './pose.ts';

/** The normal equations of a pose: H x = g for a step (φ, δ) of {@link stepPose}, rotations first. */
export interface PoseSystem {
  /** 6 × 6 by rows. */
  readonly H: Float64Array;
  readonly g: Float64Array;
  /** Mean loss of the matches. */
  readonly objective: number;
  /** Sum of squared residuals, weighted as in H. */
  readonly squares: number;
  /** Root mean square of the unweighted distances or residuals. */
  readonly rmse: number;
  readonly matches: number;
}

/**
 * Accumulates H and g over residuals e = Rᵀ(q − b) in the frame of the source, with information M (xx, xy, xz, yy, yz,
 * zz).
 */
export class Accumulator {
  private readonly sums = new Float64Array(27);
  squares = 0;
  loss = 0;
  plain = 0;
  matches = 0;

  /** A residual m · e along a single direction m, for a point p. */
  addPlane(px: number, py: number, pz: number, mx: number, my: number, mz: number, r: number, w: number): void {
    const a = py * mz - pz * my;
    const b = pz * mx - px * mz;
    const c = px * my - py * mx;
    const s = this.sums;
    const wa = w * a;
    const wb = w * b;
    const wc = w * c;
    const wx = w * mx;
    const wy = w * my;
    const wz = w * mz;
    s[0] += wa * a;
    s[1] += wa * b;
    s[2] += wa * c;
    s[3] += wa * mx;
    s[4] += wa * my;
    s[5] += wa * mz;
    s[6] += wb * b;
    s[7] += wb * c;
    s[8] += wb * mx;
    s[9] += wb * my;
    s[10] += wb * mz;
    s[11] += wc * c;
    s[12] += wc * mx;
    s[13] += wc * my;
    s[14] += wc * mz;
    s[15] += wx * mx;
    s[16] += wx * my;
    s[17] += wx * mz;
    s[18] += wy * my;
    s[19] += wy * mz;
    s[20] += wz * mz;
    s[21] -= wa * r;
    s[22] -= wb * r;
    s[23] -= wc * r;
    s[24] -= wx * r;
    s[25] -= wy * r;
    s[26] -= wz * r;
  }

  /** A residual e in all directions, with information M, which includes the weight. */
  addPoint(
    px: number,
    py: number,
    pz: number,
    ex: number,
    ey: number,
    ez: number,
    xx: number,
    xy: number,
    xz: number,
    yy: number,
    yz: number,
    zz: number,
  ): void {
    const s = this.sums;
    // [p]× M, whose rows are p × the columns of M.
    const ax = py * xz - pz * xy;
    const ay = py * yz - pz * yy;
    const az = py * zz - pz * yz;
    const bx = pz * xx - px * xz;
    const by = pz * xy - px * yz;
    const bz = pz * xz - px * zz;
    const cx = px * xy - py * xx;
    const cy = px * yy - py * xy;
    const cz = px * yz - py * xz;
    // Multiplies by [p]×ᵀ.
    s[0] += py * az - pz * ay;
    s[1] += pz * ax - px * az;
    s[2] += px * ay - py * ax;
    s[3] += ax;
    s[4] += ay;
    s[5] += az;
    s[6] += pz * bx - px * bz;
    s[7] += px * by - py * bx;
    s[8] += bx;
    s[9] += by;
    s[10] += bz;
    s[11] += px * cy - py * cx;
    s[12] += cx;
    s[13] += cy;
    s[14] += cz;
    s[15] += xx;
    s[16] += xy;
    s[17] += xz;
    s[18] += yy;
    s[19] += yz;
    s[20] += zz;
    s[21] -= ax * ex + ay * ey + az * ez;
    s[22] -= bx * ex + by * ey + bz * ez;
    s[23] -= cx * ex + cy * ey + cz * ez;
    s[24] -= xx * ex + xy * ey + xz * ez;
    s[25] -= xy * ex + yy * ey + yz * ez;
    s[26] -= xz * ex + yz * ey + zz * ez;
  }

  system(): PoseSystem {
    const H = new Float64Array(36);
    for (let i = 0, k = 0; i < 6; i++) {
      for (let j = i; j < 6; j++, k++) {
        H[6 * i + j] = this.sums[k];
        H[6 * j + i] = this.sums[k];
      }
    }
    const { matches, squares, loss, plain } = this;
    return {
      ...{ H, g: this.sums.slice(21), squares, matches },
      objective: matches > 0 ? loss / matches : 0,
      rmse: matches > 0 ? Math.sqrt(plain / matches) : 0,
    };
  }
}

/**
 * H = JᵀJ of point-to-plane residuals nᵀ(R p + t − q), from points p in the source's frame and unit normals n in the
 * target's, three numbers each. O(n).
 * @throws INVALID_SHAPE.
 */
export function pointToPlaneHessian(
  points: Float64Array,
  normals: Float64Array,
  { rotation: R }: Pick<Pose, 'rotation'>,
): Float64Array {
  if (points.length !== normals.length || points.length % 3 !== 0) {
    fail(
      'INVALID_SHAPE',
      `There are ${points.length} coordinates of points and ${normals.length} of normals: each point needs one.`,
    );
  }
  const sums = new Accumulator();
  for (let k = 0; k < points.length; k += 3) {
    const [x, y, z] = [normals[k], normals[k + 1], normals[k + 2]];
    const mx = R[0] * x + R[3] * y + R[6] * z;
    const my = R[1] * x + R[4] * y + R[7] * z;
    const mz = R[2] * x + R[5] * y + R[8] * z;
    sums.addPlane(points[k], points[k + 1], points[k + 2], mx, my, mz, 0, 1);
  }
  return sums.system().H;
}
