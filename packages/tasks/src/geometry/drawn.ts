import { boundsOf, type Pose, type PreparedCloud, rotateVectors, transformPoints } from 'southwell/geometry';
import type { Motion, RegisterResult } from './result.ts';

/** Maximum number of points of a cloud in a picture. */
const MOST = 1500;

/** Positions along the two longest axes of the target, and lines and arcs of unconstrained motions. */
export function drawnOf(
  source: PreparedCloud,
  target: PreparedCloud,
  pose: Pose,
  centre: readonly number[],
  motions: readonly Motion[],
  diagonal: number,
): NonNullable<RegisterResult['drawn']> {
  const { low, high } = boundsOf(target.points);
  const sides = [0, 1, 2].map((k) => high[k] - low[k]);
  const shortest = sides.lastIndexOf(Math.min(...sides));
  const axes = [0, 1, 2].filter((k) => k !== shortest);
  const flat = (points: Float64Array): number[][] => {
    const n = points.length / 3;
    const step = Math.max(1, n / MOST);
    const rows = Array.from({ length: Math.min(n, MOST) }, (_, i) => Math.floor(i * step));
    return rows.map((i) => axes.map((k) => points[3 * i + k] + centre[k]));
  };
  const place = Array.from({ length: 3 }, (_, k) => pose.translation[k]);
  const free: number[][] = [];
  for (const { kind, known, direction } of motions) {
    if (known === 'fixed') continue;
    const [...d] = rotateVectors(pose, Float64Array.from(direction));
    for (let j = -20; j <= 20; j++) {
      const along = (j / 20) * 0.2 * diagonal;
      if (kind === 'shift') free.push(axes.map((k) => place[k] + centre[k] + along * d[k]));
    }
    if (kind === 'shift') continue;
    // A circle about the axis, in projection.
    const other = Math.abs(d[0]) < 0.6 ? [1, 0, 0] : [0, 1, 0];
    const cross = (a: readonly number[], b: readonly number[]) => [
      a[1] * b[2] - a[2] * b[1],
      a[2] * b[0] - a[0] * b[2],
      a[0] * b[1] - a[1] * b[0],
    ];
    const u = cross(d, other);
    const size = Math.sqrt(u[0] * u[0] + u[1] * u[1] + u[2] * u[2]);
    const unit = u.map((v) => v / size);
    const w = cross(d, unit);
    for (let j = 0; j < 40; j++) {
      const [c, s] = [Math.cos((2 * Math.PI * j) / 40), Math.sin((2 * Math.PI * j) / 40)];
      free.push(axes.map((k) => place[k] + centre[k] + 0.1 * diagonal * (c * unit[k] + s * w[k])));
    }
  }
  return {
    axes,
    before: flat(source.points),
    after: flat(transformPoints(pose, source.points)),
    target: flat(target.points),
    free,
  };
}

/** The registered clouds, along the two longest axes of their common bounding box. */
export function drawnManyOf(
  laid: ReadonlyArray<{ readonly cloud: PreparedCloud; readonly pose: Pose }>,
  centre: readonly number[],
): NonNullable<RegisterResult['drawn']> {
  const most = Math.ceil((2 * MOST) / Math.max(1, laid.length));
  const moved = laid.map(({ cloud, pose }) => transformPoints(pose, cloud.points));
  const boxes = moved.map(boundsOf);
  const sides = [0, 1, 2].map(
    (k) => Math.max(...boxes.map((b) => b.high[k])) - Math.min(...boxes.map((b) => b.low[k])),
  );
  const shortest = sides.lastIndexOf(Math.min(...sides));
  const axes = [0, 1, 2].filter((k) => k !== shortest);
  const scans = moved.map((points) => {
    const n = points.length / 3;
    const step = Math.max(1, n / most);
    const rows = Array.from({ length: Math.min(n, most) }, (_, i) => Math.floor(i * step));
    return rows.map((i) => axes.map((k) => points[3 * i + k] + centre[k]));
  });
  return { axes, before: [], after: [], target: [], free: [], scans };
}
