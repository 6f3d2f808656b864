export type { SparseFunctions } from '@southwell/numerics/expressions';
export { checkDerivatives, type DerivativeMismatch } from './functions/checkDerivatives.ts';
export { functionsFrom, type GivenFunctions } from './functions/given.ts';
export { type ModuleProgram, moduleProgram } from './functions/moduleProgram.ts';
export { type ProgramLagrangianOptions, programLagrangianIterates } from './nonlinear/augmentedLagrangian.ts';
export { type BoundedLbfgsOptions, boundedLbfgsIterates } from './nonlinear/bounded/boundedLbfgs.ts';
export {
  type InteriorPointIterate,
  type InteriorPointOptions,
  interiorPointIterates,
  interiorPointRecords,
} from './nonlinear/interiorIterates.ts';
export type { NonlinearIterate } from './nonlinear/iterate.ts';
export {
  methodFor,
  type NonlinearMethod,
  type NonlinearOptions,
  nonlinearProgram,
  optimalityResiduals,
  violatedAmong,
  violations,
} from './nonlinear/nonlinear.ts';
export type { NonlinearProgram } from './nonlinear/program.ts';
export type { Multiplied, NonlinearPoint, Residuals, Violated } from './nonlinear/residuals.ts';
export { type Sensitivity, sensitivity } from './nonlinear/sensitivity.ts';
export { type SqpOptions, sqpIterates } from './nonlinear/sqp/sqp.ts';
export * from './quadratic/index.ts';
export { type ExactAugmentedLagrangian, exactAugmentedLagrangian } from './sketched/merit.ts';
export { type SketchedSqpOptions, sketchedSqp, sketchedSqpIterates } from './sketched/sketchedSqp.ts';
