export { alignmentScore } from './alignment.ts';
export {
  type Barrier,
  type BarrierOptions,
  barrier,
  barrierRecords,
  type MergingData,
  restateNorms,
} from './barrier.ts';
export {
  type Match,
  type MatchOptions,
  type MatchStart,
  type MatchState,
  matchRecords,
  matchWeights,
  matchWeightsIterates,
} from './match.ts';
export { type Merged, type MergeOptions, mergeModels } from './merge.ts';
export { interpolateModels, modelDistance } from './models.ts';
export { type AxisFactor, type PermutationSpec, type Permutations, permuteModel } from './permute.ts';
export { permutationSpec } from './spec.ts';
export type { StraightState } from './straightThrough.ts';
