export { type CrossValidation, type CrossValidationOptions, crossValidate } from './crossValidation.ts';
export {
  bridgeRegression,
  coxRegression,
  type Estimator,
  type EstimatorOptions,
  elasticNet,
  gammaRegression,
  huberRegression,
  lasso,
  linearSvc,
  logisticRegression,
  mcpRegression,
  nnls,
  type Prepared,
  poissonRegression,
  quantileRegression,
  ridge,
  scadRegression,
  type Target,
} from './estimators.ts';
export { type FitOptions, type LinearOptions, LinearProblem } from './fit.ts';
export { type GroupLasso, type GroupLassoOptions, GroupLassoProblem, groupLasso } from './groupLasso.ts';
export type { GroupSpec } from './groups.ts';
export * as metrics from './metrics.ts';
export { type FitReport, type Label, LinearModel, type Link } from './model.ts';
export {
  type MultiResponseEstimator,
  MultiResponseModel,
  type MultiResponseOptions,
  multinomialRegression,
  multitaskLasso,
} from './multiResponse.ts';
export { alphaGrid, type PathOptions, type PathPoint, type RegularisationPath, solvePath } from './path.ts';
export type { PenaltyOptions, PenaltySpec } from './penalty.ts';
export { loadModel, saveModel } from './persistence.ts';
export { type Scoring, scorings } from './scoring.ts';
export { type Slope, type SlopeOptions, slope, slopeLambdas } from './slope.ts';
export type { LinearPoint } from './solvers/workingSet.ts';
