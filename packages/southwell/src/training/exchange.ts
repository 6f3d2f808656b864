import type { Numbers } from '../optimisers/index.ts';

/**
 * How the gradients of ranks become a direction, in place of their sum: each rank has the part of the gradient that comes
 * from its examples. All calls are made on all ranks, in the same order.
 */
export interface GradientExchange {
  /** Called with the parameters and the number of steps so far before each gradient; may replace the parameters. */
  begin?(parameters: Numbers, step: number): void;
  /**
   * The loss of a step, in place of the sum of those of all ranks, from that of this rank, which is NaN where its gradient is not
   * finite. If it is finite, a step is made. Undefined for the sum.
   */
  loss?(own: number): number | undefined;
  /**
   * Replaces this rank's part of the gradient by the direction to step along. The part is finite on all ranks, unless `loss`
   * was finite although that of a rank was not.
   */
  combine(part: Numbers): void;
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
