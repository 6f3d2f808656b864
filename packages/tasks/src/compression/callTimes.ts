import type { Tensor } from '@southwell/autodiff';
import { loadModel, type PlainTensor, type Stored } from '@southwell/autodiff/nn';
import type { ModelNetwork } from '../saved-model.ts';
import { compiledIfPossible } from '../training/compiled.ts';

/** Seconds that one call takes. */
export interface CallTimes {
  readonly original: number;
  readonly compressed: number;
}

/** Seconds in which both are called in turn, and the least and most calls of each. */
const [SECONDS, LEAST, MOST] = [0.3, 3, 200];

/** Median seconds of a call with the smallest batch: of a network as it is, and of its compressed form as a file of it runs, packed. */
export function callTimes(network: ModelNetwork, stored: Stored<PlainTensor>): CallTimes {
  const { inputs } = network.example();
  const packed = loadModel(stored, { packed: 'keep' });
  const programs = [
    { weights: network.parameters, layer: network.layer },
    { weights: packed.parameters, layer: packed.layer },
  ].map(({ weights, layer }) => ({
    run: compiledIfPossible((x: Readonly<Record<string, Tensor>>) => network.apply(weights, x, layer)),
    seconds: [] as number[],
  }));
  for (const { run } of programs) run(inputs);
  const until = performance.now() + 1000 * SECONDS;
  for (let k = 0; k < LEAST || (k < MOST && performance.now() < until); k++)
    for (const { run, seconds } of programs) {
      const from = performance.now();
      run(inputs);
      seconds.push((performance.now() - from) / 1000);
    }
  const [original, compressed] = programs.map(({ seconds }) => seconds.sort((a, b) => a - b)[seconds.length >> 1]);
  return { original, compressed };
}
