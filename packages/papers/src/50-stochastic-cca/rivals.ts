import { elementary } from '@southwell/numerics/special';
import { Random } from 'southwell';
import type { Table } from './exact.ts';

const { power } = elementary;

/** Stochastic rivals in plain arrays, with independent batches, initialisation and steps. */

export interface RivalOptions {
  readonly components: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly rate: number;
  readonly seed: number;
}

/** cols × components, row-major, one per view. */
export type Weights = readonly Float64Array[];

/** Rows of each view. */
function rowsOf(views: readonly Table[], order: Int32Array, from: number, count: number): Float64Array[] {
  return views.map(({ cols, data }) => {
    const out = new Float64Array(count * cols);
    for (let i = 0; i < count; i++) {
      const row = order[from + i] * cols;
      out.set(data.subarray(row, row + cols), i * cols);
    }
    return out;
  });
}

/** Batches over epochs in random order. */
function* batches(views: readonly Table[], { batchSize, epochs, seed }: RivalOptions): Generator<Float64Array[]> {
  const random = new Random(seed);
  const { rows } = views[0];
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(rows);
    for (let b = 0; b + batchSize <= rows; b += batchSize) yield rowsOf(views, order, b, batchSize);
  }
}

/** Scores of rows, centred over the batch. */
function centredScores(rows: Float64Array, W: Float64Array, count: number, k: number): Float64Array {
  const d = W.length / k;
  const Z = new Float64Array(count * k);
  const mean = new Float64Array(k);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < d; j++) {
      const x = rows[i * d + j];
      for (let c = 0; c < k; c++) Z[i * k + c] += x * W[j * k + c];
    }
    for (let c = 0; c < k; c++) mean[c] += Z[i * k + c] / count;
  }
  for (let at = 0; at < Z.length; at++) Z[at] -= mean[at % k];
  return Z;
}

/** Random directions with orthonormal scores on a thousand rows. */
function start(views: readonly Table[], k: number, seed: number): Float64Array[] {
  const random = new Random(seed).split(1);
  const sample = Math.min(views[0].rows, 1000);
  const rows = rowsOf(views, random.sample(views[0].rows, sample), 0, sample);
  return views.map(({ cols }, v) => {
    const W = Float64Array.from({ length: cols * k }, () => random.normal());
    const Z = centredScores(rows[v], W, sample, k);
    for (let c = 0; c < k; c++) {
      for (let b = 0; b < c; b++) {
        let dot = 0;
        for (let at = 0; at < Z.length; at += k) dot += (Z[at + b] * Z[at + c]) / (sample - 1);
        for (const M of [Z, W]) for (let at = 0; at < M.length; at += k) M[at + c] -= dot * M[at + b];
      }
      let variance = 0;
      for (let at = c; at < Z.length; at += k) variance += Z[at] ** 2 / (sample - 1);
      for (const M of [Z, W]) for (let at = c; at < M.length; at += k) M[at] /= Math.sqrt(variance);
    }
    return W;
  });
}

/** Zᵀ Y/(count − 1), k × k. */
function product(Z: Float64Array, Y: Float64Array, count: number, k: number, out: Float64Array): void {
  for (let i = 0; i < count; i++) {
    for (let a = 0; a < k; a++) {
      for (let c = 0; c < k; c++) out[a * k + c] += (Z[i * k + a] * Y[i * k + c]) / (count - 1);
    }
  }
}

/** Xᵀ P/(count − 1), d × k. */
function pulled(rows: Float64Array, P: Float64Array, count: number, k: number): Float64Array {
  const d = rows.length / count;
  const out = new Float64Array(d * k);
  for (let i = 0; i < count; i++) {
    for (let j = 0; j < d; j++) {
      const x = rows[i * d + j] / (count - 1);
      for (let c = 0; c < k; c++) out[j * k + c] += x * P[i * k + c];
    }
  }
  return out;
}

/** Adam steps (Kingma and Ba 2015) with the usual constants. */
export class AdamSteps {
  private t = 0;
  private readonly first: Float64Array;
  private readonly second: Float64Array;

  constructor(private readonly W: Float64Array) {
    this.first = new Float64Array(W.length);
    this.second = new Float64Array(W.length);
  }

  descend(g: ArrayLike<number>, rate: number): void {
    const { W, first, second } = this;
    this.t++;
    const [unbias1, unbias2] = [1 - power(0.9, this.t), 1 - power(0.999, this.t)];
    for (let at = 0; at < g.length; at++) {
      first[at] = 0.9 * first[at] + 0.1 * g[at];
      second[at] = 0.999 * second[at] + 0.001 * g[at] * g[at];
      W[at] -= (rate * first[at]) / unbias1 / (Math.sqrt(second[at] / unbias2) + 1e-8);
    }
  }
}

