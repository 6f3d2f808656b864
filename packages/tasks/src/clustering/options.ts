import { dataOptions } from '../declaration/data-options.ts';
import { table } from '../declaration/input.ts';
import { choice, column, option, whole } from '../declaration/option.ts';
import type { RequestOf } from '../declaration/task.ts';
import { methodOptions, methods } from './methods.ts';

/** Titles of the methods in forms. */
const titles = Object.fromEntries(Object.entries(methods).map(([name, { title }]) => [name, title])) as Record<
  keyof typeof methods,
  string
>;

export const clusterInputs = { data: table() };

export const clusterOptions = {
  method: option(choice(titles), { title: 'Method', about: 'clustering method', default: 'kmeans' }),
  k: option(whole(1), {
    title: 'Clusters',
    about: 'number of clusters',
    letter: 'k',
    otherwise: 'the number of classes in {labels}',
    form: { initial: 3, unless: ['labels'], hint: 'as labels' },
  }),
  labels: option(column(), {
    title: 'Known labels',
    about: 'column of known labels, empty where unknown: they are held fixed and name the clusters',
    only: { method: ['kmeans', 'laplacian', 'mean-shift', 'modes'] },
  }),
  ...methodOptions,
  ...dataOptions,
};

export type ClusterRequest = RequestOf<typeof clusterInputs, typeof clusterOptions>;
