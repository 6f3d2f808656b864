export {
  type ClassExamples,
  type ModularParameters,
  modularArithmetic,
  type ParityParameters,
  type SplitExamples,
  sparseParity,
} from './algorithmic.ts';
export type { DesignParameters, SignalParameters } from './common.ts';
export {
  type DynamicSignal,
  type DynamicSignalParameters,
  dynamicSignal,
  type PatchExamples,
} from './dynamic-signal.ts';
export { type ProgramFamily, programFamilies } from './programs/families.ts';
export { hockSchittkowski } from './programs/hockSchittkowski.ts';
export { modelOfText, type ProgramText } from './programs/programText.ts';
export { type Ratings, simulatedRatings } from './ratings.ts';
export { correlatedRegression, type GroupRegressionData, groupRegression, type RegressionData } from './regression.ts';
export { correlatedClassification, poissonData, type SurvivalData, survivalData } from './responses.ts';
export { twoMoons } from './two-moons.ts';
