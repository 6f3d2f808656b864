import { DenseMatrix } from '@southwell/numerics/arrays';
import {
  checkOptions,
  choiceOption,
  fail,
  integerOption,
  limitOption,
  numberOption,
  type OptionsOf,
  otherOption,
  Random,
  seedOption,
} from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import { topologicalOrder } from './graphs.ts';

const graphRecords = {
  /** Number of nodes. */
  nodes: integerOption({ min: 1 }),
  /** Expected number of edges (Erdős–Rényi), or about that number (scale-free: the same whole number of edges for each node). */
  edges: numberOption({ min: 0 }),
  /** Erdős–Rényi (default), or scale-free by preferential attachment: new nodes point to old ones (Barabási & Albert). */
  graph: choiceOption({ er: 'Erdős–Rényi', sf: 'scale-free' }),
  /** Weights are ± uniform in this range. Default [0.5, 2]. */
  weights: otherOption<readonly [number, number]>('a range of sizes'),
  /** Default 0. */
  seed: seedOption(),
};

export interface GraphSimulation extends OptionsOf<typeof graphRecords> {
  readonly nodes: number;
  readonly edges: number;
}

/**
 * A random weighted DAG with randomly permuted nodes; W[i, j] is the weight of i → j. O(d²).
 * @throws INVALID_PARAMETER.
 */
export function simulateGraph(options: GraphSimulation): DenseMatrix {
  checkOptions('simulateGraph', graphRecords, options);
  const { nodes: d, edges, graph = 'er', weights = [0.5, 2], seed = 0 } = options;
  const most = (d * (d - 1)) / 2;
  if (!(edges <= most)) {
    fail('INVALID_PARAMETER', `An acyclic graph of ${d} nodes has at most ${most} edges, not ${edges}.`);
  }
  const random = new Random(seed);
  const label = random.permutation(d);
  const W = DenseMatrix.create(d, d);
  const connect = (from: number, to: number) => {
    const size = weights[0] + (weights[1] - weights[0]) * random.uniform();
    W.set(label[from], label[to], random.uniform() < 0.5 ? size : -size);
  };
  if (graph === 'er') {
    const probability = most > 0 ? edges / most : 0;
    for (let i = 0; i < d; i++) for (let j = 0; j < i; j++) if (random.uniform() < probability) connect(i, j);
    return W;
  }
  const each = Math.max(1, Math.round(edges / d));
  // Contains every node once, and once more for each edge into it.
  const urn = [0];
  for (let v = 1; v < d; v++) {
    const chosen = new Set<number>();
    while (chosen.size < Math.min(each, v)) chosen.add(urn[random.integer(urn.length)]);
    for (const u of chosen) {
      connect(v, u);
      urn.push(u);
    }
    urn.push(v);
  }
  return W;
}

const semRecords = {
  /** Number of rows. */
  n: limitOption(0),
  /** Distribution of the noise, which always has mean 0. Default 'gaussian'. */
  noise: choiceOption({ gaussian: 'normal', exponential: 'exponential', laplace: 'Laplace' }),
  /** Variance of the noise: one for all nodes, or one for each. Default 1. */
  variances: otherOption<number | ArrayLike<number>>('a number, or one for each node'),
  /** Default 0. */
  seed: seedOption(),
};
const drawRecords = { n: semRecords.n, seed: semRecords.seed };

export interface SemSimulation extends OptionsOf<typeof semRecords> {
  readonly n: number;
}

export type NoiseKind = NonNullable<SemSimulation['noise']>;

export type DrawOptions = Pick<SemSimulation, 'n' | 'seed'>;

/**
 * n samples (rows) of the linear model X = XW + Z on a DAG. O(n(d + edges)).
 * @throws INVALID_PARAMETER for cycles.
 */
export function simulateSem(W: DenseMatrix, options: SemSimulation): DenseMatrix {
  checkOptions('simulateSem', semRecords, options);
  const { n, noise = 'gaussian', variances = 1, seed = 0 } = options;
  const random = new Random(seed);
  const draw: Record<NoiseKind, (stream: Random) => number> = {
    gaussian: (r) => r.normal(),
    exponential: (r) => r.exponential() - 1,
    laplace: (r) => ((r.uniform() < 0.5 ? 1 : -1) * r.exponential()) / Math.SQRT2,
  };
  return drawAlong(W, n, (j, parents, x) => {
    const stream = random.split(j);
    const scale = Math.sqrt(typeof variances === 'number' ? variances : variances[j]);
    for (let i = 0; i < n; i++) x[i] = scale * draw[noise](stream);
    for (const [parent, w] of parents) for (let i = 0; i < n; i++) x[i] += w * parent[i];
  });
}

