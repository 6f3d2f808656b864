import type { GradientOracle } from '../../../optimisers/index.ts';
import { dot } from '../../vectors.ts';
import { BoxModel } from './quasiNewton.ts';

/** Constants of the weak Wolfe conditions; most trials of a search; growth of lengths that are too short. */
const [SUFFICIENT, FLAT, TRIALS, GROWTH] = [1e-4, 0.9, 40, 4];
/** Increase of the objective, relative to it, that is taken for rounding. */
const ROUNDING = 10 * Number.EPSILON;
/** Steps without a smaller value, beyond rounding, or half the steepness, after which there is no progress any more. */
const IDLE = 20;

interface Trial {
  readonly length: number;
  readonly x: Float64Array;
  readonly f: number;
  readonly g: Float64Array;
  readonly slope: number;
}

/** L-BFGS-B: minimises a smooth function over bounds, a step at a time. */
export class BoundedDescent {
  f: number;
  /** Replaced, never changed. */
  x: Float64Array;
  g: Float64Array;
  calls = 1;
  stepSize = 0;
  trials = 0;
  private readonly model: BoxModel;
  private idle = 0;
  private least = Infinity;

  /** @param start Within the bounds. */
  constructor(
    private readonly oracle: GradientOracle,
    private readonly lower: Float64Array,
    private readonly upper: Float64Array,
    start: Float64Array,
  ) {
    this.x = start;
    this.g = new Float64Array(start.length);
    this.f = oracle(start, this.g);
    this.model = new BoxModel(lower, upper);
  }

  /** The largest entry of the step to the projection of x − ∇f(x). */
  get steepness(): number {
    const { x, g, lower, upper } = this;
    let most = 0;
    for (let j = 0; j < x.length; j++) {
      const stuck = g[j] > 0 ? x[j] <= lower[j] : x[j] >= upper[j];
      if (!stuck) most = Math.max(most, Math.abs(g[j]));
    }
    return most;
  }

  /** Moves to a point with a smaller value; false if there is none to be found, beyond rounding. */
  step(): boolean {
    if (this.idle >= IDLE) return false;
    for (;;) {
      const found = this.search(this.model.target(this.x, this.g));
      if (found) {
        this.accept(found);
        return true;
      }
      if (this.model.isPlain) return false;
      this.model.clear();
    }
  }

  private accept({ x, f, g }: Trial): void {
    const step = x.map((v, j) => v - this.x[j]);
    const change = g.map((v, j) => v - this.g[j]);
    this.stepSize = step.reduce((most, v) => Math.max(most, Math.abs(v)), 0);
    this.model.update(step, change);
    const lower = f < this.f - ROUNDING * Math.abs(f);
    [this.x, this.f, this.g] = [x, f, g];
    const { steepness } = this;
    if (steepness < 0.5 * this.least) this.least = steepness;
    else if (!lower) {
      this.idle++;
      return;
    }
    this.idle = 0;
  }

  /** A length that meets the weak Wolfe conditions, or the bounds; the best one that decreases f if there is none. */
  private search(target: Float64Array): Trial | undefined {
    const { x, f, g } = this;
    const d = target.map((v, j) => v - x[j]);
    const slope = dot(g, d);
    this.trials = 0;
    if (!(slope < 0)) return undefined;
    const longest = this.longest(d);
    let length = Math.min(longest, this.model.isPlain ? Math.min(1, 1 / Math.sqrt(dot(d, d))) : 1);
    let [low, high]: [Trial | undefined, number] = [undefined, Infinity];
    while (this.trials < TRIALS) {
      const trial = this.evaluate(target, d, length);
      const noise = trial.f <= f + ROUNDING * Math.abs(f) && Math.abs(trial.slope) <= FLAT * -slope;
      if (!noise && !(trial.f <= f + SUFFICIENT * length * slope)) {
        high = length;
        const [at, value, down] = low ? [low.length, low.f, low.slope] : [0, f, slope];
        length = at + (high - at) * interpolated(down * (high - at), trial.f - value);
      } else if (noise || length >= longest || trial.slope >= FLAT * slope || !(trial.f > -1e20)) return trial;
      else {
        low = trial;
        length = high < Infinity ? (length + high) / 2 : Math.min(longest, GROWTH * length);
      }
    }
    return low;
  }

  private evaluate(target: Float64Array, d: Float64Array, length: number): Trial {
    const { lower, upper, oracle } = this;
    const x =
      length === 1 ? target.slice() : this.x.map((v, j) => Math.min(Math.max(v + length * d[j], lower[j]), upper[j]));
    const g = new Float64Array(x.length);
    const f = oracle(x, g);
    this.calls++;
    this.trials++;
    const slope = dot(g, d);
    return { length, x, f: Number.isFinite(slope) ? f : Number.NaN, g, slope };
  }

  /** The length at which the first bound is met. */
  private longest(d: Float64Array): number {
    const { x, lower, upper } = this;
    let most = Infinity;
    for (let j = 0; j < d.length; j++) {
      if (d[j] > 0) most = Math.min(most, (upper[j] - x[j]) / d[j]);
      else if (d[j] < 0) most = Math.min(most, (lower[j] - x[j]) / d[j]);
    }
    return Math.max(most, 1);
  }
}

/** Where the parabola with this slope at 0 and this change to 1 is least, kept off the ends. */
function interpolated(slope: number, change: number): number {
  const at = -slope / (2 * (change - slope));
  return Number.isFinite(at) ? Math.min(Math.max(at, 0.1), 0.5) : 0.1;
}
