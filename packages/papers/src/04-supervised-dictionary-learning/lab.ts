import { factorPositive, gramMatrix, matrixProduct, symmetricEigen } from '@southwell/numerics/linalg';
import { DenseMatrix, elementary, Random } from 'southwell';
import { loadDigits, loadMnist } from '../images.ts';
import type { Size } from '../record.ts';

/** Samples by rows, their labels, and where the test begins. */
export interface Study {
  readonly X: DenseMatrix;
  readonly y: Int32Array;
  readonly covariates?: DenseMatrix;
}

/** Rows of a matrix from … to − 1. */
export function rowsOf(X: DenseMatrix, from: number, to: number): DenseMatrix {
  const out = DenseMatrix.create(to - from, X.cols, { fill: false });
  for (let j = 0; j < X.cols; j++) out.column(j).set(X.column(j).subarray(from, to));
  return out;
}

export const sigmoid = (v: number): number => 1 / (1 + elementary.exp(-v));

const IMAGES = 10;

/** Images of 2 and 5, which samples are made of, and of 4 and 7, which labels are made by. */
export async function basisImages(size: Size, seed: number): Promise<{ build: Float64Array[]; tell: Float64Array[] }> {
  const random = new Random(seed);
  const digits = [2, 5, 4, 7];
  const { X, labels } = size === 'full' ? await loadMnist(digits) : await loadDigits();
  const highest = size === 'full' ? 1 : 16;
  const pick = (digit: number) => {
    const rows = Array.from(labels.keys()).filter((i) => labels[i] === digit);
    return Array.from(random.sample(rows.length, IMAGES), (k) =>
      Float64Array.from({ length: X.cols }, (_, j) => X.get(rows[k], j) / highest),
    );
  };
  const [two, five, four, seven] = digits.map(pick);
  X.free();
  return { build: [...two, ...five], tell: [...four, ...seven] };
}

/** Sums of images with random weights, labelled by their likeness to 4 rather than 7; then noise. */
export async function simulatedDigits(size: Size, n: number, noise: number, seed: number): Promise<Study> {
  const { build, tell } = await basisImages(size, seed);
  const random = new Random(seed).split(1);
  const p = build[0].length;
  const X = DenseMatrix.create(n, p);
  const logits = new Float64Array(n);
  for (let s = 0; s < n; s++) {
    for (const image of build) {
      const weight = random.uniform();
      for (let j = 0; j < p; j++) X.data[j * n + s] += weight * image[j];
    }
    tell.forEach((image, k) => {
      let dot = 0;
      for (let j = 0; j < p; j++) dot += image[j] * X.data[j * n + s];
      logits[s] += k < IMAGES ? dot : -dot;
    });
  }
  const mean = logits.reduce((a, b) => a + b, 0) / n;
  const y = Int32Array.from(logits, (v) => (random.uniform() < sigmoid(v - mean) ? 1 : 0));
  for (let k = 0; k < n * p; k++) X.data[k] += noise * random.normal();
  return { X, y };
}

/**
 * Non-negative factors of X ≈ H·Wᵀ by hierarchical alternating least squares, and Wᵀ's filter of samples. The library's own
 * `nmf` refuses the negative entries that noise brings to X here. O(npr) a sweep.
 */
export function plainNmf(X: DenseMatrix, r: number, seed: number, sweeps = 200) {
  const { rows: n, cols: p, arena } = X;
  const random = new Random(seed);
  const create = (rows: number, cols: number) => DenseMatrix.create(rows, cols, { arena });
  const [W, H] = [create(p, r), create(n, r)];
  for (const M of [W, H]) for (let k = 0; k < M.data.length; k++) M.data[k] = random.uniform();
  const half = (factor: DenseMatrix, other: DenseMatrix, transA: boolean) => {
    const product = create(factor.rows, r);
    const gram = create(r, r);
    matrixProduct(X, other, product, { transA });
    gramMatrix(other, gram);
    for (let k = 0; k < r; k++) {
      const column = factor.column(k);
      for (let i = 0; i < column.length; i++) {
        let v = product.get(i, k);
        for (let l = 0; l < r; l++) if (l !== k) v -= gram.get(l, k) * factor.get(i, l);
        column[i] = Math.max(0, v / Math.max(gram.get(k, k), 1e-300));
      }
    }
    product.free();
    gram.free();
  };
  for (let sweep = 0; sweep < sweeps; sweep++) {
    half(H, W, false);
    half(W, H, true);
  }
  const back = create(n, p);
  matrixProduct(H, W, back, { transB: true });
  let [error, size] = [0, 0];
  for (let k = 0; k < n * p; k++) {
    error += (X.data[k] - back.data[k]) ** 2;
    size += X.data[k] ** 2;
  }
  for (const M of [H, back]) M.free();
  return {
    W,
    error: error / size,
    filter(samples: DenseMatrix): DenseMatrix {
      const left = DenseMatrix.create(samples.rows, p, { fill: false, arena });
      left.data.set(samples.data);
      const out = create(samples.rows, r);
      matrixProduct(left, W, out);
      left.free();
      return out;
    },
  };
}

