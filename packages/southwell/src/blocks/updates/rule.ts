import type { BlockContext } from '../context.ts';

/** next ← the new values of x_b. Must leave the state unchanged. */
export type Updater = (block: Int32Array, next: Float64Array) => void;

export interface UpdateRule {
  readonly name: string;
  /** Whether it minimises f + Σ g_i; otherwise it cannot be used with a penalty. */
  readonly handlesPenalty: boolean;
  /** Whether blocks must induce forests of the graph of A. */
  readonly needsForest?: boolean;
  /** Called once for each run, before the selection rule is started. */
  start(context: BlockContext): Updater;
}

/** A rule that may be used with a penalty. */
export interface ProximalUpdate extends UpdateRule {
  readonly handlesPenalty: true;
}
