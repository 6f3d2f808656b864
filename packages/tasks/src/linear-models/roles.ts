import type { Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import { numberColumn } from '../declaration/targets.ts';
import { RequestError } from '../errors.ts';
import type { FitRequest } from './options.ts';

/** Throws sentences for columns with two roles, or without numbers if these are required. */
export function checkRoles(
  table: Table,
  request: FitRequest,
  target: string | undefined,
  measured: readonly string[],
  special: readonly string[],
): void {
  const { event } = request;
  for (const name of measured) {
    const found = table.columns.find((c) => c.name === name);
    if (name === event && found && found.type !== 'number') {
      fail(
        'INVALID_TARGET',
        `${table.name}: column '${name}' holds words, such as ${found.levels[0]}: write 1 for observed events and 0 for censored rows.`,
      );
    }
    numberColumn(table, name);
  }
  for (const name of special) {
    if (name === target)
      throw new RequestError(`'${name}' cannot be both the target and weights, offset, strata, folds or clients.`);
    if (special.filter((other) => other === name).length > 1) {
      throw new RequestError(`'${name}' is used in two roles.`);
    }
    if (request.features?.includes(name)) throw new RequestError(`'${name}' cannot also be a feature.`);
  }
}
