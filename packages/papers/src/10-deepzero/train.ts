import type * as nn from '@southwell/autodiff/nn';
import { sgd } from 'southwell/optimisers';
import { type Examples, type ZoTrainOptions, zoBatches, zoTrainIterates } from 'southwell/training';
import type { Pause } from '../pauses.ts';
import { BATCH, flatten, scheduleOf } from './lab.ts';

export interface ValueRun
  extends Pick<ZoTrainOptions, 'estimator' | 'directions' | 'sparsity' | 'ratios' | 'maskInterval' | 'mu'> {
  readonly rate: number;
  readonly steps: number;
  readonly seed: number;
  /** Called with the point after a step, and the number of queries so far. */
  readonly look?: { readonly every: number; at(queries: number, x: Float64Array): void };
}

/** Training by loss values with the library's method, momentum and decay. Returns the losses and the final point. */
export async function trainByValues(
  model: nn.Layer,
  data: Examples,
  parameters: nn.Parameters,
  { rate, steps, seed, look, ...rest }: ValueRun,
  pause: Pause,
) {
  const iterates = zoTrainIterates(model, data, {
    ...{ ...rest, loss: 'crossEntropy', steps, seed, batchSize: BATCH, rate, from: { parameters } },
    schedule: () => scheduleOf(rate, steps),
    optimiser: (schedule) => sgd({ rate: schedule, momentum: 0.9, weightDecay: 5e-4 }),
  });
  const losses: number[] = [];
  let [x, queries] = [flatten(parameters), 0];
  for (const { iteration, objective, metrics, done, snapshot } of iterates) {
    if (iteration < steps) losses.push(objective);
    queries = metrics!.queries;
    if (done || (look && iteration > 0 && iteration % look.every === 0)) {
      x = flatten(snapshot().parameters);
      look?.at(queries, x);
    }
    await pause();
  }
  return { losses, x, queries, batches: zoBatches(data.count, BATCH, seed) };
}
