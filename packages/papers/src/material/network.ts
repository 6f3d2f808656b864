import type { Random } from '@southwell/numerics/core';
import type { Client } from 'southwell/distributed-methods';
import type { Examples } from 'southwell/training';

/** Examples with their features one after the other. */
export interface Rows {
  readonly features: Float64Array;
  readonly labels: ArrayLike<number>;
  readonly count: number;
}

/** Height and width of an image. */
export const SIDE = 28;

/** Means of `block` × `block` pixels of images of 28 × 28: by default 49 numbers an image. */
export function pooled({ inputs, targets, count }: Examples, block = 4): Rows {
  const size = (SIDE / block) ** 2;
  const blocks = blockOfPixel(block);
  const features = new Float64Array(count * size);
  for (let r = 0; r < count; r++) {
    for (let p = 0; p < SIDE * SIDE; p++) {
      features[r * size + blocks[p]] += inputs.values[r * SIDE * SIDE + p] / block ** 2;
    }
  }
  return { features, labels: targets.values, count };
}

/** The block of `block` × `block` pixels that each pixel lies in, row by row. */
export function blockOfPixel(block: number): Int32Array {
  return Int32Array.from({ length: SIDE * SIDE }, (_, p) => {
    const [i, j] = [Math.floor(p / SIDE / block), Math.floor((p % SIDE) / block)];
    return (i * SIDE) / block + j;
  });
}

/** The rows of each client: with probability `skew` those of its label, otherwise drawn evenly. */
export function divided({ labels, count }: Rows, clients: number, skew: number, random: Random): number[][] {
  const own: number[][] = Array.from({ length: clients }, () => []);
  for (let r = 0; r < count; r++) own[random.uniform() < skew ? labels[r] % clients : random.integer(clients)].push(r);
  return own;
}

/**
 * out ← W v + b for v of n numbers from `at` on, with the rows of W from `from` on in x, and then b. Four sums at a time are added up side
 * by side, each in the order of its terms.
 */
function affine(x: Float64Array, from: number, v: Float64Array, at: number, n: number, out: Float64Array): void {
  const rows = out.length;
  const biases = from + rows * n;
  let k = 0;
  for (; k + 3 < rows; k += 4) {
    let [a, b, c, d] = [x[biases + k], x[biases + k + 1], x[biases + k + 2], x[biases + k + 3]];
    const first = from + k * n;
    for (let j = 0; j < n; j++) {
      const value = v[at + j];
      a += x[first + j] * value;
      b += x[first + n + j] * value;
      c += x[first + 2 * n + j] * value;
      d += x[first + 3 * n + j] * value;
    }
    out[k] = a;
    out[k + 1] = b;
    out[k + 2] = c;
    out[k + 3] = d;
  }
  for (; k < rows; k++) {
    let sum = x[biases + k];
    for (let j = 0; j < n; j++) sum += x[from + k * n + j] * v[at + j];
    out[k] = sum;
  }
}

/**
 * A network of one hidden layer of ReLUs with cross-entropy on top. Parameters in one vector: weights of the hidden units, their
 * biases, weights of the classes, their biases.
 */
export class Perceptron {
  readonly length: number;
  private readonly hidden: Float64Array;
  private readonly scores: Float64Array;
  private readonly slopes: Float64Array;
  private readonly back: Float64Array;

  constructor(private readonly widths: readonly [inputs: number, hidden: number, classes: number]) {
    const [p, h, c] = widths;
    this.length = (p + 1) * h + (h + 1) * c;
    this.hidden = new Float64Array(h);
    this.back = new Float64Array(h);
    this.scores = new Float64Array(c);
    this.slopes = new Float64Array(c);
  }

  /** Normal weights of variance 2 / inputs of a unit, biases of zero. */
  start(random: Random): Float64Array {
    const [p, h, c] = this.widths;
    const x = new Float64Array(this.length);
    for (let k = 0; k < p * h; k++) x[k] = Math.sqrt(2 / p) * random.normal();
    for (let k = 0; k < h * c; k++) x[(p + 1) * h + k] = Math.sqrt(2 / h) * random.normal();
    return x;
  }

