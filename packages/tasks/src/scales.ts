import type { AnyMatrix } from '@southwell/numerics/arrays';
import type { SplitRows } from '@southwell/numerics/core';
import type { Spell } from './declaration/check.ts';
import { number } from './format.ts';
import { columnDeviations } from './stats.ts';

/** Ratio of standard deviations from which columns in their own units are hardly what was meant. */
const UNLIKE = 1000;

/**
 * A note on columns whose scales differ so much that one of them dominates; none if all is well. O(stored values).
 * @param what What it dominates, such as 'distances'.
 */
export function scaleNotes(
  X: AnyMatrix,
  rows: SplitRows,
  names: readonly string[],
  what: string,
  spell: Spell,
): string[] {
  const unlike = unlikeScales(columnDeviations(X, rows), names);
  if (!unlike) return [];
  return [
    `${unlike.told}, so that ${unlike.largest} dominates ${what}: ${spell('standardize', true)} treats them alike.`,
  ];
}

/** What to say of standard deviations that differ too much, constants aside; undefined if all is well. O(columns). */
export function unlikeScales(
  deviations: ArrayLike<number>,
  names: readonly string[],
): { readonly told: string; readonly largest: string } | undefined {
  let [small, large] = [-1, -1];
  for (let j = 0; j < deviations.length; j++) {
    const sd = deviations[j];
    if (!(sd > 0)) continue;
    if (small < 0 || sd < deviations[small]) small = j;
    if (large < 0 || sd > deviations[large]) large = j;
  }
  if (small < 0 || deviations[large] <= UNLIKE * deviations[small]) return undefined;
  const told = (j: number) => `${number(deviations[j])} (${names[j]})`;
  return {
    told: `Columns have standard deviations from ${told(small)} to ${told(large)}`,
    largest: names[large],
  };
}
