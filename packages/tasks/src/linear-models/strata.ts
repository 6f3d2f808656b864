import { asWritten, type Column, columnOf, type Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import type { LinearModel } from 'southwell/linear-models';
import type { Spell } from '../declaration/check.ts';
import { RequestError } from '../errors.ts';

/** The column of the strata, as stored in a model file. */
export interface StoredStrata {
  readonly column: string;
  /** Whether the column was numeric. */
  readonly numbers: boolean;
}

const labelAt = (column: Column, row: number): string | undefined => {
  if (column.type === 'number') return Number.isNaN(column.values[row]) ? undefined : String(column.values[row]);
  return column.codes[row] < 0 ? undefined : column.levels[column.codes[row]];
};

/** The column of that name. Throws a sentence if there is none. */
export function strataColumnOf(table: Table, name: string): Column {
  if (!table.sparse) return asWritten(columnOf(table, name, 'strata'));
  fail('INVALID_PARAMETER', `${table.name} is a matrix without column names, so there is no column for the strata.`);
}

/** The stratum of every used row, as text. Throws a sentence for a missing column, and for a row without a value. */
export function strataOfColumn(table: Table, name: string, rows: Int32Array | undefined, spell: Spell) {
  const column = strataColumnOf(table, name);
  const labels = Array.from({ length: rows ? rows.length : table.rows }, (_, k) => {
    const i = rows ? rows[k] : k;
    return (
      labelAt(column, i) ??
      fail(
        'NON_FINITE',
        `${table.name}: column '${name}' has no value in row ${i + 1}, which ${spell('strata')} needs to know its stratum. Fill it in or leave the row out.`,
      )
    );
  });
  if (labels.length > 1 && new Set(labels).size === labels.length) {
    fail(
      'INVALID_PARAMETER',
      `${table.name}: '${name}' has a different value in every row, but rows are only compared within a stratum of ${spell('strata')}: there is nothing to compare.`,
    );
  }
  return { labels, stored: { column: name, numbers: column.type === 'number' } satisfies StoredStrata };
}

/** Maximum number of strata listed in a message. */
const LISTED = 6;

const listed = (names: readonly string[]): string =>
  `${names.slice(0, LISTED).join(', ')}${names.length > LISTED ? ', …' : ''}`;

/** The survival columns of predictions by name, for rows of the matrix; null for a row without a stratum. */
export function survivalColumns(
  model: LinearModel,
  table: Table,
  given: { readonly X: Parameters<LinearModel['survival']>[0]; readonly offset?: Float64Array; readonly rows: number },
  kept: ArrayLike<number> | undefined,
  stored: StoredStrata | undefined,
  times: readonly number[],
) {
  const { baselineHazard } = model;
  if (!baselineHazard) {
    throw new RequestError(
      'The model has no baseline hazard at this alpha, which survival needs: files of older versions have none, and a ' +
        'path stores those of its other alphas only up to a million numbers. Fit it again at one alpha, with southwell fit --alpha.',
    );
  }
  const labels = stored && strataToPredict(model, table, kept, stored, given.rows);
  const first = baselineHazard[0].stratum;
  const survival = model.survival(given.X, times, {
    offset: given.offset,
    ...(labels && { strata: labels.map((label) => label ?? first!) }),
  });
  const columns = times.map((t, k) => {
    const values = Array.from(survival.column(k), (v, i) => (labels && labels[i] === undefined ? null : v));
    return [`survival_${t}`, values] as const;
  });
  survival.free();
  return { columns: Object.fromEntries(columns), notes: beyond(baselineHazard, times) };
}

/** The stratum of every row of the matrix. Throws a sentence for a stratum that was not in the training data. */
function strataToPredict(
  { baselineHazard }: LinearModel,
  table: Table,
  kept: ArrayLike<number> | undefined,
  { column: name }: StoredStrata,
  rows: number,
): Array<string | undefined> {
  const column = table.columns.find((c) => c.name === name);
  if (!column) {
    fail('INVALID_PARAMETER', `${table.name} has no column '${name}', the strata that the model was fitted with.`);
  }
  const known = new Set(baselineHazard!.map(({ stratum }) => String(stratum)));
  return Array.from({ length: rows }, (_, k) => {
    const i = kept ? kept[k] : k;
    const label = labelAt(column, i);
    if (label === undefined || known.has(label)) return label;
    return fail(
      'INVALID_PARAMETER',
      `${table.name}: row ${(table.before ?? 0) + i + 1} has stratum '${label}' of '${name}', which was not in the training data, so that it has no ` +
        `baseline hazard; known strata are ${listed([...known])}.`,
    );
  });
}

/** Notes on times beyond the end of follow-up. */
function beyond(baselines: NonNullable<LinearModel['baselineHazard']>, times: readonly number[]): string[] {
  const latest = Math.max(...times);
  const short = baselines.filter(({ lastTime }) => lastTime < latest);
  if (short.length === 0) return [];
  const where =
    short[0].stratum === undefined
      ? `beyond ${short[0].lastTime}`
      : `beyond ${listed(short.map(({ stratum, lastTime }) => `${lastTime} in stratum ${stratum}`))}`;
  return [`No row of the fit was followed ${where}: survival at later times is as it was there.`];
}
