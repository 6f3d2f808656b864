export { Adam, type AdamOptions, type AdamState, adam } from './adam.ts';
export { type AndersonIterate, type AndersonOptions, andersonIterates, type FixedPointMap } from './anderson.ts';
export { armijo, armijoSearch } from './armijo.ts';
export {
  type AugmentedLagrangianIterate,
  type AugmentedLagrangianOptions,
  type AugmentedLagrangianState,
  augmentedLagrangianIterates,
  type ConstrainedProblem,
  type Constraints,
} from './augmentedLagrangian.ts';
export { constantStep } from './constantStep.ts';
export { type DescentOptions, descentIterates, type GradientIterate } from './descent.ts';
export type { Direction, DirectionRule } from './direction.ts';
export { extrapolationWeights, weightedSum } from './extrapolation.ts';
export { halving, halvingSearch } from './halving.ts';
export { HeavyBall, heavyBall } from './heavyBall.ts';
export { lbfgs } from './lbfgs.ts';
export type { GradientOracle } from './oracle.ts';
export type { Line, Search } from './search.ts';
export { type Limits, settling } from './settling.ts';
export { steepestDescent } from './steepestDescent.ts';
export { strongWolfe, type WolfeOptions } from './strongWolfe.ts';
export { type AdagradOptions, adagrad } from './training/adagrad.ts';
export { type AdamMoments, type AdamWOptions, adamW } from './training/adamW.ts';
export {
  type ExponentialAverageOptions,
  equalAverage,
  exponentialAverage,
  type SavedAverage,
  WeightAverage,
} from './training/averages.ts';
export { clipNorm, clipValues, gradientNorm } from './training/clipping.ts';
export { type CoordinateClippingOptions, withCoordinateClipping } from './training/coordinateClipping.ts';
export { fitWarmupPower, type WarmupPower } from './training/fitWarmupPower.ts';
export { GradientNorms, type SavedNorms } from './training/gradientNorms.ts';
export { lastIterateBound, type OptimalSchedule, optimalSchedule } from './training/lastIterate.ts';
export { type SavedSearch, StochasticLineSearch, type StochasticLineSearchOptions } from './training/lineSearch.ts';
export type { FixedBasis } from './training/lowRank/bases.ts';
export type { ErrorFeedback } from './training/lowRank/feedback.ts';
export { type LowRankAdamWOptions, lowRankAdamW, type Subspace } from './training/lowRank/lowRankAdamW.ts';
export type { AlignmentNorm } from './training/lowRank/projection.ts';
export {
  type SelectColumnsOptions,
  type SelectedColumns,
  selectBasisColumns,
} from './training/lowRank/selectBasisColumns.ts';
export { type StepScaling, type TrionOptions, trion } from './training/lowRank/trion.ts';
export { type MuonOptions, type MuonOthers, muon } from './training/muon.ts';
export { newtonSchulz } from './training/newtonSchulz.ts';
export { loadState, type TrainingOptimiser } from './training/optimiser.ts';
export { type OrthogonalGradientOptions, withOrthogonalGradient } from './training/orthogonalGradient.ts';
export { type ParameterRange, rangesOf } from './training/ranges.ts';
export { type NormKind, type RefineOptions, refineSchedule, smoothNorms } from './training/refinement.ts';
export {
  constantRate,
  cosineDecay,
  type DecayOptions,
  type ExponentialDecayOptions,
  exponentialDecay,
  type InverseDecayOptions,
  inverseDecay,
  inverseRootDecay,
  linearDecay,
  type OneCycleOptions,
  oneCycle,
  type Schedule,
  type StepDecayOptions,
  stepDecay,
  type TabulatedOptions,
  tabulatedSchedule,
  type WarmupPowerOptions,
  type WarmupStableDecayOptions,
  warmupPowerDecay,
  warmupStableDecay,
} from './training/schedules.ts';
export { type SgdOptions, sgd } from './training/sgd.ts';
export { type Numbers, OptimiserState, type SavedOptimiser, saveState, stateBytes } from './training/state.ts';
export {
  type StochasticOptions,
  type StochasticProblem,
  type StochasticState,
  stochasticIterates,
} from './training/stochasticIterates.ts';
export { linearTargets } from './training/surrogate/linearTargets.ts';
export {
  type TargetOptions,
  type TargetProblem,
  type TargetRunOptions,
  targetIterates,
  targetOptimize,
} from './training/surrogate/targetOptimize.ts';
export type { Divergence, TargetLoss, TargetModel } from './training/surrogate/targets.ts';
export {
  type OutputsOracle,
  type SurrogateOptimiser,
  type SurrogateOptions,
  withSurrogate,
} from './training/surrogate/withSurrogate.ts';
export { withoutScaling } from './training/withoutScaling.ts';
export {
  type HessianProduct,
  type TrustRegionIterate,
  type TrustRegionOptions,
  trustRegionIterates,
} from './trustRegion.ts';
