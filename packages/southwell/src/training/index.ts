export type { Examples, Part } from './examples.ts';
export { type FindRateOptions, type FoundRate, findRate } from './findRate.ts';
export type { Loss } from './loss.ts';
export { type FitLinearOptions, fitLinear, type LinearFit, type LinearSolver } from './modelSize/fitLinear.ts';
export {
  type Activation,
  type RandomFeatures,
  type RandomFeaturesOptions,
  randomFeatures,
} from './modelSize/randomFeatures.ts';
export { gdSpectralFilter, type SpectralFilterOptions } from './modelSize/spectralFilter.ts';
export {
  type LinearExamples,
  peakHeight,
  type SweepModelSizeOptions,
  type SweepRow,
  sweepModelSize,
  sweepModelSizeIterates,
} from './modelSize/sweepModelSize.ts';
export { type Alter, outputsOf, type Spread } from './programs.ts';
export {
  type History,
  type Trained,
  type TrainingOptions,
  type TrainingState,
  trainingIterates,
} from './trainingIterates.ts';
export { trainModel } from './trainModel.ts';
export { type FeatureReuse, StagedLoss, type ZoLoss } from './zeroth/stagedLoss.ts';
export {
  type ZoTrained,
  type ZoTrainOptions,
  type ZoTrainState,
  zoBatches,
  zoTrain,
  zoTrainIterates,
} from './zeroth/zoTrain.ts';
