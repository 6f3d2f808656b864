import type { ModelResult } from '@southwell/tasks';
import { tidy } from './tidy.ts';

/** Bounds that were changed, as the option of the command takes them. */

export type Entry = ModelResult['rows'][number];
export interface BoundEdit {
  readonly name: string;
  readonly side: 'lower' | 'upper';
  /** Null for none. */
  readonly value: number | null;
}

const SIGNS = { lower: '>=', upper: '<=' } as const;
const infinite = { lower: '-inf', upper: 'inf' } as const;

/** The text of a change; both sides of an equality change together. */
export const boundText = ({ name, side, value }: BoundEdit, { lower, upper }: Entry): string =>
  `${name}${lower !== null && lower === upper && value !== null ? '=' : SIGNS[side]}${value ?? infinite[side]}`;

/** The changes with another one, which replaces an earlier one of the same side. */
export const withBound = (changes: readonly string[], text: string): string[] => {
  const subject = (change: string) => change.replace(/(<=|>=|=)[^<>=]*$/, '$1');
  return [...changes.filter((change) => subject(change) !== subject(text)), text];
};

/** What the price of a bound says of the optimum: undefined if it has none, 0 where the value is not at the bound. */
export function predicted(entry: Entry, { side, value }: BoundEdit): number | undefined {
  const before = entry[side];
  if (entry.multiplier === null) return undefined;
  const isAt = entry.at === side || entry.at === 'both';
  if (!isAt) return 0;
  return value === null || before === null ? undefined : entry.multiplier * (value - before);
}

/** Both sides as they are written behind a name: ≥ 2, ≤ 5. */
export function sidesText({ lower, upper }: Pick<Entry, 'lower' | 'upper'>): string {
  if (lower !== null && lower === upper) return `= ${tidy(lower)}`;
  return [...(lower === null ? [] : [`≥ ${tidy(lower)}`]), ...(upper === null ? [] : [`≤ ${tidy(upper)}`])].join(', ');
}
