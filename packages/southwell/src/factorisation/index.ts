export {
  type GeneralisedEigen,
  generalisedEigen,
  type RandomizedSvdOptions,
  randomizedSvd,
  svdResiduals,
  type TruncatedSvd,
  type TruncatedSvdOptions,
  truncatedSvd,
  truncatedSvdAsync,
  truncatedSvdIterates,
} from '@southwell/numerics/krylov';
export type { Svd } from '@southwell/numerics/linalg';
export {
  type AlternatingOptions,
  alternating,
  type CompletionState,
  type Factors,
  type HalfStep,
  libraryRegress,
  type Sweep,
  tiedTolerance,
} from './completion/alternating.ts';
export type { Biases } from './completion/biases.ts';
export {
  Completion,
  type CompletionMethod,
  type CompletionOptions,
  completeMatrix,
  completeMatrixAsync,
  completionIterates,
  completionMethods,
  completionRecords,
  type PreparedEntries,
  prepareCompletion,
  prepareEntries,
} from './completion/completion.ts';
export {
  type Determination,
  type DeterminationOptions,
  determination,
  type Pattern,
} from './completion/determination.ts';
export { type CompletionStart, orthonormalise } from './completion/factors.ts';
export { type FoldedRow, foldInRow, type KnownColumns } from './completion/foldIn.ts';
export {
  bestColumns,
  foldInImplicit,
  type ImplicitColumns,
  ImplicitFactors,
  type ImplicitOptions,
  type ImplicitSolver,
  type ImplicitState,
  implicitFactors,
  implicitFactorsAsync,
  implicitIterates,
  implicitRecords,
} from './completion/implicit.ts';
export { type InexactOptions, inexactAlternating } from './completion/inexact.ts';
export {
  areaUnderCurve,
  type CurveOptions,
  heldOutError,
  type RankingMetrics,
  rankingMetrics,
} from './completion/metrics.ts';
export { type Observed, type ObservedRows, observedMatrix } from './completion/observed.ts';
export {
  type RegressionOptions,
  type RegressionSolver,
  type RegressionWork,
  solveRegressions,
} from './completion/regressions.ts';
export type { SoftImputeState } from './completion/softImpute.ts';
export type { ThresholdingState } from './completion/svt.ts';
export {
  CanonicalVariates,
  type CcaExactIterate,
  type CcaOptions,
  ccaExact,
  ccaExactIterates,
  ccaRecords,
  pls,
} from './correlation/cca.ts';
export { eyGradient, eyLoss } from './correlation/eckartYoung.ts';
export { type EyState, eyIterates } from './correlation/eyMatrices.ts';
export { gather, orderVariates } from './correlation/orderVariates.ts';
export {
  StochasticCca,
  type StochasticCcaIterate,
  type StochasticCcaOptions,
  type StochasticCcaRun,
  type StochasticCcaState,
  stochasticCcaRecords,
} from './correlation/stochasticCca.ts';
export { batchCodes } from './correlation/viewScores.ts';
export type { DependentColumn, ViewStructure } from './correlation/viewStructure.ts';
export { takeViews, type Views } from './correlation/views.ts';
export {
  Nmf,
  type NmfOptions,
  type NmfPoint,
  type NmfScoreOptions,
  type NmfState,
  nmf,
  nmfAsync,
  nmfIterates,
  nmfRecords,
  nmfScores,
} from './decomposition/nmf.ts';
export type { NmfLoss } from './decomposition/nmfProblem.ts';
export type { NmfStart } from './decomposition/nmfStart.ts';
export {
  SparsePca,
  type SparsePcaOptions,
  type SparsePcaPoint,
  type SparsePcaState,
  sparsePca,
  sparsePcaAsync,
  sparsePcaRecords,
  sparsePcaScores,
} from './decomposition/sparsePca.ts';
export {
  type BatchOrthogonalOptions,
  type BatchOrthogonalState,
  orthogonalDictionary,
  orthogonalDictionaryAsync,
  orthogonalDictionaryIterates,
} from './dictionary/batchOrthogonal.ts';
export {
  type DictionaryLearningOptions,
  type DictionaryLearningState,
  dictionaryLearning,
  dictionaryLearningAsync,
  dictionaryLearningIterates,
} from './dictionary/dictionaryLearning.ts';
export {
  OnlineDictionary,
  type OnlineDictionaryState,
  onlineDictionary,
  onlineDictionaryIterates,
} from './dictionary/onlineDictionary.ts';
export {
  OnlineOrthogonalDictionary,
  type OnlineOrthogonalOptions,
  type OnlineOrthogonalState,
  onlineOrthogonalDictionary,
  onlineOrthogonalIterates,
  onlineOrthogonalRecords,
} from './dictionary/onlineOrthogonal.ts';
export {
  type CodeOptions,
  codeRecords,
  OrthogonalDictionary,
  recoveryError,
  type Whitening,
} from './dictionary/orthogonalDictionary.ts';
export { type SparseCodeOptions, sparseCodes } from './dictionary/sparseCodes.ts';
export { type DictionaryOptions, dictionaryRecords, SparseDictionary } from './dictionary/sparseDictionary.ts';
export type { StreamState } from './dictionary/streams.ts';
export {
  SupervisedDictionary,
  type SupervisedEstimator,
  type SupervisedFitOptions,
  type SupervisedOptions,
  type SupervisedPredictOptions,
  SupervisedRule,
  type SupervisedState,
  supervisedDictionary,
  supervisedIterates,
  supervisedRecords,
} from './dictionary/supervised.ts';
export {
  type ClassLabel,
  type SupervisedData,
  type SupervisedPoint,
  supervisedData,
} from './dictionary/supervisedData.ts';
export { type LiftedIterate, type LiftedOptions, liftedIterates } from './dictionary/supervisedLifted.ts';
export { youdenThreshold } from './dictionary/youden.ts';
