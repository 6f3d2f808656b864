export { type AlgebraicMultigrid, algebraicMultigrid, type MultigridLevel, type MultigridOptions } from './amg.ts';
export { bicgstab, bicgstabIterates } from './bicgstab.ts';
export { type CgOptions, cg, cgIterates, type SsorPcgOptions, ssorPcg } from './cg.ts';
export { type GmresOptions, gmres, gmresIterates } from './gmres.ts';
export { minres, minresIterates } from './minres.ts';
export {
  type IncompleteCholesky,
  type IncompleteCholeskyOptions,
  incompleteCholesky,
} from './preconditioners/incompleteCholesky.ts';
export { type IncompleteLuOptions, incompleteLu } from './preconditioners/incompleteLu.ts';
export { ssor } from './preconditioners/ssor.ts';
export { type RowOperator, rowOperator, symmetricOperator } from './rows.ts';
export { optimalSorOmega, type SorOptions, type SorSolution, sor, sorIterates } from './sor.ts';
export type { LinearIterate, LinearSolution, PreconditionedOptions, SolverOptions } from './system.ts';
export type { TriangularPair } from './triangularPair.ts';
