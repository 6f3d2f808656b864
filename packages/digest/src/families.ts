import { nearestName } from '@southwell/numerics/core';
import { records } from '@southwell/papers';
import { clip, printable, RequestError } from '@southwell/tasks';

/** The families of papers that can be subscribed to. */
const families: readonly string[] = [...new Set(records.map(({ family }) => family))].sort();

/** Returns the names if all are families of papers. Throws a sentence otherwise. */
export function checkFamilies(names: readonly string[]): readonly string[] {
  const wrong = names.find((name) => !families.includes(name));
  if (wrong === undefined) return names;
  const near = nearestName(wrong, families);
  throw new RequestError(
    `There is no family "${printable(clip(wrong, 40))}"; ${near ? `did you mean "${near}"?` : `there are ${families.join(', ')}.`}`,
  );
}
