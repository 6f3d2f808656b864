import { fail, knownKeys, type OptionKeys } from '@southwell/numerics/core';
import { belowOne } from './ranges.ts';
import type { Numbers } from './state.ts';

/** What an average holds, as plain data. */
export interface SavedAverage {
  readonly kind: string;
  readonly count: number;
  readonly values?: Numbers;
}

/** An average of the parameters along a run, in their precision. Its bytes are those of {@link WeightAverage.values}. */
export class WeightAverage {
  /** How many points it has taken in. */
  count = 0;
  private average: Numbers | undefined;

  /** @internal `weight`: of the next point, by how many there were before. */
  constructor(
    readonly kind: string,
    private readonly weight: (count: number) => number,
  ) {}

  /**
   * The average; to be read only.
   * @throws EMPTY before the first point.
   */
  get values(): Numbers {
    return this.average ?? fail('EMPTY', 'There is no average before the first point is taken.');
  }

  /**
   * Takes a point in. O(size).
   * @throws INVALID_SHAPE where it is of another size or precision than those before.
   */
  take(parameters: Numbers): void {
    this.average ??= parameters.slice().fill(0);
    const { average } = this;
    if (average.length !== parameters.length || average.constructor !== parameters.constructor) {
      fail(
        'INVALID_SHAPE',
        `The average is of ${average.length} values, not of ${parameters.length} or of another precision.`,
      );
    }
    if (this.count === 0) average.set(parameters);
    else {
      const w = this.weight(this.count);
      for (let k = 0; k < average.length; k++) average[k] += w * (parameters[k] - average[k]);
    }
    this.count++;
  }

  /** A copy of what it holds. */
  state(): SavedAverage {
    return { kind: this.kind, count: this.count, ...(this.average && { values: this.average.slice() }) };
  }

  /**
   * Goes on from what another one held.
   * @throws INVALID_PARAMETER for one of another kind.
   */
  restore({ kind, count, values }: SavedAverage): void {
    if (kind !== this.kind) fail('INVALID_PARAMETER', `The average is ${kind}, not ${this.kind}.`);
    this.count = count;
    this.average = values?.slice();
  }
}

export interface ExponentialAverageOptions {
  /** The weight of the past, in [0, 1). Default 0.999. */
  readonly decay?: number;
}
const averageKeys: OptionKeys<ExponentialAverageOptions> = { decay: true };

/**
 * A ← A + (1 − decay)(x − A) from the first point on (Polyak & Juditsky 1992, in the form that is usual for nets).
 * @throws INVALID_PARAMETER.
 */
export function exponentialAverage(options: ExponentialAverageOptions = {}): WeightAverage {
  knownKeys('exponentialAverage', options, averageKeys);
  const { decay = 0.999 } = options;
  belowOne('decay', decay);
  return new WeightAverage(`exponential of decay ${decay}`, () => 1 - decay);
}

/** The mean of all points taken (SWA: Izmailov et al., UAI 2018). */
export const equalAverage = (): WeightAverage => new WeightAverage('equal', (count) => 1 / (count + 1));
