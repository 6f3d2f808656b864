import * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import type { MergingData } from 'southwell/merging';
import type { Examples } from 'southwell/training';
import { chosen, type ImageSet, tensorsOf, trainedPerceptron } from '../material/perceptrons.ts';
import type { Pause } from '../pauses.ts';

/** What networks are trained on, and what they are judged by. */
export interface Task {
  readonly train: Examples;
  readonly test: Examples;
  /** Training examples for losses along lines. */
  readonly judged: MergingData;
}

const tasks = new WeakMap<ImageSet, Map<string, Task>>();

const meanEntropy: MergingData['loss'] = (outputs, targets) => ad.mean(ad.crossEntropy(outputs, targets));

export function dataOf(examples: Examples): MergingData {
  const [inputs, targets] = tensorsOf(examples);
  return { inputs, targets, loss: meanEntropy };
}

/** Places spread evenly over a set, which may be sorted by class. */
export const spread = (count: number, wanted: number): number[] => {
  const n = Math.min(count, wanted);
  return Array.from({ length: n }, (_, i) => Math.floor((i * count) / n));
};

const someOf = (examples: Examples, count: number): Examples =>
  count >= examples.count ? examples : chosen(examples, spread(examples.count, count));

/** Some examples of a set for training, and some of these for losses along lines. The same object each time, so that networks are shared. */
export function taskOf(
  set: ImageSet,
  { examples, judged }: { readonly examples: number; readonly judged: number },
): Task {
  const known = tasks.get(set) ?? new Map<string, Task>();
  tasks.set(set, known);
  const key = `${examples} ${judged}`;
  const found = known.get(key);
  if (found) return found;
  const train = someOf(set.train, examples);
  const task = { train, test: set.test, judged: dataOf(someOf(train, judged)) };
  known.set(key, task);
  return task;
}

/** The seeds of the three networks of a draw. */
export function seedsOf(seed: number, draw: number): readonly number[] {
  const random = new Random(seed).split(draw);
  return Array.from({ length: 3 }, () => random.integer(2 ** 31));
}

/** A network with three hidden layers of a width. */
export const network = (
  { train }: Task,
  of: { readonly width: number; readonly epochs: number; readonly seed: number; readonly variance?: number },
  pause: Pause,
): Promise<nn.Model> => {
  const { width, ...rest } = of;
  const inputs = train.inputs.shape[0];
  return trainedPerceptron(train, { ...rest, widths: [inputs, width, width, width, 10] }, pause);
};
