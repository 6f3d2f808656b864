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

/** Weights of a mixture of `count` random digits which the reader takes for the first of them. */
export function mixture({ images: { X }, probabilities }: Reader, count: number, random: Random): Problem {
  const chosen = random.permutation(X.rows).subarray(0, count);
  const pixels = Float64Array.from({ length: count * X.cols }, (_, k) => {
    return X.get(chosen[Math.floor(k / X.cols)], k % X.cols) / WHITE;
  });
  const rows = ad.tensor(pixels, { shape: [count, X.cols] });
  const network = networkOf((x) => {
    return ad.squeeze(probabilities(ad.matmul(ad.expandDims(ad.softmax(x), 0), rows)));
  });
  const first = probabilities(ad.tensor(pixels.subarray(0, X.cols), { shape: [1, X.cols] }));
  return {
    name: 'mixture of digits',
    network,
    objective: squaredDistance(first.data() as Float64Array),
    x0: new Float64Array(count),
    ...{ lower: -10, upper: 10 },
    radii: { first: 1, attack: [1e-6, 10], poll: [1e-5, 10] },
  };
}
