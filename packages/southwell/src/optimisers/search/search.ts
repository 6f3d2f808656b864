/** The objective along a ray from the current point, for line searches. */
export interface Line {
  /** The objective at the point, and its derivative along the ray there. */
  readonly value: number;
  readonly slope: number;
  /**
   * Moves the trial point to length α along the ray and returns the objective there; NaN if the gradient is not finite.
   * With an L1 penalty the ray bends where it would leave the orthant of the point.
   */
  evaluate(alpha: number): number;
  /** The change to the last trial as predicted by the gradient at the point. */
  readonly promised: number;
  /** The derivative along the ray at the last trial; not available with an L1 penalty. */
  readonly slopeThere: number;
}

/** A line search. */
export interface Search {
  /** Whether every step decreases the objective; only such searches require and receive descent directions. */
  readonly descends: boolean;
  /** Whether the search assumes a straight and smooth ray, which is not the case with an L1 penalty. */
  readonly smooth: boolean;
  /**
   * The step length, which must be that of the last trial; 0 if none was found, ∞ if the objective is unbounded below.
   * @param first initial trial length.
   */
  step(line: Line, first: number): number;
}
