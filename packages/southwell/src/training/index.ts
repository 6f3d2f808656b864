export type { Examples, Part } from './examples.ts';
export type { GradientExchange } from './exchange.ts';
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
export { type ModelNetwork, type NetworkOfOptions, networkOf } from './networkOf.ts';
export {
  type PatchArchitecture,
  type PatchNet,
  type PatchNetOptions,
  type PatchScore,
  patchNet,
} from './patches/patchNet.ts';
export {
  checkEquivariance,
  type Equivariance,
  type EquivarianceData,
  type EquivarianceOptions,
  type EquivariantTrainer,
  patchSymmetry,
  type Symmetry,
} from './patches/symmetry.ts';
export {
  type Normals,
  type TrainEquivariantOptions,
  type TrainedPatches,
  trainEquivariant,
  trainEquivariantIterates,
} from './patches/trainEquivariant.ts';
export { type Alter, outputsOf, type Spread } from './programs.ts';
export { type FitPowerLawOptions, fitPowerLaw, type PowerLaw } from './sampleComplexity/fitPowerLaw.ts';
export {
  type SampleComplexity,
  type SampleComplexityOptions,
  type SampleCurvePoint,
  sampleComplexity,
  sampleComplexityIterates,
  sampleGrid,
} from './sampleComplexity/sampleComplexity.ts';
export {
  type History,
  type Trained,
  type TrainingOptions,
  type TrainingState,
  trainingIterates,
  trainingRecords,
} from './trainingIterates.ts';
export { trainModel } from './trainModel.ts';
export { type DeepCcaOptions, type DeepCcaState, deepCca, deepCcaIterates, deepCcaRecords } from './views/deepCca.ts';
export {
  type DeepCcaHistory,
  DeepVariates,
  deepVariatesFrom,
  deepVariatesPlain,
  loadDeepVariates,
  type ReadNetwork,
  type SavedDeepVariates,
  saveDeepVariates,
  type ViewEncoder,
  type WriteNetwork,
} from './views/deepVariates.ts';
export { type EyLossOptions, eyLoss } from './views/eyLoss.ts';
export { type FeatureReuse, StagedLoss, type ZoLoss } from './zeroth/stagedLoss.ts';
export {
  type ZoTrained,
  type ZoTrainOptions,
  type ZoTrainState,
  zoBatches,
  zoTrain,
  zoTrainIterates,
} from './zeroth/zoTrain.ts';
