import { dataOptions, seedOption, TABLE } from '../data-options.ts';
import { choice, column, option, real, whole } from '../option.ts';
import type { RequestOf } from '../task.ts';

const group = 'The method:';

export const clusterInputs = { data: TABLE };

export const clusterOptions = {
  method: option(
    choice({
      kmeans: 'k-means',
      laplacian: 'means and a graph of neighbours',
      'mean-shift': 'mean shift and a graph',
      modes: 'densest points and a graph',
      spectral: 'spectral',
      mixture: 'mixture of normal distributions',
    }),
    { title: 'Method', about: 'how clusters are found', default: 'kmeans' },
  ),
  k: option(whole(1), {
    title: 'Clusters',
    about: 'clusters',
    letter: 'k',
    otherwise: 'as many as {labels} shows',
    form: { initial: 3, unless: ['labels'], hint: 'as labels' },
  }),
  labels: option(column(), {
    title: 'Known labels',
    about: 'known labels, empty where unknown: they are kept, and name their clusters',
    only: { method: ['kmeans', 'laplacian', 'mean-shift', 'modes'] },
  }),
  covariance: option(
    choice({ full: 'full', tied: 'one matrix for all', diagonal: 'diagonal', spherical: 'one variance' }),
    {
      title: 'Covariances',
      about: 'shape of the components',
      argument: 'kind',
      default: 'full',
      only: { method: ['mixture'] },
      group,
    },
  ),
  lambda: option(real(0), {
    title: 'Weight of the graph',
    about: 'how much neighbours must agree',
    argument: 'weight',
    default: 1,
    only: { method: ['laplacian', 'mean-shift', 'modes'] },
    group,
  }),
  neighbours: option(whole(1), {
    title: 'Neighbours',
    about: 'of each row in the graph',
    otherwise: '4; spectral 10',
    only: { method: ['laplacian', 'mean-shift', 'modes', 'spectral'] },
    group,
    form: { advanced: true },
  }),
  neighbourSearch: option(choice({ exact: 'exact', approximate: 'approximate, for many rows' }), {
    title: 'Search of neighbours',
    about: 'search of neighbours, where approximate pays from some 20,000 rows',
    argument: 'how',
    default: 'exact',
    only: { method: ['laplacian', 'mean-shift', 'modes', 'spectral'] },
    group,
    form: { advanced: true },
  }),
  restarts: option(whole(1), {
    title: 'Starts',
    about: 'starts, of which the best is kept',
    otherwise: '10; mixture 3; 1 with {labels}',
    group,
    form: { advanced: true },
  }),
  seed: seedOption('of the starts', group),
  ...dataOptions,
};

export type ClusterRequest = RequestOf<typeof clusterInputs, typeof clusterOptions>;
