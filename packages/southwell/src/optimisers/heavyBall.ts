import { fail } from '@southwell/numerics/core';
import type { Direction, DirectionRule } from './direction.ts';

/**
 * The heavy ball (Polyak 1964): v ← momentum·v + gradient. With a constant step α that is x ← x − α∇f + momentum·(last
 * step). O(size) a step.
 */
export class HeavyBall implements Direction {
  readonly firstTrial = 'last';
  readonly direction: Float64Array;

  /** @param momentum in [0, 1); 0 is gradient descent. */
  constructor(
    size: number,
    private readonly momentum: number,
  ) {
    if (!(momentum >= 0 && momentum < 1)) fail('INVALID_PARAMETER', `momentum lies in [0, 1), but is ${momentum}.`);
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

/** {@link HeavyBall} for descent; momentum 0.9 by default. Throws INVALID_PARAMETER. */
export const heavyBall =
  ({ momentum = 0.9 }: { readonly momentum?: number } = {}): DirectionRule =>
  (size) =>
    new HeavyBall(size, momentum);
