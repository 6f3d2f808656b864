import { DenseMatrix } from '@southwell/numerics/arrays';
import { type Iterate, Random } from '@southwell/numerics/core';
import { choleskyInPlace, choleskySolveInPlace, matrixProduct } from '@southwell/numerics/linalg';
import { elementary } from '@southwell/numerics/special';
import {
  colideIterates,
  dagmaDefaults,
  type GraphPoint,
  golemIterates,
  graphMetrics,
  type Moments,
  moments,
  notearsIterates,
  residualVariances,
  simulateGraph,
  simulateSem,
  thresholdToDag,
  topoIterates,
} from 'southwell/structure-learning';
import { choice, flag, option, real, whole } from '../declaration/option.ts';
import { type Contest, chosen, defineRace, fileOption, onlyFile, raceSeed, type Stride } from '../declaration/race.ts';
import { numbersOf, rowsOf } from '../declaration/race-data.ts';
import { RequestError } from '../errors.ts';
import { readEdges } from './formats.ts';

const racers = [
  ['colide-equal', 'CoLiDE, equal noise variances'],
  ['colide-unequal', 'CoLiDE, unequal noise variances'],
  ['dagma', 'DAGMA'],
  ['golem-equal', 'GOLEM, equal noise variances'],
  ['golem-unequal', 'GOLEM, unequal noise variances'],
  ['notears', 'NOTEARS'],
  ['topo', 'TOPO, swaps of orders'],
] as const;

const threshold = option(real(0), {
  title: 'Threshold',
  about: 'edges with weights up to this are removed',
  default: 0.3,
});
/** Shared by all three races. */
const shared = { racers, extra: 'edges', work: 'iterations', logY: false } as const;
const distance = 'structural Hamming distance';

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

/** The structural Hamming distance to a known graph. */
function toKnown(
  truth: DenseMatrix,
  data: Moments,
  v: { readonly threshold: number; readonly seed: number },
  about: string,
): Contest<GraphPoint> {
  return {
    about: `${about}, ${graphMetrics(truth, truth).edges.truth} edges`,
    target: 0,
    measure({ W }) {
      const dag = thresholdToDag(W, v.threshold);
      const m = graphMetrics(truth, dag);
      dag.free();
      return { value: m.shd, extra: m.edges.estimate };
    },
    racers: racersOn(data, v.seed),
  };
}

export const generatedGraph = defineRace({
  ...shared,
  id: 'generated-graph',
  title: 'a graph and data from it',
  about: 'Linear causes, measured by the structural Hamming distance to the graph that made the data.',
  measure: distance,
  options: {
    nodes: option(whole(2, 100), { title: 'Variables', about: 'number of variables', default: 30 }),
    degree: option(real(0.1, 8), { title: 'Edges per variable', about: 'expected edges per variable', default: 2 }),
    graph: option(choice({ er: 'Erdős–Rényi', sf: 'scale-free' }), {
      title: 'Graph',
      about: 'random graph model',
      default: 'er',
    }),
    noise: option(choice({ gaussian: 'Gaussian', exponential: 'exponential', laplace: 'Laplace' }), {
      title: 'Noise',
      about: 'noise distribution',
      default: 'gaussian',
    }),
    unequal: option(flag(), { title: 'unequal noise variances', about: 'standard deviations from half to twice' }),
    rows: option(whole(2, 20_000), { title: 'Rows', about: 'number of generated rows', default: 1000 }),
    threshold,
    seed: raceSeed('of the graph and of its data'),
  },
  async contest(v) {
    const { nodes, rows: n, seed, graph, noise } = v;
    const edges = Math.min((nodes * (nodes - 1)) / 2, v.degree * nodes);
    const truth = simulateGraph({ nodes, edges, graph, seed });
    const random = new Random(seed).split(1);
    // Standard deviations between ½ and 2.
    const variances = v.unequal
      ? Float64Array.from({ length: nodes }, () => elementary.power(16, random.uniform() - 0.5))
      : 1;
    const data = moments(simulateSem(truth, { n, noise, variances, seed: seed + 1 }));
    return toKnown(truth, data, v, `${nodes} variables, ${n} rows`);
  },
});

export const ownGraph = defineRace({
  ...shared,
  id: 'own-graph',
  title: 'a file of yours',
  about:
    'Graphs are learned from four fifths of the rows. Each loses its edges up to the size given and, weakest first, what closes cycles; its regressions are fitted anew by least squares. Measured by the negative log-likelihood of a row that was held out, with normal noise.',
  measure: 'negative log-likelihood a held-out row',
  options: { file: onlyFile, threshold, seed: raceSeed('of the rows held out and of the start of topo') },
  contest: async (v, read) => heldOut(numbersOf(await read(chosen(v.file))), v),
});

