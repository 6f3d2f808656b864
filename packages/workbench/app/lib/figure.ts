import type { Curve } from './curve.ts';

/** A chart as a file: redrawn on white, with a label at the end of each curve. */

export interface Figure {
  readonly title: string;
  readonly curves: readonly Curve[];
  readonly xLabel: string;
  readonly yLabel: string;
  /** The measure of work used instead of x. */
  readonly against: string;
  readonly logX: boolean;
  readonly logY: boolean;
}

const COLOURS = ['#0072b2', '#d55e00', '#009e73', '#b4569a', '#a97300', '#6a4fb3', '#7a5c00', '#444b52'];

export async function svgOf({ title, curves, xLabel, yLabel, against, logX, logY }: Figure): Promise<SVGSVGElement> {
  const Plot = await import('@observablehq/plot');
  const points = curves
    .flatMap((c) =>
      c.y.map((y, i) => ({ x: (against && c.work[against] ? c.work[against] : c.x)[i], y, series: c.name })),
    )
    .filter((p) => Number.isFinite(p.x) && Number.isFinite(p.y) && (!logY || p.y > 0) && (!logX || p.x > 0));
  const few = new Set(curves.filter((c) => c.x.length <= FEW).map((c) => c.name));
  const node = Plot.plot({
    title,
    width: 800,
    height: 480,
    grid: true,
    style: { background: '#ffffff', color: '#1b1f23', fontFamily: 'system-ui, sans-serif' },
    x: { label: against || xLabel, type: logX ? 'log' : 'linear' },
    y: { label: yLabel, type: logY ? 'log' : 'linear' },
    color: {
      domain: curves.map((c) => c.name),
      range: curves.map((c, k) => COLOURS[(c.colour ?? k) % 8]),
      legend: false,
    },
    marks: [
      Plot.line(points, { x: 'x', y: 'y', stroke: 'series', strokeWidth: 2 }),
      Plot.dot(
        points.filter((p) => few.has(p.series)),
        { x: 'x', y: 'y', fill: 'series', r: 3 },
      ),
      Plot.text(
        points,
        Plot.selectLast({ x: 'x', y: 'y', z: 'series', text: 'series', fill: 'series', textAnchor: 'start', dx: 4 }),
      ),
    ],
    marginRight: 150,
    marginLeft: 60,
  });
  const svg = (node instanceof SVGSVGElement ? node : node.querySelector('svg')) as SVGSVGElement;
  svg.setAttribute('xmlns', 'http://www.w3.org/2000/svg');
  return svg;
}

/** Curves with at most this many points have markers. */
export const FEW = 40;

export async function pngOf(figure: Figure): Promise<Blob | null> {
  const svg = await svgOf(figure);
  const image = new Image();
  const url = URL.createObjectURL(new Blob([svg.outerHTML], { type: 'image/svg+xml' }));
  image.src = url;
  await image.decode();
  const canvas = document.createElement('canvas');
  canvas.width = 1600;
  canvas.height = 960;
  canvas.getContext('2d')!.drawImage(image, 0, 0, 1600, 960);
  URL.revokeObjectURL(url);
  return new Promise((resolve) => canvas.toBlob(resolve, 'image/png'));
}
