export { Adam, type AdamOptions, type AdamState, adam } from './adam.ts';
export { type AndersonIterate, type AndersonOptions, andersonIterates, type FixedPointMap } from './anderson.ts';
export { armijo, armijoSearch } from './armijo.ts';
export {
  type AugmentedLagrangianIterate,
  type AugmentedLagrangianOptions,
  augmentedLagrangianIterates,
  type ConstrainedProblem,
  type Constraints,
} from './augmentedLagrangian.ts';
export { constantStep } from './constantStep.ts';
export { type DescentOptions, descentIterates, type GradientIterate } from './descent.ts';
export type { Direction, DirectionRule } from './direction.ts';
export { halving, halvingSearch } from './halving.ts';
export { HeavyBall, heavyBall } from './heavyBall.ts';
export { lbfgs } from './lbfgs.ts';
export type { GradientOracle } from './oracle.ts';
export type { Line, Search } from './search.ts';
export { type Limits, settling } from './settling.ts';
export { steepestDescent } from './steepestDescent.ts';
export { strongWolfe, type WolfeOptions } from './strongWolfe.ts';
export {
  type HessianProduct,
  type TrustRegionIterate,
  type TrustRegionOptions,
  trustRegionIterates,
} from './trustRegion.ts';
