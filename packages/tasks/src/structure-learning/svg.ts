import { DenseMatrix } from 'southwell';
import { layeredLayout, type Place } from 'southwell/structure-learning';
import { clip } from '../format.ts';
import { xml } from './formats.ts';
import type { LearnedGraph } from './result.ts';

const ROW = 90;
const HEIGHT = 26;
const MARGIN = 20;

/**
 * The graph as an SVG drawing: causes above effects, positive edges blue, negative ones red and dashed; width shows the
 * weight and opacity the confidence, and pointing at an edge shows its numbers.
 */
export function graphSvg({ nodes, edges, data, method }: LearnedGraph): string {
  const index = new Map(nodes.map((name, k) => [name, k]));
  const W = DenseMatrix.create(nodes.length, nodes.length);
  for (const e of edges) W.set(index.get(e.from)!, index.get(e.to)!, e.weight);
  const { nodes: places, bends } = layeredLayout(W);
  const layers = new Map<number, number>();
  for (const { y } of [...places, ...[...bends.values()].flat()]) layers.set(y, (layers.get(y) ?? 0) + 1);
  const labels = nodes.map((name) => clip(name, 24));
  const box = Math.max(...labels.map((label) => 8 * label.length + 16));
  const width = Math.max(360, (Math.max(...layers.values()) + 1) * (box + 16));
  const height = layers.size * ROW + 2 * MARGIN;
  const onPage = ({ x, y }: Place) => [x * width, MARGIN + y * (height - 2 * MARGIN)] as const;
  const at = places.map(onPage);
  const strongest = Math.max(...edges.map((e) => Math.abs(e.weight)), 1e-300);
  const arrows = edges.map((e) => {
    const [from, to] = [index.get(e.from)!, index.get(e.to)!];
    const way = [
      [at[from][0], at[from][1] + HEIGHT / 2] as const,
      ...(bends.get(from * nodes.length + to) ?? []).map(onPage),
      [at[to][0], at[to][1] - HEIGHT / 2 - 6] as const,
    ];
    // Curves with vertical tangents at each point.
    const path = way.reduce((text, [x2, y2], k) => {
      if (k === 0) return `M${num(x2)} ${num(y2)}`;
      const [x1, y1] = way[k - 1];
      const middle = num((y1 + y2) / 2);
      return `${text}C${num(x1)} ${middle} ${num(x2)} ${middle} ${num(x2)} ${num(y2)}`;
    }, '');
    const sign = e.weight > 0 ? 'plus' : 'minus';
    const confidence = e.confidence === undefined ? '' : `, in ${Math.round(100 * e.confidence)} % of samples`;
    const thick = num(1 + (3 * Math.abs(e.weight)) / strongest);
    const opacity = num(0.25 + 0.75 * (e.confidence ?? 1));
    return `<path class="${sign}" d="${path}" stroke-width="${thick}" opacity="${opacity}" marker-end="url(#${sign})"><title>${xml(`${e.from} → ${e.to}: ${e.weight.toPrecision(3)}${confidence}`)}</title></path>`;
  });
  const boxes = nodes.map((name, k) => {
    const [x, y] = at[k];
    return `<g><title>${xml(name)}</title><rect x="${num(x - box / 2)}" y="${num(y - HEIGHT / 2)}" width="${box}" height="${HEIGHT}" rx="5"/><text x="${num(x)}" y="${num(y + 4.5)}">${xml(labels[k])}</text></g>`;
  });
  const marker = (id: string) =>
    `<marker id="${id}" viewBox="0 0 8 8" refX="2" refY="4" markerWidth="8" markerHeight="8" markerUnits="userSpaceOnUse" orient="auto"><path class="head ${id}" d="M0 0L8 4L0 8z"/></marker>`;
  const title = `${data.name}: ${edges.length} edges by ${method}`;
  return `<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 ${num(width)} ${height}" width="${num(width)}" height="${height}" role="img" aria-label="${xml(title)}">
<title>${xml(title)}</title>
<style>svg{background:#fff;color:#1f2328}path{fill:none}.plus{stroke:#0969da}.minus{stroke:#cf222e;stroke-dasharray:6 3}.head{stroke:none}.head.plus{fill:#0969da}.head.minus{fill:#cf222e}rect{fill:#f6f8fa;stroke:#8c959f}text{font:13px ui-monospace,monospace;text-anchor:middle;fill:currentColor}@media(prefers-color-scheme:dark){svg{background:#0d1117;color:#e6edf3}rect{fill:#161b22;stroke:#6e7681}.plus{stroke:#58a6ff}.minus{stroke:#ff7b72}.head.plus{fill:#58a6ff}.head.minus{fill:#ff7b72}}</style>
<defs>${marker('plus')}${marker('minus')}</defs>
${[...arrows, ...boxes].join('\n')}
</svg>
`;
}

const num = (v: number): string => String(Math.round(10 * v) / 10);
