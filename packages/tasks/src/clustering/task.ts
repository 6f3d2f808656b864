import { defineTask, type Family } from '../declaration/task.ts';
import { reportOutput } from '../report/output.ts';
import { clusterColumns } from './columns.ts';
import { clusterJob } from './job.ts';
import { onRanks, placing } from './methods.ts';
import { clustersSaved } from './model.ts';
import { clusterInputs, clusterOptions } from './options.ts';
import { clusterRace } from './race.ts';
import { type ClusterResult, clusterResult } from './result.ts';
import { clusterView } from './view.ts';

const cluster = defineTask({
  title: 'Clustering',
  verb: ['cluster'],
  about: 'Cluster rows of a table, optionally with a few known labels.',
  examples: [
    'cluster bundled:digits -k 10 --drop digit --out clusters.csv',
    'cluster cells.csv -k 8 --method laplacian --lambda 2 --standardize',
    'cluster bundled:diabetes -k 3 --method mixture --covariance diagonal --standardize',
    'cluster bundled:digits -k 10 --drop digit --save model.json',
    'cluster photos.parquet --method laplacian --labels species --out named.csv',
  ],
  inputs: clusterInputs,
  options: clusterOptions,
  checks: [
    {
      wrong: ({ k, labels }) => k === undefined && labels === undefined,
      say: 'How many clusters? Give {k}, or {labels} with a column that shows them.',
    },
  ],
  result: clusterResult,
  outputs: {
    out: {
      file: 'clusters.csv',
      about: 'the cluster of every row, as .csv or .parquet',
      columns: clusterColumns,
      holds: ['clusters', 'probabilities'],
      json: 'columns',
    },
    report: reportOutput(
      'a self-contained HTML page with the clusters drawn',
      (r: ClusterResult) => `Clusters of ${r.data}`,
      clusterView,
      ['plane'],
    ),
    save: {
      file: 'model.json',
      about: 'the clusters as a model, JSON, for predict on new rows',
      noun: 'Model',
      type: 'application/json',
      text: ({ modelText }) => modelText!,
      holds: ['modelText'],
      json: 'saved',
      only: placing,
    },
  },
  // Labels need a neighbour graph, whose neighbours may be on any rank.
  ranks: { method: onRanks, labels: [''] },
  interrupted: { kept: 'the best clusters so far are', none: 'were clusters' },
  job: clusterJob,
  view: clusterView,
});

export const clustering: Family = {
  id: 'clustering',
  title: 'Clustering',
  goal: 'Group rows',
  tasks: [cluster],
  races: [clusterRace],
  models: clustersSaved,
};
