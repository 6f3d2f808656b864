/**
 * Consecutive iterates without a decrease of objective or gradient, after which the limit of rounding is assumed to be
 * reached.
 */
const PATIENCE = 10;

/** Detects that a method no longer makes progress. */
export class Patience {
  private idle = 0;
  private lowest = Number.POSITIVE_INFINITY;
  private least = Number.POSITIVE_INFINITY;

  /** Records an iterate; returns true after ten without progress. */
  exhausted(objective: number, steepness: number): boolean {
    this.idle = objective < this.lowest || steepness < this.least ? 0 : this.idle + 1;
    this.lowest = Math.min(this.lowest, objective);
    this.least = Math.min(this.least, steepness);
    return this.idle >= PATIENCE;
  }
}
