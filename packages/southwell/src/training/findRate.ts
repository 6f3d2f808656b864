import type { Layer } from '@southwell/autodiff/nn';
import { checkOptions, fail, integerOption, numberOption, type OptionsOf } from '@southwell/numerics/core';
import { elementary } from '@southwell/numerics/special';
import type { Examples } from './examples.ts';
import { type TrainingOptions, trainingIterates } from './trainingIterates.ts';

const findRecords = {
  /** Number of steps, unless the loss diverges earlier. Default 100. */
  steps: integerOption({ min: 2 }),
  /** Smallest rate. Default 1e-6. */
  from: numberOption({ min: 0, open: true }),
  /** Largest rate. Default 10. */
  to: numberOption({ min: 0, open: true, finite: true }),
};

export interface FindRateOptions extends OptionsOf<typeof findRecords> {}

/** Result of a learning-rate range test. */
export interface FoundRate {
  /** A tenth of the rate at which the smoothed loss was minimal. */
  readonly rate: number;
  readonly rates: readonly number[];
  /** Smoothed losses of the batch before the step at each rate. */
  readonly losses: readonly number[];
}

/** Weight of the past in the smoothed loss, and the ratio to its minimum at which the test ends. */
const [PAST, LEFT] = [0.8, 4];

/**
 * Learning-rate range test (Smith 2017): steps with geometrically increasing rates, from the model's initial parameters, until the
 * smoothed loss is four times its minimum. The parameters are not kept. O(steps).
 * @throws as {@link trainingIterates}; INVALID_PARAMETER.
 */
export function findRate(
  model: Layer,
  data: Examples,
  training: TrainingOptions,
  options: FindRateOptions = {},
): FoundRate {
  checkOptions('findRate', findRecords, options);
  const { steps = 100, from = 1e-6, to = 10 } = options;
  if (!(to > from)) fail('INVALID_PARAMETER', `to must be above from, but rates go from ${from} to ${to}.`);
  const { batchSize = Math.min(32, data.count) } = training;
  const epochs = Math.ceil((steps * batchSize) / Math.max(1, data.count - batchSize + 1));
  const growth = elementary.power(to / from, 1 / (steps - 1));
  const rateOf = (step: number) => from * elementary.power(growth, step);
  const { validation: _, patience: __, average: ___, resume: ____, ...rest } = training;
  const [rates, losses]: number[][] = [[], []];
  let [mean, least] = [0, Number.POSITIVE_INFINITY];
  const run = trainingIterates(model, data, { ...rest, epochs, rate: to, schedule: () => rateOf });
  for (const { iteration: step, metrics, done } of run) {
    if (done === 'diverged' || step >= steps) break;
    const value = metrics!.batch;
    mean = PAST * mean + (1 - PAST) * value;
    const smooth = mean / (1 - PAST ** (losses.length + 1));
    rates.push(rateOf(step));
    losses.push(smooth);
    if (losses.length > 5) least = Math.min(least, smooth);
    if (smooth > LEFT * least) break;
  }
  const best = losses.reduce((at, loss, k) => (loss < losses[at] ? k : at), 0);
  return { rate: (rates[best] ?? from) / 10, rates, losses };
}
