export { type AlgebraicMultigrid, algebraicMultigrid, type MultigridLevel, type MultigridOptions } from './amg.ts';
