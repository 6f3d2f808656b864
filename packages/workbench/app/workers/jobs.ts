// The families' jobs on a table, and what of their results the page shows. Runs in the worker.
import { writeCsv } from '@southwell/data';
import {
  type ClusterRequest,
  type ClusterResult,
  clusterJob,
  count,
  duration,
  graphJob,
  graphSvg,
  graphWriter,
  type JobTools,
  type LearnedGraph,
  type LearnRequest,
} from '@southwell/modelling';
import type { Cell, Picture } from '@southwell/papers';
import { DenseMatrix } from 'southwell';
import type { Status } from 'southwell/core';
import { layeredLayout } from 'southwell/structure-learning';

export interface JobRequests {
  readonly clustering: ClusterRequest;
  readonly 'structure-learning': LearnRequest;
}

/** Plain data, drawn as it is. */
export interface View {
  readonly headline: string;
  readonly status: Status;
  readonly notes: readonly string[];
  readonly pictures: ReadonlyArray<{ readonly title: string; readonly picture: Picture }>;
  readonly tables: ReadonlyArray<{
    readonly title: string;
    readonly columns: readonly string[];
    readonly rows: ReadonlyArray<readonly Cell[]>;
  }>;
  readonly files: ReadonlyArray<{
    readonly name: string;
    readonly type: string;
    readonly content: string | Uint8Array;
  }>;
}

type Jobs = { readonly [F in keyof JobRequests]: (request: JobRequests[F], tools: JobTools) => Promise<View> };

export const jobs: Jobs = {
  clustering: async (request, tools) => clusterView(await clusterJob(request, tools)),
  'structure-learning': async (request, tools) => graphView(await graphJob(request, tools)),
};

function clusterView(r: ClusterResult): View {
  const total = r.sizes.reduce((a, b) => a + b, 0);
  const columns = { cluster: [...r.clusters], ...(r.probabilities && { probability: [...r.probabilities] }) };
  return {
    headline:
      `${count(total, 'row')} in ${count(r.k, 'cluster')}${r.objective === undefined ? '' : `, objective ${r.objective.toPrecision(6)}`}` +
      `${r.bic === undefined ? '' : `, BIC ${r.bic.toPrecision(6)}`}` +
      `, in ${duration(r.seconds)}.`,
    status: r.status,
    notes: r.notes,
    pictures: r.plane
      ? [
          {
            title: 'Clusters in the plane of the two largest principal components',
            picture: {
              type: 'scatter',
              xLabel: 'first component',
              yLabel: 'second',
              points: r.plane.map(({ x, y, cluster }) => ({ x, y, group: cluster })),
            },
          },
        ]
      : [],
    tables: [
      {
        title: 'Clusters',
        columns: ['cluster', 'rows', 'share'],
        rows: r.names.map((name, c) => [String(name), r.sizes[c], `${((100 * r.sizes[c]) / total).toFixed(1)} %`]),
      },
      ...(r.prototypes
        ? [
            {
              title: 'Prototypes',
              columns: ['feature', ...r.names.map((name) => `cluster ${name}`)],
              rows: r.featureNames.slice(0, 200).map((name, j) => [name, ...r.prototypes!.map((p) => p[j])]),
            },
          ]
        : []),
    ],
    files: [{ name: 'clusters.csv', type: 'text/csv', content: writeCsv(columns) }],
  };
}

function graphView(g: LearnedGraph): View {
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
