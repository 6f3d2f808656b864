import type { View } from '../declaration/view.ts';
import { count, number } from '../format.ts';
import type { ClusterResult } from './result.ts';

export function clusterView(r: ClusterResult): View {
  const total = r.sizes.reduce((a, b) => a + b, 0);
  const found = [
    ...(r.objective === undefined ? [] : [`objective ${number(r.objective, 6)}`]),
    ...(r.bic === undefined ? [] : [`BIC ${number(r.bic, 6)}`]),
  ].join(', ');
  const steps = r.iterations === undefined ? '' : ` after ${count(r.iterations, 'iteration')} of the best run`;
  return {
    status: r.status,
    about: `${r.data}: ${count(r.rows, 'row')}, ${count(r.features, 'feature')}, ${r.method}`,
    outcome: found === '' ? undefined : `${found}${steps}`,
    seconds: r.seconds,
    notes: r.notes,
    pictures: r.plane
      ? [
          {
            title: 'Clusters in the plane of the two largest principal components',
            picture: {
              type: 'scatter',
              xLabel: 'first component',
              yLabel: 'second component',
              points: r.plane.map(({ x, y, cluster }) => ({ x, y, group: cluster })),
              groups: r.names.map((name) => `cluster ${name}`),
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
              on: 'page' as const,
            },
          ]
        : []),
    ],
  };
}