/** Samples of rank r in p coordinates with XᵀX/n a projector (the identity for r = p), and labels of a linear model. */
export function whiteSamples(p: number, n: number, r: number, seed: number): Study {
  const random = new Random(seed);
  const H = DenseMatrix.create(n, r);
  for (let k = 0; k < n * r; k++) H.data[k] = random.normal();
  const gram = DenseMatrix.create(r, r);
  matrixProduct(H, H, gram, { transA: true, alpha: 1 / n });
  const { values, vectors } = symmetricEigen(gram.data.slice(), r);
  const root = DenseMatrix.create(r, r);
  for (let i = 0; i < r; i++) {
    for (let j = 0; j < r; j++) {
      let sum = 0;
      for (let k = 0; k < r; k++) sum += (vectors[i * r + k] * vectors[j * r + k]) / Math.sqrt(values[k]);
      root.set(i, j, sum);
    }
  }
  // Orthonormal directions, r of them in p coordinates, by Gram–Schmidt.
  const U = DenseMatrix.create(p, r);
  for (let k = 0; k < r; k++) {
    const u = U.column(k);
    for (let i = 0; i < p; i++) u[i] = random.normal();
    for (let pass = 0; pass < 2; pass++) {
      for (let l = 0; l < k; l++) {
        const v = U.column(l);
        let dot = 0;
        for (let i = 0; i < p; i++) dot += u[i] * v[i];
        for (let i = 0; i < p; i++) u[i] -= dot * v[i];
      }
      let length = 0;
      for (const v of u) length += v * v;
      for (let i = 0; i < p; i++) u[i] /= Math.sqrt(length);
    }
  }
  const white = DenseMatrix.create(n, r);
  matrixProduct(H, root, white);
  const X = DenseMatrix.create(n, p);
  matrixProduct(white, U, X, { transB: true });
  const weights = Array.from({ length: 2 }, () => random.normal());
  const y = Int32Array.from({ length: n }, (_, s) =>
    random.uniform() < sigmoid(weights[0] * white.get(s, 0) + weights[1] * white.get(s, 1 % r)) ? 1 : 0,
  );
  for (const M of [H, gram, root, U, white]) M.free();
  return { X, y };
}

/** Samples of three parts and noise, labels by the first two parts and three covariates. */
export function covariateStudy(p: number, n: number, seed: number): Required<Study> {
  const random = new Random(seed);
  const parts = Array.from({ length: 3 }, () => Float64Array.from({ length: p }, () => random.uniform() ** 2));
  const X = DenseMatrix.create(n, p);
  const covariates = DenseMatrix.create(n, 3);
  const effects = [1, -0.8, 0.6];
  const y = Int32Array.from({ length: n }, (_, s) => {
    const h = parts.map(() => random.exponential());
    for (let j = 0; j < p; j++) {
      X.set(s, j, parts.reduce((sum, part, k) => sum + h[k] * part[j], 0) + 0.1 * Math.abs(random.normal()));
    }
    let logit = 1.5 * (h[0] - h[1]);
    effects.forEach((effect, k) => {
      const z = random.normal();
      covariates.set(s, k, z);
      logit += effect * z;
    });
    return random.uniform() < sigmoid(logit) ? 1 : 0;
  });
  return { X, y, covariates };
}

/** Documents of two topics over a vocabulary, weighted by the rarity of words; one in twenty is of the second as well. */
export function documents(n: number, words: number, seed: number): Study {
  const random = new Random(seed);
  const topic = (from: number) => {
    const weights = Float64Array.from({ length: words }, (_, w) => 1 / (1 + ((w + from) % words)));
    const total = weights.reduce((a, b) => a + b, 0);
    let sum = 0;
    return weights.map((v) => {
      sum += v / total;
      return sum;
    });
  };
  const topics = [topic(0), topic(Math.floor(words / 2))];
  const X = DenseMatrix.create(n, words);
  const y = Int32Array.from({ length: n }, (_, s) => {
    const positive = random.uniform() < 0.05;
    const share = positive ? 0.15 + 0.2 * random.uniform() : 0.05 * random.uniform();
    for (let k = 0; k < 60; k++) {
      const cumulative = topics[random.uniform() < share ? 1 : 0];
      const u = random.uniform();
      let [low, high] = [0, words - 1];
      while (low < high) {
        const middle = (low + high) >> 1;
        if (cumulative[middle] < u) low = middle + 1;
        else high = middle;
      }
      X.data[low * n + s]++;
    }
    return positive ? 1 : 0;
  });
  for (let j = 0; j < words; j++) {
    const column = X.column(j);
    const seen = column.reduce((count, v) => count + (v > 0 ? 1 : 0), 0);
    const weight = elementary.log((1 + n) / (1 + seen)) + 1;
    for (let s = 0; s < n; s++) column[s] *= weight;
  }
  return { X, y };
}

/**
 * Ridge logistic regression on all columns of X and a one, ½ridge on each coefficient and on that of the one, by Newton's
 * method from zero: an oracle that shares nothing with what it is compared with. Labels
 * that a strong ridge keeps from being separated need no damping.
 */
export function ridgeLogistic(X: DenseMatrix, y: Int32Array, ridge: number): Float64Array {
  const { rows: n, cols: p } = X;
  const d = p + 1;
  const x = (s: number, i: number) => (i < p ? X.data[i * n + s] : 1);
  const w = new Float64Array(d);
  for (let step = 0; step < 50; step++) {
    const gradient = w.map((v) => -ridge * v);
    const H = new Float64Array(d * d);
    for (let i = 0; i < d; i++) H[i * d + i] = ridge;
    for (let s = 0; s < n; s++) {
      let a = 0;
      for (let i = 0; i < d; i++) a += w[i] * x(s, i);
      const prob = sigmoid(a);
      for (let i = 0; i < d; i++) {
        gradient[i] += (y[s] - prob) * x(s, i);
        for (let j = 0; j < d; j++) H[i * d + j] += prob * (1 - prob) * x(s, i) * x(s, j);
      }
    }
    factorPositive(H, d).solve(gradient);
    let moved = 0;
    for (let i = 0; i < d; i++) {
      w[i] += gradient[i];
      moved = Math.max(moved, Math.abs(gradient[i]));
    }
    if (moved < 1e-15) break;
  }
  return w;
}
