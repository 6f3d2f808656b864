import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random } from 'southwell';
import {
  type BatchCurvature,
  type CompiledModel,
  clipCoordinates,
  compareDirections,
  compiledModel,
} from 'southwell/diagnostics';
import { adamW, saveState } from 'southwell/optimisers';
import type { ExperimentContext, Parameter } from '../experiment.ts';
import { parameterValue } from '../experiment.ts';
import { type Batch, batches, type Characters } from '../material/characters.ts';
import { decoder, lossOf, type Shape, schedule } from '../material/decoder.ts';
import type { Pause } from '../pauses.ts';
import { adamDirection, betas, type Moments } from './adam.ts';
import { locked } from './locked.ts';

const { training, sharpness } = locked.claims;
/** Of training, and of the run of Adam along which directions are compared. */
export const steps: Parameter = {
  name: 'steps',
  title: 'Training steps',
  default: { quick: training.sizes.quick.steps, full: training.sizes.full.steps },
  min: 40,
  max: 5000,
  integer: true,
};

/** The transformer and its batches at a size, the same for all claims. */
export const shapes: Readonly<Record<'quick' | 'full', Shape>> = training.sizes;

/** An independent seed for each seed of the run and each draw. */
export const drawSeed = (context: ExperimentContext, draw: number): number => 1000 * context.seed + draw;

/** How a direction is clipped: the library's, or a negative control. */
export type Clip = (direction: Float64Array, fraction: number) => Float64Array;
export const libraryClip: Clip = (direction, fraction) => clipCoordinates(direction, { fraction });

export const names = {
  sgd: 'SGD',
  clip1: 'SGD, 1 % clipped',
  clip10: 'SGD, 10 % clipped',
  clip50: 'SGD, 50 % clipped',
  sign: 'sign',
  adam: 'Adam',
  adamClip50: 'Adam, 50 % clipped',
} as const;
export type DirectionName = keyof typeof names;

/** The directions to compare, each from the gradient of a batch. */
export function directionsAt(clip: Clip, moments: Moments) {
  const downhill = (g: Float64Array) => g.map((v) => -v);
  const clipped = (fraction: number) => (g: Float64Array) => clip(downhill(g), fraction);
  return {
    sgd: downhill,
    clip1: clipped(0.01),
    clip10: clipped(0.1),
    clip50: clipped(0.5),
    sign: (g: Float64Array) => g.map((v) => -Math.sign(v)),
    adam: (g: Float64Array) => adamDirection(moments, g),
    adamClip50: (g: Float64Array) => clip(adamDirection(moments, g), 0.5),
  } satisfies Record<DirectionName, (g: Float64Array) => Float64Array>;
}

/** A point of a run of Adam, at which directions are compared. */
export interface RunPoint {
  readonly step: number;
  readonly x: Float64Array;
  readonly moments: Moments;
  readonly model: CompiledModel<Batch>;
}

/** The transformer in double precision, compiled once for all draws. */
export interface Lab {
  readonly characters: Characters;
  readonly context: ExperimentContext;
  readonly layer: nn.Layer;
  readonly model: CompiledModel<Batch>;
}

export function openLab(characters: Characters, context: ExperimentContext): Lab {
  const shape = shapes[context.size];
  const layer = decoder(shape, characters.symbols.length);
  const parameters = nn.init(layer, ad.randomKey(0), { dtype: 'f64' });
  const [x, y] = batches(characters, shape, new Random(0)).next().value;
  return { characters, context, layer, model: compiledModel(lossOf(layer), parameters, x, y) };
}

/** Trains with Adam, and yields at some steps. The model remains at the point until the next one. */
export async function* adamRun(
  { characters, context, layer, model }: Lab,
  draw: number,
  at: readonly number[],
  pause: Pause,
): AsyncGenerator<RunPoint, void, undefined> {
  const seed = drawSeed(context, draw);
  const data = batches(characters, shapes[context.size], new Random(seed).split(1));
  const length = parameterValue(steps, context);
  const optimiser = adamW({ rate: schedule(sharpness.sizes[context.size].rate, length), weightDecay: 0, ...betas });
  const first = ad.leavesOf(nn.init(layer, ad.randomKey(seed), { dtype: 'f64' }));
  const x = Float64Array.from(first.flatMap((tensor) => Array.from(tensor.data())));
  const gradient = new Float64Array(model.size);
  const state = optimiser.init(x);
  try {
    for (let step = 0; step <= length; step++) {
      model.take(...data.next().value);
      model.gradient(x, gradient);
      if (at.includes(step)) {
        const { mean, square } = saveState(state).slots as Record<string, Float64Array>;
        model.move(x);
        yield { step, x: x.slice(), moments: { mean, square, steps: step }, model };
      }
      optimiser.step(state, x, gradient);
      await pause();
    }
  } finally {
    state.free();
  }
}

/** The batches at a point, one after the other: the model has each until the next is requested. */
export function* curvatures(
  { model, x }: RunPoint,
  data: readonly Batch[],
): Generator<BatchCurvature & { readonly batch: Batch }> {
  for (const batch of data) {
    model.take(...batch);
    const gradient = new Float64Array(model.size);
    model.gradient(x, gradient);
    yield { gradient, product: model.hessianVector, batch };
  }
}

/** Separate batches for a point, which training does not see in this order. */
export function batchesAt(characters: Characters, context: ExperimentContext, draw: number, step: number): Batch[] {
  const random = new Random(drawSeed(context, draw)).split(2).split(step);
  const source = batches(characters, shapes[context.size], random);
  return Array.from({ length: sharpness.sizes[context.size].batchesPerPoint }, () => source.next().value);
}

/** {@link compareDirections} with pauses between the batches. */
export const compared = (point: RunPoint, data: readonly Batch[], clip: Clip) =>
  compareDirections(curvatures(point, data), directionsAt(clip, point.moments));
