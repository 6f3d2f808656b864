import { readTable } from '@southwell/data';
import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Iterate, Random } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace, matrixProduct } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import { readEdges } from '@southwell/tasks';
import {
  colideIterates,
  dagmaDefaults,
  type GraphPoint,
  golemIterates,
  graphMetrics,
  type Moments,
  moments,
  type NoiseKind,
  notearsIterates,
  residualVariances,
  simulateGraph,
  simulateSem,
  thresholdToDag,
  topoIterates,
} from 'southwell/structure-learning';
import type { Values } from '../../lib/controls.ts';
import type { Contest, Stride } from './contest.ts';
import { numbersOf, ownTable, rowsOf } from './ownTable.ts';

type Racers = Contest<GraphPoint>['racers'];

function racersOn(data: Moments, seed: number): Racers {
  const racer = (start: () => Iterable<Iterate<GraphPoint>>) =>
    function* (): Iterable<Stride<GraphPoint>> {
      for (const it of start()) yield { work: it.iteration, snapshot: () => it.snapshot() };
    };
  return {
    'colide-equal': racer(() => colideIterates(data, { variance: 'equal' })),
    'colide-unequal': racer(() => colideIterates(data, { variance: 'unequal' })),
    dagma: racer(() => colideIterates(data, dagmaDefaults)),
    'golem-equal': racer(() => golemIterates(data)),
    'golem-unequal': racer(() => golemIterates(data, { variance: 'unequal' })),
    notears: racer(() => notearsIterates(data)),
    topo: racer(() => topoIterates(data, { seed })),
  };
}

/** The structural Hamming distance to a graph that is known. */
function toKnown(truth: DenseMatrix, data: Moments, v: Values, about: string): Contest<GraphPoint> {
  return {
    about: `${about}, ${graphMetrics(truth, truth).edges.truth} edges`,
    target: 0,
    measure({ W }) {
      const dag = thresholdToDag(W, Number(v.threshold));
      const m = graphMetrics(truth, dag);
      dag.free();
      return { value: m.shd, extra: m.edges.estimate };
    },
    racers: racersOn(data, Number(v.seed)),
  };
}

export async function generatedGraph(v: Values): Promise<Contest<GraphPoint>> {
  const [nodes, n, seed] = [Number(v.nodes), Number(v.rows), Number(v.seed)];
  const edges = Math.min((nodes * (nodes - 1)) / 2, Number(v.degree) * nodes);
  const truth = simulateGraph({ nodes, edges, graph: v.graph as 'er' | 'sf', seed });
  const random = new Random(seed).split(1);
  // Standard deviations from half to twice.
  const variances = v.unequal
    ? Float64Array.from({ length: nodes }, () => elementary.power(16, random.uniform() - 0.5))
    : 1;
  const data = moments(simulateSem(truth, { n, noise: v.noise as NoiseKind, variances, seed: seed + 1 }));
  return toKnown(truth, data, v, `${nodes} variables, ${n} rows`);
}

export async function knownGraph(v: Values): Promise<Contest<GraphPoint>> {
  const { X, names, about } = numbersOf(await ownTable(v.file));
  if (!(v.edges instanceof File)) throw new Error('Choose a file of known edges, too.');
  const file = v.edges;
  const { edges } = await readEdges((options) => readTable(file, options));
  const loop = edges.find(([from, to]) => from === to);
  if (loop) throw new Error(`${file.name} has an edge of ${loop[0]} to itself, which no acyclic graph can have.`);
  const unknown = [...new Set(edges.flat())].filter((name) => !names.includes(name));
  if (unknown.length > 0) {
    throw new Error(
      `${v.edges.name} names ${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? ', …' : ''}, which the other file has no column of numbers for; it has ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}.`,
    );
  }
  const truth = DenseMatrix.create(X.cols, X.cols);
  for (const [from, to] of edges) truth.set(names.indexOf(from), names.indexOf(to), 1);
  return toKnown(truth, moments(X, { names }), v, about);
}

/** Rows for learning and, a fifth, for measuring. */
export async function ownGraph(v: Values): Promise<Contest<GraphPoint>> {
  const { X, names, about } = numbersOf(await ownTable(v.file));
  const away = Math.floor(X.rows / 5);
  if (away < 2) throw new Error(`${about}: a fifth of the rows is held out, which takes ten rows or more.`);
  const order = new Random(Number(v.seed)).permutation(X.rows);
  const [held, train] = [order.slice(0, away), order.slice(away)].map((rows) => rowsOf(X, rows));
  const data = moments(train, { names });
  // Second moments of the rows held out about the means of the others.
  for (let j = 0; j < X.cols; j++) {
    const mean = train.column(j).reduce((s, x) => s + x / train.rows, 0);
    const column = held.column(j);
    for (let i = 0; i < column.length; i++) column[i] -= mean;
  }
  const C = DenseMatrix.create(X.cols, X.cols);
  matrixProduct(held, held, C, { transA: true, alpha: 1 / away });
  return {
    about: `${about}; ${train.rows} rows to learn from, ${away} held out`,
    target: Number.NEGATIVE_INFINITY,
    measure({ W }) {
      const dag = thresholdToDag(W, Number(v.threshold));
      const edges = dag.data.reduce((count, w) => count + (w !== 0 ? 1 : 0), 0);
      refit(dag, data.C);
      const value = negativeLogLikelihood(dag, data.C, C);
      dag.free();
      return { value, extra: edges };
    },
    racers: racersOn(data, Number(v.seed)),
  };
}

/** The weights of a graph become the least-squares regressions of each node on its parents. O(Σ parents³). */
function refit(W: DenseMatrix, C: DenseMatrix): void {
  for (let j = 0; j < W.cols; j++) {
    const parents = Array.from({ length: W.rows }, (_, i) => i).filter((i) => W.get(i, j) !== 0);
    const p = parents.length;
    const G = Float64Array.from({ length: p * p }, (_, at) => C.get(parents[Math.floor(at / p)], parents[at % p]));
    const b = Float64Array.from(parents, (i) => C.get(i, j));
    // Columns that are multiples of each other share a weight, by a ridge of rounding size.
    const ridge = (1e-9 * parents.reduce((s, i) => s + C.get(i, i), 0)) / Math.max(1, p);
    if (!choleskyInPlace(G, p, ridge)) throw new Error('Columns are too nearly multiples of each other to be fitted.');
    choleskySolveInPlace(G, p, b);
    parents.forEach((i, a) => {
      W.set(i, j, b[a]);
    });
  }
}

/**
 * ½ Σ_j log 2πσ_j² + q_j/σ_j² a row: σ_j² is the variance of node j's noise on the rows of `train`, q_j the mean square of
 * what the regression leaves of the rows of `held`.
 */
function negativeLogLikelihood(W: DenseMatrix, train: DenseMatrix, held: DenseMatrix): number {
  const [variances, squares] = [residualVariances(train, W), residualVariances(held, W)];
  let sum = 0;
  variances.forEach((variance, j) => {
    // A node that its parents give exactly would be infinitely likely.
    const floor = Math.max(variance, 1e-9 * train.get(j, j));
    sum += 0.5 * (Math.log(2 * Math.PI * floor) + squares[j] / floor);
  });
  return sum;
}
