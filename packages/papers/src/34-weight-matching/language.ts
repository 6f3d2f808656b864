import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import type { MergingData } from 'southwell/merging';
import { adamW, cosineDecay } from 'southwell/optimisers';
import { trainingIterates } from 'southwell/training';
import type { ExperimentEvent } from '../experiment.ts';
import { WINDOW, type Windows, windowTensors } from '../material/stories.ts';
import type { Panel } from '../panels.ts';
import type { Pause } from '../pauses.ts';

export const TRAINING = 'Training loss';
export const LANGUAGE_LINE = 'Loss on the line between two language models';

export const NAMES = ['first model', 'second model'] as const;

export const trainingPanel: Panel = {
  title: TRAINING,
  x: { label: 'steps' },
  y: { label: 'cross-entropy of a token', unit: 'nats' },
  series: [...NAMES],
};

export const languageLine = {
  title: LANGUAGE_LINE,
  x: { label: 'place on the line, λ' },
  y: { label: 'cross-entropy of a token', unit: 'nats' },
} as const;

/** Windows from one to before another. */
export const windowsOf = ({ inputs, targets }: Windows, from: number, to: number): Windows => ({
  count: to - from,
  inputs: inputs.subarray(from * WINDOW, to * WINDOW),
  targets: targets.subarray(from * WINDOW, to * WINDOW),
});

/** Windows with the mean loss of a token. */
export function lossOn(windows: Windows): MergingData {
  const [inputs, targets] = windowTensors(windows, 0, windows.count);
  const loss: MergingData['loss'] = (outputs, y) =>
    ad.mean(ad.crossEntropy(ad.reshape(outputs, [y.size, -1]), ad.reshape(y, [y.size])));
  return { inputs, targets, loss };
}

export const lossOf = ({ layer, parameters, state }: nn.Model, { inputs, targets, loss }: MergingData): number =>
  loss(nn.apply(layer, parameters, inputs, { state }), targets).item();

/** A model of the form with random matrices; the scales of norms are 1. */
export function startOf({ layer, state }: nn.Model, deviation: number, seed: number): nn.Model {
  const random = new Random(seed);
  const drawn = Object.entries(nn.init(layer, ad.randomKey(seed))).map(([name, t]) => {
    if (t.rank < 2) return [name, t];
    const values = Float32Array.from({ length: t.size }, () => deviation * random.normal());
    return [name, ad.tensor(values, { shape: t.shape })];
  });
  return { layer, parameters: Object.fromEntries(drawn), state };
}

/** Trains a language model from given parameters; a rate that falls to zero by half a cosine. */
export async function* trainedOn(
  { layer, parameters, state }: nn.Model,
  { count, inputs, targets }: Windows,
  { batch, steps, rate, seed }: Readonly<Record<'batch' | 'steps' | 'rate' | 'seed', number>>,
  series: string,
  pause: Pause,
): AsyncGenerator<ExperimentEvent, nn.Model> {
  const examples = {
    count,
    inputs: { values: inputs, shape: [WINDOW] },
    targets: { values: targets, shape: [WINDOW] },
  };
  const iterates = trainingIterates(layer, examples, {
    ...{ loss: 'crossEntropy', batchSize: batch, epochs: (steps * batch) / count, seed, rate, schedule: cosineDecay },
    optimiser: (own) => adamW({ rate: own, weightDecay: 0 }),
    from: { parameters, state },
  });
  for (const iterate of iterates) {
    const { iteration, objective, done } = iterate;
    if (objective !== undefined) yield { kind: 'points', panel: TRAINING, series, x: [iteration], y: [objective] };
    if (done) return { layer, ...iterate.snapshot()! };
    await pause();
  }
  throw new Error('Training must say how it ended.');
}
