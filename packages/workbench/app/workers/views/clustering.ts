import { writeCsv } from '@southwell/data';
import { type ClusterResult, clusterColumns, count, duration } from '@southwell/tasks';
import type { View } from './view.ts';

export function clusterView(r: ClusterResult): View {
  const total = r.sizes.reduce((a, b) => a + b, 0);
  const columns = Object.fromEntries(Object.entries(clusterColumns(r)).map(([name, values]) => [name, [...values]]));
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
