import { ticks } from 'd3-array';
import { element, framed, root, round, text } from './draw.ts';
import { chord, clipped, rectangle, type Vertex } from './halfPlanes.ts';
import { lineHeight } from './labels.ts';
import { colourName, type Layout, layoutOf } from './layout.ts';
import { above, type Rings } from './levels.ts';
import { fitted, textWidth, tickText } from './text.ts';

/** A row: a·x + b·y + c, or values on the grid, between sides that are null if there is none. */
export interface PlaneRow {
  readonly name: string;
  readonly line?: readonly [a: number, b: number, c: number];
  readonly values?: readonly number[];
  readonly lower: number | null;
  readonly upper: number | null;
}

/** A program with constraints in the plane of two variables, as plain data. */
export interface Plane {
  readonly names: readonly [string, string];
  /** What is shown of the two axes. */
  readonly x: Vertex;
  readonly y: Vertex;
  readonly point: Vertex;
  /** `size` by `size` values, row by row from the smallest y, evenly over ranges that are wider than x and y. */
  readonly grid: { readonly size: number; readonly x: Vertex; readonly y: Vertex };
  /** Values on the grid, in the sense of the model. */
  readonly objective: readonly number[];
  /** Bounds of the two variables, null if there is none. */
  readonly bounds: readonly [readonly [number | null, number | null], readonly [number | null, number | null]];
  readonly rows: readonly PlaneRow[];
}

export interface PlaneOptions {
  readonly title: string;
  readonly width: number;
  /** Iterates on the way to the point. */
  readonly path?: readonly Vertex[];
  /** Whether the point is a solution: it is hollow otherwise. */
  readonly solved: boolean;
  /** Names the parts of this drawing in its page. */
  readonly id: string;
}

/** The drawing, and the values at a place of it. */
export interface PlaneDrawing {
  readonly svg: string;
  /** Whether linear rows and bounds leave an area. */
  readonly area: boolean;
  at(x: number, y: number): Vertex;
}

/** Rows that have a colour and a name in the picture; further ones are grey. */
export const NAMED_ROWS = 7;
/** The colour of a row by its place; the first one is that of the solution. */
export const rowColour = (k: number): string => (k < NAMED_ROWS ? colourName(k + 1) : '--soft');

/** Levels of the objective. */
const LEVELS = 9;
/** Width of the band on the side of a row that it excludes. */
const BAND = 14;

interface Drawing {
  readonly plane: Plane;
  readonly layout: Layout;
  /** What is shown, and more than that, for bands that do not end within it. */
  readonly shown: readonly Vertex[];
  readonly wide: readonly Vertex[];
  readonly pixels: (v: Vertex) => Vertex;
  /** Of grids. */
  readonly rings: (values: readonly number[], level: number) => Rings;
}

/**
 * Draws the feasible set of a program in a plane, with contours of the objective, the rows and bounds that cut the picture,
 * each with a band on the side that it excludes, and the iterates.
 */
export function planeSvg(plane: Plane, { title, width, path = [], solved, id }: PlaneOptions): PlaneDrawing {
  const wide = Math.min(width, 640);
  const layout = layoutOf(
    { title, x: { label: plane.names[0], range: plane.x }, y: { label: plane.names[1], range: plane.y }, series: [] },
    { width: wide, height: Math.round(Math.min(0.85 * wide, 460)) },
  );
  const { x, y } = layout;
  const [dx, dy] = [(plane.x[1] - plane.x[0]) / 10, (plane.y[1] - plane.y[0]) / 10];
  const d: Drawing = {
    ...{ plane, layout, shown: rectangle(plane.x, plane.y) },
    wide: rectangle([plane.x[0] - dx, plane.x[1] + dx], [plane.y[0] - dy, plane.y[1] + dy]),
    pixels: ([u, v]) => [x.at(u), y.at(v)],
    rings: (values, level) => above(values, plane.grid, level).map((ring) => ring.map(([u, v]) => [x.at(u), y.at(v)])),
  };
  const labels = new Labels(layout, d.pixels(plane.point));
  const area = feasible(d, id);
  const rows = plane.rows.map((row, k) => rowMarkup(d, row, k, id, labels)).join('');
  const inside = [
    area,
    contours(d, labels),
    boundLines(d, id),
    rows,
    course(d, path),
    pointMarkup(d, solved),
    labels.markup.join(''),
  ].join('');
  return {
    svg: root(wide, layout.height, layout.size, saidOf(plane, title, solved), framed(layout, inside)),
    area: area !== '',
    at: (u, v) => [x.back(u), y.back(v)],
  };
}

