/**
 * Iterates in a row that may lower neither the objective nor the size of the gradient before rounding is taken to rule.
 */
const PATIENCE = 10;

/** Sees when a method goes on without getting anywhere. */
export class Patience {
  private idle = 0;
  private lowest = Number.POSITIVE_INFINITY;
  private least = Number.POSITIVE_INFINITY;

  /** Takes an iterate; true once ten have brought nothing. */
  exhausted(objective: number, steepness: number): boolean {
    this.idle = objective < this.lowest || steepness < this.least ? 0 : this.idle + 1;
    this.lowest = Math.min(this.lowest, objective);
    this.least = Math.min(this.least, steepness);
    return this.idle >= PATIENCE;
  }
}
