import type { Layer } from '@southwell/autodiff/nn';
import { knownKeys, only, type RunOptions, run, runKeys, type Solution } from '@southwell/numerics/core';
import type { Examples } from './examples.ts';
import { type Trained, type TrainingOptions, trainingIterates, trainingKeys } from './trainingIterates.ts';

/**
 * Runs {@link trainingIterates} to the end: returns the trained model with its history, and the status. `maxIter`
 * limits the number of steps.
 * @throws as {@link trainingIterates}.
 */
export function trainModel(
  model: Layer,
  data: Examples,
  options: TrainingOptions & RunOptions<Trained>,
): Solution<Trained> {
  knownKeys('trainModel', options, { ...trainingKeys, ...runKeys });
  const limits = only<RunOptions<unknown>>(options as RunOptions<unknown>, runKeys) as RunOptions<Trained>;
  return run(trainingIterates(model, data, only<TrainingOptions>(options, trainingKeys)), limits);
}
