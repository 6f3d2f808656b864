/** Search directions from gradients: the next point is x − α·direction, with α from a line search. */
export interface Direction {
  /** The last direction. */
  readonly direction: Float64Array;
  /**
   * The initial trial length of a search: 1, for directions with curvature information; a step of about unit norm; or
   * the last length or twice that, beginning with a step of about unit norm.
   */
  readonly firstTrial: 'one' | 'unit' | 'last';
  /** Updates `direction` with the gradient at the point. */
  take(gradient: Float64Array): void;
  /** Called after a step: `s` and `y` are the changes of the point and of the gradient; both may be retained. */
  moved?(s: Float64Array, y: Float64Array): void;
  /** Resets the state. */
  reset(): void;
  /** Frees memory. */
  free?(): void;
}

/** Creates a direction for a number of variables; each run has its own. */
export type DirectionRule = (size: number) => Direction;
