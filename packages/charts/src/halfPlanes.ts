/** Polygons cut by straight lines. */

export type Vertex = readonly [x: number, y: number];

/** The corners of a rectangle. */
export const rectangle = ([x0, x1]: Vertex, [y0, y1]: Vertex): Vertex[] => [
  [x0, y0],
  [x1, y0],
  [x1, y1],
  [x0, y1],
];

/** The part of a convex polygon where a·x + b·y + c ≥ 0. */
export function clipped(polygon: readonly Vertex[], [a, b, c]: readonly [number, number, number]): Vertex[] {
  const side = ([x, y]: Vertex) => a * x + b * y + c;
  return polygon.flatMap((p, k): Vertex[] => {
    const q = polygon[(k + 1) % polygon.length];
    const [u, v] = [side(p), side(q)];
    const kept: Vertex[] = u >= 0 ? [p] : [];
    if (u >= 0 === v >= 0) return kept;
    const t = u / (u - v);
    return [...kept, [p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]];
  });
}

/** The part of the line a·x + b·y + c = 0 within a convex polygon; undefined if it passes by. */
export function chord(
  polygon: readonly Vertex[],
  [a, b, c]: readonly [number, number, number],
): readonly [Vertex, Vertex] | undefined {
  const ends = polygon.flatMap((p, k): Vertex[] => {
    const q = polygon[(k + 1) % polygon.length];
    const [u, v] = [a * p[0] + b * p[1] + c, a * q[0] + b * q[1] + c];
    if (u >= 0 === v >= 0) return [];
    const t = u / (u - v);
    return [[p[0] + t * (q[0] - p[0]), p[1] + t * (q[1] - p[1])]];
  });
  return ends.length === 2 ? [ends[0], ends[1]] : undefined;
}