/** Stochastic generalised Hebbian algorithm (Chen, Li, Yang and Zhao 2019): W ← W + η(AW − BW(WᵀAW)), or steps by Adam. */
export function* sgha(
  views: readonly Table[],
  options: RivalOptions & { readonly optimiser: 'adam' | 'sgd' },
): Generator<Weights> {
  const { components: k, batchSize: count, rate, seed, optimiser } = options;
  const W = start(views, k, seed);
  const steps = W.map((U) => new AdamSteps(U));
  const plain = (U: Float64Array, g: Float64Array) => {
    for (let at = 0; at < U.length; at++) U[at] -= rate * g[at];
  };
  for (const rows of batches(views, options)) {
    const Z = rows.map((X, v) => centredScores(X, W[v], count, k));
    const others = Z.map((own) =>
      Z.reduce(
        (sum, z) => sum.map((s, at) => s + z[at]),
        own.map((z) => -z),
      ),
    );
    const between = new Float64Array(k * k);
    Z.forEach((own, v) => {
      product(own, others[v], count, k, between);
    });
    Z.forEach((own, v) => {
      const P = others[v].map((z, at) => {
        const [row, c] = [at - (at % k), at % k];
        let sum = -z;
        for (let a = 0; a < k; a++) sum += own[row + a] * between[a * k + c];
        return sum;
      });
      const g = pulled(rows[v], P, count, k);
      if (optimiser === 'adam') steps[v].descend(g, rate);
      else plain(W[v], g);
    });
    yield W;
  }
}

/**
 * γ-EigenGame (Gemp, Chen and McWilliams 2023): each vector maximises its own utility, with a penalty for alignment
 * with the previous ones, using a running mean of B times the vectors, of weight γ at most 1; all have unit norm.
 */
export function* gammaEigenGame(
  views: readonly Table[],
  options: RivalOptions & { readonly gamma: number },
): Generator<Weights> {
  const { components: k, batchSize: count, rate, seed } = options;
  const W = start(views, k, seed);
  const unit = () => {
    for (let c = 0; c < k; c++) {
      let square = 0;
      for (const U of W) for (let at = c; at < U.length; at += k) square += U[at] ** 2;
      for (const U of W) for (let at = c; at < U.length; at += k) U[at] /= Math.sqrt(square);
    }
  };
  unit();
  const mean = W.map((U) => U.slice());
  /** Sum over views of the products of column a of one and column c of the other. */
  const dot = (X: Weights, a: number, Y: Weights, c: number) => {
    let sum = 0;
    X.forEach((x, v) => {
      for (let at = 0; at < x.length; at += k) sum += x[at + a] * Y[v][at + c];
    });
    return sum;
  };
  for (const rows of batches(views, options)) {
    const Z = rows.map((X, v) => centredScores(X, W[v], count, k));
    const others = Z.map((own) =>
      Z.reduce(
        (sum, z) => sum.map((s, at) => s + z[at]),
        own.map((z) => -z),
      ),
    );
    const [A, B] = [others, Z].map((P) => rows.map((X, v) => pulled(X, P[v], count, k)));
    const [between, within] = [new Float64Array(k * k), new Float64Array(k * k)];
    Z.forEach((own, v) => {
      product(own, others[v], count, k, between);
      product(own, own, count, k, within);
    });
    const steps = W.map((U) => new Float64Array(U.length));
    for (let c = 0; c < k; c++) {
      const [vBv, vAv] = [within[c * k + c], between[c * k + c]];
      steps.forEach((s, v) => {
        for (let at = c; at < s.length; at += k) s[at] = vBv * A[v][at] - vAv * mean[v][at];
      });
      for (let b = 0; b < c; b++) {
        const size = Math.max(dot(W, b, mean, b), 1e-3);
        // y = w/√size: the penalty contains it twice.
        const along = between[c * k + b] / size;
        const overlap = dot(W, c, mean, b);
        steps.forEach((s, v) => {
          for (let at = 0; at < s.length; at += k) {
            s[at + c] -= along * (vBv * mean[v][at + b] - overlap * mean[v][at + c]);
          }
        });
      }
    }
    const gamma = Math.min(1, options.gamma);
    W.forEach((U, v) => {
      for (let at = 0; at < U.length; at++) {
        U[at] += rate * steps[v][at];
        mean[v][at] += gamma * (B[v][at] - mean[v][at]);
      }
    });
    unit();
    yield W;
  }
}
