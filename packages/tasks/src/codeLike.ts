import type { SplitRows } from '@southwell/numerics/core';

/** Largest number of distinct values, and largest value, of numbers that look like codes. */
const MOST = 10;
const LARGEST = 20;

/**
 * The distinct values of numbers that may well be codes of categories rather than amounts, in ascending order: at most
 * ten whole numbers from 0 to 20, each of which occurs twice on average; undefined for others, and for constants.
 * Missing values are skipped. Collective, if the rows are distributed. O(rows).
 */
export function codeLike(values: ArrayLike<number>, rows: SplitRows): readonly number[] | undefined {
  const here = new Set<number>();
  let [known, plain] = [0, true];
  for (let i = 0; plain && i < values.length; i++) {
    const value = values[i];
    if (Number.isNaN(value)) continue;
    known++;
    // A set has its own cost for each value, most of which repeat.
    if (here.has(value)) continue;
    plain = Number.isInteger(value) && value >= 0 && value <= LARGEST && here.size < MOST;
    here.add(value);
  }
  const all = rows.tell(plain ? { known, found: [...here] } : null);
  if (all.includes(null)) return undefined;
  const found = [...new Set(all.flatMap((part) => part!.found))].sort((a, b) => a - b);
  const count = all.reduce((sum, part) => sum + part!.known, 0);
  return found.length >= 2 && found.length <= MOST && count >= 2 * found.length ? found : undefined;
}
