export type { BlockContext } from './context.ts';
export { quadraticGap } from './diagnostics.ts';
export {
  type BlockIterate,
  type BlockSolution,
  type BlockTraceEntry,
  blockCoordinateDescent,
  blockCoordinateDescentIterates,
} from './engine.ts';
export { ForestSolver, isForest } from './forestSolver.ts';
export { largestScores, ScoreHeap } from './heap.ts';
export { partitionRules, selectionRules, updateRules } from './names.ts';
export type { BlockOptions, BlockSize, LooseOptions, MethodOptions } from './options.ts';
export * from './partitions/index.ts';
export type { BlockProblem, BlockState, GraphProblem } from './problem.ts';
export * from './problems/index.ts';
export { solveQuadraticSubproblem } from './quadraticSubproblem.ts';
export * from './selection/index.ts';
export { UnionFind } from './unionFind.ts';
export * from './updates/index.ts';
export { WorkingSetQuadratic } from './workingSetQuadratic.ts';
