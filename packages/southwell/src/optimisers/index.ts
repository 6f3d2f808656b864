export { Adam, type AdamOptions, type AdamState, adam } from './adam.ts';
export { type AndersonIterate, type AndersonOptions, andersonIterates, type FixedPointMap } from './anderson.ts';
export {
  type AugmentedLagrangianIterate,
  type AugmentedLagrangianOptions,
  type AugmentedLagrangianState,
  augmentedLagrangianIterates,
  type ConstrainedProblem,
  type Constraints,
} from './augmentedLagrangian.ts';
export { type DescentOptions, descentIterates, type GradientIterate } from './descent.ts';
export type { Direction, DirectionRule } from './direction.ts';
export { extrapolationWeights, weightedSum } from './extrapolation.ts';
export { HeavyBall, heavyBall } from './heavyBall.ts';
export { lbfgs } from './lbfgs.ts';
export type { GradientOracle } from './oracle.ts';
export { armijo, armijoSearch } from './search/armijo.ts';
export { constantStep } from './search/constantStep.ts';
export { halving, halvingSearch } from './search/halving.ts';
export type { Line, Search } from './search/search.ts';
export { strongWolfe, type WolfeOptions } from './search/strongWolfe.ts';
export { type Limits, settling } from './settling.ts';
export { steepestDescent } from './steepestDescent.ts';
export { type AdagradOptions, adagrad } from './stochastic/adagrad.ts';
export { type AdamMoments, type AdamWOptions, adamW } from './stochastic/adamW.ts';
export {
  type ExponentialAverageOptions,
  equalAverage,
  exponentialAverage,
  type SavedAverage,
  WeightAverage,
} from './stochastic/averages.ts';
export { clipNorm, clipValues, gradientNorm } from './stochastic/clipping.ts';
export { type CoordinateClippingOptions, withCoordinateClipping } from './stochastic/coordinateClipping.ts';
export { GradientNorms, type SavedNorms } from './stochastic/gradientNorms.ts';
export { type SavedSearch, StochasticLineSearch, type StochasticLineSearchOptions } from './stochastic/lineSearch.ts';
export type { FixedBasis } from './stochastic/lowRank/bases.ts';
export type { ErrorFeedback } from './stochastic/lowRank/feedback.ts';
export { type LowRankAdamWOptions, lowRankAdamW, type Subspace } from './stochastic/lowRank/lowRankAdamW.ts';
export type { AlignmentNorm } from './stochastic/lowRank/projection.ts';
export {
  type SelectColumnsOptions,
  type SelectedColumns,
  selectBasisColumns,
} from './stochastic/lowRank/selectBasisColumns.ts';
export { type StepScaling, type TrionOptions, trion } from './stochastic/lowRank/trion.ts';
export { type MuonOptions, type MuonOthers, muon } from './stochastic/muon.ts';
export { newtonSchulz } from './stochastic/newtonSchulz.ts';
export { loadState, type TrainingOptimiser } from './stochastic/optimiser.ts';
export { type OrthogonalGradientOptions, withOrthogonalGradient } from './stochastic/orthogonalGradient.ts';
export { type ParameterRange, rangesOf } from './stochastic/ranges.ts';
export { fitWarmupPower, type WarmupPower } from './stochastic/schedules/fitWarmupPower.ts';
export { lastIterateBound, type OptimalSchedule, optimalSchedule } from './stochastic/schedules/lastIterate.ts';
export {
  type NormKind,
  type RefineOptions,
  refineRecords,
  refineSchedule,
  smoothNorms,
} from './stochastic/schedules/refinement.ts';
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
} from './stochastic/schedules/schedules.ts';
export { type SgdOptions, sgd } from './stochastic/sgd.ts';
export { type Numbers, OptimiserState, type SavedOptimiser, saveState, stateBytes } from './stochastic/state.ts';
export {
  type StochasticOptions,
  type StochasticProblem,
  type StochasticState,
  stochasticIterates,
} from './stochastic/stochasticIterates.ts';
export { linearTargets } from './stochastic/surrogate/linearTargets.ts';
export {
  type TargetOptions,
  type TargetProblem,
  type TargetRunOptions,
  targetIterates,
  targetOptimize,
} from './stochastic/surrogate/targetOptimize.ts';
export type { Divergence, TargetLoss, TargetModel } from './stochastic/surrogate/targets.ts';
export {
  type OutputsOracle,
  type SurrogateOptimiser,
  type SurrogateOptions,
  withSurrogate,
} from './stochastic/surrogate/withSurrogate.ts';
export { withoutScaling } from './stochastic/withoutScaling.ts';
export {
  type HessianProduct,
  type TrustRegionIterate,
  type TrustRegionOptions,
  trustRegionIterates,
} from './trustRegion.ts';
