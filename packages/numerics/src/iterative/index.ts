export { bicgstab, bicgstabIterates } from './krylov/bicgstab.ts';
export { blockCg, blockCgIterates } from './krylov/blockCg.ts';
export { type BlockGmresOptions, blockGmres, blockGmresIterates } from './krylov/blockGmres.ts';
export type { BlockIterate, BlockOptions, BlockSolution } from './krylov/blockSystem.ts';
export { type CgOptions, cg, cgIterates, type SsorPcgOptions, ssorPcg } from './krylov/cg.ts';
export { type ChebyshevOptions, chebyshev, chebyshevIterates } from './krylov/chebyshev.ts';
export { type GmresOptions, gmres, gmresIterates } from './krylov/gmres.ts';
export type { LeastSquaresOptions } from './krylov/leastSquaresSystem.ts';
export { lsmr, lsmrIterates } from './krylov/lsmr.ts';
export { lsqr, lsqrIterates } from './krylov/lsqr.ts';
export { minres, minresIterates } from './krylov/minres.ts';
export {
  type AlgebraicMultigrid,
  algebraicMultigrid,
  type MultigridLevel,
  type MultigridOptions,
} from './multigrid/amg.ts';
export { type AdditiveSchwarzOptions, additiveSchwarz } from './preconditioners/additiveSchwarz.ts';
export {
  type IncompleteCholesky,
  type IncompleteCholeskyOptions,
  incompleteCholesky,
} from './preconditioners/incompleteCholesky.ts';
export { type IncompleteLuOptions, incompleteLu } from './preconditioners/incompleteLu.ts';
export { type BlockJacobiOptions, blockJacobi, jacobi } from './preconditioners/jacobi.ts';
export { ssor } from './preconditioners/ssor.ts';
export { type RelaxOptions, relax, relaxIterates, type Sweep } from './relaxation.ts';
export { type RowOperator, rowOperator, symmetricOperator } from './rows.ts';
export { type SketchOptions, sketchAndProject, sketchAndProjectIterates, sketchRecords } from './sketchAndProject.ts';
export { optimalSorOmega, type SorOptions, type SorSolution, sor, sorIterates } from './sor.ts';
export type { LinearIterate, LinearSolution, PreconditionedOptions, SolverOptions } from './system.ts';
export type { TriangularPair } from './triangularPair.ts';
