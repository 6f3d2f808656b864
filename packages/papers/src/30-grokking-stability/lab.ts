import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { modularArithmetic, type SplitExamples } from '@southwell/data';
import { scalingAlignment, softmaxCollapse } from 'southwell/diagnostics';
import { adamW, rangesOf, type TrainingOptimiser } from 'southwell/optimisers';
import type { ExperimentContext, ExperimentEvent } from '../experiment.ts';
import type { Pause } from '../pauses.ts';

/** The loss of each example from logits and classes. */
export type Loss = (logits: ad.Tensor, targets: ad.Tensor) => ad.Tensor;

/** A loss, and the share of rows for which it gives a class a probability of exactly 1. */
export interface Tried {
  readonly loss: Loss;
  collapsed(logits: Float32Array, classes: number): number;
}

/** Softmax cross-entropy in a precision. */
export const softmaxAt = (precision: ad.SoftmaxPrecision): Tried => ({
  loss: (logits, targets) => ad.softmaxCrossEntropy(logits, targets, { precision }),
  collapsed: (logits, classes) => softmaxCollapse(logits, classes, { precision }).share,
});

/**
 * StableMax cross-entropy with every operation rounded to half or single precision, derivatives those of the rounded
 * values; in double precision that of the library.
 */
export const stableMaxAt = (precision: ad.SoftmaxPrecision): Tried => ({
  loss(logits, targets) {
    if (precision === 'f64') return ad.stableMaxCrossEntropy(logits, targets);
    const { scales, total } = scalesOf(logits, precision);
    const own = ad.sum(ad.mul(scales, ad.oneHot(targets, logits.shape.at(-1)!, 'f32')), [-1]);
    return rounded(ad.sub(rounded(ad.log(total), precision), rounded(ad.log(own), precision)), precision);
  },
  collapsed(logits, classes) {
    const shape = [logits.length / classes, classes];
    const { scales, total } = scalesOf(
      ad.tensor(logits, { shape, dtype: precision === 'f64' ? 'f64' : 'f32' }),
      precision,
    );
    const [sums, largest] = [total.data(), ad.max(scales, [-1]).data()];
    return largest.filter((v: number, i: number) => v === sums[i]).length / shape[0];
  },
});

const rounded = (x: ad.Tensor, precision: ad.SoftmaxPrecision) => (precision === 'f16' ? ad.roundToHalf(x) : x);

/** StableMax's scales and their sum, each rounded. */
function scalesOf(logits: ad.Tensor, precision: ad.SoftmaxPrecision) {
  const scales = rounded(ad.stableScale(rounded(logits, precision)), precision);
  return { scales, total: rounded(ad.sum(scales, [-1]), precision) };
}

/** Two hidden layers without biases, so that scaling the weights scales the logits. */
export const network = (p: number, hidden: number): nn.Layer =>
  nn.sequential([
    nn.linear({ in: 2 * p, out: hidden, bias: false }),
    nn.relu(),
    nn.linear({ in: hidden, out: hidden, bias: false }),
    nn.relu(),
    nn.linear({ in: hidden, out: p, bias: false }),
  ]);

/** Settings of Adam. */
export interface Steps {
  readonly rate: number;
  readonly beta2: number;
  readonly epsilon: number;
}

/** Adam with a tiny ε, as gradients become tiny; without weight decay unless one is given. */
export const adam = ({ rate, beta2, epsilon }: Steps, weightDecay = 0): TrainingOptimiser =>
  adamW({ rate, beta2, epsilon, weightDecay });

/** An independent seed for each seed of the run and each draw. */
export const drawSeed = (context: ExperimentContext, draw: number): number => 1000 * context.seed + draw;

/** Measurement times that grow by at most a tenth, up to a spacing of `every` epochs. */
export const looks =
  (every: number) =>
  (epoch: number): boolean =>
    epoch > 0 && epoch % Math.min(every, Math.max(1, 2 ** Math.floor(Math.log2(epoch / 10)))) === 0;

/** What is trained on what. */
export interface Subject {
  readonly data: SplitExamples;
  readonly hidden: number;
  readonly seed: number;
}

/** Sizes of a task: a modulus, the share of the pairs that are trained on, and hidden units. */
export interface Task {
  readonly modulus: number;
  readonly trained: number;
  readonly hidden: number;
}

