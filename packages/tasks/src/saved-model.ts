import type { Table } from '@southwell/data';
import { fail } from '@southwell/numerics/core';
import * as v from 'valibot';
import type { Columns } from './columns.ts';

/** What a saved model says of a table. */
export interface Predictions {
  /** A value for each row of the table, null where it lacks what the model needs. */
  readonly columns: Columns;
  /** Rows that have one. */
  readonly predicted: number;
  /** How well it did, where the table has the target, too. */
  readonly score?: { readonly name: string; readonly value: number; readonly rows: number };
  readonly notes: readonly string[];
}

/** Models that a family's tasks save. */
export interface SavedModels {
  /** The `format` of their JSON. */
  readonly formats: readonly string[];
  /** Throws a sentence for a text that is no such model, and where there are no probabilities but they are asked for. */
  load(text: string): { predict(table: Table, options: { readonly proba?: boolean }): Predictions };
}

/** A model that says what it knows of a table. */
interface Predicting {
  predict(table: Table, options: { readonly proba?: boolean }): Predictions;
}

/** The text of a model, as its schema has it: numbers keep every bit. */
export const modelText = <T extends { readonly format: string }>(model: T): string => `${JSON.stringify(model)}\n`;

/**
 * Models of one format: JSON that a schema describes.
 * @param open The model, or undefined where its parts do not fit together.
 */
export function savedAs<T>(
  format: string,
  schema: v.GenericSchema<unknown, T>,
  open: (saved: T) => Predicting | undefined,
): SavedModels {
  return {
    formats: [format],
    load(text) {
      const parsed = v.safeParse(schema, JSON.parse(text));
      if (!parsed.success) {
        const at = v.getDotPath(parsed.issues[0]);
        fail('INVALID_FORMAT', `its ${at === null ? 'contents are' : `field ${at} is`} not what ${format} has there.`);
      }
      return open(parsed.output) ?? fail('INVALID_FORMAT', 'its parts are not of one size.');
    },
  };
}

/** Models of several formats, as one family has them. */
export function anyOf(...all: readonly SavedModels[]): SavedModels {
  return {
    formats: all.flatMap(({ formats }) => formats),
    load: (text) =>
      modelIn(
        text,
        all.map((models) => ({ models })),
      ),
  };
}

/** The values of the rows that were kept, each at its place in the table; null at the others. */
export function spread<T>(values: ArrayLike<T>, rows: number, kept: ArrayLike<number> | undefined): Array<T | null> {
  if (!kept) return Array.from(values);
  const out = new Array<T | null>(rows).fill(null);
  for (let i = 0; i < kept.length; i++) out[kept[i]] = values[i];
  return out;
}

/** R² of some rows; not finite where the target is constant. */
export function r2(rows: readonly number[], y: ArrayLike<number>, predicted: ArrayLike<number>): number {
  const mean = rows.reduce((sum, i) => sum + y[i] / rows.length, 0);
  let [residual, total] = [0, 0];
  for (const i of rows) {
    residual += (y[i] - predicted[i]) ** 2;
    total += (y[i] - mean) ** 2;
  }
  return total > 0 ? 1 - residual / total : Number.NaN;
}

/** The models that a text is of, by its format. Throws INVALID_FORMAT where no family knows it. */
export function modelIn(text: string, families: ReadonlyArray<{ readonly models?: SavedModels }>) {
  const known = families.flatMap(({ models }) => models ?? []);
  let format: unknown;
  try {
    format = (JSON.parse(text) as { readonly format?: unknown } | null)?.format;
  } catch (error) {
    fail('INVALID_FORMAT', `it is not JSON (${(error as Error).message}).`);
  }
  const models = known.find(({ formats }) => formats.includes(format as string));
  if (!models) {
    const formats = known.flatMap((m) => m.formats).join(', ');
    fail('INVALID_FORMAT', `its format field is none of ${formats}.`);
  }
  return models.load(text);
}
