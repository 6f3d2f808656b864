import type { MatrixLike } from 'southwell';
import {
  binarySamples,
  type ColideState,
  colideIterates,
  type DirectLingamState,
  dagmaDefaults,
  directLingamIterates,
  type GolemState,
  type GraphMethod,
  type GraphPoint,
  golemIterates,
  type Knowledge,
  type Moments,
  type NetworksState,
  type NotearsOptions,
  notearsIterates,
  notearsMlpIterates,
  penalisedTopoIterates,
  type RegressionsState,
  refined,
  type SampleMethod,
  type SampleOptions,
  type Samples,
  samples,
  type TopoState,
  topoIterates,
  topoMlpIterates,
} from 'southwell/structure-learning';
import { seedOption } from '../declaration/data-options.ts';
import { choice, flag, option, real, type ValuesOf, whole } from '../declaration/option.ts';

/** The methods by which graphs are learned, and the options that they take. A method is an entry of `methods`. */

const group = 'The method:';

export const methodOptions = {
  score: option(
    choice({
      gaussian: 'linear effects',
      logistic: 'binary variables',
      mlp: 'nonlinear effects, by networks',
    }),
    {
      title: 'Score',
      about: 'score function; logistic is for binary variables, mlp for nonlinear effects',
      default: 'gaussian',
      group,
      form: { only: { method: ['dagma', 'notears', 'topo'] } },
    },
  ),
  variance: option(choice({ unequal: 'unequal', equal: 'equal' }), {
    title: 'Noise variances',
    about: 'noise variances of the variables',
    argument: 'which',
    otherwise: 'colide unequal, golem equal',
    only: { method: ['colide', 'golem'] },
    group,
  }),
  lambda: option(real(0), {
    title: 'L1 penalty',
    about: 'weight of the L1 penalty; for topo only with scores other than gaussian',
    argument: 'weight',
    otherwise: 'colide 0.05; dagma 0.03; golem 0.02 or 0.002; notears 0.1; logistic 0.02 and 0.01; mlp 0.01',
    group,
  }),
  intercepts: option(flag(), {
    title: 'with intercepts',
    about: 'fit without intercepts, as the authors do',
    default: true,
    only: { score: ['logistic'] },
    group,
    form: { advanced: true },
  }),
  refine: option(flag(), {
    title: 'refine by swaps',
    about: 'improve the topological order by swaps, and refit all regressions',
    only: { method: ['colide', 'dagma', 'golem', 'notears'] },
    group,
  }),
  threshold: option(real(0), {
    title: 'Threshold',
    about: 'remove edges with weights up to this size, then the smallest until the graph is acyclic',
    argument: 'weight',
    otherwise: '0.3; direct-lingam 0',
    group,
    form: { hint: 'auto' },
  }),
  bootstrap: option(whole(1), {
    title: 'Bootstrap samples',
    about: 'number of bootstrap samples: the fraction that contains an edge is its confidence',
    argument: 'samples',
    group,
    form: { hint: 'none', advanced: true },
  }),
  seed: seedOption('of samples and of the starts of topo and mlp', group),
};

type Settings = ValuesOf<typeof methodOptions> & {
  /** Of the graph, where something is. */
  readonly knowledge?: Knowledge;
};
export type ScoreName = Settings['score'];

/** Either of moments, or of rows with what prepares them. */
export type Learner = {
  readonly title: string;
  readonly lambda?: number;
  /** Edges up to this are left out where nothing else is asked for. Default: 0.3. */
  readonly threshold?: number;
} & (
  | { readonly method: GraphMethod; readonly prepare?: undefined }
  | { readonly method: SampleMethod; readonly prepare: (X: MatrixLike, options: SampleOptions) => Samples }
);

interface Method {
  /** In forms. */
  readonly title: string;
  /** By the score that it minimises. */
  readonly learners: Readonly<Partial<Record<ScoreName, (settings: Settings) => Learner>>>;
}

/** Where swaps after a method start. */
interface SwapsStart {
  readonly order: Int32Array;
  readonly point: GraphPoint;
  readonly resume?: unknown;
}

/** A method on second moments, its swaps after it if they are asked for. */
const gaussian = (
  { refine, knowledge }: Settings,
  title: string,
  lambda: number | undefined,
  method: GraphMethod,
): Learner =>
  refine
    ? {
        title: `${title}, then swaps`,
        lambda,
        method: refined(method, (data: Moments, { order, resume }: SwapsStart) =>
          topoIterates(data, { order, knowledge, resume: resume as TopoState }),
        ),
      }
    : { title, lambda, method };

/** The same on rows, where swaps go on with the score of the method. */
function ofRows(
  { refine }: Settings,
  title: string,
  lambda: number,
  prepare: (X: MatrixLike, options: SampleOptions) => Samples,
  method: SampleMethod,
  swaps?: (data: Samples, start: SwapsStart) => ReturnType<SampleMethod>,
): Learner {
  return refine && swaps
    ? { title: `${title}, then swaps`, lambda, prepare, method: refined(method, swaps) }
    : { title, lambda, prepare, method };
}

