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
} from './alternating.ts';
export {
  type BatchOrthogonalOptions,
  type BatchOrthogonalState,
  orthogonalDictionary,
  orthogonalDictionaryAsync,
  orthogonalDictionaryIterates,
} from './batchOrthogonal.ts';
export type { Biases } from './biases.ts';
export { CanonicalVariates, type CcaExactIterate, type CcaOptions, ccaExact, ccaExactIterates, pls } from './cca.ts';
export {
  Completion,
  type CompletionMethod,
  type CompletionOptions,
  completeMatrix,
  completeMatrixAsync,
  completionIterates,
  completionMethods,
  type PreparedEntries,
  prepareCompletion,
  prepareEntries,
} from './completion.ts';
export { type Determination, type DeterminationOptions, determination, type Pattern } from './determination.ts';
export {
  type DictionaryLearningOptions,
  type DictionaryLearningState,
  dictionaryLearning,
  dictionaryLearningAsync,
  dictionaryLearningIterates,
} from './dictionaryLearning.ts';
export { eyGradient, eyLoss } from './eckartYoung.ts';
export { type EyState, eyIterates } from './eyMatrices.ts';
export { type CompletionStart, orthonormalise } from './factors.ts';
export { type FoldedRow, foldInRow, type KnownColumns } from './foldIn.ts';
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
  implicitSolvers,
} from './implicit.ts';
export { type InexactOptions, inexactAlternating } from './inexact.ts';
export { areaUnderCurve, type CurveOptions, heldOutError, type RankingMetrics, rankingMetrics } from './metrics.ts';
export {
  Nmf,
  type NmfOptions,
  type NmfPoint,
  type NmfScoreOptions,
  type NmfState,
  nmf,
  nmfAsync,
  nmfIterates,
  nmfScores,
} from './nmf.ts';
export { type NmfLoss, nmfLosses } from './nmfProblem.ts';
export { type NmfStart, nmfStarts } from './nmfStart.ts';
export { type Observed, type ObservedRows, observedMatrix } from './observed.ts';
export {
  OnlineDictionary,
  type OnlineDictionaryState,
  onlineDictionary,
  onlineDictionaryIterates,
} from './onlineDictionary.ts';
export {
  OnlineOrthogonalDictionary,
  type OnlineOrthogonalOptions,
  type OnlineOrthogonalState,
  onlineOrthogonalDictionary,
  onlineOrthogonalIterates,
} from './onlineOrthogonal.ts';
export { gather, orderVariates } from './orderVariates.ts';
export { type CodeOptions, OrthogonalDictionary, recoveryError, type Whitening } from './orthogonalDictionary.ts';
export {
  type RegressionOptions,
  type RegressionSolver,
  type RegressionWork,
  solveRegressions,
} from './regressions.ts';
export type { SoftImputeState } from './softImpute.ts';
export { type SparseCodeOptions, sparseCodes } from './sparseCodes.ts';
export { type DictionaryOptions, SparseDictionary } from './sparseDictionary.ts';
export {
  SparsePca,
  type SparsePcaOptions,
  type SparsePcaPoint,
  type SparsePcaState,
  sparsePca,
  sparsePcaAsync,
  sparsePcaScores,
} from './sparsePca.ts';
export {
  StochasticCca,
  type StochasticCcaIterate,
  type StochasticCcaOptions,
  type StochasticCcaRun,
  type StochasticCcaState,
} from './stochasticCca.ts';
export type { StreamState } from './streams.ts';
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
} from './supervised.ts';
export { type ClassLabel, type SupervisedData, type SupervisedPoint, supervisedData } from './supervisedData.ts';
export { type LiftedIterate, type LiftedOptions, liftedIterates } from './supervisedLifted.ts';
export type { ThresholdingState } from './svt.ts';
export { batchCodes } from './viewScores.ts';
export type { DependentColumn, ViewStructure } from './viewStructure.ts';
export { takeViews, type Views } from './views.ts';
export { youdenThreshold } from './youden.ts';
