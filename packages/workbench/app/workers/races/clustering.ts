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
import type { Values } from '../../lib/controls.ts';
import { OWN_FILE } from '../../lib/races.ts';
import type { Contest, Stride } from './contest.ts';
import { ownTable } from './ownTable.ts';

export async function clustering(v: Values): Promise<Contest<Int32Array>> {
  const [k, seed] = [Number(v.k), Number(v.seed)];
  const { X, truth, about } =
    v.data === 'digits'
      ? labelled(await loadBundled('digits'), 'digit')
      : v.data === OWN_FILE
        ? labelled(await ownTable(v.file), String(v.labels))
        : generated(Number(v.rows), Number(v.cols), k, seed);
  const points = Points.from(X);
  // The graph is shared, and made before the race: neighbours at distances of order 1.
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

/** A table's columns but that of the labels, if there is one. */
function labelled(table: Table, labels: string) {
  const design = designMatrix(table, { target: labels || undefined, missing: 'drop-rows', sparse: false });
  const X = design.X as DenseMatrix;
  return { X, truth: design.y && Int32Array.from(design.y), about: `${table.name}: ${X.rows} rows, ${X.cols} columns` };
}

/** k groups whose centres lie about three standard deviations apart. */
function generated(n: number, d: number, k: number, seed: number) {
  const random = new Random(seed);
  const centres = Array.from({ length: k * d }, () => 2 * random.normal());
  const truth = Int32Array.from({ length: n }, () => random.integer(k));
  const X = DenseMatrix.create(n, d);
  for (let j = 0; j < d; j++) for (let i = 0; i < n; i++) X.set(i, j, centres[truth[i] * d + j] + random.normal());
  return { X, truth, about: `${n} points in ${d} dimensions, ${k} groups` };
}

/** The sum of squares about the means of the clusters, plainly. O(n·d). */
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
