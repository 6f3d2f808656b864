import { DenseMatrix } from '@southwell/numerics/arrays';
import { fail } from '@southwell/numerics/core';
import { type BaselineHazard, type SurvivalTarget, strataOf } from '../losses/index.ts';
import { checkedLength } from './validation.ts';

/** @throws a sentence for a target that is not a survival target, or has another number of rows. */
export function checkedSurvival(y: unknown, rows: number): SurvivalTarget {
  const survival = y as SurvivalTarget | undefined;
  if (!survival || survival.time === undefined || survival.event === undefined) {
    fail(
      'INVALID_TARGET',
      'A Cox model needs a target { time, event }: a list of times and one of 1 (observed) or 0 (censored).',
    );
  }
  const { time, event, strata } = survival;
  checkedLength('the target', time.length, rows);
  const target = { time: Float64Array.from(time), event };
  if (strata === undefined) return target;
  strataOf({ ...target, strata });
  return { ...target, strata };
}

/**
 * The baseline hazard of every row.
 * @throws a sentence for a stratum that was not in the training data.
 */
function baselinesOf(
  baseline: readonly BaselineHazard[],
  strata: ArrayLike<number | string> | undefined,
  rows: number,
): readonly BaselineHazard[] {
  if (baseline[0].stratum === undefined) {
    if (strata) fail('INVALID_PARAMETER', 'The model was fitted without strata: leave out strata.');
    return new Array<BaselineHazard>(rows).fill(baseline[0]);
  }
  if (!strata) fail('INVALID_PARAMETER', 'The model was fitted with strata: give the stratum of every row as strata.');
  if (strata.length !== rows) fail('INVALID_SHAPE', `X has ${rows} rows but there are ${strata.length} strata.`);
  const byLabel = new Map(baseline.map((one) => [one.stratum!, one]));
  return Array.from({ length: rows }, (_, i) => {
    const found = byLabel.get(strata[i]);
    if (found) return found;
    const known = baseline.slice(0, 8).map(({ stratum }) => stratum);
    const list = `${known.join(', ')}${baseline.length > known.length ? ', …' : ''}`;
    return fail(
      'INVALID_PARAMETER',
      `Row ${i + 1} has stratum ${strata[i]}, which was not in the training data: known strata are ${list}.`,
    );
  });
}

/** The number of values in an ascending list that are at most t. O(log n). */
function countUpTo(times: Float64Array, t: number): number {
  let [low, high] = [0, times.length];
  while (low < high) {
    const middle = (low + high) >> 1;
    if (times[middle] <= t) low = middle + 1;
    else high = middle;
  }
  return low;
}

/**
 * S(t | x) = exp(−H₀(t)·e^η), rows × times.
 * @throws a sentence for a negative or non-finite time, and for a stratum that was not in the training data.
 */
export function survivalOf(
  baseline: readonly BaselineHazard[],
  eta: Float64Array,
  times: ArrayLike<number>,
  strata: ArrayLike<number | string> | undefined,
): DenseMatrix {
  for (let k = 0; k < times.length; k++) {
    if (!(times[k] >= 0 && times[k] < Number.POSITIVE_INFINITY)) {
      fail('INVALID_PARAMETER', `Times must be finite and at least 0, but one is ${times[k]}.`);
    }
  }
  const own = baselinesOf(baseline, strata, eta.length);
  const out = DenseMatrix.create(eta.length, times.length);
  for (let k = 0; k < times.length; k++) {
    const column = out.column(k);
    const at = new Map(baseline.map((one) => [one, countUpTo(one.times, times[k])]));
    for (let i = 0; i < eta.length; i++) {
      const events = at.get(own[i])!;
      column[i] = events === 0 ? 1 : Math.exp(-Math.exp(own[i].logCumulative[events - 1] + eta[i]));
    }
  }
  return out;
}
