import { contours } from 'd3-contour';

type Vertex = readonly [x: number, y: number];
export type Rings = ReadonlyArray<readonly Vertex[]>;

/** Values on a square grid, row by row from the smallest y, evenly over two ranges. */
interface Grid {
  readonly size: number;
  readonly x: Vertex;
  readonly y: Vertex;
}

/** The rings around the region where values on a grid are at least a level; those that are not finite are not in it. */
export function above(values: readonly number[], { size, x, y }: Grid, level: number): Rings {
  const known = values.map((v) => (Number.isFinite(v) ? v : Number.NaN));
  const { coordinates } = contours().size([size, size]).contour(known, level);
  // d3 counts from the corners of cells, whose middles have the values.
  const place = ([from, to]: Vertex, k: number) => from + ((k - 0.5) / (size - 1)) * (to - from);
  return coordinates.flat().map((ring) => ring.map(([u, v]): Vertex => [place(x, u), place(y, v)]));
}
