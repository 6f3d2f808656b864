import { fail } from '@southwell/numerics/core';
import { formText, numberIn, partOf, sameForm } from '../forms.ts';
import type { Column, NumberColumn, Table } from '../table.ts';
import type { NumberFeature } from './encoding.ts';

/**
 * A column in the form in which the numbers of a feature were written when the model was fitted; undefined if plain
 * numbers are as they should be. O(rows + levels).
 * @throws INVALID_FORMAT for values in another form, such as other units.
 */
export function inForm(table: Table, column: Column, { name, form: own, part }: NumberFeature): Column | undefined {
  const form = part?.form ?? own;
  const is = column.type === 'number' ? column.form : undefined;
  const refuse = (was: string, has: string): never =>
    fail(
      'INVALID_FORMAT',
      `${table.name}: column '${column.name}' had ${was} when the model was fitted, but has ${has}.`,
    );
  if (!form) {
    if (is) refuse('plain numbers', `${formText(is)}: convert them`);
    return undefined;
  }
  // Parts of dates may have been made already.
  if (part && column.name === name) return column;
  const values = valuesIn(column, form, refuse);
  return { name, type: 'number', values: part ? partOf(values, part) : values };
}

function valuesIn(
  column: Column,
  form: NonNullable<NumberColumn['form']>,
  refuse: (was: string, has: string) => never,
): Float64Array {
  if (column.type === 'number' && sameForm(column.form, form)) return column.values;
  const words = column.type === 'number' ? column.written : column;
  if (!words) {
    const { values } = column as NumberColumn;
    const first = values.find((value) => !Number.isNaN(value));
    // Without a value, it has no form.
    return first === undefined ? values : refuse(formText(form), `plain numbers, such as ${first}: write them alike`);
  }
  const numbers = words.levels.map((word) => numberIn(word, form));
  const bad = numbers.findIndex((value, k) => Number.isNaN(value) && words.codes.includes(k));
  if (bad >= 0) return refuse(formText(form), `${JSON.stringify(words.levels[bad].slice(0, 40))}: write them alike`);
  return Float64Array.from(words.codes, (code) => (code < 0 ? Number.NaN : numbers[code]));
}

/** The numbers of a target in the form of the fit; undefined if they have another form, so that nothing can be scored. */
export function targetInForm(column: Column, form: NumberColumn['form']): Float64Array | undefined {
  if (column.type === 'number' && sameForm(column.form, form)) return column.values;
  const words = column.type === 'number' ? column.written : column;
  if (!form || !words) return undefined;
  const numbers = words.levels.map((word) => numberIn(word, form));
  if (numbers.some((value, k) => Number.isNaN(value) && words.codes.includes(k))) return undefined;
  return Float64Array.from(words.codes, (code) => (code < 0 ? Number.NaN : numbers[code]));
}
