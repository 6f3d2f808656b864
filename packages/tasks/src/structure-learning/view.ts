import { DenseMatrix } from 'southwell';
import { layeredLayout } from 'southwell/structure-learning';
import type { View } from '../declaration/view.ts';
import { endedText } from '../ended.ts';
import { count, number } from '../format.ts';
import type { LearnedGraph } from './result.ts';

export function learnView(g: LearnedGraph): View {
  const { data, nodes, edges, bootstrap } = g;
  const confident = edges.some((e) => e.confidence !== undefined);
  const lambda = g.lambda === undefined ? '' : `, lambda ${number(g.lambda)}`;
  const standardized = g.standardized ? ', columns standardised' : '';
  const sorted = g.varsortability === undefined ? '' : `; varsortability ${number(g.varsortability)}`;
  const left = g.threshold > 0 ? `; weights up to ${number(g.threshold)} removed` : '';
  return {
    status: g.status,
    about: `${data.name}: ${count(data.rows, 'row')}, ${count(nodes.length, 'column')}`,
    headline: `${count(edges.length, 'edge')} between ${count(nodes.length, 'variable')} by ${g.method}${lambda}${standardized}${left}.`,
    ending: `${endedText(g.status)} after ${count(g.iterations, 'iteration')}.`,
    advice: [...(bootstrap ? [samplesText(bootstrap)] : []), ...(g.error === undefined ? [] : [g.error])],
    seconds: g.seconds,
    notes: [...g.warnings.map((warning) => `Warning: ${warning}`), ...data.notes],
    tables: [
      {
        title: 'Edges',
        columns: ['from', 'to', 'weight', ...(confident ? ['confidence'] : [])],
        rows: edges.map((e) => [e.from, e.to, e.weight, ...(confident ? [e.confidence ?? 0] : [])]),
        below: `Order, causes first: ${g.order.join(', ')}${sorted}`,
      },
    ],
    pictures: [pictureOf(g)],
  };
}

function samplesText({ done, asked, finished }: NonNullable<LearnedGraph['bootstrap']>): string {
  const others = finished < done ? `; ${done - finished} of their fits did not end normally` : '';
  return `Confidence from ${done} of ${asked} bootstrap samples${others}.`;
}

function pictureOf({ nodes, edges }: LearnedGraph): View['pictures'][number] {
  const index = new Map(nodes.map((name, k) => [name, k]));
  const W = DenseMatrix.create(nodes.length, nodes.length);
  for (const e of edges) W.set(index.get(e.from)!, index.get(e.to)!, e.weight);
  const places = layeredLayout(W).nodes;
  W.free();
  const strongest = Math.max(...edges.map((e) => Math.abs(e.weight)), 1e-300);
  return {
    title: 'Causes above effects',
    picture: {
      type: 'graph',
      nodes: places.map(({ x, y }, v) => ({ x, y: 1 - y, label: nodes[v] })),
      edges: edges.map((e) => ({
        from: index.get(e.from)!,
        to: index.get(e.to)!,
        directed: true,
        width: 1 + (2 * Math.abs(e.weight)) / strongest,
        group: e.weight > 0 ? 0 : 1,
      })),
      groups: ['raises', 'lowers'],
    },
  };
}
