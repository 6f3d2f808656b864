import { checkOptions, fail, numberOption, type OptionsOf } from '@southwell/numerics/core';
import type { Numbers } from './state.ts';

/** State of an average as plain data. */
export interface SavedAverage {
  readonly kind: string;
  readonly count: number;
  readonly values?: Numbers;
}

/** Weight averaging during a run, in the parameters' precision. */
export class WeightAverage {
  /** Number of points averaged. */
  count = 0;
  private average: Numbers | undefined;

  /** @internal `weight`: the weight of the next point, as a function of the number of previous points. */
  constructor(
    readonly kind: string,
    private readonly weight: (count: number) => number,
  ) {}

  /**
   * The average; read-only.
   * @throws EMPTY before the first point.
   */
  get values(): Numbers {
    return this.average ?? fail('EMPTY', 'There is no average before the first point is taken.');
  }

  /**
   * Adds a point. O(size).
   * @throws INVALID_SHAPE if its size or precision differs from the previous points.
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

  /** A copy of the state. */
  state(): SavedAverage {
    return { kind: this.kind, count: this.count, ...(this.average && { values: this.average.slice() }) };
  }

  /**
   * Restores a saved state.
   * @throws INVALID_PARAMETER for an average of another kind.
   */
  restore({ kind, count, values }: SavedAverage): void {
    if (kind !== this.kind) fail('INVALID_PARAMETER', `The average is ${kind}, not ${this.kind}.`);
    this.count = count;
    this.average = values?.slice();
  }
}

const averageRecords = {
  /** Decay rate, in [0, 1). Default 0.999. */
  decay: numberOption({ min: 0, below: 1 }),
};

export interface ExponentialAverageOptions extends OptionsOf<typeof averageRecords> {}

/**
 * Exponential moving average A ← A + (1 − decay)(x − A), initialised with the first point (cf. Polyak & Juditsky 1992).
 * @throws INVALID_PARAMETER.
 */
export function exponentialAverage(options: ExponentialAverageOptions = {}): WeightAverage {
  checkOptions('exponentialAverage', averageRecords, options);
  const { decay = 0.999 } = options;
  return new WeightAverage(`exponential of decay ${decay}`, () => 1 - decay);
}

/** Uniform average of all points (SWA: Izmailov et al., UAI 2018). */
export const equalAverage = (): WeightAverage => new WeightAverage('equal', (count) => 1 / (count + 1));
