import { inOnePlace } from '@southwell/numerics/core';
import type { DenseMatrix } from 'southwell';
import { codeLike } from '../codeLike.ts';
import type { Spell } from '../declaration/check.ts';
import { methodsWith, type ScoreName } from './methods.ts';
import type { LearnRequest } from './options.ts';

/** The scores that take values as amounts, rather than as the values of binary variables. */
const amounts: Readonly<Record<ScoreName, boolean>> = { gaussian: true, logistic: false, mlp: true };

/** Columns shown in a note. */
const SHOWN = 8;

/** A note on columns that look like codes of categories but are scored as amounts, if there are any. O(nd). */
export function codeNotes(
  X: DenseMatrix,
  names: readonly string[],
  { score }: Pick<LearnRequest, 'score'>,
  spell: Spell,
): string[] {
  if (!amounts[score]) return [];
  const found = names.flatMap((name, j) => {
    const values = codeLike(X.column(j), inOnePlace(X.rows));
    return values ? [{ name, values }] : [];
  });
  if (found.length === 0) return [];
  const told = found.slice(0, SHOWN).map(({ name, values }) => `${name} (${values.length} values)`);
  const more = found.length > SHOWN ? ` and ${found.length - SHOWN} more` : '';
  const binary = found.length === names.length && found.every(({ values }) => values.every((v) => v === 0 || v === 1));
  const what = binary
    ? `Binary variables have a score of their own: ${spell('score', 'logistic')}, with ${spell('method')} ${methodsWith('logistic').join(', ')}.`
    : `If they number categories, the numbers say nothing about amounts: leave them out with ${spell(
        'drop',
        found.map(({ name }) => name),
      )}, or learn binary variables on their own, with ${spell('score', 'logistic')}.`;
  return [`Few different whole numbers, as codes have, are scored as amounts: ${told.join(', ')}${more}. ${what}`];
}
