import * as v from 'valibot';
import type { ResultOf } from '../declaration/task.ts';
import { list, said, status } from '../result.ts';

const name = v.union([v.number(), v.string()]);

const entries = {
  command: said(v.string(), 'The command, as typed or as it would be typed.'),
  method: said(v.string(), 'The method, as requested.'),
  data: said(v.string(), 'Name of the table.'),
  rows: v.number(),
  features: v.number(),
  k: said(v.number(), 'Number of clusters.'),
  clusters: said(
    list(v.nullable(name)),
    'The cluster of every row of the table, null where a row was left out; its label if clusters have labels.',
  ),
  probabilities: v.optional(
    said(list(v.nullable(v.number())), 'The probability of the cluster, for methods with soft assignments.'),
  ),
  names: said(list(name), 'Names of the clusters: their numbers, or the labels.'),
  sizes: said(list(v.number()), 'Number of rows of each cluster.'),
  featureNames: list(v.string()),
  prototypes: v.optional(
    said(
      list(list(v.number())),
      'In the units of the data, one list for each cluster; absent for spectral clustering.',
    ),
  ),
  separating: v.optional(
    said(
      list(v.number()),
      'Positions in featureNames, from the column whose prototypes differ most, in the units of the method, to the least.',
    ),
  ),
  modelText: v.optional(said(v.string(), 'The model as JSON; absent for spectral clustering.')),
  plane: v.optional(
    said(
      list(v.object({ x: v.number(), y: v.number(), cluster: v.number() })),
      'Up to 3000 of the rows in the plane of their two largest principal components, for pictures.',
    ),
  ),
  objective: v.optional(v.number()),
  bic: v.optional(said(v.number(), 'Bayesian information criterion of a mixture: smaller is better.')),
  iterations: v.optional(said(v.number(), 'Number of iterations of the best run.')),
  status,
  notes: said(list(v.string()), 'What was done to the data.'),
  seconds: said(v.number(), 'Reading included.'),
};

export const clusterResult = v.object(entries);
export type ClusterResult = ResultOf<typeof entries>;
