export type { IndicesLike } from './axes.ts';
export {
  chebTuckerFromCP,
  chebTuckerFromSeparable,
  type GridSum,
  type GridSumOptions,
  type SeparableTerm,
} from './chebyshev/chebSums.ts';
export { chebTucker } from './chebyshev/chebTucker.ts';
export { chebyshevCoefficients, chebyshevPoints, chebyshevValues, type Interval } from './chebyshev/chebyshev.ts';
export {
  type Box,
  type ChebyshevData,
  type ChebyshevError,
  type ChebyshevParts,
  ChebyshevTucker,
  type RecompressOptions,
  type Resolution,
} from './chebyshev/chebyshevModel.ts';
export { type ChebyshevTuckerOptions, chebyshevRecords } from './chebyshev/chebyshevOptions.ts';
export { chebTuckerFromTensor } from './chebyshev/grids.ts';
export { type Gaussians, potentialTerms, separateRange } from './chebyshev/rangeSeparation.ts';
export { Rhosvd, type RhosvdOptions, rhosvd } from './chebyshev/rhosvd.ts';
export { type SincNewtonOptions, type SincSum, sincNewton } from './chebyshev/sincNewton.ts';
export { cubicSpline } from './chebyshev/spline.ts';
export {
  type FunctionalTucker,
  functionalTucker,
  functionalTuckerIterates,
  type Measured,
} from './functionalTucker.ts';
export type { SmoothedPath, StateSpace } from './kalman.ts';
export { Matern, type MaternName, type MaternOptions, matern, type Transition } from './matern.ts';
export { type Fitting, type FunctionalPrediction, FunctionalTuckerModel, type PlainFunctionalTucker } from './model.ts';
export {
  type Damping,
  type EachAxis,
  type FitState,
  type FunctionalTuckerOptions,
  functionalRecords,
  type TensorForm,
  type Tried,
} from './options.ts';
export type { FunctionalFactors, FunctionalState, Told } from './sweeps.ts';