const cutting = (rows: readonly PlaneRow[]): string =>
  rows.length === 0 ? 'no row cuts it' : `cut by ${rows.map(({ name }) => name).join(', ')}`;

const saidOf = ({ names, point, rows }: Plane, title: string, solved: boolean): string =>
  `${title}: ${names[1]} against ${names[0]}; ${solved ? 'the solution' : 'the last point'} is ${tickText(point[0])}, ${tickText(point[1])}; ${cutting(rows)}`;

const pathOf = (points: readonly Vertex[], closed = true): string =>
  points.length === 0 ? '' : `M${points.map(([u, v]) => `${round(u)} ${round(v)}`).join('L')}${closed ? 'Z' : ''}`;
const ringsPath = (rings: Rings): string => rings.map((ring) => pathOf(ring)).join('');

/** The half-planes a·x + b·y + c ≥ 0 that the sides of a linear row allow. */
const allowed = ({ line, lower, upper }: PlaneRow): Array<readonly [number, number, number]> => {
  if (!line) return [];
  const [a, b, c] = line;
  return [
    ...(lower === null ? [] : [[a, b, c - lower] as const]),
    ...(upper === null ? [] : [[-a, -b, upper - c] as const]),
  ];
};
const opposite = ([a, b, c]: readonly [number, number, number]) => [-a, -b, -c] as const;
const isEquality = ({ lower, upper }: PlaneRow): boolean => lower !== null && lower === upper;

/** The sides of the two variables' bounds. */
function boundSides({ bounds: [[x0, x1], [y0, y1]] }: Plane): Array<readonly [number, number, number]> {
  return [
    ...(x0 === null ? [] : [[1, 0, -x0] as const]),
    ...(x1 === null ? [] : [[-1, 0, x1] as const]),
    ...(y0 === null ? [] : [[0, 1, -y0] as const]),
    ...(y1 === null ? [] : [[0, -1, y1] as const]),
  ];
}

/** The feasible set: a polygon of all linear rows and bounds, within the region of each other row. */
function feasible(d: Drawing, id: string): string {
  const { plane, shown, pixels, rings } = d;
  // Equalities leave no area.
  if (plane.rows.some(isEquality)) return '';
  const sides = [...boundSides(plane), ...plane.rows.flatMap(allowed)];
  const polygon = sides.reduce<Vertex[]>((part, side) => clipped(part, side), [...shown]);
  if (polygon.length < 3) return '';
  let markup = element('path', {
    class: 'feasible',
    d: pathOf(polygon.map(pixels)),
    fill: 'var(--c2)',
    'fill-opacity': '0.2',
  });
  let clips = '';
  plane.rows.forEach(({ values, lower, upper }, k) => {
    if (!values) return;
    const regions = [
      ...(lower === null ? [] : [ringsPath(rings(values, lower))]),
      ...(upper === null
        ? []
        : [
            ringsPath(
              rings(
                values.map((v) => -v),
                -upper,
              ),
            ),
          ]),
    ];
    regions.forEach((region, side) => {
      const name = `${id}-in-${k}-${side}`;
      clips += element('clipPath', { id: name }, element('path', { d: region, 'clip-rule': 'evenodd' }));
      markup = element('g', { 'clip-path': `url(#${name})` }, markup);
    });
  });
  return clips + markup;
}

