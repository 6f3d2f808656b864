import { designMatrix, loadBundled, type Table } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Iterate, Random } from '@southwell/numerics/core';
import {
  adjustedRandIndex,
  type Clustering,
  kMeansIterates,
  laplacianIterates,
  nearestNeighbours,
  neighbourAffinity,
  neighbourScale,
  Points,
} from 'southwell/clustering';
import { choice, option, text, type ValuesOf, whole } from '../declaration/option.ts';
import {
  type Contest,
  chosen,
  defineRace,
  OWN_FILE,
  ownFile,
  type ReadFile,
  raceSeed,
  type Stride,
} from '../declaration/race.ts';
import { designText } from '../declaration/race-data.ts';
import { RequestError } from '../errors.ts';

const generatedOnly = { data: ['generated'] };

const options = {
  data: option(choice({ generated: 'generated, groups of points', digits: 'digits', ...OWN_FILE }), {
    title: 'Data',
    about: 'source of the points',
    default: 'generated',
  }),
  file: ownFile,
  labels: option(text(), {
    title: 'Column of true labels',
    about: 'column of the file to compare the clusters with',
    only: { data: ['file'] },
    form: { hint: 'none' },
  }),
  rows: option(whole(2, 50_000), {
    title: 'Points',
    about: 'number of generated points',
    default: 4000,
    only: generatedOnly,
  }),
  cols: option(whole(1, 500), {
    title: 'Dimensions',
    about: 'number of dimensions',
    default: 16,
    only: generatedOnly,
  }),
  k: option(whole(1, 200), { title: 'Clusters', about: 'clusters, and groups that are generated', default: 20 }),
  seed: raceSeed('of what is generated and of the starts'),
};

export const clusterRace = defineRace({
  id: 'clustering',
  title: 'within-cluster sum of squares',
  about: 'Measured by the within-cluster sum of squares as a fraction of the total sum of squares.',
  options,
  racers: [
    ['kmeans', 'k-means, greedy k-means++ start'],
    ['kmeans-random', 'k-means, random start'],
    ['soft', 'bound optimiser, no graph'],
    ['graph', 'bound optimiser, graph of neighbours'],
  ],
  measure: 'share unexplained',
  extra: 'adjusted Rand index',
  work: 'iterations',
  logY: true,
  contest,
});

async function contest(v: ValuesOf<typeof options>, read: ReadFile): Promise<Contest<Int32Array>> {
  const { k, seed } = v;
  const { X, truth, about } =
    v.data === 'digits'
      ? labelled(await loadBundled('digits'), 'digit')
      : v.data === 'file'
        ? labelled(await read(chosen(v.file)), v.labels)
        : generated(v.rows, v.cols, k, seed);
  if (k > X.rows) throw new RequestError(`There are ${X.rows} rows: choose at most that many clusters, not ${k}.`);
  const points = Points.from(X);
  // The graph is shared, and built before the race: distances of neighbours are of order 1.
  const neighbours = nearestNeighbours(X, Math.min(4, X.rows - 1));
  const scale = neighbourScale(neighbours);
  const scaled = Points.from(
    DenseMatrix.fromColumnMajor(
      X.data.map((x) => scale * x),
      X.rows,
      X.cols,
    ),
  );
  const affinity = neighbourAffinity(neighbours);
  const total = squares(X, new Int32Array(X.rows), 1);
  const racer = (start: () => Iterable<Iterate<Clustering>>) =>
    function* (): Iterable<Stride<Int32Array>> {
      for (const it of start()) yield { work: it.iteration, snapshot: () => it.snapshot().assignments };
    };
  return {
    about,
    target: 0,
    measure: (assignments) => ({
      value: total > 0 ? squares(X, assignments, k) / total : 0,
      extra: truth ? adjustedRandIndex(truth, assignments) : Number.NaN,
    }),
    racers: {
      kmeans: racer(() => kMeansIterates(points, k, { seed })),
      'kmeans-random': racer(() => kMeansIterates(points, k, { seed, init: 'random' })),
      soft: racer(() => laplacianIterates(scaled, k, affinity, { seed, lambda: 0 })),
      graph: racer(() => laplacianIterates(scaled, k, affinity, { seed, lambda: 1 })),
    },
  };
}

/** A table's columns except that of the labels, if there is one. */
function labelled(table: Table, labels: string | undefined) {
  const design = designMatrix(table, { target: labels, missing: 'drop-rows', sparse: false });
  const X = design.X as DenseMatrix;
  return { X, truth: design.y && Int32Array.from(design.y), about: designText(table, design) };
}

/** k groups with centres about three standard deviations apart. */
function generated(n: number, d: number, k: number, seed: number) {
  const random = new Random(seed);
  const centres = Array.from({ length: k * d }, () => 2 * random.normal());
  const truth = Int32Array.from({ length: n }, () => random.integer(k));
  const X = DenseMatrix.create(n, d);
  for (let j = 0; j < d; j++) for (let i = 0; i < n; i++) X.set(i, j, centres[truth[i] * d + j] + random.normal());
  return { X, truth, about: `${n} points in ${d} dimensions, ${k} groups` };
}

/** The sum of squares about the means of the clusters, computed directly. O(n·d). */
function squares(X: DenseMatrix, assignments: Int32Array, k: number): number {
  const counts = new Float64Array(k);
  for (const c of assignments) counts[c]++;
  let sum = 0;
  for (let j = 0; j < X.cols; j++) {
    const column = X.column(j);
    const means = new Float64Array(k);
    for (let i = 0; i < X.rows; i++) means[assignments[i]] += column[i] / counts[assignments[i]];
    for (let i = 0; i < X.rows; i++) sum += (column[i] - means[assignments[i]]) ** 2;
  }
  return sum;
}
