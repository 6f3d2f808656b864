import { count, duration, graphSvg, graphWriter, type LearnedGraph } from '@southwell/tasks';
import { DenseMatrix } from 'southwell';
import { layeredLayout } from 'southwell/structure-learning';
import type { View } from './view.ts';

export function graphView(g: LearnedGraph): View {
  const index = new Map(g.nodes.map((name, k) => [name, k]));
  const W = DenseMatrix.create(g.nodes.length, g.nodes.length);
  for (const e of g.edges) W.set(index.get(e.from)!, index.get(e.to)!, e.weight);
  const places = layeredLayout(W).nodes;
  W.free();
  const strongest = Math.max(...g.edges.map((e) => Math.abs(e.weight)), 1e-300);
  const confident = g.edges.some((e) => e.confidence !== undefined);
  const file = (name: string, type: string) => ({ name, type, content: graphWriter(name)(g) });
  return {
    headline: `${count(g.edges.length, 'edge')} between ${count(g.nodes.length, 'variable')} by ${g.method}, in ${duration(g.seconds)}.`,
    status: g.status,
    notes: [...g.data.notes, ...g.warnings],
    pictures: [
      {
        title: 'Causes above effects; blue raises, orange lowers',
        picture: {
          type: 'graph',
          nodes: places.map(({ x, y }, v) => ({ x, y: 1 - y, label: g.nodes[v] })),
          edges: g.edges.map((e) => ({
            from: index.get(e.from)!,
            to: index.get(e.to)!,
            directed: true,
            width: 1 + (2 * Math.abs(e.weight)) / strongest,
            group: e.weight > 0 ? 0 : 1,
          })),
        },
      },
    ],
    tables: [
      {
        title: 'Edges',
        columns: ['from', 'to', 'weight', ...(confident ? ['confidence'] : [])],
        rows: g.edges.map((e) => [e.from, e.to, e.weight, ...(confident ? [e.confidence ?? 0] : [])]),
      },
    ],
    files: [
      file('edges.csv', 'text/csv'),
      file('graph.graphml', 'application/xml'),
      file('graph.dot', 'text/plain'),
      { name: 'graph.svg', type: 'image/svg+xml', content: graphSvg(g) },
    ],
  };
}
