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
      ],
    },
    { name: 'k', title: 'Clusters', kind: 'number', initial: 3, min: 1, whole: true },
    {
      name: 'labels',
      title: 'Known labels',
      kind: 'choice',
      initial: '',
      choices: [['', 'none'], ...table.columns.map((c) => [c.name, c.name] as const)],
      when: (v) => v.method !== 'spectral',
    },
    {
      name: 'lambda',
      title: 'Weight of the graph',
      kind: 'number',
      initial: 1,
      min: 0,
      when: (v) => !['kmeans', 'spectral'].includes(String(v.method)),
    },
    {
      name: 'neighbours',
      title: 'Neighbours',
      kind: 'number',
      initial: '',
      min: 1,
      whole: true,
      when: (v) => v.method !== 'kmeans',
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
    ...(v.labels && v.method !== 'spectral' && { labels: String(v.labels) }),
    ...(!['kmeans', 'spectral'].includes(String(v.method)) && { lambda: given(v.lambda) }),
    ...(v.method !== 'kmeans' && { neighbours: given(v.neighbours) }),
    standardize: v.standardize === true,
  }),
  command: (v, data) => [
    'cluster',
    data,
    ...flag('-k', v.k),
    ...flags({
      method: v.method === 'kmeans' ? undefined : v.method,
      labels: v.method === 'spectral' ? undefined : v.labels,
      lambda: ['kmeans', 'spectral'].includes(String(v.method)) ? undefined : v.lambda,
      neighbours: v.method === 'kmeans' ? undefined : v.neighbours,
      standardize: v.standardize,
      ...commonFlags(v),
      out: 'clusters.csv',
    }),
  ],
};

const hasVariance = (v: Values) => v.method === 'colide' || v.method === 'golem';
const refinable = (v: Values) => v.method !== 'topo' && !String(v.method).includes(':');
const methodAndScore = (v: Values): Pick<LearnRequest, 'method' | 'score'> => {
  const [method, score] = String(v.method).split(':');
  return { method: method as LearnRequest['method'], score: score as LearnRequest['score'] };
};

const structure: Family<'structure-learning'> = {
  id: 'structure-learning',
  title: 'Structure learning',
  about: 'Learns a directed acyclic graph of effects between the columns.',
  controls: (table) => [
    {
      name: 'method',
      title: 'Method',
      kind: 'choice',
      initial: 'colide',
      choices: [
        ['colide', 'CoLiDE'],
        ['dagma', 'DAGMA'],
        ['golem', 'GOLEM'],
        ['notears', 'NOTEARS'],
        ['topo', 'TOPO, swaps of orders'],
        ['dagma:logistic', 'DAGMA for zeros and ones'],
        ['notears:logistic', 'NOTEARS for zeros and ones'],
        ['notears:mlp', 'NOTEARS with networks, for bent effects'],
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
      when: hasVariance,
    },
    { name: 'lambda', title: 'L1 penalty', kind: 'number', initial: '', min: 0, when: (v) => v.method !== 'topo' },
    { name: 'refine', title: 'then swaps of its order', kind: 'check', initial: false, when: refinable },
    { name: 'threshold', title: 'Leave out edges up to', kind: 'number', initial: 0.3, min: 0 },
    { name: 'bootstrap', title: 'Resamples', kind: 'number', initial: '', min: 1, whole: true },
    dropped(table, true),
    missing,
    seed,
  ],
  request: (v, data): LearnRequest => ({
    ...common(v),
    data,
    ...methodAndScore(v),
    ...(hasVariance(v) && { variance: v.variance as LearnRequest['variance'] }),
    ...(refinable(v) && v.refine === true && { refine: true }),
    lambda: v.method === 'topo' ? undefined : given(v.lambda),
    threshold: given(v.threshold) ?? 0.3,
    bootstrap: given(v.bootstrap),
  }),
  command: (v, data) => [
    'graph',
    'learn',
    data,
    ...flags({
      method: v.method === 'colide' ? undefined : methodAndScore(v).method,
      score: methodAndScore(v).score,
      variance: hasVariance(v) && v.variance !== (v.method === 'golem' ? 'equal' : 'unequal') ? v.variance : undefined,
      lambda: v.method === 'topo' ? undefined : v.lambda,
      refine: refinable(v) && v.refine,
      threshold: v.threshold === 0.3 ? undefined : v.threshold,
      bootstrap: v.bootstrap,
      ...commonFlags(v),
      out: 'edges.csv',
    }),
  ],
};

export const families: readonly Family[] = [clustering, structure] as unknown as readonly Family[];
