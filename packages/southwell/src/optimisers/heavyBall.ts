import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import type { Direction, DirectionRule } from './direction.ts';

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
    if (!(momentum >= 0 && momentum < 1)) fail('INVALID_PARAMETER', `momentum must be in [0, 1), but is ${momentum}.`);
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

export interface HeavyBallOptions {
  /** In [0, 1). Default 0.9. */
  readonly momentum?: number;
}

const heavyBallKeys: OptionKeys<HeavyBallOptions> = { momentum: true };

/**
 * {@link HeavyBall} for descent; momentum 0.9 by default.
 * @throws INVALID_PARAMETER.
 */
export function heavyBall(options: HeavyBallOptions = {}): DirectionRule {
  knownKeys('heavyBall', options, heavyBallKeys);
  const { momentum = 0.9 } = options;
  return (size) => new HeavyBall(size, momentum);
}
