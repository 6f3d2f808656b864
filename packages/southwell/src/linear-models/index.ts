export type { BaselineHazard } from '../losses/index.ts';
export type { PenaltySpec } from '../penalties/index.ts';
export {
  type AnyModel,
  type CatalogueEstimator,
  linearModels,
  type ModelKind,
  type ModelOptions,
  modelRecords,
  type TargetKind,
} from './catalogue.ts';
export { Products, type SharedProducts } from './design/products.ts';
export type { Estimator, Prepared, Target } from './estimator.ts';
export {
  bridgeRegression,
  type ConcaveOptions,
  coxRegression,
  type EstimatorOptions,
  elasticNet,
  gammaRegression,
  huberRegression,
  lasso,
  linearSvc,
  logisticRegression,
  mcpRegression,
  nnls,
  penalisedRegression,
  poissonRegression,
  quantileRegression,
  ridge,
  type SolverFor,
  scadRegression,
  tweedieRegression,
} from './estimators.ts';
export type { Family } from './family.ts';
export { type Explanation, type FitOptions, LinearProblem } from './fit.ts';
export {
  type FitReport,
  type FittedModel,
  type Label,
  LinearModel,
  type Link,
  type Relaxed,
  type SparsePoint,
  type SurvivalOptions,
} from './model.ts';
export type { LossName, LossOptions, TargetOf } from './namedLosses.ts';
export {
  alphaGrid,
  gridRecords,
  leastOf,
  type PathFit,
  type PathOptions,
  type PathPoint,
  type PathState,
  type RegularisationPath,
} from './path.ts';
export type { PenaltyOptions } from './penalty.ts';
export { loadAnyModel, loadModel, loadMultiResponseModel, saveModel } from './persistence.ts';
export type { PreparedFit, Recipe } from './prepared.ts';
export type { LinearOptions } from './records.ts';
export type { AdaptiveOptions, Pilot } from './selection/adaptive.ts';
export {
  type CrossValidation,
  type CrossValidationOptions,
  type CrossValidationState,
  crossValidate,
  type RelaxedChoice,
} from './selection/crossValidation.ts';
export * as metrics from './selection/metrics.ts';
export type { RelaxOptions } from './selection/relaxation.ts';
export { type Scoring, scorings } from './selection/scoring.ts';
export { type SketchedRegression, type SketchedRegressionOptions, sketchedRegression } from './sketched.ts';
export { Certifier } from './solvers/certificate.ts';
export type { ChannelPoint } from './solvers/groups/state.ts';
export { linearSolvers, type SolverName } from './solvers/index.ts';
export type { LinearSolver, LossNeed, LossWith, PenaltyNeed, PenaltyWith, StartedSolver } from './solvers/solver.ts';
export type { LinearPoint, LinearState } from './solvers/state.ts';
export {
  type GroupLasso,
  type GroupLassoOptions,
  GroupLassoProblem,
  groupLasso,
  type PreparedGroupLasso,
} from './structured/groupLasso.ts';
export type { GroupSpec } from './structured/groups.ts';
export {
  type MultiFitOptions,
  type MultiResponseEstimator,
  type MultiResponseOptions,
  multinomialRegression,
  multitaskLasso,
} from './structured/multiResponse.ts';
export { MultiResponseModel } from './structured/multiResponseModel.ts';
export { type Slope, type SlopeOptions, slope, slopeLambdas } from './structured/slope.ts';
