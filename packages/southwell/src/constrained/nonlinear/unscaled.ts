import { type Errors, Point } from './point.ts';

/**
 * Iterations beyond the tolerance of the scaled problem, to meet that of the unscaled one, without a lower objective;
 * those without progress.
 */
const [EXTRA, WITHOUT_PROGRESS] = [20, 2];

/** How a run ends; 'rounding' where rounding of the variables alone keeps errors above the tolerance. */
export type Ending = 'converged' | 'enough' | 'infeasible' | 'unbounded' | 'stalled' | 'rounding';

/** The errors of the problem as it was stated. */
export interface UnscaledErrors {
  readonly absolute: number;
  readonly relative: number;
  /** The relative ones without those that rounding of the variables alone explains. */
  readonly rounded: number;
}

/** Bounds of w as they were stated. */
export interface ExactBounds {
  readonly lower: Float64Array;
  readonly upper: Float64Array;
}

interface Settings {
  readonly tolerance: number;
  readonly unscaled?: (at: Point) => UnscaledErrors;
}

/** How a run ends at a point that is not to be improved further. */
export function endingOf({ relative, rounded }: UnscaledErrors, tolerance: number): Ending {
  if (relative <= tolerance) return 'converged';
  return rounded <= tolerance ? 'rounding' : 'stalled';
}

/**
 * The iterations after those that solve the scaled problem: until the errors of the unscaled one are small, too: the
 * absolute ones, or if these fall no further the relative ones.
 */
export class UnscaledProgress {
  /** How many there were. */
  rounds = 0;
  /** The point with the least unscaled errors, and when it was found. */
  private best: (UnscaledErrors & { readonly at: Point; readonly round: number }) | undefined;
  /** The least objective at feasible points. */
  private lowest = { f: Number.POSITIVE_INFINITY, round: 0 };

  constructor(
    private readonly at: Point,
    private readonly settings: Settings,
  ) {}

  /** How the run ends at the current point, or the best one, which is then the current one; undefined if it goes on. */
  ending({ primal }: Errors): Ending | undefined {
    const { at, settings, lowest } = this;
    const { tolerance } = settings;
    const errors = settings.unscaled?.(at);
    if (!errors || errors.absolute <= tolerance) return 'converged';
    this.rounds++;
    const best = this.improved(errors);
    const lower = at.f < lowest.f - tolerance * Math.abs(at.f);
    if (lower && primal <= tolerance) this.lowest = { f: at.f, round: this.rounds };
    const enough = best.rounded <= tolerance;
    const without = this.rounds - best.round;
    if (without < WITHOUT_PROGRESS || (!enough && this.rounds - this.lowest.round < EXTRA)) return undefined;
    at.copyFrom(best.at);
    return endingOf(best, tolerance);
  }

  /** Returns to the best point; false if there is none. */
  goBack(): boolean {
    if (!this.best) return false;
    this.at.copyFrom(this.best.at);
    return true;
  }

  /** The best point so far, replaced by the current one if that has clearly smaller errors. */
  private improved(errors: UnscaledErrors) {
    const { at, best, settings, rounds } = this;
    const nearer = best && best.rounded > settings.tolerance && errors.rounded < 0.5 * best.rounded;
    if (best && !nearer && !(errors.absolute < 0.5 * best.absolute)) return best;
    const kept = best?.at ?? new Point(at.problem);
    kept.copyFrom(at);
    this.best = { at: kept, ...errors, round: rounds };
    return this.best;
  }
}

/**
 * Moves relaxed bounds to where they were stated; variables at them keep their distances. Returns whether there are
 * values at the new point; otherwise nothing changes.
 */
export function tighten(at: Point, exact: ExactBounds): boolean {
  const { w, problem } = at;
  const { lower, upper } = problem;
  const before = { w: w.slice(), lower: lower.slice(), upper: upper.slice() };
  for (let k = 0; k < lower.length; k++) {
    const [l, u] = [exact.lower[k], exact.upper[k]];
    const [below, above] = [w[k] - lower[k], upper[k] - w[k]];
    let v = w[k];
    if (v - l < 0.5 * below) v = l + below;
    if (u - v < 0.5 * above) v = u - above;
    if (v > l && v < u) [w[k], lower[k], upper[k]] = [v, l, u];
  }
  if (at.evaluate()) {
    at.differentiate();
    return true;
  }
  w.set(before.w);
  lower.set(before.lower);
  upper.set(before.upper);
  at.evaluate();
  return false;
}
