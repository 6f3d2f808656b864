import { matrixProduct, symmetricEigen } from '@southwell/numerics/linalg';
import { DenseMatrix, elementary, Random } from 'southwell';
import { loadMnist } from '../material/images.ts';

/** Samples as rows, their labels, and where the test set begins. */
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

/** Images by digit, as rows of pixels from 0 to 1. */
export type Images = (digit: number) => readonly Float64Array[];

/** The images of 2 and 5, of which samples are composed, and of 4 and 7, which determine the labels. */
export async function digitImages(): Promise<Images> {
  const digits = [2, 5, 4, 7];
  const { X, labels } = await loadMnist(digits);
  const rows = Array.from({ length: X.rows }, () => new Float64Array(X.cols));
  for (let j = 0; j < X.cols; j++) {
    X.column(j).forEach((v, i) => {
      rows[i][j] = v;
    });
  }
  X.free();
  const by = new Map(digits.map((digit) => [digit, rows.filter((_, i) => labels[i] === digit)]));
  return (digit) => by.get(digit)!;
}

/** Sums of images with random weights, labelled by whether they are more similar to 4 than to 7; plus noise. */
export function simulatedDigits(images: Images, n: number, noise: number, seed: number): Study {
  const picks = new Random(seed);
  const pick = (digit: number) => Array.from(picks.sample(images(digit).length, IMAGES), (k) => images(digit)[k]);
  const [two, five, four, seven] = [2, 5, 4, 7].map(pick);
  const random = new Random(seed).split(1);
  const p = two[0].length;
  const X = DenseMatrix.create(n, p, { fill: false });
  // The direction that determines labels: the sum over images of 4 minus that over images of 7.
  const tell = new Float64Array(p);
  for (let k = 0; k < IMAGES; k++) for (let j = 0; j < p; j++) tell[j] += four[k][j] - seven[k][j];
  const logits = new Float64Array(n);
  const sample = new Float64Array(p);
  for (let s = 0; s < n; s++) {
    sample.fill(0);
    for (const image of [...two, ...five]) {
      const weight = random.uniform();
      for (let j = 0; j < p; j++) sample[j] += weight * image[j];
    }
    for (let j = 0; j < p; j++) {
      logits[s] += tell[j] * sample[j];
      X.data[j * n + s] = sample[j];
    }
  }
  const mean = logits.reduce((a, b) => a + b, 0) / n;
  const y = Int32Array.from(logits, (v) => (random.uniform() < sigmoid(v - mean) ? 1 : 0));
  for (let k = 0; k < n * p; k++) X.data[k] += noise * random.normal();
  return { X, y };
}

/**
 * Samples of rank r in p coordinates with XᵀX/n a projector (the identity for r = p), and labels from a linear model.
 */
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

/** Samples of three components plus noise, with labels from the first two components and three covariates. */
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

/**
 * Documents of two topics over a vocabulary, weighted by inverse document frequency; one in twenty also belongs to the
 * second topic.
 */
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
