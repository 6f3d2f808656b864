import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { modularArithmetic, type SplitExamples } from '@southwell/data';
import { scalingAlignment, softmaxCollapse } from 'southwell/diagnostics';
import { adamW, rangesOf, type TrainingOptimiser } from 'southwell/optimisers';
import type { ExperimentContext, ExperimentEvent } from '../experiment.ts';
import type { Pause } from '../pauses.ts';

/** The loss of each example from logits and classes. */
export type Loss = (logits: ad.Tensor, targets: ad.Tensor) => ad.Tensor;

export const crossEntropyAt =
  (precision: ad.SoftmaxPrecision): Loss =>
  (logits, targets) =>
    ad.softmaxCrossEntropy(logits, targets, { precision });

/** Two hidden layers without biases, so that scaling the weights scales the logits. */
export const network = (p: number, hidden: number): nn.Layer =>
  nn.sequential([
    nn.linear({ in: 2 * p, out: hidden, bias: false }),
    nn.relu(),
    nn.linear({ in: hidden, out: hidden, bias: false }),
    nn.relu(),
    nn.linear({ in: hidden, out: p, bias: false }),
  ]);

/** Adam without weight decay and with a tiny ε, as gradients become tiny. */
export const adam = (rate: number, beta2: number, epsilon: number): TrainingOptimiser =>
  adamW({ rate, beta2, epsilon, weightDecay: 0 });

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

export const addition = (p: number, trainShare: number, hidden: number, seed: number): Subject => ({
  data: modularArithmetic({ p, trainShare, seed }),
  hidden,
  seed,
});

export interface Course {
  readonly loss: Loss;
  readonly optimiser: TrainingOptimiser;
  readonly epochs: number;
  /**
   * The precision in which collapse of a softmax is detected; without it that of StableMax is, in single and double
   * precision.
   */
  readonly precision?: ad.SoftmaxPrecision;
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
  /** Fraction of the training examples whose softmax is exactly 1; for StableMax in single precision. */
  readonly collapsed: number;
  /** For StableMax in double precision, in which its loss is computed. */
  readonly collapsedInDouble?: number;
  /** Cosine between the negative gradient and the weights. */
  readonly cosine: number;
}

/** Full-batch training with occasional measurements. */
export async function* training({ data, hidden, seed }: Subject, course: Course, pause: Pause): AsyncGenerator<Look> {
  const { loss, optimiser, epochs, precision, looksAt } = course;
  const { classes, train, test } = data;
  const layer = network(classes, hidden);
  const parameters = nn.init(layer, ad.randomKey(seed), { dtype: 'f32' });
  const inputs = (part: typeof train) => ad.tensor(part.inputs.values, { shape: [part.count, 2 * classes] });
  const objective = (p: nn.Parameters, x: ad.Tensor, y: ad.Tensor) => ad.mean(loss(nn.apply(layer, p, x), y));
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
          collapsed: precision ? softmaxCollapse(own, classes, { precision }).share : whole(own, classes, 'f32'),
          ...(!precision && { collapsedInDouble: whole(own, classes, 'f64') }),
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

/** The fraction of rows for which StableMax gives a class the probability 1. */
function whole(logits: Float32Array, classes: number, dtype: 'f32' | 'f64'): number {
  const shares = ad.stableMax(ad.tensor(logits, { shape: [logits.length / classes, classes], dtype }));
  return (
    ad
      .max(shares, [-1])
      .data()
      .filter((v: number) => v === 1).length /
    (logits.length / classes)
  );
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
