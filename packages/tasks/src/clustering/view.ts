import type { View, ViewTable } from '../declaration/view.ts';
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
      ...centreTables(r),
    ],
  };
}

/** Characters of the columns of centres that fit in a line at the shell, and of the narrowest one. */
const WIDTH = 66;
const NARROWEST = 8;

/** The centres in the units of the table: at the shell a row for each cluster, on the page one for each column. */
function centreTables({ prototypes, separating = [], names, featureNames }: ClusterResult): ViewTable[] {
  if (!prototypes) return [];
  const shown = fitting(separating, featureNames);
  const most = `The ${shown.length} of ${featureNames.length} columns whose centres differ most, in the units of the table`;
  return [
    {
      title: 'Centres',
      columns: ['cluster', ...shown.map((j) => featureNames[j])],
      rows: names.map((name, c) => [String(name), ...shown.map((j) => prototypes[c][j])]),
      on: 'shell',
      below: shown.length === featureNames.length ? 'Centres in the units of the table.' : `${most}; --json has all.`,
    },
    {
      title: 'Centres in the units of the table',
      columns: ['feature', ...names.map((name) => `cluster ${name}`)],
      rows: featureNames.slice(0, 200).map((name, j) => [name, ...prototypes.map((p) => p[j])]),
      on: 'page',
    },
  ];
}

/** As many of the leading columns as fit in a line, at least one, in the order of the table. */
function fitting(leading: readonly number[], names: readonly string[]): number[] {
  let width = 0;
  const count = leading.findIndex((j) => (width += 2 + Math.max(names[j].length, NARROWEST)) > WIDTH);
  return leading.slice(0, count < 0 ? leading.length : Math.max(count, 1)).toSorted((a, b) => a - b);
}
