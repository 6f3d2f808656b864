import type { Numbers } from '../optimisers/index.ts';

/**
 * How the gradients of ranks become a direction, in place of their sum: each rank has the part of the gradient that comes
 * from its examples. All calls are made on all ranks, in the same order.
 */
export interface GradientExchange {
  /** Called with the parameters and the number of steps so far before each gradient; may replace the parameters. */
  begin?(parameters: Numbers, step: number): void;
  /** The micro-batches that this rank works on, if not an equal share of all. */
  parts?(all: number): { readonly first: number; readonly own: number };
  /** Asked before each micro-batch: whether the step is over without this rank, whose part of the gradient is then of no use. */
  over?(): boolean;
  /**
   * Replaces this rank's part of the gradient by the direction to step along.
   * @param own the loss of this rank's examples, NaN if their part of the gradient is not finite.
   * @returns the loss of the step, the same on all ranks. If it is not finite, no step is made, and `part` is of no use.
   */
  combine(part: Numbers, own: number): number;
  /**
   * Where losses are exchanged only now and then, so that `combine` returns an estimate: the sum of those of the steps of this epoch before
   * the present one, if it is known since the last call of `begin`. It always is at the end of an epoch.
   */
  readonly lossesBefore?: number | undefined;
  /**
   * The state before the last call of `combine`, of all ranks, as plain data.
   * @param own what this rank needs besides, if its steps differ from those of the others.
   */
  save(own: unknown): unknown;
  /**
   * Continues from a state.
   * @param common what the first rank needed besides.
   * @returns what this rank needed besides.
   */
  restore<T>(saved: unknown, common: T): T;
}
