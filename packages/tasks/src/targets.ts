import { bundledSets, type Table } from '@southwell/data';
import { fail, nearestName } from '@southwell/numerics/core';
import { RequestError } from './errors.ts';
import type { FormTable } from './option.ts';

/** The likeliest target: a bundled set's own, a column called so, else the last that is no text. */
export function likelyTarget({ data, columns: all }: FormTable): string {
  const bundled = bundledSets().find((s) => `bundled:${s.name}` === data);
  const named = all.find((c) => /^(y|target|class|label|outcome|response)$/i.test(c.name));
  return bundled?.target ?? (named ?? all.findLast((c) => c.type !== 'text') ?? all.at(-1))?.name ?? '';
}

/** Throws where nobody says which column is to be predicted. */
export function needsTarget(table: Table, target: string | undefined, spell: (option: string) => string): void {
  if (target !== undefined || table.sparse?.y) return;
  const names = table.columns.map((c) => c.name);
  const list = names.slice(0, 8).join(', ') + (names.length > 8 ? ', …' : '');
  throw new RequestError(
    table.sparse
      ? `${table.name} has no labels to predict: use a LIBSVM file, or a table with columns.`
      : `Which column is to be predicted? Give ${spell('target')} NAME; ${table.name} has ${list}.`,
  );
}

/** The numbers of a column. Throws where there is none of the name, or it holds words. */
export function numberColumn(table: Table, name: string): Float64Array {
  const found = table.columns.find((c) => c.name === name);
  if (!found) {
    const near = nearestName(
      name,
      table.columns.map((c) => c.name),
    );
    fail('INVALID_PARAMETER', `${table.name} has no column '${name}'${near ? `; did you mean '${near}'?` : '.'}`);
  }
  if (found.type !== 'number') fail('INVALID_PARAMETER', `${table.name}: column '${name}' holds words, not numbers.`);
  return found.values;
}
