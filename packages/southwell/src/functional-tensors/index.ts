export type { IndicesLike } from './axes.ts';
export {
  chebTuckerFromCP,
  chebTuckerFromSeparable,
  type GridSum,
  type GridSumOptions,
  type SeparableTerm,
} from './chebSums.ts';
export { chebTucker } from './chebTucker.ts';
export { chebyshevCoefficients, chebyshevPoints, chebyshevValues, type Interval } from './chebyshev.ts';
export {
  type Box,
  type ChebyshevData,
  type ChebyshevError,
  type ChebyshevParts,
  ChebyshevTucker,
  type RecompressOptions,
  type Resolution,
} from './chebyshevModel.ts';
export type { ChebyshevTuckerOptions } from './chebyshevOptions.ts';
export {
  type FunctionalTucker,
  functionalTucker,
  functionalTuckerIterates,
  type Measured,
} from './functionalTucker.ts';
export { chebTuckerFromTensor } from './grids.ts';
export type { SmoothedPath, StateSpace } from './kalman.ts';
export { MATERN_KERNELS, Matern, type MaternName, type MaternOptions, matern, type Transition } from './matern.ts';
export { type Fitting, type FunctionalPrediction, FunctionalTuckerModel, type PlainFunctionalTucker } from './model.ts';
export {
  type EachAxis,
  type FitState,
  type FunctionalTuckerOptions,
  TENSOR_FORMS,
  type TensorForm,
  type Tried,
} from './options.ts';
export { type Gaussians, potentialTerms, separateRange } from './rangeSeparation.ts';
export { Rhosvd, type RhosvdOptions, rhosvd } from './rhosvd.ts';
export { type SincNewtonOptions, type SincSum, sincNewton } from './sincNewton.ts';
export { cubicSpline } from './spline.ts';
export type { Damping, FunctionalFactors, FunctionalState, Told } from './sweeps.ts';
