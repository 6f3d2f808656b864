import type { Random } from '@southwell/numerics/core';
import { inRows, ranking, rowMeans } from './method.ts';

/** Fraction of the points of a generation that is re-evaluated, and their minimum number. */
const SHARE = 0.1;
const LEAST = 2;
/** Rank changes up to this quantile of those expected by chance do not indicate noise. */
const THETA = 0.2;
const GROWTH = 1.5;
const MOST_REPEATS = 1000;

/**
 * Uncertainty handling of an evolution strategy: Hansen, Niederberger, Guzzella and Koumoutsakos, "A method for
 * handling uncertainty in evolutionary optimization with an application to feedback control of combustion" (IEEE TEC
 * 13(1), 2009), Algorithms 3 and 4. Some of the λ points are re-evaluated; if their ranks among all values change by
 * more than a fraction of what chance would give, the number of evaluations per point (t_eval) is multiplied by 1.5,
 * otherwise divided by it.
 */
export class NoiseMeasure {
  private repeats = 1;
  private anew = 0;
  private measure = 0;
  /** The value at the mean of the distribution in the last generation. */
  meanValue = Number.POSITIVE_INFINITY;

  constructor(
    private readonly n: number,
    private readonly lambda: number,
    private readonly random: Random,
  ) {}

  /** Number of evaluations of each point in the present generation. */
  private get times(): number {
    return Math.round(this.repeats);
  }

  /** The points to evaluate: the mean, then all points, the first ones twice as often. */
  batch(mean: Float64Array, points: readonly Float64Array[]): Float64Array[] {
    const wanted = Math.max(LEAST, SHARE * this.lambda);
    const whole = Math.floor(wanted);
    this.anew = Math.min(this.lambda, whole + (this.random.uniform() < wanted - whole ? 1 : 0));
    const twice = points.slice(0, this.anew).flatMap((x) => [x, x]);
    return inRows([mean, ...twice, ...points.slice(this.anew)], this.times);
  }

  /** Values of the points: the mean of all values of each. Measures the noise. */
  means(values: Float64Array): Float64Array {
    const { anew, lambda } = this;
    const [meanValue, ...rows] = rowMeans(values, this.times);
    this.meanValue = meanValue;
    const first = rows.filter((_, k) => k >= 2 * anew || k % 2 === 0);
    const second = first.map((v, i) => (i < anew ? rows[2 * i + 1] : v));
    this.measure = rankChange(first, second, anew);
    return Float64Array.from({ length: lambda }, (_, i) => (first[i] + second[i]) / 2);
  }

  /** Updates the number of evaluations per point; returns the factor for the step size. */
  adapt(): number {
    const noisy = this.measure > 0;
    const full = this.repeats >= MOST_REPEATS;
    this.repeats = Math.min(MOST_REPEATS, Math.max(1, noisy ? this.repeats * GROWTH : this.repeats / GROWTH));
    // Only where the number of evaluations cannot grow further: larger steps have larger differences.
    return noisy && full ? 1 + 2 / (this.n + 10) : 1;
  }
}

/** The uncertainty measure s of the paper: above 0 where the ranks of the first `anew` points change too much. */
export function rankChange(first: readonly number[], second: readonly number[], anew: number): number {
  const lambda = first.length;
  const order = ranking([...first, ...second]);
  const rank = new Int32Array(2 * lambda);
  order.forEach((k, r) => {
    rank[k] = r + 1;
  });
  let sum = 0;
  for (let i = 0; i < anew; i++) {
    const [before, after] = [rank[i], rank[lambda + i]];
    const change = after - before - Math.sign(after - before);
    // Ranks without the other value of the same point.
    const limits = [before - (before > after ? 1 : 0), after - (after > before ? 1 : 0)].map((r) => limit(r, lambda));
    sum += 2 * Math.abs(change) - limits[0] - limits[1];
  }
  return sum / anew;
}

/** The θ/2 quantile of |1 − R|, |2 − R|, …, |2λ − 1 − R|, the changes of a rank R by chance. */
function limit(rank: number, lambda: number): number {
  const changes = Float64Array.from({ length: 2 * lambda - 1 }, (_, k) => Math.abs(k + 1 - rank)).sort();
  const at = (THETA / 2) * (changes.length - 1);
  const [low, high] = [changes[Math.floor(at)], changes[Math.ceil(at)]];
  return low + (high - low) * (at - Math.floor(at));
}
