import { applyEncoding, columnsToRead, type Encoding, type EncodingTally, type Table } from '@southwell/data';
import type { DenseMatrix, Matrix } from 'southwell';
import * as v from 'valibot';
import { spread } from './saved-model.ts';
import { unscaled } from './stats.ts';

/** The encoding of tables as matrices that models save, and its application to new tables. */

const indicator = { indicator: v.optional(v.literal(true)) };
const date = v.object({ date: v.picklist(['ymd', 'dmy', 'mdy']), time: v.optional(v.literal(true)) });
const unit = v.object({ unit: v.string(), decimal: v.optional(v.literal(',')) });
const part = v.object({ of: v.string(), as: v.picklist(['year', 'month', 'day', 'weekday', 'hour']), form: date });
const number = {
  ...{ name: v.string(), type: v.literal('number'), fill: v.optional(v.number()) },
  ...{ form: v.optional(v.union([unit, date])), part: v.optional(part) },
};
const category = {
  ...{ name: v.string(), type: v.literal('category'), levels: v.array(v.string()) },
  baseline: v.optional(v.string()),
  fill: v.optional(v.string()),
};
const entries = {
  version: v.literal(1),
  kind: v.picklist(['columns', 'matrix']),
  features: v.array(v.variant('type', [v.object(number), v.object(category)])),
  featureNames: v.array(v.string()),
  missing: v.picklist(['error', 'drop-rows', 'mean']),
  sparse: v.boolean(),
  indexBase: v.optional(v.picklist([0, 1])),
};
export const encodingSchema: v.GenericSchema<unknown, Encoding> = v.object(entries);

/**
 * For predictive models: the fact that a value is missing may be informative, and a new table may contain the target
 * column.
 */
export const predictorEncodingSchema: v.GenericSchema<unknown, Encoding> = v.object({
  ...entries,
  features: v.array(
    v.variant('type', [v.object({ ...number, ...indicator }), v.object({ ...category, ...indicator })]),
  ),
  missing: v.picklist(['error', 'drop-rows', 'mean', 'indicator']),
  target: v.optional(
    v.object({
      name: v.string(),
      classes: v.optional(v.array(v.string())),
      form: v.optional(v.union([unit, date])),
    }),
  ),
});

/** A list of finite numbers. */
export const vector = v.array(v.pipe(v.number(), v.finite()));

/** A table converted to a model's matrix. */
export interface EncodedRows {
  readonly X: Matrix;
  readonly notes: readonly string[];
  /** Frees the memory of X, as many blocks would be garbage-collected late. */
  free(): void;
  /** Expands values of the rows of X to a column of the table, with null for rows that lack required values. */
  spread<T>(values: ArrayLike<T>): Array<T | null>;
}

/**
 * The rows of a new table in the model's encoding, divided by the standard deviations of the fit if it was scaled.
 * Columns are found by name; rows with missing values are left out, whatever the fit did with them, unless it imputed
 * them. Throws as `applyEncoding`.
 */
export function encodedRows(
  table: Table,
  encoding: Encoding,
  deviations?: readonly number[],
  tally?: EncodingTally,
): EncodedRows {
  const missing = encoding.missing === 'error' ? 'drop-rows' : encoding.missing;
  const { X, rows, notes } = applyEncoding(table, { ...encoding, missing }, tally);
  if (deviations) unscaled(X, deviations);
  return {
    X,
    notes,
    free: () => X !== table.sparse?.X && X.free(),
    spread: (values) => spread(values, table.rows, rows),
  };
}

/** The columns of a table that a model reads by its encoding. */
export const readsOf = (encoding: Encoding) => ({
  width: encoding.featureNames.length,
  reads: (names: readonly string[], file: string) => columnsToRead(encoding, names, file),
});

export const denseRows = (X: Matrix): DenseMatrix => (X.kind === 'dense' ? X : X.toDense());
