import { checkOptions, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';
import type { Line, Search } from './search.ts';

const wolfeRecords = {
  /** Sufficient-decrease constant c₁. Default 1e-4. */
  sufficient: numberOption({ min: 0, max: 0.5, open: true }),
  /** Curvature constant c₂. Default 0.9; 0.1 for nearly exact line searches. */
  curvature: numberOption({ min: 0, max: 1, open: true }),
};

export interface WolfeOptions extends OptionsOf<typeof wolfeRecords> {}

interface Trial {
  readonly alpha: number;
  readonly value: number;
  readonly slope: number;
}

/** Relative differences of the objective below this are treated as rounding errors. */
const NOISE = 1e-13;

/**
 * A step α with φ(α) ≤ φ(0) + sufficient·α·φ′(0) and |φ′(α)| ≤ curvature·|φ′(0)|, the strong Wolfe conditions, by
 * bracketing and cubic interpolation (Nocedal & Wright, Algorithms 3.5 and 3.6). If the decrease is within rounding,
 * slopes alone decide (the approximate Wolfe conditions of Hager & Zhang 2005), so that gradients can be reduced below
 * the root of the unit roundoff. If no such step is found within 60 trials, a step that satisfies the decrease
 * condition.
 * @throws INVALID_PARAMETER.
 */
export function strongWolfe(options: WolfeOptions = {}): Search {
  checkOptions('strongWolfe', wolfeRecords, options);
  const { sufficient = 1e-4, curvature = 0.9 } = options;
  if (curvature <= sufficient) {
    fail('INVALID_PARAMETER', `curvature must be above sufficient, ${sufficient}, but is ${curvature}.`);
  }
  return {
    descends: true,
    smooth: true,
    step: (line, first) => new Bracket(line, sufficient, curvature).step(first),
  };
}

class Bracket {
  private trials = 0;
  private readonly noise: number;

  constructor(
    private readonly line: Line,
    private readonly sufficient: number,
    private readonly curvature: number,
  ) {
    this.noise = NOISE * Math.abs(line.value);
  }

  step(first: number): number {
    let low: Trial = { alpha: 0, value: this.line.value, slope: this.line.slope };
    let growth = 10;
    for (let alpha = first; this.trials < 60; ) {
      const trial = this.evaluate(alpha);
      if (trial.value === Number.NEGATIVE_INFINITY) return Number.POSITIVE_INFINITY;
      if (!this.lowEnough(trial) || trial.value > low.value + this.noise) return this.zoom(low, trial);
      if (this.flat(trial)) return alpha;
      if (trial.slope >= 0) return this.zoom(trial, low);
      if (trial.slope <= this.line.slope) {
        // The slope is no flatter than at the point: a minimum is far away, or does not exist.
        alpha *= growth;
        growth *= growth;
        if (alpha > Number.MAX_VALUE) return trial.value < this.line.value ? alpha : 0;
      } else {
        const guess = cubicMinimiser(low, trial);
        alpha = guess > 2 * alpha ? Math.min(guess, 10 * alpha) : 2 * alpha;
      }
      low = trial;
    }
    return this.settle(low);
  }

  /** Searches between the best trial so far and a trial beyond a minimum. */
  private zoom(low: Trial, high: Trial): number {
    let [before, last] = [Number.POSITIVE_INFINITY, Number.POSITIVE_INFINITY];
    while (this.trials < 60) {
      const width = Math.abs(high.alpha - low.alpha);
      // Bisects if the last two trials have left more than two thirds of the bracket.
      const alpha = width <= 0.67 * before ? inside(low, high) : middle(low, high);
      [before, last] = [last, width];
      if (alpha === low.alpha || alpha === high.alpha) break;
      const trial = this.evaluate(alpha);
      if (!this.lowEnough(trial) || trial.value > low.value + this.noise) high = trial;
      else {
        if (this.flat(trial)) return alpha;
        if (trial.slope * (high.alpha - low.alpha) >= 0) high = low;
        low = trial;
      }
    }
    return this.settle(low);
  }

  /** Makes the best trial the last one, if it is acceptable. */
  private settle(low: Trial): number {
    if (low.alpha > 0) this.evaluate(low.alpha);
    return low.alpha;
  }

  private evaluate(alpha: number): Trial {
    this.trials++;
    const value = this.line.evaluate(alpha);
    return { alpha, value, slope: this.line.slopeThere };
  }

  private lowEnough({ alpha, value, slope }: Trial): boolean {
    const { line, sufficient } = this;
    if (value <= line.value + sufficient * alpha * line.slope) return true;
    return Math.abs(value - line.value) <= this.noise && slope <= (2 * sufficient - 1) * line.slope;
  }

  private flat({ slope }: Trial): boolean {
    return Math.abs(slope) <= -this.curvature * this.line.slope;
  }
}

/**
 * The minimiser of the cubic through values and slopes at two points (Nocedal & Wright, eq. 3.59); NaN if there is
 * none.
 */
function cubicMinimiser(a: Trial, b: Trial): number {
  const width = b.alpha - a.alpha;
  const d1 = a.slope + b.slope - (3 * (b.value - a.value)) / width;
  const d2 = Math.sign(width) * Math.sqrt(d1 * d1 - a.slope * b.slope);
  return b.alpha - (width * (b.slope + d2 - d1)) / (b.slope - a.slope + 2 * d2);
}

/**
 * The minimiser of the cubic, at least a hundredth of the bracket away from its ends; the middle if there is none
 * inside.
 */
function inside(a: Trial, b: Trial): number {
  const [from, to] = [Math.min(a.alpha, b.alpha), Math.max(a.alpha, b.alpha)];
  const guess = cubicMinimiser(a, b);
  const margin = 0.01 * (to - from);
  return guess > from && guess < to ? Math.min(Math.max(guess, from + margin), to - margin) : middle(a, b);
}

/** The middle of a bracket; the geometric mean if it spans orders of magnitude. */
function middle(a: Trial, b: Trial): number {
  const [from, to] = [Math.min(a.alpha, b.alpha), Math.max(a.alpha, b.alpha)];
  return from > 0 && to > 100 * from ? Math.sqrt(from) * Math.sqrt(to) : from + (to - from) / 2;
}
