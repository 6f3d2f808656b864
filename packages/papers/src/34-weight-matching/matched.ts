import type * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { Random } from '@southwell/numerics/core';
import {
  type MergingData,
  matchWeights,
  matchWeightsIterates,
  type PermutationSpec,
  type Permutations,
} from 'southwell/merging';
import { type Pause, pointOf } from '../pauses.ts';
import { partsOf } from './directions.ts';

/** How the neurons of a network are put in order; `learned` by straight-through gradients. */
export type Arm = 'none' | 'weights' | 'activations' | 'strong' | 'weak' | 'learned' | 'random';

export const armNames: Readonly<Record<Arm, string>> = {
  none: 'as trained',
  weights: 'weights matched',
  activations: 'activations matched',
  strong: 'strong directions matched',
  weak: 'weak directions matched',
  learned: 'learned from the loss halfway',
  random: 'random order',
};

/** What the arms take besides the two networks. */
export interface Given {
  readonly spec: PermutationSpec;
  readonly seed: number;
  /** Examples whose activations are matched. */
  readonly inputs: ad.Tensor;
  /** Singular values from this share of the largest up are strong. */
  readonly gamma: number;
  readonly learning?: { readonly data: MergingData; readonly steps: number; readonly noise: number };
}

/** The permutations of b's neurons by one of the arms; `onStep` takes the lowest loss so far of permutations that are learned. */
export async function matchedBy(
  arm: Arm,
  a: nn.Model,
  b: nn.Model,
  { spec, seed, inputs, gamma, learning }: Given,
  pause: Pause,
  onStep: (step: number, loss: number) => void = () => {},
): Promise<Permutations> {
  if (arm === 'none') return {};
  if (arm === 'random') {
    const random = new Random(seed);
    return Object.fromEntries(Object.entries(spec.sizes).map(([name, n]) => [name, random.permutation(n)]));
  }
  if (arm === 'activations')
    return matchWeights(a, b, { spec, seed, method: 'activations', inputs }).point.permutations;
  if (arm === 'strong' || arm === 'weak') {
    const [left, right] = [a, b].map((model) => partsOf(model, gamma)[arm]);
    return matchWeights(left, right, { spec, seed }).point.permutations;
  }
  if (arm === 'weights') return matchWeights(a, b, { spec, seed }).point.permutations;
  const { data, steps, noise } = learning!;
  const iterates = matchWeightsIterates(a, b, { spec, seed, method: 'ste', data, maxSweeps: steps, noise });
  const told = (function* () {
    for (const iterate of iterates) {
      onStep(iterate.iteration, iterate.objective!);
      yield iterate;
    }
  })();
  return (await pointOf(told, pause)).permutations;
}
