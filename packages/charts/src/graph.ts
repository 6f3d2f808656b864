import type { Picture } from '@southwell/data';
import { element, root, round, text } from './draw.ts';
import { groupsLegend } from './groups.ts';
import { colourName } from './layout.ts';
import { extent } from './scale.ts';
import { escaped, fitted, textWidth } from './text.ts';

type Graph = Extract<Picture, { type: 'graph' }>;
type Place = readonly [x: number, y: number];

/** The widest a graph is drawn. */
const WIDEST = 416;
const ARROW = 8;

/** Positions in a box, in the proportions of the coordinates. */
function placesOf({ nodes }: Graph, width: number, height: number, margin: number): Place[] {
  const axis = (values: number[], from: number, to: number) => {
    const [low, high] = extent([values]) ?? [0, 1];
    return (v: number) => (high > low ? from + ((to - from) * (v - low)) / (high - low) : (from + to) / 2);
  };
  const x = axis(
    nodes.map((n) => n.x),
    margin,
    width - margin,
  );
  const y = axis(
    nodes.map((n) => n.y),
    height - margin,
    margin,
  );
  return nodes.map((n) => [x(n.x), y(n.y)]);
}

/** Groups of links that are not there. */
const DASHED = new Set(['missing', 'not used']);

function edges(graph: Graph, places: readonly Place[], radius: number): string {
  return graph.edges
    .map(({ from, to, directed, width, group }) => {
      const [[ax, ay], [bx, by]] = [places[from], places[to]];
      const length = Math.hypot(bx - ax, by - ay);
      const ink = group === undefined ? 'var(--soft)' : `var(${colourName(group)})`;
      const dash = DASHED.has(graph.groups?.[group ?? 0] ?? '') ? '4 3' : undefined;
      const short = directed && length > radius + ARROW ? (length - radius - 2) / length : 1;
      const [ex, ey] = [ax + (bx - ax) * short, ay + (by - ay) * short];
      const shaft = element('path', {
        ...{ d: `M${round(ax)} ${round(ay)}L${round(ex)} ${round(ey)}`, stroke: ink, 'stroke-width': width ?? 1 },
        'stroke-dasharray': dash,
      });
      if (short === 1) return shaft;
      const [ux, uy] = [(bx - ax) / length, (by - ay) / length];
      const [cx, cy] = [ex - ARROW * ux, ey - ARROW * uy];
      const corner = (side: number) => `${round(cx - side * 4 * uy)} ${round(cy + side * 4 * ux)}`;
      return shaft + element('path', { d: `M${corner(1)}L${round(ex)} ${round(ey)}L${corner(-1)}z`, fill: ink });
    })
    .join('');
}

/** Names of nodes beside them, on a side where they are neither cut nor over another; the others are left out. */
function names(graph: Graph, places: readonly Place[], width: number, height: number, radius: number): string {
  const [size, half] = [12, 7.5];
  const taken: Array<readonly [left: number, right: number, middle: number]> = [];
  const parts: string[] = [];
  graph.nodes.forEach(({ label }, k) => {
    if (!label) return;
    const [x, y] = places[k];
    const words = fitted(label, width * 0.45, size);
    const wide = textWidth(words, size);
    const sides: ReadonlyArray<readonly [left: number, middle: number]> = [
      [x + radius + 4, y],
      [x - radius - 4 - wide, y],
      [x - wide / 2, y - radius - 9],
      [x - wide / 2, y + radius + 9],
    ];
    const free = sides.find(([left, middle]) => {
      const inside = left >= 0 && left + wide <= width && middle >= half && middle <= height - half;
      return (
        inside && taken.every(([l, r, m]) => left > r + 2 || left + wide < l - 2 || Math.abs(middle - m) > 2 * half)
      );
    });
    if (!free) return;
    taken.push([free[0], free[0] + wide, free[1]]);
    parts.push(text(words, free[0], free[1], { size, fill: 'var(--ink)', halo: true, full: label }));
  });
  return parts.join('');
}

/** A graph with its nodes at their positions. */
export function graphSvg(graph: Graph, title: string, width: number, small: boolean): string {
  const wide = small ? width : Math.min(width, WIDEST);
  const height = small ? Math.round((width * 144) / 248) : wide;
  const places = placesOf(graph, wide, height, small ? 8 : 24);
  const many = graph.nodes.length > 200;
  const radius = small ? 2.4 : many ? 2.5 : 6;
  const dots = graph.nodes.map((n, k) =>
    element(
      'circle',
      {
        ...{ cx: places[k][0], cy: places[k][1], r: radius, fill: `var(${colourName(n.group ?? 7)})` },
      },
      n.label === undefined ? undefined : `<title>${escaped(n.label)}</title>`,
    ),
  );
  const legend = small ? { inside: '', bottom: height } : groupsLegend(graph, wide, height + 6);
  const inside = [
    element('g', { class: 'edges', fill: 'none' }, edges(graph, places, radius)),
    element('g', { class: 'points' }, dots.join('')),
    small ? '' : names(graph, places, wide, height, radius),
    legend.inside,
  ];
  return root(wide, legend.bottom, small ? 10 : 12, title, inside.join(''));
}
