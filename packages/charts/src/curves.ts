import { bisector } from 'd3-array';
import { drawable, type Scale } from './scale.ts';
import type { Series } from './spec.ts';

/** Positions of curves. */

export interface Point {
  readonly x: number;
  readonly y: number;
}

/** More points than this on a curve are reduced to the extremes of each pixel column. */
const MANY = 1000;

const ascending = (points: readonly Point[]): boolean => points.every((p, k) => k === 0 || p.x >= points[k - 1].x);

/** The points of a curve that can be drawn, from left to right, with few enough of them for a drawing. */
export function pointsOf({ x, y }: Pick<Series, 'x' | 'y'>, xs: Scale, ys: Scale): Point[] {
  const points: Point[] = [];
  for (let i = 0; i < x.length; i++) {
    const [u, v] = [x[i], y[i]];
    if (drawable(u, xs.log) && drawable(v, ys.log)) points.push({ x: xs.at(u), y: ys.at(v) });
  }
  const ordered = ascending(points) ? points : points.sort((a, b) => a.x - b.x);
  return ordered.length > MANY ? thinned(ordered) : ordered;
}

/** The first, lowest, highest and last point of each pixel column, in their order. */
export function thinned(points: readonly Point[]): Point[] {
  const out: Point[] = [];
  for (let start = 0; start < points.length; ) {
    const column = Math.floor(points[start].x);
    let [end, least, most] = [start, start, start];
    for (; end < points.length && Math.floor(points[end].x) === column; end++) {
      if (points[end].y < points[least].y) least = end;
      if (points[end].y > points[most].y) most = end;
    }
    for (const k of [...new Set([start, least, most, end - 1])].sort((a, b) => a - b)) out.push(points[k]);
    start = end;
  }
  return out;
}

const place = bisector((p: Point) => p.x);

/** The height of a curve at a position between its first and last point. */
function heightAt(points: readonly Point[], x: number): number {
  const k = Math.min(Math.max(place.right(points, x), 1), points.length - 1);
  const [a, b] = [points[k - 1], points[k]];
  return b.x > a.x ? a.y + ((b.y - a.y) * (x - a.x)) / (b.x - a.x) : b.y;
}

/** Places at which two curves are compared, and the share of them at which they have to agree. */
const [SAMPLES, AGREE] = [48, 0.7];

/** Whether two curves are within a pixel of each other over most of the range that they share. */
export function coincide(a: readonly Point[], b: readonly Point[]): boolean {
  if (a.length < 2 || b.length < 2) return false;
  const from = Math.max(a[0].x, b[0].x);
  const to = Math.min(a[a.length - 1].x, b[b.length - 1].x);
  // Curves that share less than a third of the longer one are told apart by the rest.
  if (!(to - from > Math.max(a[a.length - 1].x - a[0].x, b[b.length - 1].x - b[0].x) / 3)) return false;
  let [same, missed] = [0, 0];
  for (let k = 0; k < SAMPLES; k++) {
    const x = from + ((to - from) * (k + 0.5)) / SAMPLES;
    if (Math.abs(heightAt(a, x) - heightAt(b, x)) <= 1) same++;
    else if (++missed > (1 - AGREE) * SAMPLES) return false;
  }
  return same >= AGREE * SAMPLES;
}

/** For each curve, how many earlier ones it coincides with. */
export function overlaps(curves: ReadonlyArray<readonly Point[]>): number[] {
  return curves.map((curve, k) => curves.slice(0, k).filter((other) => coincide(other, curve)).length);
}
