export {
  type ScalingAlignment,
  type ScalingAlignmentOptions,
  type SoftmaxCollapse,
  type SoftmaxCollapseOptions,
  scalingAlignment,
  softmaxCollapse,
} from './collapse.ts';
export { type BatchCurvature, type ComparedDirection, type ComparedSharpness, compareDirections } from './compare.ts';
export { type DensityOptions, SpectralDensity, spectralDensity } from './density.ts';
export { type ExtremeOptions, type Extremes, extremeEigenvalues, type RitzPair } from './extremes.ts';
export { type CompiledModel, compiledModel } from './model.ts';
export { type Estimated, type GradientNoise, type GradientNoiseOptions, gradientNoise } from './noise.ts';
export { effectiveNorm, pathNorm } from './norms.ts';
export { differencedHessian, type GradientFunction, type SymmetricProduct } from './product.ts';
export {
  type CoordinateClipping,
  clipCoordinates,
  type DirectionalSharpness,
  directionalSharpness,
} from './sharpness.ts';
export {
  type SharpnessLook,
  type SharpnessMonitor,
  type SharpnessMonitorOptions,
  sharpnessMonitor,
} from './sharpnessMonitor.ts';
export {
  type CriticalRateOptions,
  criticalLearningRate,
  type Jacobian,
  type JacobianOperator,
  type RateBounds,
  type SamplingOptions,
  type Stability,
  type StabilityOptions,
  stabilityAnalysis,
} from './stability.ts';
export { hessianTrace, type TraceEstimate, type TraceOptions } from './trace.ts';
