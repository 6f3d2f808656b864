import type * as nn from '@southwell/autodiff/nn';
import { drawActive } from 'southwell/black-box';
import { sgd } from 'southwell/optimisers';
import { type Examples, type ZoTrainOptions, zoBatches, zoTrainIterates } from 'southwell/training';
import type { Pause } from '../pauses.ts';
import { BATCH, type backprop, flatten, type grasp, scheduleOf, trainByGradients } from './lab.ts';

export interface ValueRun
  extends Pick<ZoTrainOptions, 'estimator' | 'directions' | 'sparsity' | 'ratios' | 'maskInterval' | 'mu'> {
  readonly rate: number;
  readonly steps: number;
  readonly seed: number;
  /** Called with the point after a step, and the number of queries so far. */
  readonly look?: { readonly every: number; at(queries: number, x: Float64Array): void };
  /** Called with the loss of each batch. */
  readonly each?: (step: number, loss: number) => void;
}

/** Training by loss values with the library's method, momentum and decay. Returns the losses and the final point. */
export async function trainByValues(
  model: nn.Layer,
  data: Examples,
  parameters: nn.Parameters,
  { rate, steps, seed, look, each, ...rest }: ValueRun,
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
    if (iteration < steps) {
      each?.(losses.length, objective);
      losses.push(objective);
    }
    queries = metrics!.queries;
    if (done || (look && iteration > 0 && iteration % look.every === 0)) {
      x = flatten(snapshot().parameters);
      look?.at(queries, x);
    }
    await pause();
  }
  return { losses, x, queries, batches: zoBatches(data.count, BATCH, seed) };
}

/** A run with sparse gradients or weights, for one sparsity. */
export interface SparseRun {
  readonly oracle: ReturnType<typeof backprop>;
  readonly start: Float64Array;
  readonly batches: (step: number) => Int32Array;
  /** By ZO-GraSP. */
  readonly scored: ReturnType<typeof grasp>;
  readonly seed: number;
  readonly steps: number;
  readonly rate: number;
  /** Steps after which the active weights are drawn anew. */
  readonly interval: number;
  readonly each?: (step: number, x: Float64Array) => void;
}

/**
 * Sparse updates of dense weights, drawn anew by the library, with gradients of autodiff in place of coordinate
 * differences. The final point.
 */
export async function sparseUpdates(run: SparseRun, pause: Pause): Promise<Float64Array> {
  const { oracle, start, batches, scored, seed, interval } = run;
  let [drawn, coords] = [-1, new Int32Array(0)];
  const active = (step: number) => {
    const k = Math.floor(step / interval);
    if (k !== drawn) [drawn, coords] = [k, Int32Array.from(drawActive(start.length, scored.layers, seed, k))];
    return coords;
  };
  return (await trainByGradients(oracle, start, batches, { ...run, active }, pause)).x;
}

/** The methods to which sparse updates are compared. */
export const rivals = {
  'sparse weights': ({ scored }: SparseRun) => ({ weights: scored.mask }),
  'sparse weights, drawn': ({ scored }: SparseRun) => ({ weights: scored.drawn }),
  'one mask': ({ scored }: SparseRun) => ({ active: () => scored.drawn }),
} as const;
export type Rival = keyof typeof rivals;

export async function trainRival(rival: Rival, run: SparseRun, pause: Pause): Promise<Float64Array> {
  const { oracle, start, batches } = run;
  return (await trainByGradients(oracle, start, batches, { ...run, ...rivals[rival](run) }, pause)).x;
}

/** Sparse updates by coordinate differences. */
export const coordinateRun = trainByValues;
