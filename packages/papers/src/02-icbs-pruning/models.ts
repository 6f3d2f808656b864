import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { calibrate, type InputMoments, type LayerWeights, layersOf } from 'southwell/compression';
import type { ExperimentContext } from '../experiment.ts';
import { encoderModel, sentencesJudge, shortGlosses } from '../material/sentences.ts';
import { sampledWindows, someWindows, storiesJudge, storiesModel, windowTensors } from '../material/stories.ts';
import type { Pause } from '../pauses.ts';
import type { Subject } from './lab.ts';

/** Moments of all layers of the dense network, in one pass; those of earlier pruned layers would take a pass for each. */
function denseMoments(
  apply: (p: nn.Parameters, x: ad.Tensor) => ad.Tensor,
  parameters: nn.Parameters,
  layers: readonly LayerWeights[],
  batches: readonly ad.Tensor[],
): Subject['moments'] {
  let found: ReadonlyMap<string, InputMoments> | undefined;
  return async ({ name }) => {
    found ??= calibrate({ parameters, apply }, batches, layers, { full: true });
    return found.get(name)!;
  };
}

const BATCH = 32;
const batchesOf = (x: ad.Tensor): ad.Tensor[] =>
  Array.from({ length: Math.ceil(x.shape[0] / BATCH) }, (_, k) =>
    ad.slice(x, [k * BATCH, Math.min(x.shape[0], (k + 1) * BATCH)]),
  );

/**
 * The language model, pruned on texts of its own, in the layers whose names have a part; the embedding, also the last layer,
 * is none of them. Judged by
 * the divergence from the dense model and the loss of the next token on other texts.
 */
export async function storyteller(
  context: ExperimentContext,
  sizes: {
    readonly layers: string;
    readonly calibrate: number;
    readonly judge: number;
    readonly soon: number;
  },
  pause: Pause,
): Promise<Subject> {
  const { seed } = context;
  const model = await storiesModel(context);
  const all = await sampledWindows(model, sizes.calibrate + sizes.judge, seed, pause);
  const [inputs, targets] = windowTensors(all, 0, sizes.calibrate);
  const others = someWindows(all, sizes.calibrate, all.count);
  const apply = (p: nn.Parameters, x: ad.Tensor): ad.Tensor => nn.apply(model.layer, p, x);
  const layers = layersOf({ parameters: model.parameters, apply }, ad.slice(inputs, [0, 2])).filter(({ name }) =>
    name.includes(sizes.layers),
  );
  const [judgeSoon, judgeAll] = [someWindows(others, 0, Math.min(sizes.soon, others.count)), others].map((windows) =>
    storiesJudge(model, windows, pause),
  );
  return {
    ...{ model, layers, inputs, targets, seed },
    losses(p, x, y) {
      const [n, length] = x.shape;
      const logits = ad.reshape(apply(p, x), [n * length, -1]);
      return ad.mean(ad.reshape(ad.crossEntropy(logits, ad.reshape(y, [n * length])), [n, length]), 1);
    },
    moments: denseMoments(apply, model.parameters, layers, batchesOf(inputs)),
    async judge(parameters, soon) {
      const { loss, divergence } = await (soon ? judgeSoon : judgeAll)(parameters);
      return { loss: divergence, score: loss };
    },
  };
}

/**
 * The encoder, pruned by the distance of the vectors of WordNet's definitions from those of the dense model. Judged by
 * that of titles and queries of Cranfield and by nDCG@10 of titles.
 */
export async function encoderOf(
  context: ExperimentContext,
  sizes: {
    readonly layers: string;
    readonly calibrate: number;
    readonly longest: number;
    readonly documents: number;
    readonly queries: number;
    readonly soon: number;
  },
  pause: Pause,
): Promise<Subject> {
  const { seed } = context;
  const encoder = await encoderModel(context);
  const { model } = encoder;
  const inputs = encoder.batch(await shortGlosses(context, sizes.calibrate, sizes.longest));
  const apply = (p: nn.Parameters, x: ad.Tensor): ad.Tensor =>
    nn.apply(model.layer, p, x, { state: model.state }) as ad.Tensor;
  const layers = layersOf({ parameters: model.parameters, apply }, ad.slice(inputs, [0, 2])).filter(
    ({ use, name }) => use !== 'table' && name.includes(sizes.layers),
  );
  const vectors: ad.Tensor[] = [];
  for (const batch of batchesOf(inputs)) {
    vectors.push(apply(model.parameters, batch));
    await pause();
  }
  const judge = await sentencesJudge(context, encoder, sizes, pause);
  return {
    ...{ model, layers, inputs, targets: ad.concat(vectors, 0), seed },
    losses: (p, x, y) => ad.sum(ad.square(ad.sub(apply(p, x), y)), 1),
    moments: denseMoments(apply, model.parameters, layers, batchesOf(inputs)),
    async judge(parameters, soon) {
      const { error, ndcg } = await judge(parameters, soon ? sizes.soon : undefined);
      return { loss: error, score: ndcg };
    },
  };
}
