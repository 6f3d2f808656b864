// What the page of one's own data asks for each family besides the linear models, whose form is its own.
import type { ClusterRequest, LearnRequest } from '@southwell/modelling';
import type { TableSummary } from '../workers/data.worker.ts';
import type { JobRequests } from '../workers/jobs.ts';
import type { Control, Values } from './controls.ts';

export interface Family<F extends keyof JobRequests = keyof JobRequests> {
  readonly id: F;
  readonly title: string;
  readonly about: string;
  controls(table: TableSummary): Control[];
  request(values: Values, data: string): JobRequests[F];
  /** What comes after `southwell`, words that need no quotes but for names. */
  command(values: Values, data: string): Array<string | number>;
}

/** What every family asks. */
const dropped = (table: TableSummary, numbersOnly: boolean): Control => ({
  name: 'drop',
  title: 'Leave out',
  kind: 'columns',
  initial: table.columns.filter((c) => c.type === 'text' || (numbersOnly && c.type !== 'number')).map((c) => c.name),
});
const missing: Control = {
  name: 'missing',
  title: 'Missing values',
  kind: 'choice',
  initial: 'error',
  choices: [
    ['error', 'tell me'],
    ['drop-rows', 'leave rows out'],
    ['mean', 'take the mean'],
  ],
};
const seed: Control = { name: 'seed', title: 'Seed', kind: 'number', initial: 0, min: 0, whole: true };

const given = (v: unknown): number | undefined => (typeof v === 'number' && Number.isFinite(v) ? v : undefined);
const flag = (name: string, v: unknown): Array<string | number> => {
  if (v === undefined || v === false || v === '' || (Array.isArray(v) && v.length === 0)) return [];
  return v === true ? [name] : [name, Array.isArray(v) ? v.join(',') : (v as string | number)];
};
/** Options as the command has them, defaults left out. */
const flags = (options: Record<string, unknown>): Array<string | number> =>
  Object.entries(options).flatMap(([name, v]) => flag(`--${name}`, v));
const common = (v: Values) => ({
  drop: v.drop as readonly string[],
  missing: v.missing as 'error',
  seed: Number(v.seed) || 0,
});
const commonFlags = (v: Values) => ({
  drop: v.drop,
  missing: v.missing === 'error' ? undefined : v.missing,
  seed: v.seed || undefined,
});

const takesLabels = (v: Values) => v.method !== 'spectral' && v.method !== 'mixture';
const hasGraph = (v: Values) => v.method !== 'kmeans' && v.method !== 'mixture';
const hasGraphWeight = (v: Values) => hasGraph(v) && v.method !== 'spectral';

