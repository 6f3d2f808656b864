import { nearestName } from '@southwell/numerics/core';
import { records } from '@southwell/papers';
import { UsageError } from '../errors.ts';
import { clip, printable } from '../text.ts';

/** The families of papers that news can be asked of. */
const families: readonly string[] = [...new Set(records.map(({ family }) => family))].sort();

/** The same, where all are families of papers. Throws a sentence where one is none. */
export function checkFamilies(names: readonly string[]): readonly string[] {
  const wrong = names.find((name) => !families.includes(name));
  if (wrong === undefined) return names;
  const near = nearestName(wrong, families);
  throw new UsageError(
    `There is no family "${printable(clip(wrong, 40))}"; ${near ? `did you mean "${near}"?` : `there are ${families.join(', ')}.`}`,
  );
}
