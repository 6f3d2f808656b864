import type { AnyMatrix } from '@southwell/numerics/arrays';
import type { SplitRows } from '@southwell/numerics/core';
import { number } from './format.ts';
import { columnDeviations } from './stats.ts';

/** Ratio of standard deviations from which columns in their own units are hardly what was meant. */
export const UNLIKE = 1000;

/**
 * A note on columns whose scales differ so much that one of them dominates; none if all is well. O(stored values).
 * @param what What it dominates, such as 'distances'.
 */
export function scaleNotes(
  X: AnyMatrix,
  rows: SplitRows,
  names: readonly string[],
  what: string,
  spell: (option: string) => string,
): string[] {
  const deviations = columnDeviations(X, rows);
  let [small, large] = [-1, -1];
  deviations.forEach((sd, j) => {
    if (!(sd > 0)) return;
    if (small < 0 || sd < deviations[small]) small = j;
    if (large < 0 || sd > deviations[large]) large = j;
  });
  if (small < 0 || deviations[large] <= UNLIKE * deviations[small]) return [];
  const told = (j: number) => `${number(deviations[j])} (${names[j]})`;
  return [
    `Columns have standard deviations from ${told(small)} to ${told(large)}, so that ${names[large]} dominates ${what}: ${spell('standardize')} treats them alike.`,
  ];
}
