import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import type { Random } from '@southwell/numerics/core';
import { trainingIterates } from 'southwell/training';
import { type Images, loadDigits } from '../material/images.ts';
import { type Pause, pointOf } from '../pauses.ts';
import { networkOf } from './networks.ts';
import { type Problem, squaredDistance } from './problems.ts';

/** Height and width of a digit, and the largest of its grey values. */
const [SIDE, WHITE] = [8, 16];
const EPOCHS = 10;

/** A small convolutional network that tells digits apart, with its images. */
export interface Reader {
  readonly images: Images;
  /** Class probabilities of rows of grey values 0 to 1. */
  readonly probabilities: (rows: ad.Tensor) => ad.Tensor;
}

/** Two convolutions of 8 and 16 filters and a linear layer, trained on all bundled digits. */
export async function trainedReader(seed: number, pause: Pause): Promise<Reader> {
  const images = await loadDigits();
  const { X, labels } = images;
  const values = new Float32Array(X.rows * X.cols);
  for (let i = 0; i < X.rows; i++) for (let j = 0; j < X.cols; j++) values[i * X.cols + j] = X.get(i, j) / WHITE;
  const convolution = (from: number, to: number) => [
    nn.conv2d({ in: from, out: to, kernel: 3, padding: 'same' }),
    nn.relu(),
    nn.maxPool({ window: 2 }),
  ];
  const model = nn.sequential([
    ...convolution(1, 8),
    ...convolution(8, 16),
    nn.flatten(),
    nn.linear({ in: 64, out: 10 }),
  ]);
  const examples = {
    count: X.rows,
    inputs: { values, shape: [SIDE, SIDE, 1] },
    targets: { values: labels, shape: [] },
  };
  const options = { loss: 'crossEntropy', epochs: EPOCHS, rate: 0.01, seed } as const;
  const { parameters } = await pointOf(trainingIterates(model, examples, options), pause);
  const double = (t: ad.Tensor) => ad.tensor(Float64Array.from(t.data()), { shape: t.shape });
  const doubles = ad.mapTree(double, parameters);
  return {
    images,
    probabilities: (rows) => ad.softmax(nn.apply(model, doubles, ad.reshape(rows, [rows.shape[0], SIDE, SIDE, 1]))),
  };
}

/** Weights of a mixture of digits, of which one is to be recovered. */
export interface Mixture extends Problem {
  /** The place of that digit. */
  readonly wanted: number;
  /** The grey values 0 to 1 of the digits, one after the other, and of a mixture. */
  readonly pixels: Float64Array;
  mixed(x: Float64Array): Float64Array;
}

/**
 * Weights of a mixture of `count` random digits to which the reader gives the class probabilities of one of them: the
 * digit of which it is the least sure, since any other digit of its class would do otherwise.
 */
export function mixture({ images: { X }, probabilities }: Reader, count: number, random: Random): Mixture {
  const chosen = random.permutation(X.rows).subarray(0, count);
  const pixels = Float64Array.from({ length: count * X.cols }, (_, k) => {
    return X.get(chosen[Math.floor(k / X.cols)], k % X.cols) / WHITE;
  });
  const rows = ad.tensor(pixels, { shape: [count, X.cols] });
  const read = probabilities(rows);
  const sure = Array.from<number>(ad.max(read, 1).data());
  const wanted = sure.indexOf(Math.min(...sure));
  const mixed = (x: ad.Tensor) => ad.matmul(ad.expandDims(ad.softmax(x), 0), rows);
  const network = networkOf(count, (x) => ad.squeeze(probabilities(mixed(x))));
  const target = read.data().slice(10 * wanted, 10 * wanted + 10) as Float64Array;
  return {
    name: 'mixture of digits',
    ...{ network, wanted, pixels },
    mixed: (x) => mixed(ad.tensor(x)).data() as Float64Array,
    objective: squaredDistance(target),
    x0: new Float64Array(count),
    ...{ lower: -10, upper: 10 },
    radii: { first: 1, attack: [1e-6, 10], poll: [1e-5, 10] },
  };
}
