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

const is =
  (...tasks: string[]) =>
  (v: Values): boolean =>
    tasks.includes(String(v.task));
const parts = is('svd', 'nmf', 'sparse-pca', 'dictionary');
const columnsOf = (table: TableSummary) => table.columns.filter((c) => c.type === 'number').map((c) => c.name);

const factorisation: Family<'factorisation'> = {
  id: 'factorisation',
  title: 'Factorisation',
  about: 'Writes the table as a product of smaller ones: components, parts, atoms; or fills in what it lacks.',
  controls: (table) => [
    {
      name: 'task',
      title: 'Task',
      kind: 'choice',
      initial: 'svd',
      choices: [
        ['svd', 'principal components'],
        ['nmf', 'non-negative parts'],
        ['sparse-pca', 'sparse components'],
        ['dictionary', 'dictionary of atoms'],
        ['cca', 'canonical correlations of two groups of columns'],
        ['complete', 'completion'],
      ],
    },
    {
      name: 'k',
      title: 'Components',
      kind: 'number',
      initial: 2,
      min: 1,
      whole: true,
      when: (v) => !is('complete')(v),
    },
    { name: 'rank', title: 'Rank', kind: 'number', initial: 5, min: 1, whole: true, when: is('complete') },
    {
      name: 'shape',
      title: 'The table',
      kind: 'choice',
      initial: table.columns.some((c) => c.missing > 0) ? 'dense' : 'list',
      choices: [
        ['list', 'lists entries: row, column, value'],
        ['dense', 'is the matrix, with gaps'],
      ],
      when: is('complete'),
    },
    { name: 'biases', title: 'take off biases', kind: 'check', initial: true, when: is('complete') },
    { name: 'lambda', title: 'Penalty', kind: 'number', initial: '', min: 0, when: is('complete') },
    {
      name: 'loss',
      title: 'Loss',
      kind: 'choice',
      initial: 'frobenius',
      choices: [
        ['frobenius', 'squares'],
        ['kullback-leibler', 'Kullback–Leibler'],
      ],
      when: is('nmf'),
    },
    {
      name: 'alpha',
      title: 'Sparsity',
      kind: 'number',
      initial: '',
      min: 0,
      when: is('nmf', 'sparse-pca', 'dictionary'),
    },
    {
      name: 'dictionary',
      title: 'Method',
      kind: 'choice',
      initial: 'batch',
      choices: [
        ['batch', 'all samples at a time'],
        ['online', 'one pass in batches'],
        ['orthogonal', 'orthogonal, one pass'],
      ],
      when: is('dictionary'),
    },
    { name: 'x', title: 'First columns', kind: 'columns', initial: columnsOf(table).slice(0, -1), when: is('cca') },
    { name: 'y', title: 'Second columns', kind: 'columns', initial: columnsOf(table).slice(-1), when: is('cca') },
    { ...dropped(table, false), when: parts },
    { ...missing, when: (v) => !is('complete')(v) },
    seed,
    { name: 'standardize', title: 'standardise', kind: 'check', initial: true, when: is('svd', 'sparse-pca', 'cca') },
  ],
  request(v, data) {
    const { drop, ...shared } = common(v);
    const components = given(v.k) ?? 2;
    const standardize = v.standardize === true;
    switch (v.task) {
      case 'cca':
        return {
          task: 'cca',
          request: {
            ...shared,
            data,
            components,
            standardize,
            ridge: 0,
            method: 'exact',
            x: v.x as readonly string[],
            y: v.y as readonly string[],
          },
        };
      case 'complete':
        return {
          task: 'complete',
          request: {
            data,
            method: 'robust',
            rank: given(v.rank) ?? 5,
            lambda: given(v.lambda),
            biases: v.biases === true,
            dense: v.shape === 'dense',
            ...(v.shape === 'list' && { top: 10 }),
            holdout: 0.1,
            seed: shared.seed,
          },
        };
      case 'dictionary': {
        const method = v.dictionary as 'batch';
        const own = { ...shared, drop, data, method, batchSize: 20, passes: 1, alpha: given(v.alpha) };
        return { task: 'dictionary', request: { ...own, ...(v.dictionary !== 'orthogonal' && { k: components }) } };
      }
      default: {
        const job = v.task as 'svd';
        const nmf = v.task === 'nmf' && { loss: v.loss as 'frobenius', init: 'nndsvda' as const };
        const svd = v.task === 'svd' && { center: true };
        const alpha = v.task === 'svd' ? undefined : given(v.alpha);
        const scaled = v.task === 'nmf' ? undefined : standardize;
        const own = { ...shared, drop, data, job, components, alpha, standardize: scaled };
        return { task: 'decompose', request: { ...own, ...nmf, ...svd } };
      }
    }
  },
  command(v, data) {
    const { drop, missing: gaps, seed: own } = commonFlags(v);
    const shared = { missing: gaps, seed: own };
    switch (v.task) {
      case 'cca':
        return [
          'factor',
          'cca',
          data,
          '-k',
          Number(v.k),
          ...flags({ x: v.x, y: v.y, standardize: v.standardize, ...shared }),
        ];
      case 'complete':
        return [
          'factor',
          'complete',
          data,
          ...flags({
            rank: v.rank,
            dense: v.shape === 'dense',
            biases: v.biases,
            lambda: v.lambda,
            top: v.shape === 'list' ? 10 : undefined,
            holdout: 0.1,
            seed: own,
            out: 'completed.csv',
          }),
        ];
      case 'dictionary':
        return [
          'factor',
          'dictionary',
          data,
          ...(v.dictionary === 'orthogonal' ? [] : ['-k', Number(v.k)]),
          ...flags({ method: v.dictionary, alpha: v.alpha, drop, ...shared, 'out-dictionary': 'components.csv' }),
        ];
      default:
        return [
          'factor',
          String(v.task),
          data,
          '-k',
          Number(v.k),
          ...flags({
            center: v.task === 'svd',
            standardize: v.task === 'nmf' ? undefined : v.standardize,
            loss: v.task === 'nmf' && v.loss !== 'frobenius' ? v.loss : undefined,
            alpha: v.task === 'svd' ? undefined : v.alpha,
            drop,
            ...shared,
            'out-scores': 'scores.csv',
            'out-components': 'components.csv',
          }),
        ];
    }
  },
};

export const families: readonly Family[] = [clustering, structure, factorisation] as unknown as readonly Family[];