/** Splits rows into four fifths for learning and one fifth for evaluation. */
function heldOut(
  { X, names, about }: ReturnType<typeof numbersOf>,
  v: { readonly threshold: number; readonly seed: number },
): Contest<GraphPoint> {
  const away = Math.floor(X.rows / 5);
  if (away < 2) throw new RequestError(`${about}: a fifth of the rows is held out, which takes ten rows or more.`);
  const order = new Random(v.seed).permutation(X.rows);
  const [held, train] = [order.slice(0, away), order.slice(away)].map((rows) => rowsOf(X, rows));
  const data = moments(train, { names });
  // Second moments of the held-out rows about the means of the others.
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
      const dag = thresholdToDag(W, v.threshold);
      const edges = dag.data.reduce((count, w) => count + (w !== 0 ? 1 : 0), 0);
      refit(dag, data.C);
      const value = negativeLogLikelihood(dag, data.C, C);
      dag.free();
      return { value, extra: edges };
    },
    racers: racersOn(data, v.seed),
  };
}

export const knownGraph = defineRace({
  ...shared,
  id: 'known-graph',
  title: 'a file of yours whose edges are known',
  about:
    'Learned from all rows, measured by the structural Hamming distance to the edges that you know: a CSV file whose first columns are from and to, such as “graph learn --out edges.csv” writes. Columns that no edge names are variables without edges.',
  measure: distance,
  options: {
    file: onlyFile,
    edges: fileOption('File of known edges', 'the edges that are known, with columns from and to'),
    threshold,
    seed: raceSeed('of the start of topo'),
  },
  async contest(v, read) {
    const { X, names, about } = numbersOf(await read(chosen(v.file)));
    const list = chosen(v.edges, 'a file of known edges');
    const { name, edges } = await readEdges((options) => read(list, options));
    const loop = edges.find(([from, to]) => from === to);
    if (loop) throw new RequestError(`${name} has an edge of ${loop[0]} to itself, which no acyclic graph can have.`);
    const unknown = [...new Set(edges.flat())].filter((node) => !names.includes(node));
    if (unknown.length > 0) {
      throw new RequestError(
        `${name} names ${unknown.slice(0, 5).join(', ')}${unknown.length > 5 ? ', …' : ''}, which the other file has no column of numbers for; it has ${names.slice(0, 8).join(', ')}${names.length > 8 ? ', …' : ''}.`,
      );
    }
    const truth = DenseMatrix.create(X.cols, X.cols);
    for (const [from, to] of edges) truth.set(names.indexOf(from), names.indexOf(to), 1);
    return toKnown(truth, moments(X, { names }), v, about);
  },
});

/** Replaces the weights of a graph by the least-squares regressions of each node on its parents. O(Σ parents³). */
function refit(W: DenseMatrix, C: DenseMatrix): void {
  for (let j = 0; j < W.cols; j++) {
    const parents = Array.from({ length: W.rows }, (_, i) => i).filter((i) => W.get(i, j) !== 0);
    const p = parents.length;
    const G = Float64Array.from({ length: p * p }, (_, at) => C.get(parents[Math.floor(at / p)], parents[at % p]));
    const b = Float64Array.from(parents, (i) => C.get(i, j));
    // Collinear columns share a weight, by a ridge of the size of rounding errors.
    const ridge = (1e-9 * parents.reduce((s, i) => s + C.get(i, i), 0)) / Math.max(1, p);
    if (!choleskyInPlace(G, p, ridge))
      throw new RequestError('Columns are too nearly multiples of each other to be fitted.');
    choleskySolveInPlace(G, p, b);
    parents.forEach((i, a) => {
      W.set(i, j, b[a]);
    });
  }
}

/**
 * ½ Σ_j log 2πσ_j² + q_j/σ_j² for each row, where σ_j² is the noise variance of node j on the rows of `train` and q_j
 * the mean squared residual on the rows of `held`.
 */
function negativeLogLikelihood(W: DenseMatrix, train: DenseMatrix, held: DenseMatrix): number {
  const [variances, squares] = [residualVariances(train, W), residualVariances(held, W)];
  let sum = 0;
  variances.forEach((variance, j) => {
    // A node that its parents determine exactly would have infinite likelihood.
    const floor = Math.max(variance, 1e-9 * train.get(j, j));
    sum += 0.5 * (Math.log(2 * Math.PI * floor) + squares[j] / floor);
  });
  return sum;
}
