/** The objective along a ray from the point, as a search sees it. */
export interface Line {
  /** The objective at the point, and its derivative along the ray there. */
  readonly value: number;
  readonly slope: number;
  /**
   * Moves the trial point to so far along the ray and returns the objective there; NaN where the gradient is not
   * finite. Under an L1 penalty the ray bends where it would leave the orthant of the point.
   */
  evaluate(alpha: number): number;
  /** What the gradient at the point says of the change to the last trial. */
  readonly promised: number;
  /** The derivative along the ray at the last trial; not under an L1 penalty. */
  readonly slopeThere: number;
}

/** A line search. */
export interface Search {
  /** Every step lowers the objective; only such a search is asked for descent, and gets it. */
  readonly descends: boolean;
  /** It takes the ray to be straight and smooth, which it is not under an L1 penalty. */
  readonly smooth: boolean;
  /**
   * The length to go, which is that of the last trial; 0 where none was found, ∞ where the objective falls without end.
   * @param first what to try first.
   */
  step(line: Line, first: number): number;
}
