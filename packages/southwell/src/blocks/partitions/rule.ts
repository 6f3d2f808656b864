import type { BlockProblem, GraphProblem } from '../problem.ts';

/** Partitions the coordinates into blocks, once. */
export interface Partition<P extends BlockProblem = BlockProblem> {
  readonly name: string;
  /** Every coordinate in exactly one block. The last block may be short; graph partitions ignore `blockSize`. */
  blocks(problem: P, blockSize: number): Int32Array[];
}

export type GraphPartition = Partition<GraphProblem> & { readonly needsGraph: true };
