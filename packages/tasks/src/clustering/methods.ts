import { run, type SplitRows, type Status } from '@southwell/numerics/core';
import { DenseMatrix } from 'southwell';
import {
  gaussianMixture,
  type KMeansOptions,
  kMeans,
  kMedoids,
  laplacianClustering,
  laplacianRecords,
  medoidRecords,
  mixtureRecords,
  type Neighbours,
  neighbourAffinity,
  neighbourIterates,
  neighbourScale,
  Points,
  type Prototype,
  restartRecords,
  spectralIterates,
} from 'southwell/clustering';
import { choice, option, type ValuesOf, whole } from '../declaration/option.ts';
import { optionsOf } from '../declaration/records.ts';
import { RequestError } from '../errors.ts';
import type { JobTools } from '../progress.ts';
import type { SavedClusters } from './model.ts';

/** The clustering methods and their options. A method is an entry of `methods`. */

const group = 'The method:';
const graphs = ['laplacian', 'mean-shift', 'modes'];
/** Methods that use a neighbour graph. */
export const linked: readonly string[] = [...graphs, 'spectral'];

/** Methods that process rows one by one, and so can leave them on their ranks. */
export const onRanks: readonly string[] = ['kmeans', 'mixture'];

/** Options of clusterings that can be saved: those with graphs do not apply to new rows, which have no neighbours. */
export const placing = { method: ['kmeans', 'mixture', 'medoids'], metric: ['euclidean'] };

/** The methods that options of the library go with. */
const ownOptions = { covariance: ['mixture'], metric: ['medoids'], lambda: graphs };

export const methodOptions = {
  ...optionsOf({ ...mixtureRecords, ...medoidRecords, ...laplacianRecords }, (name) => ({
    only: { method: ownOptions[name] },
    group,
  })),
  neighbours: option(whole(1), {
    title: 'Neighbours',
    about: 'number of nearest neighbours in the graph',
    otherwise: '4; spectral 10',
    only: { method: linked },
    group,
    form: { advanced: true },
  }),
  neighbourSearch: option(
    choice({
      exact: 'exact',
      approximate: 'approximate, by an inverted file',
    }),
    {
      title: 'Neighbour search',
      about: 'nearest-neighbour search; approximate is faster from about 50,000 rows',
      argument: 'how',
      default: 'exact',
      only: { method: linked },
      group,
      form: { advanced: true },
    },
  ),
  ...optionsOf(restartRecords, () => ({ group })),
};

type Settings = ValuesOf<typeof methodOptions>;

/** The result of a method for the n rows of a matrix. */
export interface Found {
  readonly assignments: Int32Array;
  /** n × k, if the method has soft assignments. */
  readonly soft?: DenseMatrix;
  /** k × columns */
  readonly prototypes?: DenseMatrix;
  readonly objective?: number;
  readonly bic?: number;
  /** Parameters of the densities, besides the prototypes. */
  readonly mixture?: SavedClusters['mixture'];
  readonly iterations?: number;
  readonly status: Status;
}

/** Seed, number of initialisations, signal, checkpoint and observer of a run. */
export interface Watched extends Pick<KMeansOptions, 'seed' | 'restarts' | 'signal' | 'checkpoint' | 'resume'> {
  onIterate(iterate: { readonly iteration: number; readonly objective: number }): void;
}

interface Problem extends Settings {
  readonly X: DenseMatrix;
  readonly k: number;
  /** The known cluster of rows, −1 elsewhere. */
  readonly labels?: Int32Array;
  /** Distribution of the rows over ranks; only for methods of {@link onRanks}. */
  readonly rows: SplitRows;
  /** Options of every run. */
  readonly watched: Watched;
  readonly tools: JobTools;
}

export interface Method {
  /** Title in forms. */
  readonly title: string;
  /** Whether it estimates the scales of the columns. */
  readonly scaleFree?: true;
  readonly cluster: (problem: Problem) => Found;
}

export const methods = {
  kmeans: {
    title: 'k-means',
    cluster(problem) {
      // Labels are kept by the method with a graph, here with weight 0.
      if (problem.labels) return withGraph({ ...problem, lambda: 0 }, 'mean');
      const { point, ...rest } = kMeans(problem.X, problem.k, { ...problem.watched, rows: problem.rows });
      return { ...rest, ...point };
    },
  },
  laplacian: { title: 'Laplacian k-means', cluster: (problem) => withGraph(problem, 'mean') },
  'mean-shift': { title: 'Laplacian mean shift', cluster: (problem) => withGraph(problem, 'meanShift') },
  modes: { title: 'Laplacian k-modes', cluster: (problem) => withGraph(problem, 'mode') },
  spectral: {
    title: 'spectral',
    cluster(problem) {
      const { k, watched, tools } = problem;
      const affinity = neighbourAffinity(neighboursOf(problem, 10));
      const { point, status } = run(spectralIterates(affinity, k, watched), {
        signal: tools.signal,
        onIterate: ({ certificate }) =>
          tools.progress({ text: `eigenvectors: residual ${certificate!.value.toExponential(1)}` }),
      });
      return { assignments: point, status };
    },
  },
  medoids: {
    title: 'k-medoids',
    cluster({ X, k, metric, watched }) {
      const { point, ...rest } = kMedoids(X, k, { ...watched, metric });
      return { ...rest, ...point };
    },
  },
  mixture: {
    title: 'Gaussian mixture',
    scaleFree: true,
    cluster({ X, k, covariance, rows, watched }) {
      const { point, ...rest } = gaussianMixture(X, k, { ...watched, covariance, rows });
      const { weights, covariances, ridge } = point;
      const mixture = { weights: [...weights], covariances: covariances.map((S) => [...S]), ridge };
      return { ...rest, ...point, mixture };
    },
  },
} satisfies Readonly<Record<string, Method>>;

/** The nearest neighbours of every row, in the requested number or the method's default. */
function neighboursOf({ X, neighbours: wanted, neighbourSearch, seed, tools }: Problem, own: number): Neighbours {
  // Points are copied and scaled; the search below dominates the time.
  const points = Points.from(X);
  const search = neighbourIterates(points, wanted ?? Math.max(1, Math.min(own, X.rows - 1)), {
    search: neighbourSearch,
    seed,
  });
  const { point } = run(search, {
    signal: tools.signal,
    onIterate: ({ metrics }) => tools.progress({ text: `neighbours: ${Math.floor(100 * metrics!.fraction)} %` }),
  });
  points.matrix.free();
  if (!point) throw tools.signal.reason;
  return point;
}

/** The bound optimiser, on points scaled so that distances of neighbours are of order 1. */
function withGraph(problem: Problem, prototype: Prototype): Found {
  const { X, k, labels, lambda, watched } = problem;
  const neighbours = neighboursOf(problem, 4);
  if (prototype !== 'mean' && neighbours.squaredDistances.every((distance) => distance === 0)) {
    throw new RequestError(
      'Every row equals its neighbours, so that all distances between them are 0. Use more neighbours, or remove duplicate rows.',
    );
  }
  const scale = neighbourScale(neighbours);
  const scaled = DenseMatrix.fromColumnMajor(
    X.data.map((v) => scale * v),
    X.rows,
    X.cols,
  );
  const affinity = neighbourAffinity(neighbours);
  const { point, ...rest } = laplacianClustering(scaled, k, { ...watched, affinity, prototype, labels, lambda });
  const prototypes = DenseMatrix.fromColumnMajor(
    point.prototypes.data.map((v) => v / scale),
    k,
    X.cols,
  );
  return { ...rest, ...point, prototypes };
}
