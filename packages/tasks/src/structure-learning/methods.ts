import type { MatrixLike } from 'southwell';
import {
  binarySamples,
  type ColideState,
  colideIterates,
  type DirectLingamState,
  dagmaDefaults,
  directLingamIterates,
  estimateRecords,
  type GolemState,
  type GraphMethod,
  type GraphPoint,
  golemIterates,
  golemRecords,
  graphSeed,
  type Knowledge,
  logisticRecords,
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
import { choice, flag, option, type ValuesOf, whole } from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';

/** The methods of structure learning and their options. A method is an entry of `methods`. */

const group = 'The method:';

/** The values of other options that those of the library go with. */
const ownOptions = {
  variance: { method: ['colide', 'golem'] },
  lambda: undefined,
  intercepts: { score: ['logistic'] },
};

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
  ...optionsOf({ ...golemRecords, ...logisticRecords }, (name) => ({ only: ownOptions[name], group })),
  refine: option(flag(), {
    title: 'refine by swaps',
    about: 'improve the topological order by swaps, and refit all regressions',
    only: { method: ['colide', 'dagma', 'golem', 'notears'] },
    group,
  }),
  ...optionsOf({ threshold: estimateRecords.threshold }, () => ({ otherwise: '0.3; direct-lingam 0', group })),
  bootstrap: option(whole(1), {
    title: 'Bootstrap samples',
    about: 'number of bootstrap samples; the confidence of an edge is the fraction of samples that contain it',
    argument: 'samples',
    group,
    form: { hint: 'none', advanced: true },
  }),
  ...optionsOf({ seed: graphSeed }, () => ({ group })),
};

type Settings = ValuesOf<typeof methodOptions> & {
  /** Prior knowledge of the graph, if there is any. */
  readonly knowledge?: Knowledge;
};
export type ScoreName = Settings['score'];

/** A method on moments, or a method on rows with the function that prepares them. */
export type Learner = {
  readonly title: string;
  readonly lambda?: number;
  /** Default threshold of the method. Default: 0.3. */
  readonly threshold?: number;
} & (
  | { readonly method: GraphMethod; readonly prepare?: undefined }
  | { readonly method: SampleMethod; readonly prepare: (X: MatrixLike, options: SampleOptions) => Samples }
);

interface Method {
  /** Title in forms. */
  readonly title: string;
  /** Whether the units of the columns do not matter to the order. */
  readonly scaleFree?: true;
  /** Learners by score. */
  readonly learners: Readonly<Partial<Record<ScoreName, (settings: Settings) => Learner>>>;
}

/** Where the swaps after a method start. */
interface SwapsStart {
  readonly order: Int32Array;
  readonly point: GraphPoint;
  readonly resume?: unknown;
}

/** A method on second moments, followed by swaps if they are requested. */
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

/** A method on rows; swaps use the score of the method. */
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
    scaleFree: true,
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

/** The learner of a method with a score, if the method supports that score. */
export const learnerOf = (method: keyof typeof methods, score: ScoreName) =>
  (methods[method] as Method).learners[score];

/** The methods whose order does not depend on the units of the columns. */
export const scaleFree: readonly string[] = Object.entries<Method>(methods).flatMap(([name, method]) =>
  method.scaleFree ? [name] : [],
);

/** The methods that support a score. */
export const methodsWith = (score: ScoreName): readonly string[] =>
  (Object.keys(methods) as Array<keyof typeof methods>).filter((method) => learnerOf(method, score));