export const addition = ({ modulus, trained, hidden }: Task, seed: number): Subject => ({
  data: modularArithmetic({ p: modulus, trainShare: trained, seed }),
  hidden,
  seed,
});

export interface Course {
  readonly tried: Tried;
  readonly optimiser: TrainingOptimiser;
  readonly epochs: number;
  /** Whether to measure after this number of epochs. */
  looksAt(epoch: number): boolean;
}

/** A measurement of a network in training. */
export interface Look {
  readonly epoch: number;
  readonly loss: number;
  /** Accuracies on the training and test examples. */
  readonly train: number;
  readonly test: number;
  /** Fraction of the training examples for which a class has a probability of exactly 1. */
  readonly collapsed: number;
  /** Cosine between the negative gradient and the weights. */
  readonly cosine: number;
}

/** Full-batch training with occasional measurements. */
export async function* training({ data, hidden, seed }: Subject, course: Course, pause: Pause): AsyncGenerator<Look> {
  const { tried, optimiser, epochs, looksAt } = course;
  const { classes, train, test } = data;
  const layer = network(classes, hidden);
  const parameters = nn.init(layer, ad.randomKey(seed), { dtype: 'f32' });
  const inputs = (part: typeof train) => ad.tensor(part.inputs.values, { shape: [part.count, 2 * classes] });
  const objective = (p: nn.Parameters, x: ad.Tensor, y: ad.Tensor) => ad.mean(tried.loss(nn.apply(layer, p, x), y));
  const step = ad
    .compile((p: nn.Parameters, x: ad.Tensor, y: ad.Tensor) => ad.valueAndGrad(objective)(p, x, y))
    .prepare(parameters, inputs(train), ad.tensor(train.targets.values));
  // Shares the weights of the first program.
  const outputs = [inputs(train), inputs(test)].map((x) =>
    ad
      .compile((p: nn.Parameters, rows: ad.Tensor) => nn.apply(layer, p, rows))
      .prepare(step.inputs[0].tree as nn.Parameters, x),
  );
  const ranges = rangesOf(ad.leavesOf(parameters).map(({ shape }) => [...shape]));
  const state = optimiser.init(step.inputs[0].data as Float32Array, ranges);
  const logitsOf = (part: 0 | 1): Float32Array => {
    outputs[part].run();
    return outputs[part].outputs[0].data as Float32Array;
  };
  try {
    for (let epoch = 0; ; epoch++) {
      step.run();
      const [weights, gradient] = [step.inputs[0].data as Float32Array, step.outputs[1].data as Float32Array];
      if (looksAt(epoch) || epoch === epochs) {
        const own = logitsOf(0);
        yield {
          epoch,
          loss: step.outputs[0].data[0],
          train: accuracy(own, train.targets.values, classes),
          test: accuracy(logitsOf(1), test.targets.values, classes),
          collapsed: tried.collapsed(own, classes),
          cosine: scalingAlignment(weights, gradient).cosine,
        };
      }
      if (epoch === epochs) return;
      optimiser.step(state, weights, gradient);
      await pause();
    }
  } finally {
    state.free();
    for (const program of [step, ...outputs]) program.free();
  }
}

function accuracy(logits: Float32Array, targets: Int32Array, classes: number): number {
  let right = 0;
  for (let i = 0; i < targets.length; i++) {
    const row = logits.subarray(i * classes, (i + 1) * classes);
    let best = 0;
    for (let k = 1; k < classes; k++) if (row[k] > row[best]) best = k;
    right += Number(best === targets[i]);
  }
  return right / targets.length;
}

/** Measurements as curves over epochs. */
export const curve = (
  panel: string,
  series: string,
  seen: readonly Look[],
  of: (look: Look) => number,
): ExperimentEvent => ({ kind: 'points', panel, series, x: seen.map(({ epoch }) => epoch), y: seen.map(of) });

/** Accuracy on both parts. */
export const accuracies = (panel: string, name: string, seen: readonly Look[]): ExperimentEvent[] => [
  curve(panel, `${name}, training`, seen, ({ train }) => train),
  curve(panel, `${name}, test`, seen, ({ test }) => test),
];