function contours({ plane, rings, layout: { box, size } }: Drawing, labels: Labels): string {
  const values = plane.objective.filter(Number.isFinite);
  const [least, most] = values.reduce(([a, b], v) => [Math.min(a, v), Math.max(b, v)], [Infinity, -Infinity]);
  const corner = ([u, v]: Vertex) => u - v;
  const isInside = ([u, v]: Vertex) => u > box.left + 2 && u < box.right - 2 && v > box.top + 2 && v < box.bottom - 2;
  const lines = ticks(least, most, LEVELS).map((level) => {
    const found = rings(plane.objective, level);
    const last = found
      .flat()
      .filter(isInside)
      .sort((a, b) => corner(b) - corner(a))[0];
    if (last) labels.add(tickText(level), [last], 'var(--soft)', size - 2);
    return element('path', { d: ringsPath(found) });
  });
  const style = {
    class: 'contours',
    fill: 'none',
    stroke: 'var(--soft)',
    'stroke-opacity': '0.45',
    'stroke-width': '1',
  };
  return element('g', style, lines.join(''));
}

/** The bounds of the two variables, where they are in the picture. */
function boundLines(d: Drawing, id: string): string {
  return boundSides(d.plane)
    .map((side, k) => {
      const line = chord(d.shown, side);
      const excluded = clipped(d.wide, opposite(side)).map(d.pixels);
      return line
        ? sideMarkup(pathOf(line.map(d.pixels), false), pathOf(excluded), '--soft', `${id}-bound-${k}`, 1)
        : '';
    })
    .join('');
}

/** A line with a band on the side that it excludes: the line's wide stroke, within the excluded region. */
function sideMarkup(line: string, excluded: string | undefined, colour: string, id: string, width: number): string {
  const ink = `var(${colour})`;
  const band = excluded
    ? element('clipPath', { id }, element('path', { d: excluded, 'clip-rule': 'evenodd' })) +
      element('path', {
        ...{ d: line, fill: 'none', stroke: ink, 'stroke-width': 2 * BAND, 'stroke-opacity': '0.18' },
        'clip-path': `url(#${id})`,
      })
    : '';
  return (
    band + element('path', { d: line, fill: 'none', stroke: ink, 'stroke-width': width, 'stroke-linejoin': 'round' })
  );
}

function rowMarkup(d: Drawing, row: PlaneRow, k: number, id: string, labels: Labels): string {
  const colour = rowColour(k);
  const width = isEquality(row) ? 3 : k < NAMED_ROWS ? 2 : 1;
  const parts = sidesOf(d, row).map(({ line, excluded, along }, side) => {
    if (k < NAMED_ROWS) labels.add(row.name, along, `var(${colour})`);
    return sideMarkup(line, isEquality(row) ? undefined : excluded, colour, `${id}-out-${k}-${side}`, width);
  });
  // A wide invisible line to take hold of.
  const hold = sidesOf(d, row)
    .map(({ line, side }) =>
      element('path', {
        ...{ d: line, fill: 'none', stroke: 'transparent', 'stroke-width': 22, class: 'hold' },
        ...{ 'data-row': String(k), 'data-side': side, 'pointer-events': 'stroke' },
      }),
    )
    .join('');
  return element('g', { class: 'row' }, parts.join('') + hold);
}

interface Side {
  readonly side: 'lower' | 'upper';
  readonly line: string;
  readonly excluded: string;
  /** Places for its name, the best first. */
  readonly along: readonly Vertex[];
}

