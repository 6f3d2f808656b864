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

export const steps: Parameter = {
  name: 'steps',
  title: 'Training steps',
  default: { quick: 400, full: 400 },
  min: 40,
  max: 5000,
  integer: true,
};
/** If fewer steps suffice. */
export const fewSteps: Parameter = { ...steps, default: { quick: 150, full: 400 } };

/** The transformer, its batches, and the rank of moments, a quarter of the smaller sides. */
export const settings = {
  quick: { width: 32, heads: 4, blocks: 2, context: 24, batch: 8, rank: 8 },
  full: { width: 64, heads: 4, blocks: 2, context: 48, batch: 16, rank: 16 },
} as const satisfies Record<'quick' | 'full', Shape & { readonly rank: number }>;

export const rates = { quick: [6e-3, 1e-2], full: [3e-3, 6e-3, 1e-2] } as const;
/** Number of last losses that are averaged. */
export const LAST = 30;
const betas = { beta1: 0.9, beta2: 0.99, epsilon: 1e-8 };

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

/** One run at a rate. */
export async function tried(net: Trainer, made: Made, rate: number, length: number): Promise<Tried> {
  const losses = await net.train(stepper(made(schedule(rate, length))), length);
  return { rate, loss: ending(losses, length), losses };
}

/** The result at the best rate, and at all rates. */
export async function tuned(
  net: Trainer,
  made: Made,
  length: number,
  size: 'quick' | 'full',
): Promise<Tried & { readonly all: readonly Tried[] }> {
  const all: Tried[] = [];
  for (const rate of rates[size]) all.push(await tried(net, made, rate, length));
  return { ...all.reduce((a, b) => (b.loss < a.loss ? b : a)), all };
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
