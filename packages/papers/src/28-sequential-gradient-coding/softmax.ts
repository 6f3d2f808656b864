import { Random } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import type { ExperimentContext } from '../experiment.ts';
import { filesOf, type Part } from '../parts.ts';

/** The test set of MNIST, for runs at the shell. */
export const mnistTest: Part = {
  id: 'mnist_t10k',
  title: 'the 10,000 test digits of MNIST',
  files: ['t10k-images-idx3-ubyte.gz', 't10k-labels-idx1-ubyte.gz'],
  from: 'https://yann.lecun.com/exdb/mnist or a mirror of it',
};

export interface Images {
  readonly pixels: Uint8Array;
  readonly labels: Uint8Array;
}

export async function mnistImages(context: ExperimentContext): Promise<Images> {
  const files = await filesOf(mnistTest, context);
  // idx: a header of 4 bytes and 4 for each dimension, then bytes.
  const unpacked = async (name: string, header: number) => {
    const packed = new Blob([files.get(name)! as Uint8Array<ArrayBuffer>]).stream();
    const bytes = await new Response(packed.pipeThrough(new DecompressionStream('gzip'))).arrayBuffer();
    return new Uint8Array(bytes, header);
  };
  const [images, labels] = mnistTest.files;
  return { pixels: await unpacked(images, 16), labels: await unpacked(labels, 8) };
}

/** Digits as means of blocks of pixels, with a constant feature. */
export interface Digits {
  readonly rows: number;
  readonly width: number;
  readonly features: Float32Array;
  readonly labels: Uint8Array;
}

const [SIDE, CLASSES] = [28, 10];

/** The first rows of a random order of digits. */
export function digitsOf({ pixels, labels }: Images, rows: number, block: number, seed: number): Digits {
  const order = new Random(seed).split(0).permutation(labels.length).subarray(0, rows);
  const side = SIDE / block;
  const width = side * side + 1;
  const features = new Float32Array(rows * width);
  order.forEach((from, row) => {
    for (let p = 0; p < SIDE * SIDE; p++) {
      const at = Math.floor(Math.floor(p / SIDE) / block) * side + Math.floor((p % SIDE) / block);
      features[row * width + at] += pixels[from * SIDE * SIDE + p] / (255 * block * block);
    }
    features[row * width + width - 1] = 1;
  });
  return { rows, width, features, labels: Uint8Array.from(order, (from) => labels[from]) };
}

/** Softmax models that are trained in turn by descent: job t is a step of model t mod `count`. Each starts elsewhere and has a rate of its own. */
export class Models {
  readonly length: number;
  readonly points: readonly Float64Array[];

  constructor(
    private readonly digits: Digits,
    count: number,
    seed: number,
  ) {
    this.length = digits.width * CLASSES;
    const random = new Random(seed).split(1);
    this.points = Array.from({ length: count }, () =>
      Float64Array.from({ length: this.length }, () => 0.1 * random.normal()),
    );
  }

  /** What `runCoded` asks for. */
  jobs(jobs: number) {
    const { digits, points, length } = this;
    return {
      ...{ jobs, rows: digits.rows, length },
      point: (job: number, into: Float64Array) => into.set(points[job % points.length]),
      add: (_: number, x: Float64Array, from: number, to: number, into: Float64Array) =>
        addGradients(digits, x, from, to, into),
      finish: (job: number, gradient: Float64Array) => {
        const model = job % points.length;
        const rate = (0.5 * (model + 1)) / digits.rows;
        points[model].forEach((_, j, x) => {
          x[j] -= rate * gradient[j];
        });
      },
    };
  }
}

/** Adds the gradients of the cross-entropy of some rows. */
function addGradients(
  { features, labels, width }: Digits,
  x: Float64Array,
  from: number,
  to: number,
  into: Float64Array,
) {
  const scores = new Float64Array(CLASSES);
  for (let i = from; i < to; i++) {
    const row = i * width;
    let largest = Number.NEGATIVE_INFINITY;
    for (let c = 0; c < CLASSES; c++) {
      let score = 0;
      for (let j = 0; j < width; j++) score += features[row + j] * x[c * width + j];
      scores[c] = score;
      largest = Math.max(largest, score);
    }
    let total = 0;
    for (let c = 0; c < CLASSES; c++) {
      scores[c] = elementary.exp(scores[c] - largest);
      total += scores[c];
    }
    for (let c = 0; c < CLASSES; c++) {
      const pull = scores[c] / total - (c === labels[i] ? 1 : 0);
      for (let j = 0; j < width; j++) into[c * width + j] += pull * features[row + j];
    }
  }
}

/** Parameters without a code: all rows in one sum. */
export function uncoded(digits: Digits, count: number, jobs: number, seed: number): readonly Float64Array[] {
  const models = new Models(digits, count, seed);
  const work = models.jobs(jobs);
  const x = new Float64Array(work.length);
  for (let job = 1; job <= jobs; job++) {
    work.point(job, x);
    const sum = new Float64Array(work.length);
    work.add(job, x, 0, digits.rows, sum);
    work.finish(job, sum);
  }
  return models.points;
}

/** The largest difference of the parameters of models, over the norm of those of the reference. */
export function apart(models: readonly Float64Array[], reference: readonly Float64Array[]): number {
  return Math.max(...reference.map((x, m) => Math.hypot(...x.map((v, j) => v - models[m][j])) / Math.hypot(...x)));
}
