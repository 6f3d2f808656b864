import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random, SouthwellError } from 'southwell';
import {
  adamW,
  type LowRankAdamWOptions,
  lowRankAdamW,
  type OptimiserState,
  type ParameterRange,
  type Schedule,
  type TrainingOptimiser,
} from 'southwell/optimisers';
import type { ExperimentContext, Parameter } from '../experiment.ts';
import { batches, type Characters } from '../material/characters.ts';
import { decoder, lossOf, type Shape, schedule } from '../material/decoder.ts';
import type { Pause } from '../pauses.ts';
import { locked } from './locked.ts';

const { quality, projection, trion } = locked.claims;
type BothSizes = Readonly<Record<'quick' | 'full', { readonly steps: number }>>;
const stepsOf = ({ quick, full }: BothSizes): Parameter => ({
  name: 'steps',
  title: 'Training steps',
  default: { quick: quick.steps, full: full.steps },
  min: 40,
  max: 5000,
  integer: true,
});
export const steps = stepsOf(quality.sizes);
export const projectionSteps = stepsOf(projection.sizes);
export const orthogonalSteps = stepsOf(trion.sizes);

/** The transformer, its batches, and the rank of moments, the same for all claims. */
export const settings: Readonly<Record<'quick' | 'full', Shape & { readonly rank: number }>> = quality.sizes;

/** Number of last losses that are averaged. */
const LAST = quality.sizes.quick.last;
/** The second decay is that of the study, 0.99 in place of the library's 0.999, since runs are short. */
export const betas = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };

/** An optimiser as a function of its schedule. */
export type Made = (rate: Schedule) => TrainingOptimiser;
/** The low-rank optimiser under test. */
export type LowRank = (options: LowRankAdamWOptions) => TrainingOptimiser;
export const libraryMethod: LowRank = lowRankAdamW;

export const fullAdam: Made = (rate) => adamW({ rate, weightDecay: 0, ...betas });
export const lowRank =
  (method: LowRank, rank: number, options: Partial<LowRankAdamWOptions> = {}): Made =>
  (rate) =>
    method({ rate, rank, weightDecay: 0, ...betas, ...options });

/** An independent seed for each seed of the run and each draw. */
export const drawSeed = (context: ExperimentContext, draw: number): number => 1000 * context.seed + draw;

/** Called after each step's gradient has been computed, and before the step. */
export type Watch = (gradient: Float32Array, ranges: readonly ParameterRange[]) => void;

/** An update rule for parameters. */
export interface Stepper {
  step(x: Float32Array, gradient: Float32Array): void;
  free(): void;
}
export type MakeStepper = (x: Float32Array, ranges: readonly ParameterRange[]) => Stepper;

export const stepper =
  (optimiser: TrainingOptimiser): MakeStepper =>
  (x, ranges) => {
    const state: OptimiserState = optimiser.init(x, ranges);
    return { step: (at, gradient) => optimiser.step(state, at, gradient), free: () => state.free() };
  };

/** A transformer that is trained repeatedly from the same initial parameters, on the same batches. */
export interface Trainer {
  readonly ranges: readonly ParameterRange[];
  /** The losses of the batches, each before its step; truncated at the first non-finite one. */
  train(make: MakeStepper, length: number, watch?: Watch): Promise<number[]>;
  free(): void;
}

/** Low rank applies to the matrices of the blocks; embedding tables and the head use AdamW. */
const whole = /^(embedding|positions|head)\./;