/** The sides of a row that are in the picture, an equality as one. */
function sidesOf(d: Drawing, row: PlaneRow): Side[] {
  const sides = (['lower', 'upper'] as const).filter((side) => row[side] !== null);
  return (isEquality(row) ? sides.slice(0, 1) : sides).flatMap((side): Side[] => {
    const level = row[side]!;
    if (row.line) {
      const [a, b, c] = row.line;
      const half = side === 'lower' ? ([a, b, c - level] as const) : ([-a, -b, level - c] as const);
      const ends = chord(d.shown, half)?.map(d.pixels);
      if (!ends) return [];
      const along = SHARES.map(
        (t): Vertex => [ends[0][0] + t * (ends[1][0] - ends[0][0]), ends[0][1] + t * (ends[1][1] - ends[0][1])],
      );
      const excluded = pathOf(clipped(d.wide, opposite(half)).map(d.pixels));
      return [{ side, along, line: pathOf(ends, false), excluded }];
    }
    const outside =
      side === 'upper'
        ? d.rings(row.values!, level)
        : d.rings(
            row.values!.map((v) => -v),
            -level,
          );
    if (outside.length === 0) return [];
    const { box } = d.layout;
    const seen = outside.flat().filter(([u, v]) => u > box.left && u < box.right && v > box.top && v < box.bottom);
    const along = SHARES.map((t) => seen[Math.floor(t * (seen.length - 1))]).filter((v) => v !== undefined);
    const path = ringsPath(outside);
    return [{ side, along, line: path, excluded: path }];
  });
}
const SHARES = [0.2, 0.8, 0.5, 0.35, 0.65];

function course({ pixels }: Drawing, path: readonly Vertex[]): string {
  if (path.length < 2) return '';
  const points = path.filter((v) => v.every(Number.isFinite)).map(pixels);
  const line = element('path', { d: pathOf(points, false), fill: 'none', stroke: 'var(--ink)', 'stroke-width': '1.5' });
  const dots = points.map(([cx, cy], k) =>
    element('circle', {
      ...{ cx, cy, r: k === 0 ? 4 : 2.5, fill: k === 0 ? 'var(--paper)' : 'var(--ink)' },
      ...(k === 0 && { stroke: 'var(--ink)', 'stroke-width': '1.5' }),
    }),
  );
  return element('g', { class: 'course' }, line + dots.join(''));
}

function pointMarkup({ plane, pixels }: Drawing, solved: boolean): string {
  if (!plane.point.every(Number.isFinite)) return '';
  const [cx, cy] = pixels(plane.point);
  const paint = solved
    ? { fill: 'var(--c0)', stroke: 'var(--paper)', 'stroke-width': '2' }
    : { fill: 'var(--paper)', stroke: 'var(--c0)', 'stroke-width': '3' };
  return element('circle', { class: 'point', cx, cy, r: 6.5, ...paint });
}

/** Texts that do not lie on each other, and not outside of the frame. */
class Labels {
  readonly markup: string[] = [];
  private readonly taken: Array<readonly [left: number, top: number, right: number, bottom: number]> = [];

  /** @param point A place to be left free. */
  constructor(
    private readonly layout: Layout,
    [u, v]: Vertex,
  ) {
    this.taken.push([u - 9, v - 9, u + 9, v + 9]);
  }

  /** Adds a text at the first place that is free; without one it is left out. */
  add(name: string, places: readonly Vertex[], fill: string, size = this.layout.size): void {
    const { box } = this.layout;
    const words = fitted(name, 0.4 * (box.right - box.left), size);
    const [half, high] = [textWidth(words, size) / 2 + 2, lineHeight(size) / 2];
    for (const [u, v] of places) {
      const x = Math.min(Math.max(u, box.left + half), box.right - half);
      const y = Math.min(Math.max(v, box.top + high), box.bottom - high);
      const mine = [x - half, y - high, x + half, y + high] as const;
      const isFree = this.taken.every(([l, t, r, b]) => mine[0] >= r || mine[2] <= l || mine[1] >= b || mine[3] <= t);
      if (!isFree) continue;
      this.taken.push(mine);
      this.markup.push(text(words, x, y, { anchor: 'middle', size, fill, halo: true, full: name }));
      return;
    }
  }
}
