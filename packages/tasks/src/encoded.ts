import { applyEncoding, columnsToRead, type Encoding, type EncodingTally, type Table } from '@southwell/data';
import type { DenseMatrix, Matrix } from 'southwell';
import * as v from 'valibot';
import { spread } from './saved-model.ts';
import { unscaled } from './stats.ts';

/** What models that see tables as matrices keep of them, and new tables as these matrices. */

const indicator = { indicator: v.optional(v.literal(true)) };
const number = { name: v.string(), type: v.literal('number'), fill: v.optional(v.number()) };
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
};
export const encodingSchema: v.GenericSchema<unknown, Encoding> = v.object(entries);

/** Of models that predict a column: that a value is missing may tell something, and a new table may have the column, too. */
export const predictorEncodingSchema: v.GenericSchema<unknown, Encoding> = v.object({
  ...entries,
  features: v.array(
    v.variant('type', [v.object({ ...number, ...indicator }), v.object({ ...category, ...indicator })]),
  ),
  missing: v.picklist(['error', 'drop-rows', 'mean', 'indicator']),
  target: v.optional(v.object({ name: v.string(), classes: v.optional(v.array(v.string())) })),
});

/** Numbers that are finite. */
export const vector = v.array(v.pipe(v.number(), v.finite()));

/** A table as a model's matrix. */
export interface EncodedRows {
  readonly X: Matrix;
  readonly notes: readonly string[];
  /** Gives the memory of X back: that of many blocks would be collected late. */
  free(): void;
  /** The table's columns of values of the rows of X, null for rows that lack what the model needs. */
  spread<T>(values: ArrayLike<T>): Array<T | null>;
}

/**
 * The rows of a new table as the model's encoding has them, divided by the deviations that the fit divided by. Columns are
 * found by name; rows that lack a value are left out, whatever the fit did with such, unless it filled gaps. Throws as
 * `applyEncoding`.
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

/** What a model that sees tables by an encoding reads of them. */
export const readsOf = (encoding: Encoding) => ({
  width: encoding.featureNames.length,
  reads: (names: readonly string[], file: string) => columnsToRead(encoding, names, file),
});

export const denseRows = (X: Matrix): DenseMatrix => (X.kind === 'dense' ? X : X.toDense());