/**
 * n samples (rows) of binary variables on a DAG: each column is 1 with probability 1/(1 + e^−m), m = Σ w·parents. O(n(d
 * + edges)).
 * @throws INVALID_PARAMETER for cycles.
 */
export function simulateBinarySem(W: DenseMatrix, options: DrawOptions): DenseMatrix {
  checkOptions('simulateBinarySem', drawRecords, options);
  const random = new Random(options.seed ?? 0);
  return drawAlong(W, options.n, (j, parents, x) => {
    const stream = random.split(j);
    for (const [parent, w] of parents) for (let i = 0; i < x.length; i++) x[i] += w * parent[i];
    for (let i = 0; i < x.length; i++) x[i] = stream.uniform() < 1 / (1 + elementary.exp(-x[i])) ? 1 : 0;
  });
}

/**
 * n samples (rows) of a nonlinear model on a DAG: each column is a random network of its parents, with one hidden layer
 * of 100 sigmoid units and weights ± uniform in [0.5, 2], plus standard normal noise, as in the study of nonlinear
 * NOTEARS (Zheng et al., AISTATS 2020). Of W only the pattern of non-zero entries is used. O(100·n·edges).
 * @throws INVALID_PARAMETER.
 */
export function simulateNonlinearSem(W: DenseMatrix, options: DrawOptions): DenseMatrix {
  checkOptions('simulateNonlinearSem', drawRecords, options);
  const random = new Random(options.seed ?? 0);
  return drawAlong(W, options.n, (j, parents, x) => {
    const stream = random.split(j);
    const weight = () => {
      const size = 0.5 + 1.5 * stream.uniform();
      return stream.uniform() < 0.5 ? size : -size;
    };
    for (let unit = 0; parents.length > 0 && unit < 100; unit++) {
      const inner = parents.map(weight);
      const outer = weight();
      for (let i = 0; i < x.length; i++) {
        let m = 0;
        for (let k = 0; k < inner.length; k++) m += inner[k] * parents[k][0][i];
        x[i] += outer / (1 + elementary.exp(-m));
      }
    }
    for (let i = 0; i < x.length; i++) x[i] += stream.normal();
  });
}

/**
 * Fills the columns of an n × d matrix of zeros, causes first: `draw` is given the index of a column, its parents and
 * the column.
 */
function drawAlong(
  W: DenseMatrix,
  n: number,
  draw: (j: number, parents: ReadonlyArray<readonly [Float64Array, number]>, x: Float64Array) => void,
): DenseMatrix {
  const d = W.rows;
  const order = topologicalOrder(W) ?? fail('INVALID_PARAMETER', 'Data can only be drawn from an acyclic graph.');
  const X = DenseMatrix.create(n, d);
  for (const j of order) {
    const parents: Array<readonly [Float64Array, number]> = [];
    for (let k = 0; k < d; k++) if (W.get(k, j) !== 0) parents.push([X.column(k), W.get(k, j)]);
    draw(j, parents, X.column(j));
  }
  return X;
}

/**
 * The population covariance (I − W)⁻ᵀ D (I − W)⁻¹ of the model. O(d³).
 * @throws INVALID_PARAMETER for cycles.
 */
export function semCovariance(W: DenseMatrix, variances: number | ArrayLike<number> = 1): DenseMatrix {
  const d = W.rows;
  const order = topologicalOrder(W) ?? fail('INVALID_PARAMETER', 'Only an acyclic graph has this covariance.');
  const C = DenseMatrix.create(d, d);
  for (let at = 0; at < d; at++) {
    const j = order[at];
    for (let before = 0; before < at; before++) {
      const i = order[before];
      let sum = 0;
      for (let k = 0; k < d; k++) sum += W.get(k, j) * C.get(k, i);
      C.set(i, j, sum);
      C.set(j, i, sum);
    }
    let own = typeof variances === 'number' ? variances : variances[j];
    for (let k = 0; k < d; k++) own += W.get(k, j) * C.get(k, j);
    C.set(j, j, own);
  }
  return C;
}