export function trainer(characters: Characters, context: ExperimentContext, draw: number, pause: Pause): Trainer {
  const shape = settings[context.size];
  const seed = drawSeed(context, draw);
  const layer = decoder(shape, characters.symbols.length);
  const data = () => batches(characters, shape, new Random(seed).split(1));
  const parameters = nn.init(layer, ad.randomKey(seed));
  const program = ad.compile(ad.valueAndGrad(lossOf(layer))).prepare(parameters, ...data().next().value);
  const first = program.inputs[0].data.slice();
  let from = 0;
  const ranges = Object.entries(parameters).map(([name, { shape: sizes, size }]): ParameterRange => {
    const range = {
      name,
      from,
      to: from + size,
      shape: [...sizes],
      outputs: 'first',
      orthogonal: !whole.test(name),
    } as const;
    from += size;
    return range;
  });
  return {
    ranges,
    async train(make, length, watch) {
      const x = () => program.inputs[0].data as Float32Array;
      const g = () => program.outputs[1].data as Float32Array;
      x().set(first);
      const rule = make(x(), ranges);
      const losses: number[] = [];
      const source = data();
      try {
        for (let step = 0; step < length; step++) {
          const [inputs, targets] = source.next().value;
          program.inputs[1].data.set(inputs.data());
          program.inputs[2].data.set(targets.data());
          program.run();
          const loss = program.outputs[0].data[0];
          if (!Number.isFinite(loss)) break;
          losses.push(loss);
          watch?.(g(), ranges);
          rule.step(x(), g());
          await pause();
        }
      } catch (error) {
        // Non-finite gradients end a run like non-finite losses.
        if (!(error instanceof SouthwellError && error.code === 'NON_FINITE')) throw error;
      } finally {
        rule.free();
      }
      return losses;
    },
    free: () => program.free(),
  };
}

/** AdamW for tables, norms and the head only: a bar that this meets shows nothing about the blocks. */
export const withoutBlocks =
  (made: Made, rate: Schedule): MakeStepper =>
  (x, ranges) =>
    stepper(made(rate))(
      x,
      ranges.map((range) => ({ ...range, frozen: range.orthogonal! && range.shape!.length > 1 })),
    );

/** Mean of the last losses; infinite if a run ended early. */
export function ending(losses: readonly number[], length: number): number {
  if (losses.length < length) return Number.POSITIVE_INFINITY;
  const tail = losses.slice(-LAST);
  return tail.reduce((a, b) => a + b, 0) / tail.length;
}

export interface Tried {
  readonly rate: number;
  readonly loss: number;
  readonly losses: readonly number[];
}

/** How an optimiser steps with a schedule. */
export type MakeAt = (rate: Schedule) => MakeStepper;
export const at =
  (made: Made): MakeAt =>
  (rate) =>
    stepper(made(rate));

/** One run with a peak rate. */
export async function tried(net: Trainer, make: MakeAt, rate: number, length: number): Promise<Tried> {
  const losses = await net.train(make(schedule(rate, length)), length);
  return { rate, loss: ending(losses, length), losses };
}

/** A draw on which rates are chosen; it does not judge. */
const TUNING = 500;

/** The best of the rates for each optimiser, on a draw that does not judge. */
export async function tuned<Name extends string>(
  characters: Characters,
  context: ExperimentContext,
  optimisers: Readonly<Record<Name, MakeAt>>,
  rates: readonly number[],
  length: number,
  pause: Pause,
): Promise<Record<Name, number>> {
  const best = {} as Record<Name, number>;
  const names = Object.keys(optimisers) as Name[];
  if (rates.length === 1) {
    for (const name of names) best[name] = rates[0];
    return best;
  }
  const net = trainer(characters, context, TUNING, pause);
  try {
    for (const name of names) {
      let least = Number.POSITIVE_INFINITY;
      for (const rate of rates) {
        const { loss } = await tried(net, optimisers[name], rate, length);
        if (!(loss < least)) continue;
        least = loss;
        best[name] = rate;
      }
      best[name] ??= rates[0];
    }
  } finally {
    net.free();
  }
  return best;
}

/** Averages of ten: losses of single batches are noisy. */
export function curve(panel: string, series: string, values: readonly number[]) {
  const [x, y]: [number[], number[]] = [[], []];
  for (let at = 0; at + 10 <= values.length; at += 10) {
    x.push(at + 5);
    y.push(values.slice(at, at + 10).reduce((a, b) => a + b, 0) / 10);
  }
  return { kind: 'points', panel, series, x, y } as const;
}
