export type { Infeasibility } from './certificates.ts';
export { type ModelProgram, programOf, type QuadraticProgram } from './problem.ts';
export {
  type PreparedQp,
  prepareQp,
  type QpChange,
  type QpMethodOptions,
  type QpOptions,
  type QpPoint,
  type QpStart,
  quadraticIterates,
  quadraticProgram,
  quadraticRecords,
} from './quadraticProgram.ts';
export type { QpResiduals } from './residuals.ts';
