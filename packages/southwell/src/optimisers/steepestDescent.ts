import type { Direction, DirectionRule } from './direction.ts';

class SteepestDescent implements Direction {
  readonly firstTrial = 'last';
  readonly direction: Float64Array;

  constructor(size: number) {
    this.direction = new Float64Array(size);
  }

  take(gradient: Float64Array): void {
    this.direction.set(gradient);
  }

  reset(): void {}
}

/** Steepest descent: the gradient itself. O(size) per step. */
export const steepestDescent = (): DirectionRule => (size) => new SteepestDescent(size);
