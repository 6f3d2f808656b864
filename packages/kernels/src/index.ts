export { type Accelerator, AcceleratorError, accelerator, type OpenBlasOptions, useOpenBlas } from './accelerator.ts';
export type { ArenaHandle } from './arena.ts';
export { Arena, ArenaMemoryError, arenaFor, Block, Scratch } from './arena.ts';
export { detectEngine, type Engine } from './engine.ts';
export type { Kernels } from './generated/kernels.ts';
export type { Heap } from './heap.ts';
export { ThreadPool } from './threads.ts';
export { type PenaltyKernel, penaltyKernels } from './twin/penalties.ts';
export { gemmWorkBytes } from './work.ts';
