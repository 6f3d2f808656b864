export { bicgstab, bicgstabIterates } from './bicgstab.ts';
export { blockCg, blockCgIterates } from './blockCg.ts';
export { type BlockGmresOptions, blockGmres, blockGmresIterates } from './blockGmres.ts';
export type { BlockIterate, BlockOptions, BlockSolution } from './blockSystem.ts';
export { type CgOptions, cg, cgIterates, type SsorPcgOptions, ssorPcg } from './cg.ts';
export { type ChebyshevOptions, chebyshev, chebyshevIterates } from './chebyshev.ts';
export { type GmresOptions, gmres, gmresIterates } from './gmres.ts';
export type { LeastSquaresOptions } from './leastSquaresSystem.ts';
export { lsmr, lsmrIterates } from './lsmr.ts';
export { lsqr, lsqrIterates } from './lsqr.ts';
export { minres, minresIterates } from './minres.ts';
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
export { optimalSorOmega, type SorOptions, type SorSolution, sor, sorIterates } from './sor.ts';
export type { LinearIterate, LinearSolution, PreconditionedOptions, SolverOptions } from './system.ts';
export type { TriangularPair } from './triangularPair.ts';
