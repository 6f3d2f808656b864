import type { JobRequests } from '../../workers/jobs.ts';
import { check, choice, number, type Values } from '../controls.ts';
import { allColumns, type Family, none, optionsOf, shared, sharedDefaults, sharedOptions } from './family.ts';

const takesLabels = (v: Values) => v.method !== 'spectral' && v.method !== 'mixture';
const hasLabels = (v: Values) => takesLabels(v) && v.labels !== '';
const hasGraph = (v: Values) => v.method !== 'kmeans' && v.method !== 'mixture';
const hasGraphWeight = (v: Values) => hasGraph(v) && v.method !== 'spectral';

export const clustering: Family<'clustering'> = {
  id: 'clustering',
  title: 'Clustering',
  about: 'Parts the rows into clusters, with a few known labels if there are any.',
  controls(table) {
    const { drop, missing, seed } = shared(table, false);
    return [
      choice('method', 'Method', [
        ['kmeans', 'k-means'],
        ['laplacian', 'means and a graph of neighbours'],
        ['mean-shift', 'mean shift and a graph'],
        ['modes', 'densest points and a graph'],
        ['spectral', 'spectral'],
        ['mixture', 'mixture of normal distributions'],
      ]),
      { ...number('k', 'Clusters', 3, 1), when: (v) => !hasLabels(v) },
      { ...number('atLeast', 'Clusters', '', 1), hint: 'as labels', when: hasLabels },
      {
        ...choice('labels', 'Known labels', [none, ...allColumns(table)]),
        when: (v) => takesLabels(v) && table.columns.length > 0,
      },
      {
        ...choice('covariance', 'Covariances', [
          ['full', 'full'],
          ['tied', 'one matrix for all'],
          ['diagonal', 'diagonal'],
          ['spherical', 'one variance'],
        ]),
        when: (v) => v.method === 'mixture',
      },
      { ...number('lambda', 'Weight of the graph', 1, 0, undefined, false), when: hasGraphWeight },
      drop,
      missing,
      check('standardize', 'standardise', true),
      { ...number('neighbours', 'Neighbours', '', 1), when: hasGraph, more: true },
      {
        ...choice('neighbourSearch', 'Search of neighbours', [
          ['exact', 'exact'],
          ['approximate', 'approximate, for many rows'],
        ]),
        when: hasGraph,
        more: true,
      },
      { ...number('restarts', 'Starts', '', 1), when: (v) => v.method !== 'spectral', more: true },
      seed,
    ];
  },
  asked: (v) => ({
    verb: ['cluster'],
    defaults: { method: 'kmeans', ...sharedDefaults },
    options: {
      k: hasLabels(v) ? v.atLeast : v.k,
      method: v.method,
      labels: takesLabels(v) ? v.labels : undefined,
      lambda: hasGraphWeight(v) ? v.lambda : undefined,
      neighbours: hasGraph(v) ? v.neighbours : undefined,
      neighbourSearch: hasGraph(v) && v.neighbourSearch !== 'exact' ? v.neighbourSearch : undefined,
      covariance: v.method === 'mixture' ? v.covariance : undefined,
      restarts: v.method === 'spectral' ? undefined : v.restarts,
      standardize: v.standardize,
      ...sharedOptions(v),
    },
    files: { out: 'clusters.csv' },
  }),
  request: (asked, data) => ({ data, plane: true, ...optionsOf(asked) }) as JobRequests['clustering'],
};
