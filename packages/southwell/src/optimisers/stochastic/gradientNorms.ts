import { fail } from '@southwell/numerics/core';
import { gradientNorm } from './clipping.ts';
import type { ParameterRange } from './ranges.ts';
import type { NormKind } from './schedules/refinement.ts';
import type { Numbers } from './state.ts';

/** Recorded norms as plain data. */
export interface SavedNorms {
  readonly kind: NormKind;
  readonly values: Float64Array;
}

/**
 * Records the gradient norm of each step of a run, before clipping and weight decay, for {@link refineSchedule}.
 * `stochasticIterates` takes an instance as `norms` and saves it with checkpoints. 8 to 16 bytes per step.
 */
export class GradientNorms {
  private kept = new Float64Array(64);
  private count = 0;

  /**
   * @param kind 'l2' for SGD, 'l1' for Adam and its variants.
   * @throws INVALID_PARAMETER for any other.
   */
  constructor(readonly kind: NormKind = 'l2') {
    if (kind !== 'l2' && kind !== 'l1') fail('INVALID_PARAMETER', `norm must be 'l2' or 'l1', not '${String(kind)}'.`);
  }

  /** A copy of the norms so far, one for each step. */
  get values(): Float64Array {
    return this.kept.slice(0, this.count);
  }

  /**
   * Records the norm of a gradient, excluding frozen parameters. O(size).
   * @throws NON_FINITE, with the index.
   */
  take(gradient: Numbers, ranges: readonly ParameterRange[] = []): void {
    if (this.count === this.kept.length) {
      const grown = new Float64Array(2 * this.count);
      grown.set(this.kept);
      this.kept = grown;
    }
    const frozen = ranges.filter((range) => range.frozen);
    const used = frozen.length > 0 ? gradient.slice() : gradient;
    for (const { from, to } of frozen) used.fill(0, from, to);
    this.kept[this.count] = this.kind === 'l2' ? gradientNorm(used) : sumOfSizes(used);
    this.count++;
  }

  /** A copy of the state. */
  state(): SavedNorms {
    return { kind: this.kind, values: this.values };
  }

  /**
   * Restores a saved state.
   * @throws INVALID_PARAMETER for norms of another kind.
   */
  restore({ kind, values }: SavedNorms): void {
    if (kind !== this.kind) fail('INVALID_PARAMETER', `The norms are ${kind}, not ${this.kind}.`);
    this.kept = new Float64Array(Math.max(64, values.length));
    this.kept.set(values);
    this.count = values.length;
  }
}

function sumOfSizes(gradient: Numbers): number {
  let sum = 0;
  for (let k = 0; k < gradient.length; k++) sum += Math.abs(gradient[k]);
  if (!Number.isFinite(sum)) {
    const k = gradient.findIndex((v) => !Number.isFinite(v));
    const place = k < 0 ? 'values too large to be added up' : `${gradient[k]} in entry ${k + 1}`;
    fail('NON_FINITE', `The gradient holds ${place}: look where it comes from.`);
  }
  return sum;
}
