import { type DenseMatrix, Random } from 'southwell';
import { batchCodes, gather, takeViews, type Views } from 'southwell/factorisation';
import { Adam } from 'southwell/optimisers';

interface RivalOptions {
  readonly components: number;
  readonly batchSize: number;
  readonly epochs: number;
  readonly rate: number;
  readonly seed: number;
}

type Weights = readonly Float64Array[];

/** What a batch says of A W and B W, stacked by views, and of WᵀAW and WᵀBW. */
function moments(rows: readonly Float64Array[], W: Weights, count: number, k: number) {
  const Z = batchCodes(rows, W, count, k);
  const between = new Float64Array(k * k);
  const within = new Float64Array(k * k);
  const products = W.map((U, v) => {
    const d = U.length / k;
    const [A, B] = [new Float64Array(U.length), new Float64Array(U.length)];
    for (let i = 0; i < count; i++) {
      for (let c = 0; c < k; c++) {
        const own = Z[v][i * k + c] / (count - 1);
        let all = 0;
        for (const z of Z) all += z[i * k + c] / (count - 1);
        for (let j = 0; j < d; j++) {
          A[j * k + c] += rows[v][i * d + j] * (all - own);
          B[j * k + c] += rows[v][i * d + j] * own;
        }
        for (let a = 0; a < k; a++) {
          between[a * k + c] += Z[v][i * k + a] * (all - own);
          within[a * k + c] += Z[v][i * k + a] * own;
        }
      }
    }
    return { A, B };
  });
  return { products, between, within };
}

/** Batches of an epoch in random order. */
function* batches(views: Views, { batchSize, epochs, seed }: RivalOptions): Generator<Float64Array[]> {
  const random = new Random(seed);
  for (let epoch = 0; epoch < epochs; epoch++) {
    const order = random.permutation(views.rows);
    for (let b = 0; b + batchSize <= views.rows; b += batchSize) yield gather(views, order, b, batchSize);
  }
}

/** Directions at random, scores of unit variance on a thousand rows. */
function start(views: Views, k: number, seed: number): Float64Array[] {
  const random = new Random(seed).split(1);
  const sample = Math.min(views.rows, 1000);
  const W = views.wide.map((X) => Float64Array.from({ length: X.rows * k }, () => random.normal()));
  const order = random.sample(views.rows, sample);
  batchCodes(gather(views, order, 0, sample), W, sample, k).forEach((Z, v) => {
    for (let c = 0; c < k; c++) {
      let variance = 0;
      for (let i = 0; i < sample; i++) variance += Z[i * k + c] ** 2 / (sample - 1);
      for (let at = c; at < W[v].length; at += k) W[v][at] /= Math.sqrt(variance);
    }
  });
  return W;
}

/** Stochastic generalised Hebbian algorithm (Chen, Li, Yang and Zhao 2019): W ← W + η(AW − BW(WᵀAW)), steps by Adam. */
export function* sgha(input: readonly DenseMatrix[], options: RivalOptions): Generator<Weights> {
  const { components: k, batchSize, rate, seed } = options;
  const views = takeViews(input);
  try {
    const W = start(views, k, seed);
    const optimisers = W.map((U) => new Adam(U.length));
    for (const rows of batches(views, options)) {
      const { products, between } = moments(rows, W, batchSize, k);
      products.forEach(({ A, B }, v) => {
        const g = new Float64Array(A.length);
        for (let at = 0; at < A.length; at += k) {
          for (let c = 0; c < k; c++) {
            let pull = 0;
            for (let a = 0; a < k; a++) pull += B[at + a] * between[a * k + c];
            g[at + c] = pull - A[at + c];
          }
        }
        optimisers[v].take(g);
        const { direction } = optimisers[v];
        for (let at = 0; at < g.length; at++) W[v][at] -= rate * direction[at];
      });
      yield W;
    }
  } finally {
    views.free();
  }
}

/**
 * γ-EigenGame (Gemp, Chen and McWilliams 2023): each vector climbs its own utility, punished for lying along those
 * before it, with a running mean of B times the vectors; all of length 1.
 */
export function* gammaEigenGame(
  input: readonly DenseMatrix[],
  options: RivalOptions & { readonly gamma: number },
): Generator<Weights> {
  const { components: k, batchSize, rate, seed, gamma } = options;
  const views = takeViews(input);
  try {
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
    /** Σ over views of columns a of one and c of the other. */
    const dot = (X: Weights, a: number, Y: Weights, c: number) => {
      let sum = 0;
      X.forEach((x, v) => {
        for (let at = 0; at < x.length; at += k) sum += x[at + a] * Y[v][at + c];
      });
      return sum;
    };
    for (const rows of batches(views, options)) {
      const { products, between, within } = moments(rows, W, batchSize, k);
      const A = products.map((p) => p.A);
      const steps = W.map((U) => new Float64Array(U.length));
      for (let c = 0; c < k; c++) {
        const [vBv, vAv] = [within[c * k + c], between[c * k + c]];
        steps.forEach((s, v) => {
          for (let at = c; at < s.length; at += k) s[at] = vBv * A[v][at] - vAv * mean[v][at];
        });
        for (let b = 0; b < c; b++) {
          const size = Math.max(dot(W, b, mean, b), 1e-3);
          // y = w/√size: the punishment has it twice.
          const along = between[c * k + b] / size;
          const overlap = dot(W, c, mean, b);
          steps.forEach((s, v) => {
            for (let at = 0; at < s.length; at += k) {
              s[at + c] -= along * (vBv * mean[v][at + b] - overlap * mean[v][at + c]);
            }
          });
        }
      }
      W.forEach((U, v) => {
        for (let at = 0; at < U.length; at++) {
          U[at] += rate * steps[v][at];
          mean[v][at] += gamma * (products[v].B[at] - mean[v][at]);
        }
      });
      unit();
      yield W;
    }
  } finally {
    views.free();
  }
}
