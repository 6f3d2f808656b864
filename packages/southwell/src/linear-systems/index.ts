export { type MatrixFacts, matrixFacts } from './facts.ts';
export { REFINEMENTS, type Refinement } from './leastSquares/refinements.ts';
export {
  type SketchedOptions,
  type SketchedSolution,
  sketchedLeastSquares,
  sketchedLeastSquaresIterates,
} from './leastSquares/sketched.ts';
export type { LeastSquaresIterate } from './leastSquares/steps.ts';
export { METHODS, PRECONDITIONERS, type PreconditionerName, type SystemMethod, TAKES } from './methods.ts';
export { type FactoriseOptions, factoriseRecords } from './plan.ts';
export { type SolveOptions, type SystemSolution, solveRecords } from './solution.ts';
export {
  Factorisation,
  factorise,
  solve,
} from './solve.ts';
export {
  SequenceTuner,
  type TunerKind,
  type TunerOptions,
  type TunerSummary,
  tuneAcrossSequence,
} from './tuning/tuner.ts';