  /** Fills hidden values and scores of a row. */
  private forward(x: Float64Array, rows: Rows, r: number): void {
    const [p, h] = this.widths;
    const { hidden, scores } = this;
    affine(x, 0, rows.features, r * p, p, hidden);
    for (let k = 0; k < h; k++) hidden[k] = Math.max(0, hidden[k]);
    affine(x, (p + 1) * h, hidden, 0, h, scores);
  }

  /**
   * Fills the derivatives of `weight` times the loss of a row by scores and by hidden values, before ReLU sets those of units at 0 to 0;
   * returns the loss.
   */
  private backward(x: Float64Array, rows: Rows, r: number, weight: number): number {
    const [p, h, c] = this.widths;
    const { scores, slopes, back } = this;
    this.forward(x, rows, r);
    const most = Math.max(...scores);
    let sum = 0;
    for (let l = 0; l < c; l++) sum += Math.exp(scores[l] - most);
    const from = (p + 1) * h;
    back.fill(0);
    for (let l = 0; l < c; l++) {
      const slope = weight * (Math.exp(scores[l] - most) / sum - (l === rows.labels[r] ? 1 : 0));
      slopes[l] = slope;
      for (let k = 0; k < h; k++) back[k] += slope * x[from + l * h + k];
    }
    return most + Math.log(sum) - scores[rows.labels[r]];
  }

  /**
   * Adds `weight` times the gradient of the loss of a row to `into`, and to `input`, if there is one, that with respect to the features of the
   * row; returns the loss.
   */
  addGradient(
    x: Float64Array,
    rows: Rows,
    r: number,
    into: Float64Array,
    weight: number,
    input?: Float64Array,
  ): number {
    const [p, h, c] = this.widths;
    const { hidden, slopes, back } = this;
    const loss = this.backward(x, rows, r, weight);
    const from = (p + 1) * h;
    for (let l = 0; l < c; l++) {
      const slope = slopes[l];
      into[from + h * c + l] += slope;
      for (let k = 0; k < h; k++) into[from + l * h + k] += slope * hidden[k];
    }
    const { features } = rows;
    for (let k = 0; k < h; k++) {
      if (hidden[k] === 0) continue;
      const slope = back[k];
      into[p * h + k] += slope;
      for (let j = 0, to = k * p, at = r * p; j < p; j++) into[to + j] += slope * features[at + j];
    }
    if (input) this.addBack(x, input);
    return loss;
  }

  /** Adds the gradient of the loss of a row with respect to its features to `into`; returns whether its class has the greatest score. */
  addInputGradient(x: Float64Array, rows: Rows, r: number, into: Float64Array): boolean {
    this.backward(x, rows, r, 1);
    this.addBack(x, into);
    return this.scores.indexOf(Math.max(...this.scores)) === rows.labels[r];
  }

  /** Adds what {@link backward} found at hidden units to features. */
  private addBack(x: Float64Array, into: Float64Array): void {
    const [p, h] = this.widths;
    const { hidden, back } = this;
    for (let k = 0; k < h; k++) {
      if (hidden[k] === 0) continue;
      const slope = back[k];
      for (let j = 0, from = k * p; j < p; j++) into[j] += slope * x[from + j];
    }
  }

  /** The share of rows whose class has the greatest score. */
  accuracy(x: Float64Array, rows: Rows): number {
    let right = 0;
    for (let r = 0; r < rows.count; r++) {
      this.forward(x, rows, r);
      if (this.scores.indexOf(Math.max(...this.scores)) === rows.labels[r]) right++;
    }
    return right / rows.count;
  }

  /** A client that draws batches of its own rows. */
  client(rows: Rows, own: readonly number[], batch: number): Client {
    return {
      gradient: (x, into, draws) => {
        into.fill(0);
        let loss = 0;
        for (let k = 0; k < batch; k++)
          loss += this.addGradient(x, rows, own[draws.integer(own.length)], into, 1 / batch) / batch;
        return loss;
      },
    };
  }
}
