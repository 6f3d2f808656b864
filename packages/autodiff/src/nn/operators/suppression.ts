import { type Call, integers, type Val } from './call.ts';

/** A box by its corners. */
type Box = readonly [top: number, left: number, bottom: number, right: number];

function boxOf(v: readonly number[], at: number, centred: boolean): Box {
  const [a, b, c, d] = v.slice(at, at + 4);
  if (centred) return [b - d / 2, a - c / 2, b + d / 2, a + c / 2];
  return [Math.min(a, c), Math.min(b, d), Math.max(a, c), Math.max(b, d)];
}
const area = ([top, left, bottom, right]: Box): number => Math.max(0, bottom - top) * Math.max(0, right - left);
/** Area of the intersection over that of the union. */
function overlap(p: Box, q: Box): number {
  const both = area([Math.max(p[0], q[0]), Math.max(p[1], q[1]), Math.min(p[2], q[2]), Math.min(p[3], q[3])]);
  return both === 0 ? 0 : both / (area(p) + area(q) - both);
}

/**
 * The places [image, class, box] of boxes that do not overlap one of a higher score by more than a threshold. Their number depends on the data, so that
 * all inputs must be known. O(boxes²) for each class.
 */
export function nonMaxSuppression(c: Call): Val {
  const [boxes, scores] = [c.numbers(0), c.numbers(1)];
  const setting = (i: number, none: number): number => (c.has(i) ? (c.numbers(i)[0] ?? none) : none);
  const [most, threshold, least] = [setting(2, 0), setting(3, 0), setting(4, Number.NEGATIVE_INFINITY)];
  const [images, classes, count] = c.x(1).t.shape;
  const centred = c.int('center_point_box', 0) !== 0;
  const found: number[] = [];
  for (let image = 0; image < images; image++) {
    const all = Array.from({ length: count }, (_, i) => boxOf(boxes, 4 * (image * count + i), centred));
    for (let kind = 0; kind < classes; kind++) {
      const own = scores.slice((image * classes + kind) * count, (image * classes + kind + 1) * count);
      const order = own.flatMap((score, i) => (score > least ? [i] : [])).sort((i, j) => own[j] - own[i] || i - j);
      const kept: number[] = [];
      for (const i of order) {
        if (kept.length >= most) break;
        if (kept.every((j) => overlap(all[i], all[j]) <= threshold)) kept.push(i);
      }
      for (const i of kept) found.push(image, kind, i);
    }
  }
  return integers(found, [found.length / 3, 3]);
}
