import { checkOption, checkOptions, numberOption, type OptionsOf } from '@southwell/numerics/core';
import type { Direction, DirectionRule } from './direction.ts';

const heavyBallRecords = {
  /** In [0, 1). Default 0.9. */
  momentum: numberOption({ min: 0, below: 1 }),
};

export interface HeavyBallOptions extends OptionsOf<typeof heavyBallRecords> {}

/**
 * The heavy-ball method (Polyak 1964): v ← momentum·v + gradient. With a constant step α this is x ← x − α∇f +
 * momentum·(last step). O(size) per step.
 */
export class HeavyBall implements Direction {
  readonly firstTrial = 'last';
  readonly direction: Float64Array;

  /**
   * @param momentum in [0, 1); 0 is gradient descent.
   * @throws INVALID_PARAMETER.
   */
  constructor(
    size: number,
    private readonly momentum: number,
  ) {
    checkOption('momentum', heavyBallRecords.momentum, momentum);
    this.direction = new Float64Array(size);
  }

  take(gradient: Float64Array): void {
    const { direction, momentum } = this;
    for (let k = 0; k < direction.length; k++) direction[k] = momentum * direction[k] + gradient[k];
  }

  reset(): void {
    this.direction.fill(0);
  }
}

/**
 * {@link HeavyBall} for descent; momentum 0.9 by default.
 * @throws INVALID_PARAMETER.
 */
export function heavyBall(options: HeavyBallOptions = {}): DirectionRule {
  checkOptions('heavyBall', heavyBallRecords, options);
  const { momentum = 0.9 } = options;
  return (size) => new HeavyBall(size, momentum);
}
