/** A polyline in the plane. */
export interface Line {
  readonly x: readonly number[];
  readonly y: readonly number[];
}

/** Values at all grid points, x fastest. */
export interface Grid {
  readonly x: ArrayLike<number>;
  readonly y: ArrayLike<number>;
  readonly values: ArrayLike<number>;
}

/**
 * Level lines of the linear interpolant of a grid, by marching squares (Lorensen & Cline 1987, in the plane); in an
 * ambiguous cell the mean of its corners decides. Closed lines end where they begin. Cells with a corner that is not
 * finite have none. O(grid points).
 */
export function levelLines(grid: Grid, level: number): Line[] {
  const ends = segments(grid, level);
  const lines: Line[] = [];
  const walk = (from: number) => {
    const x: number[] = [];
    const y: number[] = [];
    for (let edge: number | undefined = from; edge !== undefined; ) {
      const place = crossing(grid, level, edge);
      x.push(place[0]);
      y.push(place[1]);
      const next: number | undefined = ends.get(edge)?.pop();
      if (next !== undefined) {
        const back = ends.get(next)!;
        back.splice(back.indexOf(edge), 1);
      }
      edge = next;
    }
    if (x.length > 1) lines.push({ x, y });
  };
  // Lines that end at the border first, then closed ones.
  for (const [edge, others] of ends) if (others.length === 1) walk(edge);
  for (const [edge, others] of ends) if (others.length > 0) walk(edge);
  return lines;
}

/** Edges are numbered by the grid point at their lower left: twice its index along x, and one more along y. */
function segments({ x, y, values }: Grid, level: number): Map<number, number[]> {
  const [columns, rows] = [x.length, y.length];
  const ends = new Map<number, number[]>();
  const join = (a: number, b: number) => {
    for (const [from, to] of [
      [a, b],
      [b, a],
    ]) {
      const others = ends.get(from);
      if (others) others.push(to);
      else ends.set(from, [to]);
    }
  };
  for (let j = 0; j + 1 < rows; j++) {
    for (let i = 0; i + 1 < columns; i++) {
      const at = j * columns + i;
      const corners = [values[at], values[at + 1], values[at + columns + 1], values[at + columns]];
      if (!corners.every(Number.isFinite)) continue;
      // Around the cell from its lower left: each edge between two corners.
      const edges = [2 * at, 2 * (at + 1) + 1, 2 * (at + columns), 2 * at + 1];
      const above = corners.map((v) => v >= level);
      const crossed = edges.filter((_, k) => above[k] !== above[(k + 1) % 4]);
      if (crossed.length === 2) join(crossed[0], crossed[1]);
      else if (crossed.length === 4) {
        const middle = corners.reduce((sum, v) => sum + v / 4, 0) >= level;
        // The lower left corner is cut off if the centre is on the other side.
        const cut = middle !== above[0];
        join(edges[0], edges[cut ? 3 : 1]);
        join(edges[2], edges[cut ? 1 : 3]);
      }
    }
  }
  return ends;
}

/** The point of an edge with the value. */
function crossing({ x, y, values }: Grid, level: number, edge: number): [number, number] {
  const columns = x.length;
  const at = Math.floor(edge / 2);
  const [i, j] = [at % columns, Math.floor(at / columns)];
  const along = edge % 2 === 0;
  const [a, b] = [values[at], values[along ? at + 1 : at + columns]];
  // Halves, since the difference of two large numbers may overflow.
  const share = (level / 2 - a / 2) / (b / 2 - a / 2);
  return along ? [x[i] + share * (x[i + 1] - x[i]), y[j]] : [x[i], y[j] + share * (y[j + 1] - y[j])];
}

/**
 * Heights above the minimum for level lines, about a dozen, evenly spaced on a logarithmic scale: 1, 2 and 5, 1 and 3,
 * or only powers of 10, depending on the range of the values. None if no value is above the minimum.
 */
export function levelsAbove(least: number, values: ArrayLike<number>): number[] {
  const above = Array.from(values, (v) => v - least)
    .filter((v) => v > 0 && Number.isFinite(v))
    .sort((a, b) => a - b);
  if (above.length === 0) return [];
  // A level with few grid points below it is too small to be visible.
  const [low, high] = [above[Math.floor(above.length / 200)], above[above.length - 1]];
  const [from, to] = [Math.floor(Math.log10(low)), Math.floor(Math.log10(high))];
  const decades = to - from + 1;
  const digits = decades <= 4 ? [1, 2, 5] : decades <= 7 ? [1, 3] : [1];
  const step = Math.ceil(decades / 14);
  const levels: number[] = [];
  for (let e = from; e <= to; e += step) {
    for (const digit of digits) levels.push(Number(`${digit}e${e}`));
  }
  return levels.filter((v) => v >= low && v < high);
}
