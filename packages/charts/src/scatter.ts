import type { Picture } from '@southwell/data';
import { line } from 'd3-shape';
import { element, framed, root } from './draw.ts';
import { groupsLegend, hollow } from './groups.ts';
import { colourName, layoutOf } from './layout.ts';
import { extent, rangeOf, type Scale } from './scale.ts';

type Scatter = Extract<Picture, { type: 'scatter' }>;

/** The widest a scatter plot is drawn. */
const WIDEST = 440;

const pathOf = line<readonly [number, number]>(
  (p) => p[0],
  (p) => p[1],
).digits(1);

function points({ points: all }: Scatter, x: Scale, y: Scale, small: boolean): string {
  return all
    .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y))
    .map((p) => {
      const ink = `var(${colourName(p.group ?? 0)})`;
      const open = hollow(p.group);
      return element('circle', {
        ...{ cx: x.at(p.x), cy: y.at(p.y), r: (p.marked ? 6 : 3.2) * (small ? 0.7 : 1), fill: open ? 'none' : ink },
        ...{ stroke: p.marked ? 'var(--paper)' : open ? ink : undefined },
        ...{ 'stroke-width': p.marked || open ? '1.4' : undefined, opacity: p.marked ? undefined : '0.85' },
      });
    })
    .join('');
}

const lines = ({ lines: list = [] }: Scatter, x: Scale, y: Scale): string =>
  list
    .map((l) =>
      element('path', {
        d: pathOf(l.x.map((v, k) => [x.at(v), y.at(l.y[k])] as const).filter(([u, v]) => Number.isFinite(u + v))) ?? '',
        ...{ fill: 'none', stroke: 'var(--ink)', 'stroke-width': 1.1, opacity: String(0.2 + 0.6 * (l.shade ?? 1)) },
      }),
    )
    .join('');

/** Points in a plane with lines beneath them. */
export function scatterSvg(picture: Scatter, title: string, width: number, small: boolean): string {
  const { points: all, lines: list = [], xRange, yRange, xLabel, yLabel } = picture;
  const finite = all.filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y));
  const range = (values: readonly number[][]) => rangeOf(extent(values), false, 0.03);
  const wide = small ? width : Math.min(width, WIDEST);
  const layout = layoutOf(
    {
      title,
      x: { label: xLabel, range: xRange ?? range([finite.map((p) => p.x), ...list.map((l) => [...l.x])]) },
      y: { label: yLabel, range: yRange ?? range([finite.map((p) => p.y), ...list.map((l) => [...l.y])]) },
      series: [],
    },
    { width: wide, height: small ? undefined : Math.round(wide * 0.9), small },
  );
  const { x, y, height, size } = layout;
  const dots = element('g', { class: 'points' }, points(picture, x, y, small));
  const legend = small ? { inside: '', bottom: height } : groupsLegend(picture, wide, height + 6);
  const said = `${title}: ${yLabel} against ${xLabel}, ${all.length} points`;
  return root(wide, legend.bottom, size, said, framed(layout, lines(picture, x, y) + dots) + legend.inside);
}
