export type { IndicesLike } from './axes.ts';
export {
  type FunctionalTucker,
  functionalTucker,
  functionalTuckerIterates,
  type Measured,
} from './functionalTucker.ts';
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
export type { Damping, FunctionalFactors, FunctionalState, Told } from './sweeps.ts';
