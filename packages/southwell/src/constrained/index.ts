export type { SparseFunctions } from '@southwell/numerics/expressions';
export {
  type InteriorPointIterate,
  type InteriorPointOptions,
  interiorPointIterates,
  interiorPointRecords,
  type NonlinearOptions,
  nonlinearProgram,
  violations,
} from './nonlinear/nonlinear.ts';
export type { NonlinearProgram } from './nonlinear/program.ts';
export type { NonlinearPoint, Residuals, Violated } from './nonlinear/residuals.ts';
export * from './quadratic/index.ts';