const clustering: Family<'clustering'> = {
  id: 'clustering',
  title: 'Clustering',
  about: 'Parts the rows into clusters, with a few known labels if there are any.',
  controls: (table) => [
    {
      name: 'method',
      title: 'Method',
      kind: 'choice',
      initial: 'kmeans',
      choices: [
        ['kmeans', 'k-means'],
        ['laplacian', 'means and a graph of neighbours'],
        ['mean-shift', 'mean shift and a graph'],
        ['modes', 'densest points and a graph'],
        ['spectral', 'spectral'],
        ['mixture', 'mixture of normal distributions'],
      ],
    },
    { name: 'k', title: 'Clusters', kind: 'number', initial: 3, min: 1, whole: true },
    {
      name: 'labels',
      title: 'Known labels',
      kind: 'choice',
      initial: '',
      choices: [['', 'none'], ...table.columns.map((c) => [c.name, c.name] as const)],
      when: (v) => takesLabels(v),
    },
    {
      name: 'covariance',
      title: 'Covariances',
      kind: 'choice',
      initial: 'full',
      choices: [
        ['full', 'full'],
        ['diagonal', 'diagonal'],
        ['spherical', 'one variance'],
      ],
      when: (v) => v.method === 'mixture',
    },
    {
      name: 'lambda',
      title: 'Weight of the graph',
      kind: 'number',
      initial: 1,
      min: 0,
      when: (v) => hasGraphWeight(v),
    },
    {
      name: 'neighbours',
      title: 'Neighbours',
      kind: 'number',
      initial: '',
      min: 1,
      whole: true,
      when: (v) => hasGraph(v),
    },
    dropped(table, false),
    missing,
    seed,
    { name: 'standardize', title: 'standardise', kind: 'check', initial: true },
  ],
  request: (v, data): ClusterRequest & { plane: true } => ({
    ...common(v),
    data,
    plane: true,
    method: v.method as ClusterRequest['method'],
    k: given(v.k),
    ...(v.labels && takesLabels(v) && { labels: String(v.labels) }),
    ...(hasGraphWeight(v) && { lambda: given(v.lambda) }),
    ...(hasGraph(v) && { neighbours: given(v.neighbours) }),
    ...(v.method === 'mixture' && { covariance: v.covariance as ClusterRequest['covariance'] }),
    standardize: v.standardize === true,
  }),
  command: (v, data) => [
    'cluster',
    data,
    ...flag('-k', v.k),
    ...flags({
      method: v.method === 'kmeans' ? undefined : v.method,
      labels: takesLabels(v) ? v.labels : undefined,
      lambda: hasGraphWeight(v) ? v.lambda : undefined,
      neighbours: hasGraph(v) ? v.neighbours : undefined,
      covariance: v.method === 'mixture' && v.covariance !== 'full' ? v.covariance : undefined,
      standardize: v.standardize,
      ...commonFlags(v),
      out: 'clusters.csv',
    }),
  ],
};

const structure: Family<'structure-learning'> = {
  id: 'structure-learning',
  title: 'Structure learning',
  about: 'Learns a directed acyclic graph of linear effects between the columns.',
  controls: (table) => [
    {
      name: 'method',
      title: 'Method',
      kind: 'choice',
      initial: 'colide',
      choices: [
        ['colide', 'CoLiDE'],
        ['dagma', 'DAGMA'],
        ['notears', 'NOTEARS'],
        ['topo', 'TOPO, swaps of orders'],
      ],
    },
    {
      name: 'variance',
      title: 'Noise',
      kind: 'choice',
      initial: 'unequal',
      choices: [
        ['unequal', 'of unequal size'],
        ['equal', 'of equal size'],
      ],
      when: (v) => v.method === 'colide',
    },
    { name: 'lambda', title: 'L1 penalty', kind: 'number', initial: '', min: 0, when: (v) => v.method !== 'topo' },
    { name: 'threshold', title: 'Leave out edges up to', kind: 'number', initial: 0.3, min: 0 },
    { name: 'bootstrap', title: 'Resamples', kind: 'number', initial: '', min: 1, whole: true },
    dropped(table, true),
    missing,
    seed,
  ],
  request: (v, data): LearnRequest => ({
    ...common(v),
    data,
    method: v.method as LearnRequest['method'],
    variance: v.method === 'colide' ? (v.variance as LearnRequest['variance']) : 'unequal',
    lambda: v.method === 'topo' ? undefined : given(v.lambda),
    threshold: given(v.threshold) ?? 0.3,
    bootstrap: given(v.bootstrap),
  }),
  command: (v, data) => [
    'graph',
    'learn',
    data,
    ...flags({
      method: v.method === 'colide' ? undefined : v.method,
      variance: v.method === 'colide' && v.variance === 'equal' ? 'equal' : undefined,
      lambda: v.method === 'topo' ? undefined : v.lambda,
      threshold: v.threshold === 0.3 ? undefined : v.threshold,
      bootstrap: v.bootstrap,
      ...commonFlags(v),
      out: 'edges.csv',
    }),
  ],
};

export const families: readonly Family[] = [clustering, structure] as unknown as readonly Family[];
