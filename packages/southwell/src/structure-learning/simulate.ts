import { DenseMatrix } from '../arrays/index.ts';
import { fail, Random } from '../core/index.ts';
import { topologicalOrder } from './graphs.ts';

export interface GraphSimulation {
  readonly nodes: number;
  /** Expected number of edges (Erdős–Rényi), or about that number (scale-free: whole edges a node). */
  readonly edges: number;
  /** Erdős–Rényi (default), or scale-free by preferential attachment: new nodes point to old ones (Barabási & Albert). */
  readonly graph?: 'er' | 'sf';
  /** Weights are ± uniform in this range. Default [0.5, 2]. */
  readonly weights?: readonly [number, number];
  readonly seed?: number;
}

/** A random weighted DAG under a random labelling; W[i, j] is the weight of i → j. Throws INVALID_PARAMETER. O(d²). */
export function simulateGraph(options: GraphSimulation): DenseMatrix {
  const { nodes: d, edges, graph = 'er', weights = [0.5, 2], seed = 0 } = options;
  if (!(Number.isInteger(d) && d >= 1)) fail('INVALID_PARAMETER', `A graph needs a whole number of nodes, not ${d}.`);
  const most = (d * (d - 1)) / 2;
  if (!(edges >= 0 && edges <= most)) {
    fail('INVALID_PARAMETER', `An acyclic graph of ${d} nodes has 0 to ${most} edges, not ${edges}.`);
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
  // Every node stands here once, and once more for each edge into it.
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

export type NoiseKind = 'gaussian' | 'exponential' | 'laplace';

export interface SemSimulation {
  readonly n: number;
  /** Default gaussian. All kinds have mean 0. */
  readonly noise?: NoiseKind;
  /** Variance of the noise: one for all nodes, or one a node. Default 1. */
  readonly variances?: number | ArrayLike<number>;
  readonly seed?: number;
}

/** n samples (rows) of the linear model X = XW + Z on a DAG. Throws INVALID_PARAMETER for cycles. O(n(d + edges)). */
export function simulateSem(W: DenseMatrix, options: SemSimulation): DenseMatrix {
  const { n, noise = 'gaussian', variances = 1, seed = 0 } = options;
  const d = W.rows;
  const order = topologicalOrder(W) ?? fail('INVALID_PARAMETER', 'Data can only be drawn from an acyclic graph.');
  const random = new Random(seed);
  const draw: Record<NoiseKind, (stream: Random) => number> = {
    gaussian: (r) => r.normal(),
    exponential: (r) => r.exponential() - 1,
    laplace: (r) => ((r.uniform() < 0.5 ? 1 : -1) * r.exponential()) / Math.SQRT2,
  };
  const X = DenseMatrix.create(n, d);
  for (const j of order) {
    const stream = random.split(j);
    const scale = Math.sqrt(typeof variances === 'number' ? variances : variances[j]);
    const x = X.column(j);
    for (let i = 0; i < n; i++) x[i] = scale * draw[noise](stream);
    for (let k = 0; k < d; k++) {
      const w = W.get(k, j);
      if (w === 0) continue;
      const parent = X.column(k);
      for (let i = 0; i < n; i++) x[i] += w * parent[i];
    }
  }
  return X;
}

/** The covariance (I − W)⁻ᵀ D (I − W)⁻¹ of the model's population. Throws INVALID_PARAMETER for cycles. O(d³). */
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
