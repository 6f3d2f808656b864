export type { VariationalSettings } from './compressed/options.ts';
export type { SampledOperator, VariationalProblem } from './compressed/problem.ts';
export { solveVI, type VariationalOptions, variationalIterates } from './compressed/solveVI.ts';
export type { VariationalState } from './compressed/state.ts';
export {
  type ExtragradientOptions,
  type ExtragradientState,
  extragradient,
  extragradientIterates,
  type VariationalPoint,
} from './extragradient.ts';
export {
  type GameSolution,
  type GameState,
  gameRecords,
  type MatrixGameOptions,
  matrixGame,
  matrixGameIterates,
} from './games/matrixGame.ts';
export { type GameBounds, gapFunction } from './games/payoffs.ts';
export { lipschitzEstimate, type Operator, type Prox, type SaddleFunction, saddle } from './operators.ts';
