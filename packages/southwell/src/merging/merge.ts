import type * as ad from '@southwell/autodiff';
import type * as nn from '@southwell/autodiff/nn';
import { fail, keysOf, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { restateNorms } from './barrier.ts';
import { type MatchStart, matchRecords, matchWeights } from './match.ts';
import { checkAlike, weighted } from './models.ts';
import { type Permutations, permuteModel } from './permute.ts';

export interface MergeOptions extends MatchStart {
  /** Examples on which statistics of batch norms are measured again; without them they are averaged. */
  readonly norms?: ad.Tensor;
}
const mergeKeys: OptionKeys<MergeOptions> = {
  ...keysOf(matchRecords),
  norms: true,
};

/** An average of networks, each permuted to agree with the first. */
export interface Merged {
  readonly model: nn.Model;
  /** Of each network after the first. */
  readonly permutations: readonly Permutations[];
}

/**
 * Matches each network to the first and averages all with equal weights.
 * @throws as `matchWeights`; INVALID_PARAMETER for fewer than two networks.
 */
export function mergeModels(models: readonly nn.Model[], options: MergeOptions): Merged {
  knownKeys('mergeModels', options, mergeKeys);
  if (models.length < 2) fail('INVALID_PARAMETER', 'A merge takes two networks or more.');
  const { norms, ...match } = options;
  const [first, ...others] = models;
  for (const other of others) checkAlike(first, other);
  const permutations = others.map((other) => matchWeights(first, other, match).point.permutations);
  const moved = others.map((other, k) => permuteModel(other, options.spec, permutations[k]));
  const model = weighted(
    [first, ...moved],
    models.map(() => 1 / models.length),
  );
  return { model: norms ? restateNorms(model, norms) : model, permutations };
}