const networkSwaps =
  (lambda: number, { seed, knowledge }: Settings) =>
  (data: Samples, { order, point, resume }: SwapsStart) =>
    topoMlpIterates(data, {
      lambda,
      seed,
      knowledge,
      order,
      networks: point.networks,
      resume: resume as NetworksState,
    });
const logisticSwaps =
  (lambda: number, { intercepts, knowledge }: Settings) =>
  (data: Samples, { order, resume }: SwapsStart) =>
    penalisedTopoIterates(data, { lambda, intercepts, knowledge, order, resume: resume as RegressionsState });

export const methods = {
  colide: {
    title: 'CoLiDE',
    learners: {
      gaussian(settings) {
        const { variance = 'unequal', lambda = 0.05, knowledge } = settings;
        return gaussian(settings, `colide, ${variance} noise variances`, lambda, (m, resume) =>
          colideIterates(m, { variance, lambda, knowledge, resume: resume as ColideState }),
        );
      },
    },
  },
  dagma: {
    title: 'DAGMA',
    learners: {
      gaussian(settings) {
        const { lambda = dagmaDefaults.lambda, knowledge } = settings;
        return gaussian(settings, 'dagma', lambda, (m, resume) =>
          colideIterates(m, { ...dagmaDefaults, lambda, knowledge, resume: resume as ColideState }),
        );
      },
      logistic(settings) {
        const { lambda = 0.02, intercepts, knowledge } = settings;
        const learn: SampleMethod = (data, resume) =>
          colideIterates(data, { ...dagmaDefaults, lambda, intercepts, knowledge, resume: resume as ColideState });
        return ofRows(settings, 'dagma, logistic score', lambda, binarySamples, learn, logisticSwaps(lambda, settings));
      },
    },
  },
  'direct-lingam': {
    title: 'DirectLiNGAM, for noise that is not normal',
    learners: {
      gaussian: ({ knowledge }) => ({
        title: 'direct-lingam',
        threshold: 0,
        prepare: samples,
        method: (data, resume) => directLingamIterates(data, { knowledge, resume: resume as DirectLingamState }),
      }),
    },
  },
  golem: {
    title: 'GOLEM',
    learners: {
      gaussian(settings) {
        const { variance = 'equal', knowledge } = settings;
        const { lambda = variance === 'unequal' ? 0.002 : 0.02 } = settings;
        return gaussian(settings, `golem, ${variance} noise variances`, lambda, (m, resume) =>
          golemIterates(m, { variance, lambda, knowledge, resume: resume as GolemState }),
        );
      },
    },
  },
  notears: {
    title: 'NOTEARS',
    learners: {
      gaussian(settings) {
        const { lambda, knowledge } = settings;
        return gaussian(settings, 'notears', lambda ?? 0.1, (m, resume) =>
          notearsIterates(m, { lambda, knowledge, resume: resume as NotearsOptions['resume'] }),
        );
      },
      logistic(settings) {
        const { lambda = 0.01, intercepts, knowledge } = settings;
        const learn: SampleMethod = (data, resume) =>
          notearsIterates(data, { lambda, intercepts, knowledge, resume: resume as NotearsOptions['resume'] });
        return ofRows(
          settings,
          'notears, logistic score',
          lambda,
          binarySamples,
          learn,
          logisticSwaps(lambda, settings),
        );
      },
      mlp(settings) {
        const { lambda = 0.01, seed, knowledge } = settings;
        const learn: SampleMethod = (data, resume) =>
          notearsMlpIterates(data, { lambda, seed, knowledge, resume: resume as NotearsOptions['resume'] });
        return ofRows(settings, 'notears, networks', lambda, samples, learn, networkSwaps(lambda, settings));
      },
    },
  },
  topo: {
    title: 'TOPO, swaps of orders',
    learners: {
      gaussian: ({ seed, knowledge }) => ({
        title: 'topo',
        method: (m, resume) => topoIterates(m, { seed, knowledge, resume: resume as TopoState }),
      }),
      logistic(settings) {
        const { lambda = 0.01, intercepts, seed, knowledge } = settings;
        const learn: SampleMethod = (data, resume) =>
          penalisedTopoIterates(data, { lambda, intercepts, seed, knowledge, resume: resume as RegressionsState });
        return ofRows(settings, 'topo, logistic score', lambda, binarySamples, learn);
      },
      mlp(settings) {
        const { lambda = 0.01, seed, knowledge } = settings;
        const learn: SampleMethod = (data, resume) =>
          topoMlpIterates(data, { lambda, seed, knowledge, resume: resume as NetworksState });
        return ofRows(settings, 'topo, networks', lambda, samples, learn);
      },
    },
  },
} satisfies Readonly<Record<string, Method>>;

/** The learner of a method by a score, if it has one by that. */
export const learnerOf = (method: keyof typeof methods, score: ScoreName) =>
  (methods[method] as Method).learners[score];
