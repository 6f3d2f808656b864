import type * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import { layersOf } from 'southwell/compression';
import type { ExperimentContext } from '../experiment.ts';
import { chosen, type ImageSet, quality, tensorsOf, trainedPerceptron } from '../material/perceptrons.ts';
import { encoderModel, sentencesJudge, shortGlosses } from '../material/sentences.ts';
import { sampledWindows, someWindows, storiesJudge, storiesModel, windowBatches } from '../material/stories.ts';
import type { Pause } from '../pauses.ts';
import type { Subject } from './lab.ts';

/** A network of images whose hidden layers are compressed; judged by the loss on the training examples and the accuracy on the others. */
export async function perceptron(
  { train, test }: ImageSet,
  sizes: { readonly hidden: readonly number[]; readonly epochs: number; readonly calibrate: number },
  seed: number,
  pause: Pause,
): Promise<Subject> {
  const [inputs] = train.inputs.shape;
  const { hidden, epochs, calibrate } = sizes;
  const model = await trainedPerceptron(train, { widths: [inputs, ...hidden, 10], epochs, seed }, pause);
  const rows = new Random(seed).permutation(train.count).subarray(0, calibrate);
  const [x] = tensorsOf(chosen(train, rows));
  const last = Object.keys(model.parameters).findLast((name) => name.endsWith('weight'));
  return {
    parameters: model.parameters,
    apply: (p, batch) => nn.apply(model.layer, p, batch),
    batches: [x],
    inputs: 'compressed',
    keep: (name) => name === last,
    async judge(parameters) {
      const now = { ...model, parameters };
      return { loss: quality(now, train).loss, score: quality(now, test).accuracy };
    },
  };
}

/**
 * The language model, calibrated on texts of its own; the embedding, also the last layer, stays. Judged by the divergence from
 * the dense model and the loss of the next token on other texts.
 */
export async function storyteller(
  context: ExperimentContext,
  sizes: { readonly calibrate: number; readonly judge: number; readonly inputs: Subject['inputs'] },
  pause: Pause,
): Promise<Subject> {
  const model = await storiesModel(context);
  const all = await sampledWindows(model, sizes.calibrate + sizes.judge, context.seed, pause);
  const judge = storiesJudge(model, someWindows(all, sizes.calibrate, all.count), pause);
  return {
    parameters: model.parameters,
    apply: (p, x) => nn.apply(model.layer, p, x),
    batches: windowBatches(someWindows(all, 0, sizes.calibrate)).map(([x]) => x),
    inputs: sizes.inputs,
    keep: (name) => !name.startsWith('blocks.'),
    async judge(parameters) {
      const { loss, divergence } = await judge(parameters);
      return { loss: divergence, score: loss };
    },
  };
}

const BATCH = 32;
/** Words of a definition that calibrates, at most. */
const LONGEST = 16;

/**
 * The encoder, calibrated on definitions of WordNet, with some of its largest layers compressed. Judged by the distance of the
 * vectors of titles and queries of Cranfield from the dense model's, and by nDCG@10 of titles.
 */
export async function encoder(
  context: ExperimentContext,
  sizes: {
    readonly layers: number;
    readonly calibrate: number;
    readonly documents: number;
    readonly queries: number;
    readonly inputs: Subject['inputs'];
  },
  pause: Pause,
): Promise<Subject> {
  const whole = await encoderModel(context);
  const { model } = whole;
  const short = await shortGlosses(context, sizes.calibrate, LONGEST);
  const batches = Array.from({ length: Math.ceil(short.length / BATCH) }, (_, k) =>
    whole.batch(short.slice(k * BATCH, (k + 1) * BATCH)),
  );
  const apply = (p: nn.Parameters, x: ad.Tensor): ad.Tensor => nn.apply(model.layer, p, x, { state: model.state });
  const largest = layersOf({ parameters: model.parameters, apply }, batches[0])
    .filter(({ use }) => use !== 'table')
    .sort((a, b) => b.inputs * b.outputs - a.inputs * a.outputs)
    .slice(0, sizes.layers);
  const names = new Set(largest.map(({ name }) => name));
  const judge = await sentencesJudge(context, whole, sizes, pause);
  return {
    ...{ parameters: model.parameters, apply, batches, inputs: sizes.inputs },
    keep: (name) => !names.has(name),
    async judge(parameters) {
      const { error, ndcg } = await judge(parameters);
      return { loss: error, score: ndcg };
    },
  };
}
