export type { ArenaHandle } from './arena.ts';
export { Arena, ArenaMemoryError, arenaFor, Block, Scratch } from './arena.ts';
export { detectEngine, type Engine } from './engine.ts';
export type { Kernels } from './generated/kernels.ts';
export type { Heap } from './heap.ts';
export { ThreadPool } from './threads.ts';
export { PenaltyKind, penaltyDerivative, penaltyValue, proximal } from './twin/proximal.ts';
export { gemmWorkBytes } from './work.ts';
