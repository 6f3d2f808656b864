/** Perturbations δ of Wächter & Biegler (2006), section 3.1, with Ipopt's constants. */
const FIRST = 1e-4;
const SMALLEST = 1e-20;
const LARGEST = 1e20;
const [GROW, GROW_FIRST, SHRINK] = [8, 100, 1 / 3];
/** A perturbation so many times the last one that was right grows as fast as the first. */
const FAR = 1e5;
/** Perturbations that were needed for the same reason until the reason is taken for structural. */
const OFTEN = 3;

type Rank = 'unknown' | 'full' | 'deficient';

/**
 * The perturbations δ of a Hessian and γ of dependent rows with which systems are tried, as Ipopt chooses them: while
 * it is unknown whether the Hessian or the Jacobian is singular by structure, they are perturbed in turn and then
 * together; what proves singular in several systems is perturbed from the start in those that follow.
 */
export class Perturbations {
  delta = 0;
  gamma = 0;
  private lastDelta = 0;
  private dependent = 0;
  private hessian: Rank = 'unknown';
  private jacobian: Rank = 'unknown';
  /** Whether the perturbations of this system tell which part is singular. */
  private testing = false;
  private times = 0;

  /** @param rows Whether there are rows, whose Jacobian may be deficient. */
  constructor(private readonly rows: boolean) {
    if (!rows) this.jacobian = 'full';
  }

  /**
   * Begins with a new system.
   * @param gamma The value of γ for dependent rows.
   */
  begin(gamma: number): void {
    this.conclude();
    if (this.delta > 0) this.lastDelta = this.delta;
    this.dependent = gamma;
    this.testing = this.undecided;
    this.delta = 0;
    this.gamma = this.jacobian === 'deficient' ? gamma : 0;
    if (this.hessian === 'deficient') this.grow();
  }

  /** The system is singular. Returns false if there is no larger perturbation. */
  singular(): boolean {
    const { delta, gamma, dependent } = this;
    if (!this.rows) return this.grow();
    if (!this.testing || !this.undecided) {
      if (gamma > 0) return this.grow();
      this.gamma = dependent;
      return true;
    }
    // While it is unknown which part is singular, in the order γ, δ, both.
    if (delta === 0 && gamma === 0 && this.jacobian === 'unknown') {
      this.gamma = dependent;
      return true;
    }
    this.gamma = delta === 0 ? 0 : dependent;
    return this.grow();
  }

  /** The system has the wrong inertia. Returns false if there is no larger perturbation. */
  wrong(): boolean {
    this.conclude();
    // Growing δ says no more of the rows; of the Hessian alone every perturbation counts, as in Ipopt.
    if (this.gamma > 0) this.testing = false;
    if (this.grow()) return true;
    if (this.gamma > 0 || !this.rows) return false;
    // Rows may be nearly dependent, whatever was found before.
    this.testing = false;
    this.gamma = this.dependent;
    this.delta = 0;
    return this.grow();
  }

  private get undecided(): boolean {
    return this.hessian === 'unknown' || this.jacobian === 'unknown';
  }

  private grow(): boolean {
    const { delta, lastDelta } = this;
    if (delta === 0) this.delta = lastDelta === 0 ? FIRST : Math.max(SMALLEST, SHRINK * lastDelta);
    else this.delta = delta * (lastDelta === 0 || FAR * lastDelta < delta ? GROW_FIRST : GROW);
    if (this.delta <= LARGEST) return true;
    this.lastDelta = 0;
    return false;
  }

  /** Which part was singular, by the perturbations that made the system regular. */
  private conclude(): void {
    if (!this.testing || !this.undecided) return;
    const { delta, gamma } = this;
    if (delta === 0 && this.hessian === 'unknown') this.hessian = 'full';
    if (gamma === 0 && this.jacobian === 'unknown') this.jacobian = 'full';
    if (delta === 0 && gamma === 0) return;
    if (++this.times < OFTEN) return;
    if (delta > 0 && this.hessian === 'unknown') this.hessian = 'deficient';
    if (gamma > 0 && this.jacobian === 'unknown') this.jacobian = 'deficient';
  }
}
