import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { loadBundledMnist } from '@southwell/data';
import { Random } from '@southwell/numerics/core';
import { adamW, cosineDecay } from 'southwell/optimisers';
import { type Examples, trainingIterates } from 'southwell/training';
import { type Pause, pointOf } from '../pauses.ts';

/** Images of ten classes as examples of 784 numbers from 0 to 1, split into training and test sets. */
export interface ImageSet {
  readonly name: string;
  readonly train: Examples;
  readonly test: Examples;
}

/** Examples of images, flat, with their classes. */
export function imagesOf(pixels: Uint8Array, labels: ArrayLike<number>, rows: ArrayLike<number>): Examples {
  const size = pixels.length / labels.length;
  const values = new Float32Array(rows.length * size);
  for (let i = 0; i < rows.length; i++)
    for (let j = 0; j < size; j++) values[i * size + j] = pixels[rows[i] * size + j] / 255;
  const targets = Int32Array.from(rows, (i) => labels[i]);
  return { count: rows.length, inputs: { values, shape: [size] }, targets: { values: targets, shape: [] } };
}

let digits: Promise<ImageSet> | undefined;

/** The 10 000 digits that come with the library: the first 80 % of each class train, the others test. */
export function digitSet(): Promise<ImageSet> {
  digits ??= splitDigits();
  return digits;
}

async function splitDigits(): Promise<ImageSet> {
  const { pixels, labels } = await loadBundledMnist();
  const [train, test]: number[][] = [[], []];
  for (let digit = 0; digit < 10; digit++) {
    const own = Array.from(labels.keys()).filter((i) => labels[i] === digit);
    const bound = Math.floor(0.8 * own.length);
    train.push(...own.slice(0, bound));
    test.push(...own.slice(bound));
  }
  return { name: 'digits', train: imagesOf(pixels, labels, train), test: imagesOf(pixels, labels, test) };
}

/** Some examples, by their places. */
export function chosen({ inputs, targets }: Examples, rows: ArrayLike<number>): Examples {
  const size = inputs.shape.reduce((a, b) => a * b, 1);
  const values = new Float32Array(rows.length * size);
  for (let i = 0; i < rows.length; i++)
    values.set(inputs.values.subarray(rows[i] * size, (rows[i] + 1) * size), i * size);
  const classes = Int32Array.from(rows, (i) => targets.values[i]);
  return { count: rows.length, inputs: { values, shape: inputs.shape }, targets: { values: classes, shape: [] } };
}

/** Examples as tensors. */
export const tensorsOf = ({ count, inputs, targets }: Examples): readonly [ad.Tensor, ad.Tensor] => [
  ad.tensor(inputs.values as Float32Array, { shape: [count, ...inputs.shape] }),
  ad.tensor(targets.values as Int32Array),
];

export interface PerceptronOptions {
  /** Of inputs, hidden layers and outputs. */
  readonly widths: readonly number[];
  readonly epochs: number;
  readonly seed: number;
  /** Variance of an initial weight times its number of inputs. Default 1/3. */
  readonly variance?: number;
}

const trained = new WeakMap<Examples['inputs'], Map<string, Promise<nn.Model>>>();

/**
 * A network with ReLU between linear layers, trained by Adam in batches of 100 with a rate that falls from 1e-3 to 0 by
 * half a cosine; normal initial weights of variance 1/(3 inputs), zero biases. Trained once for all experiments of a run that
 * hold the same examples.
 */
export function trainedPerceptron(examples: Examples, options: PerceptronOptions, pause: Pause): Promise<nn.Model> {
  const kept = trained.get(examples.inputs) ?? new Map<string, Promise<nn.Model>>();
  trained.set(examples.inputs, kept);
  const key = JSON.stringify(options);
  const model = kept.get(key) ?? train(examples, options, pause);
  kept.set(key, model);
  // A run that was stopped leaves nothing.
  model.catch(() => kept.delete(key));
  return model;
}

async function train(examples: Examples, options: PerceptronOptions, pause: Pause): Promise<nn.Model> {
  const { widths, epochs, seed, variance = 1 / 3 } = options;
  const last = widths.length - 2;
  const layer = nn.sequential(
    widths.slice(1).flatMap((out, l) => [nn.linear({ in: widths[l], out }), ...(l < last ? [nn.relu()] : [])]),
  );
  const random = new Random(seed);
  const start = Object.entries(nn.parameterShapes(layer)).map(([name, shape]) => {
    const deviation = shape.length > 1 ? Math.sqrt(variance / shape[1]) : 0;
    const size = shape.reduce((a, b) => a * b, 1);
    return [
      name,
      ad.tensor(
        Float32Array.from({ length: size }, () => deviation * random.normal()),
        { shape },
      ),
    ];
  });
  const batchSize = 100;
  const { parameters, state } = await pointOf(
    trainingIterates(layer, examples, {
      ...{ loss: 'crossEntropy', epochs, batchSize, seed, rate: 1e-3, schedule: cosineDecay },
      optimiser: (rate) => adamW({ rate, weightDecay: 0 }),
      from: { parameters: Object.fromEntries(start) as nn.Parameters },
    }),
    pause,
  );
  return { layer, parameters, state };
}

/** Mean cross-entropy and accuracy of a network. */
export function quality(model: nn.Model, examples: Examples): { readonly loss: number; readonly accuracy: number } {
  const program = evaluatorOf(model.layer);
  const size = examples.inputs.shape.reduce((a, b) => a * b, 1);
  let [loss, right] = [0, 0];
  for (let from = 0; from < examples.count; from += EVALUATED) {
    const count = Math.min(EVALUATED, examples.count - from);
    const x = ad.tensor((examples.inputs.values as Float32Array).subarray(from * size, (from + count) * size), {
      shape: [count, size],
    });
    const y = (examples.targets.values as Int32Array).subarray(from, from + count);
    const [losses, highest] = program(model.parameters, x, ad.tensor(y));
    loss += losses.item();
    highest.data().forEach((c, i) => {
      if (c === y[i]) right++;
    });
  }
  return { loss: loss / examples.count, accuracy: right / examples.count };
}
const EVALUATED = 512;

type Evaluator = (p: nn.Parameters, x: ad.Tensor, y: ad.Tensor) => readonly [ad.Tensor, ad.Tensor];
const evaluators = new WeakMap<nn.Layer, Evaluator>();

/** The sum of losses and the most probable classes of a batch; compiled once for a network's form. */
function evaluatorOf(layer: nn.Layer): Evaluator {
  const known = evaluators.get(layer);
  if (known) return known;
  const program = ad.compile((p: nn.Parameters, x: ad.Tensor, y: ad.Tensor) => {
    const outputs = nn.apply(layer, p, x);
    return [ad.sum(ad.crossEntropy(outputs, y)), ad.argmax(outputs, 1)] as const;
  });
  evaluators.set(layer, program);
  return program;
}
