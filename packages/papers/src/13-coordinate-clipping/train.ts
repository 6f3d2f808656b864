import * as ad from '@southwell/autodiff';
import * as nn from '@southwell/autodiff/nn';
import { Random, SouthwellError } from 'southwell';
import type { TrainingOptimiser } from 'southwell/optimisers';
import type { ExperimentContext } from '../experiment.ts';
import { batches, type Characters } from '../material/characters.ts';
import { decoder, lossOf } from '../material/decoder.ts';
import type { Pause } from '../pauses.ts';
import { drawSeed, shapes } from './lab.ts';

/** A transformer that is trained repeatedly from the same initial parameters, on the same batches. */
export interface Trainer {
  /** The losses of the batches, each before its step; truncated at the first non-finite one. */
  train(optimiser: TrainingOptimiser, length: number): Promise<number[]>;
  free(): void;
}

export function trainer(characters: Characters, context: ExperimentContext, draw: number, pause: Pause): Trainer {
  const shape = shapes[context.size];
  const seed = drawSeed(context, draw);
  const layer = decoder(shape, characters.symbols.length);
  const data = () => batches(characters, shape, new Random(seed).split(1));
  const program = ad
    .compile(ad.valueAndGrad(lossOf(layer)))
    .prepare(nn.init(layer, ad.randomKey(seed)), ...data().next().value);
  const first = program.inputs[0].data.slice();
  return {
    async train(optimiser, length) {
      program.inputs[0].data.set(first);
      const state = optimiser.init(program.inputs[0].data as Float32Array);
      const losses: number[] = [];
      const source = data();
      try {
        for (let step = 0; step < length; step++) {
          const [x, y] = source.next().value;
          program.inputs[1].data.set(x.data());
          program.inputs[2].data.set(y.data());
          program.run();
          const loss = program.outputs[0].data[0];
          if (!Number.isFinite(loss)) break;
          losses.push(loss);
          optimiser.step(state, program.inputs[0].data as Float32Array, program.outputs[1].data as Float32Array);
          await pause();
        }
      } catch (error) {
        // Non-finite gradients end a run like non-finite losses.
        if (!(error instanceof SouthwellError && error.code === 'NON_FINITE')) throw error;
      } finally {
        state.free();
      }
      return losses;
    },
    free: () => program.free(),
  };
}

/** Mean of the last losses; infinite if the run ended early. */
export function ending(losses: readonly number[], length: number, last: number): number {
  const tail = losses.slice(-last);
  return losses.length < length ? Number.POSITIVE_INFINITY : tail.reduce((a, b) => a + b, 0) / tail.length;
}

/** A rate with the lowest loss, and all that were tried. */
export interface Tuned {
  readonly rate: number;
  readonly tried: ReadonlyArray<readonly [rate: number, loss: number]>;
}

/** Tries rates spaced by a factor of 2 from `start` in both directions, until they get worse; up to a factor of 2¹². */
export async function tune(lossAt: (rate: number) => Promise<number>, start: number): Promise<Tuned> {
  let best = { rate: start, loss: await lossAt(start) };
  const tried: Array<[number, number]> = [[start, best.loss]];
  for (const factor of [0.5, 2]) {
    for (let k = 1; k <= 12; k++) {
      const rate = start * factor ** k;
      const loss = await lossAt(rate);
      tried.push([rate, loss]);
      if (!(loss < best.loss)) break;
      best = { rate, loss };
    }
  }
  return { rate: best.rate, tried: tried.sort(([a], [b]) => a - b) };
}

/** The largest of rates spaced by a factor of 2, from one that is stable, at which runs end below `unstable`. */
export async function largestStable(
  lossAt: (rate: number) => Promise<number>,
  from: number,
  unstable: number,
): Promise<number> {
  let rate = from;
  for (let k = 1; k <= 12 && (await lossAt(2 * rate)) < unstable; k++) rate *= 2;
  return rate;
}
