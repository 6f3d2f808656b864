import { readTable } from '@southwell/data';
import { askedOf, check, families, formOf, labels } from '@southwell/tasks';
import type { Values } from '../../lib/controls.ts';
import { blackBox } from './blackBox.ts';
import type { Contest } from './contest.ts';
import { canonicalCorrelations } from './factorisation/cca.ts';
import { completion } from './factorisation/completion.ts';
import { dictionaries } from './factorisation/dictionaries.ts';
import { nonNegativeParts } from './factorisation/nmf.ts';
import { svd } from './factorisation/svd.ts';

const declaredContests = Object.fromEntries(
  families
    .flatMap(({ races }) => races ?? [])
    .map((race) => [
      race.id,
      async (values: Values) =>
        race.contest(check(race, askedOf(formOf(race.options), values), labels(race)), readTable),
    ]),
);

/** What the values of the form describe, by problem. */
export const contests: Readonly<Record<string, (values: Values) => Promise<Contest>>> = {
  ...declaredContests,
  completion,
  svd,
  nmf: nonNegativeParts,
  dictionaries,
  cca: canonicalCorrelations,
  'black-box': blackBox,
} as Readonly<Record<string, (values: Values) => Promise<Contest>>>;
