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

/** A method with the best of its rates. */
export interface Tuned {
  readonly rate: number;
  readonly loss: number;
  readonly losses: readonly number[];
  /** The largest rate, from the best one upwards, at which the run ends below `unstable`. */
  readonly largestStable: number;
  /** Mean of the last losses at each rate tried, infinite if the run ended early. */
  readonly tried: ReadonlyArray<readonly [rate: number, loss: number]>;
}

/**
 * Tries rates spaced by a factor of 2, downwards from `start` while that helps, and upwards until a run ends above
 * `unstable` and is worse than the best (without `unstable`, until it is worse); up to a factor of 2¹².
 */
export async function tune(
  run: (rate: number) => Promise<readonly number[]>,
  start: number,
  { length, last, unstable }: { readonly length: number; readonly last: number; readonly unstable?: number },
): Promise<Tuned> {
  let best = { rate: Number.NaN, loss: Number.POSITIVE_INFINITY, losses: [] as readonly number[] };
  const tried: Array<[number, number]> = [];
  const attempt = async (rate: number): Promise<number> => {
    const losses = await run(rate);
    const tail = losses.slice(-last);
    const loss = losses.length < length ? Number.POSITIVE_INFINITY : tail.reduce((a, b) => a + b, 0) / tail.length;
    tried.push([rate, loss]);
    if (loss < best.loss) best = { rate, loss, losses };
    return loss;
  };
  await attempt(start);
  for (let k = 1; k <= 12; k++) {
    const before = best.rate;
    await attempt(start / 2 ** k);
    if (best.rate === before) break;
  }
  for (let k = 1; k <= 12; k++) {
    const loss = await attempt(start * 2 ** k);
    if (loss > best.loss && (unstable === undefined || loss >= unstable)) break;
  }
  tried.sort(([a], [b]) => a - b);
  let largestStable = best.rate;
  for (const [rate, loss] of tried) {
    if (rate <= best.rate) continue;
    if (loss >= (unstable ?? best.loss)) break;
    largestStable = rate;
  }
  return { ...best, largestStable, tried };
}
