/** Where to go from gradients: the next point is x − α·direction, the length α being a search's. */
export interface Direction {
  /** The last direction. */
  readonly direction: Float64Array;
  /**
   * The length that a search tries first: 1, which suits directions that know curvature; about a unit of x; or the last
   * one or twice that, after about a unit at the start.
   */
  readonly firstTrial: 'one' | 'unit' | 'last';
  /** Takes the gradient at the point in; `direction` is then the next one. */
  take(gradient: Float64Array): void;
  /** A step was taken: `s` is what it added to the point, `y` to the gradient; both may be kept. */
  moved?(s: Float64Array, y: Float64Array): void;
  /** Forgets the past. */
  reset(): void;
  /** Gives memory back. */
  free?(): void;
}

/** Makes a direction for so many variables; each run has its own. */
export type DirectionRule = (size: number) => Direction;
