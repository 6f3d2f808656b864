/** Constants of Wächter & Biegler (2006), as Ipopt has them: margins of progress, switching and sufficient decrease. */
const [GAMMA_THETA, GAMMA_PHI] = [1e-5, 1e-8];
const [DELTA, S_THETA, S_PHI] = [1, 1.1, 2.3];
const ETA = 1e-8;
const SMALLEST_STEP = 0.05;
/**
 * The filter is emptied after so many iterations in a row in which it rejected the last trial step before the one taken,
 * at most so many times: points of long ago then no longer keep the steps short.
 */
const [REJECTIONS, RESETS] = [5, 5];
/** Orders of magnitude by which the objective may grow in one step. */
const MOST_GROWTH = 5;

/** a ≤ b, up to rounding of numbers of the size of `scale`. */
const atMost = (a: number, b: number, scale: number): boolean => a - b <= 10 * Number.EPSILON * Math.abs(scale);

/** Where a line search starts: violation θ, barrier objective φ and its slope along the step. */
export interface SearchStart {
  readonly theta: number;
  readonly phi: number;
  readonly slope: number;
}

/**
 * The filter of a line search: pairs (θ, φ) of a violation and a barrier objective that no later point may be worse
 * than in both (Fletcher & Leyffer 2002; Wächter & Biegler 2006, section 2.3).
 */
export class Filter {
  private pairs: Array<readonly [theta: number, phi: number]> = [];
  /** Whether the last trial point failed by the filter alone; iterations in a row for which that holds; resets. */
  private rejected = false;
  private rejections = 0;
  private resets = 0;
  private readonly most: number;
  private readonly small: number;

  /** @param theta Violation at the initial point. */
  constructor(theta: number) {
    this.most = 1e4 * Math.max(1, theta);
    this.small = 1e-4 * Math.max(1, theta);
  }

  clear(): void {
    this.pairs = [];
    this.rejected = false;
    this.rejections = 0;
  }

  /** Whether the filter does not reject a point. */
  allows(theta: number, phi: number): boolean {
    return theta <= this.most && this.pairs.every(([t, p]) => atMost(theta, t, t) || atMost(phi, p, p));
  }

  /** Whether a step of length alpha is judged by its decrease of φ alone. */
  switches({ theta, slope }: SearchStart, alpha: number): boolean {
    return slope < 0 && alpha * (-slope) ** S_PHI > DELTA * theta ** S_THETA;
  }

  /** Whether a trial point makes enough progress: of φ, or of one of both. */
  accepts(from: SearchStart, alpha: number, theta: number, phi: number): boolean {
    if (theta > this.most) return false;
    const improved = this.improves(from, alpha, theta, phi);
    const allowed = improved && this.allows(theta, phi);
    if (!allowed) this.rejected = improved;
    return allowed;
  }

  private improves(from: SearchStart, alpha: number, theta: number, phi: number): boolean {
    if (this.armijoApplies(from, alpha)) return atMost(phi - from.phi, ETA * alpha * from.slope, from.phi);
    if (phi > from.phi) {
      const base = Math.abs(from.phi) > 10 ? Math.log10(Math.abs(from.phi)) : 1;
      if (Math.log10(phi - from.phi) > MOST_GROWTH + base) return false;
    }
    return (
      atMost(theta, (1 - GAMMA_THETA) * from.theta, from.theta) ||
      atMost(phi - from.phi, -GAMMA_PHI * from.theta, from.phi)
    );
  }

  private armijoApplies(from: SearchStart, alpha: number): boolean {
    return from.theta <= this.small && this.switches(from, alpha);
  }

  /**
   * After an accepted step: rejects later points that are no better than its start, unless φ alone decided.
   * @returns Whether it did.
   */
  record(from: SearchStart, alpha: number, phi: number): boolean {
    this.rejections = this.rejected ? this.rejections + 1 : 0;
    this.rejected = false;
    if (this.rejections >= REJECTIONS && this.resets < RESETS) {
      this.resets++;
      this.clear();
    }
    const byObjective = this.switches(from, alpha) && atMost(phi - from.phi, ETA * alpha * from.slope, from.phi);
    if (!byObjective) this.add(from);
    return byObjective;
  }

  add({ theta, phi }: SearchStart): void {
    const pair = [(1 - GAMMA_THETA) * theta, phi - GAMMA_PHI * theta] as const;
    this.pairs = this.pairs.filter(([t, p]) => t < pair[0] || p < pair[1]);
    this.pairs.push(pair);
  }

  /** Step length below which the restoration phase begins. */
  smallestStep({ theta, slope }: SearchStart): number {
    let least = GAMMA_THETA;
    if (slope < 0) {
      least = Math.min(least, (GAMMA_PHI * theta) / -slope);
      if (theta <= this.small) least = Math.min(least, (DELTA * theta ** S_THETA) / (-slope) ** S_PHI);
    }
    return SMALLEST_STEP * least;
  }
}
